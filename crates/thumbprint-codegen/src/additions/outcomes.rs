use std::collections::HashMap;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{
    Arm, Expr, ExprMatch, Item, ItemMod,
    visit_mut::{self, VisitMut},
};

use super::{Context, parameters::blocks};
use crate::{
    adapt::{Outcome, Payload},
    step::Step,
};

/// progenitor sorts a range as the first of its statuses, so `200..=299` would come before `201` and leave
/// it nothing.
pub(super) fn ranges_last(file: &mut syn::File) -> Step {
    let mut pass = RangesLast { applied: 0 };
    pass.visit_file_mut(file);
    Step::new("ranges_last", pass.applied, pass.applied)
}

struct RangesLast {
    applied: usize,
}

impl VisitMut for RangesLast {
    fn visit_expr_match_mut(&mut self, expression: &mut ExprMatch) {
        visit_mut::visit_expr_match_mut(self, expression);
        let shadowed = expression.arms.iter().enumerate().any(|(index, arm)| {
            bounds(arm).is_some_and(|(from, to)| {
                from < to
                    && expression.arms[index..]
                        .iter()
                        .filter_map(bounds)
                        .any(|(status, same)| status == same && (from..=to).contains(&status))
            })
        });
        if shadowed {
            expression.arms.sort_by_key(|arm| match bounds(arm) {
                Some((from, to)) if from == to => 0,
                Some(_) => 1,
                None => 2,
            });
            self.applied += 1;
        }
    }
}

/// The first and the last status of an arm.
fn bounds(arm: &Arm) -> Option<(u16, u16)> {
    let text = arm.pat.to_token_stream().to_string().replace("u16", "");
    let mut parts = text.split("..=").map(|part| part.trim().parse::<u16>());
    let from = parts.next()?.ok()?;
    match parts.next() {
        Some(to) => Some((from, to.ok()?)),
        None => Some((from, from)),
    }
}

/// progenitor has one type for all successes of an operation and one for all errors ("we'll need to create
/// an enum type"). Where the document has several, this is that enumeration, told apart by the status.
pub(super) fn outcomes(context: &Context<'_>, file: &mut syn::File) -> Result<Step> {
    let mut applied = 0;
    let mut declared: Vec<Item> = Vec::new();
    let mut by_builder: HashMap<String, Vec<&Outcome>> = HashMap::new();
    for outcome in context.outcomes {
        declared.extend(declaration(outcome)?.items);
        let builder = outcome.builder.clone();
        by_builder.entry(builder).or_default().push(outcome);
    }
    for (block, outcomes) in blocks(file, "builder", &by_builder) {
        for outcome in outcomes {
            let mut pass = Arms {
                outcome,
                error: None,
                applied: 0,
            };
            pass.visit_item_impl_mut(block);
            if let Some(error) = pass.error {
                return Err(error);
            }
            applied += pass.applied;
        }
    }
    let needed = context
        .outcomes
        .iter()
        .map(|outcome| outcome.arms.len())
        .sum();
    for item in &mut file.items {
        if let Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) = item
            && ident == "types"
        {
            items.append(&mut declared);
        }
    }
    Ok(Step::new("outcomes", needed, applied))
}

/// The type of a status's body; `None` where there is none.
fn payload(outcome: &Outcome, payload: &Payload) -> Result<Option<TokenStream>> {
    let parse = |path: &str| -> Result<TokenStream> {
        Ok(syn::parse_str::<syn::Type>(path)?.to_token_stream())
    };
    Ok(match payload {
        Payload::Type(path) => Some(parse(path)?),
        // An error that is not described is worth what can be read of it.
        _ if !outcome.success => Some(parse("::serde_json::Value")?),
        Payload::Bytes => Some(parse("ByteStream")?),
        Payload::Empty => None,
    })
}

fn declaration(outcome: &Outcome) -> Result<syn::File> {
    let name = format_ident!("{}", outcome.name);
    let doc = format!(
        "What `{}` answers {}, by its status.",
        outcome.operation,
        if outcome.success {
            "if it succeeds"
        } else {
            "if it fails"
        }
    );
    let mut variants = Vec::new();
    let mut shown = Vec::new();
    for arm in &outcome.arms {
        let variant = format_ident!("Status{}", arm.status);
        let doc = format!("`{}`", arm.status);
        let text = format!("{name}::{variant}");
        if let Some(ty) = payload(outcome, &arm.payload)? {
            let is_absolute = ty.to_string().starts_with(":: ");
            let inner = if is_absolute { ty } else { quote!(super::#ty) };
            variants.push(quote!(#[doc = #doc] #variant(#inner)));
            shown.push(quote!(Self::#variant(_) => #text));
        } else {
            variants.push(quote!(#[doc = #doc] #variant));
            shown.push(quote!(Self::#variant => #text));
        }
    }
    Ok(syn::parse2(quote! {
        #[doc = #doc]
        pub enum #name { #(#variants),* }

        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self { #(#shown),* })
            }
        }
    })?)
}

struct Arms<'a> {
    outcome: &'a Outcome,
    error: Option<anyhow::Error>,
    applied: usize,
}

impl VisitMut for Arms<'_> {
    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let text = arm.body.to_token_stream().to_string();
        let call = if self.outcome.success {
            "success_body"
        } else {
            "error_body"
        };
        let Some((_, rest)) = text.split_once(&format!("{call} (")) else {
            return;
        };
        let Some((answer, _)) = rest.split_once(')') else {
            return;
        };
        let Some(bounds) = bounds(arm) else { return };
        let found = self
            .outcome
            .arms
            .iter()
            .find(|known| bounds == of_status(&known.status));
        if let Some(known) = found {
            match body(self.outcome, known, answer) {
                Ok(body) => {
                    *arm.body = body;
                    self.applied += 1;
                }
                Err(error) => self.error = Some(error),
            }
        }
    }
}

fn of_status(status: &str) -> (u16, u16) {
    match status.strip_suffix("XX").map(str::parse::<u16>) {
        Some(Ok(hundred)) => (hundred * 100, hundred * 100 + 99),
        _ => status.parse().map_or((0, 0), |status| (status, status)),
    }
}

fn body(outcome: &Outcome, arm: &crate::adapt::Arm, answer: &str) -> Result<Expr> {
    let (name, answer) = (format_ident!("{}", outcome.name), format_ident!("{answer}"));
    let variant = format_ident!("Status{}", arm.status);
    let ty = payload(outcome, &arm.payload)?;
    let map = quote!(map::<_, _, ::std::convert::Infallible>);
    let tokens = match (&arm.payload, outcome.success) {
        (_, false) => quote! {{
            Err(Error::ErrorResponse(
                ::thumbprint_transport::error_body::<#ty>(#answer)
                    .await
                    .#map(|body| body.map(types::#name::#variant))?
            ))
        }},
        (Payload::Empty, true) => quote! {{
            Ok(ResponseValue::empty(#answer).#map(|()| types::#name::#variant)?)
        }},
        (Payload::Bytes, true) => quote! {{
            Ok(ResponseValue::stream(#answer).#map(types::#name::#variant)?)
        }},
        (Payload::Type(_), true) => quote! {{
            Ok(::thumbprint_transport::success_body::<#ty, _>(#answer)
                .await?
                .#map(types::#name::#variant)?)
        }},
    };
    Ok(syn::parse2(tokens)?)
}
