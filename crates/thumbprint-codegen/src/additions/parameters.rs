use std::collections::HashMap;

use anyhow::Result;
use quote::{ToTokens, format_ident, quote};
use syn::{
    Expr, ExprMethodCall, Item, ItemMod, Macro, Token, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

use super::{Context, requests::self_type};
use crate::{
    model::{Encoding, Operation, Parameter, Shape},
    names::Disguises,
    step::Step,
};

/// progenitor writes a value by `Display`, which a `Vec` does not have and which writes a time as nobody
/// reads it; in a query it does not know `style` and `explode`. The transport's `style` writes these.
pub(super) fn encoded_parameters(context: &Context<'_>, file: &mut syn::File) -> Result<Step> {
    let encoded = by_type(context, "", |parameter| {
        parameter.encoding != Encoding::Plain
    });
    let mut applied = 0;
    for (block, parameters) in blocks(file, "builder", &encoded) {
        for parameter in parameters {
            let mut pass = Client {
                parameter,
                disguises: context.disguises,
                error: None,
                applied: 0,
            };
            pass.visit_item_impl_mut(block);
            if let Some(error) = pass.error {
                return Err(error.into());
            }
            applied += pass.applied;
        }
    }
    if needs_style(context) {
        // For the mocks, which know the client and not the transport.
        file.items.push(parse_quote! {
            #[doc(hidden)]
            pub use ::thumbprint_transport::style;
        });
    }
    let needed = encoded.values().map(Vec::len).sum();
    Ok(Step::new("encoded_parameters", needed, applied))
}

/// The same for the mocks, which write every value by `Display`.
pub(super) fn encoded_in_mocks(context: &Context<'_>, file: &mut syn::File) -> Result<Step> {
    let encoded = by_type(context, "When", needs_style_in_mocks);
    let mut applied = 0;
    for (block, parameters) in blocks(file, "operations", &encoded) {
        for item in &mut block.items {
            let syn::ImplItem::Fn(function) = item else {
                continue;
            };
            let of = |parameter: &&&Parameter| function.sig.ident == parameter.ident.as_str();
            let Some(parameter) = parameters.iter().find(of) else {
                continue;
            };
            let mut pass = Mock {
                parameter,
                error: None,
                applied: 0,
            };
            pass.visit_block_mut(&mut function.block);
            if let Some(error) = pass.error {
                return Err(error.into());
            }
            applied += pass.applied;
        }
    }
    let needed = encoded.values().map(Vec::len).sum();
    Ok(Step::new("encoded_in_mocks", needed, applied))
}

/// The parameters that are sent and for which `is` holds, by the name of the type that has them.
fn by_type<'a>(
    context: &Context<'a>,
    suffix: &str,
    is: impl Fn(&Parameter) -> bool,
) -> HashMap<String, Vec<&'a Parameter>> {
    let mut found = HashMap::new();
    for operation in context.operations {
        let some: Vec<_> = sent(operation).filter(|parameter| is(parameter)).collect();
        if !some.is_empty() {
            found.insert(format!("{}{suffix}", operation.type_name()), some);
        }
    }
    found
}

fn sent(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .parameters
        .iter()
        .filter(|parameter| parameter.is_sent())
}

fn needs_style_in_mocks(parameter: &Parameter) -> bool {
    parameter.encoding != Encoding::Plain || parameter.shape != Shape::Plain
}

fn needs_style(context: &Context<'_>) -> bool {
    let form = |operation: &Operation| {
        let media_type = operation.request_media_type.as_deref().unwrap_or_default();
        crate::model::essence(media_type) == "application/x-www-form-urlencoded"
    };
    context
        .operations
        .iter()
        .any(|operation| form(operation) || sent(operation).any(needs_style_in_mocks))
}

/// The blocks of a module that implement one of some types, each with what is known of its type.
pub(super) fn blocks<'a, T>(
    file: &'a mut syn::File,
    module: &str,
    types: &'a HashMap<String, T>,
) -> impl Iterator<Item = (&'a mut syn::ItemImpl, &'a T)> {
    let items = file.items.iter_mut().filter_map(move |item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == module => Some(items),
        _ => None,
    });
    items.flatten().filter_map(|item| match item {
        Item::Impl(block) => {
            let known = types.get(&self_type(block))?;
            Some((block, known))
        }
        _ => None,
    })
}

/// The call of `style` for a value in a path or a header.
fn text(parameter: &Parameter, value: &Expr) -> Expr {
    let name = &parameter.name;
    match (parameter.encoding, parameter.location.as_str()) {
        (Encoding::Json, _) => parse_quote!(style::json(#name, &#value)),
        (Encoding::Text { explode }, "path") => {
            parse_quote!(style::segment(#name, #explode, &#value))
        }
        (Encoding::Text { explode }, _) => parse_quote!(style::text(#name, #explode, &#value)),
        (_, "path") => parse_quote!(style::segment(#name, false, &#value)),
        _ => parse_quote!(style::text(#name, false, &#value)),
    }
}

/// The call of `style` for a value in a query.
fn pairs(parameter: &Parameter, value: &Expr) -> Expr {
    let name = &parameter.name;
    let style = format_ident!(
        "{}",
        match parameter.encoding {
            Encoding::Pairs(style) => style,
            Encoding::Json => "Json",
            Encoding::Plain | Encoding::Text { .. } => "Exploded",
        }
    );
    parse_quote!(style::pairs(#name, style::Style::#style, &#value))
}

struct Client<'a> {
    parameter: &'a Parameter,
    disguises: &'a Disguises,
    error: Option<syn::Error>,
    applied: usize,
}

/// A call of `style` whose failure is the caller's, before anything is sent.
fn checked(call: &Expr) -> Expr {
    let mut call = call.clone();
    AbsoluteStyle.visit_expr_mut(&mut call);
    parse_quote!(#call.map_err(Error::InvalidRequest)?)
}

impl Client<'_> {
    fn query(&mut self, call: &mut ExprMethodCall) {
        let ident = &self.parameter.ident;
        let ending = format!(", & {ident})");
        let argument = call
            .args
            .first()
            .map(|argument| argument.to_token_stream().to_string());
        if argument
            .is_some_and(|text| text.contains("QueryParam :: new") && text.ends_with(&ending))
        {
            let ident = format_ident!("{ident}");
            let pairs = checked(&pairs(self.parameter, &parse_quote!(#ident)));
            call.args = parse_quote!(&#pairs);
            self.applied += 1;
        }
    }

    fn header(&mut self, call: &mut ExprMethodCall) {
        let Some(Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(name),
            ..
        })) = call.args.first()
        else {
            return;
        };
        if self.disguises.wire(&name.value()) != self.parameter.name {
            return;
        }
        let Some(value) = call.args.last_mut() else {
            return;
        };
        let mut pass = ToText { text: Vec::new() };
        pass.visit_expr_mut(value);
        if let Some(receiver) = pass.text.pop() {
            let text = checked(&text(self.parameter, &receiver));
            *value = parse_quote!(#text.try_into()?);
            self.applied += 1;
        }
    }
}

/// Finds what `to_string` is called on.
struct ToText {
    text: Vec<Expr>,
}

impl VisitMut for ToText {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        if call.method == "to_string" {
            self.text.push((*call.receiver).clone());
        }
        visit_mut::visit_expr_method_call_mut(self, call);
    }
}

struct AbsoluteStyle;

impl VisitMut for AbsoluteStyle {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if path
            .segments
            .first()
            .is_some_and(|first| first.ident == "style")
        {
            *path = parse_quote!(::thumbprint_transport::#path);
        }
    }
}

impl VisitMut for Client<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        match (
            self.parameter.location.as_str(),
            call.method.to_string().as_str(),
        ) {
            ("query", "query") => self.query(call),
            ("header", "append") => self.header(call),
            _ => {}
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if self.parameter.location != "path" || !call.path.is_ident("format") {
            return;
        }
        let wanted = format!("encode_path (& {} . to_string ())", self.parameter.ident);
        if !call.tokens.to_string().contains(&wanted) {
            return;
        }
        match call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(mut arguments) => {
                for argument in &mut arguments {
                    if argument.to_token_stream().to_string() == wanted {
                        let ident = format_ident!("{}", self.parameter.ident);
                        let text = checked(&text(self.parameter, &parse_quote!(#ident)));
                        *argument = match self.parameter.encoding {
                            Encoding::Json => parse_quote!(encode_path(&#text)),
                            _ => text,
                        };
                        self.applied += 1;
                    }
                }
                call.tokens = quote!(#arguments);
            }
            Err(error) => self.error = Some(error),
        }
    }
}

struct Mock<'a> {
    parameter: &'a Parameter,
    error: Option<syn::Error>,
    applied: usize,
}

impl VisitMut for Mock<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let Expr::MethodCall(call) = expression else {
            return;
        };
        match call.method.to_string().as_str() {
            "query_param" => {
                let receiver = &call.receiver;
                let pairs = pairs(self.parameter, &parse_quote!(value));
                *expression = parse_quote! {
                    #pairs
                        .expect("a value that its style has a form for")
                        .into_iter()
                        .fold(#receiver, |when, (name, value)| when.query_param(name, value))
                };
                self.applied += 1;
            }
            "header" => {
                let text = text(self.parameter, &parse_quote!(value));
                if let Some(value) = call.args.last_mut() {
                    *value = parse_quote!(#text.expect("a value that its style has a form for"));
                    self.applied += 1;
                }
            }
            _ => {}
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if self.parameter.location != "path" || !call.path.is_ident("format") {
            return;
        }
        match call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(mut arguments) => {
                if let Some(value) = arguments.iter_mut().nth(1) {
                    let text = text(self.parameter, &parse_quote!(value));
                    *value = match self.parameter.encoding {
                        // The step `escaped_values` encodes it.
                        Encoding::Json => parse_quote!(#text.expect("a value that is JSON")),
                        _ => parse_quote!(#text.expect("a value that its style has a form for")),
                    };
                    self.applied += 1;
                }
                call.tokens = quote!(#arguments);
            }
            Err(error) => self.error = Some(error),
        }
    }
}
