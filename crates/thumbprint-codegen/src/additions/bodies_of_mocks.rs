use std::collections::HashMap;

use quote::ToTokens;
use serde_json::Value;
use syn::{
    Expr, FnArg, ImplItem, ImplItemFn, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::{Context, parameters::blocks};
use crate::{
    document::members,
    model::{Operation, essence},
    step::Step,
};

/// `json_body_obj` takes a reference, and progenitor hands it the value itself wherever that is an
/// enumeration, a truth value or a number: it does not compile.
pub(super) fn borrowed_bodies(file: &mut syn::File) -> Step {
    let mut pass = Borrow { applied: 0 };
    pass.visit_file_mut(file);
    Step::new("borrowed_bodies", pass.applied, pass.applied)
}

struct Borrow {
    applied: usize,
}

impl VisitMut for Borrow {
    fn visit_impl_item_fn_mut(&mut self, function: &mut ImplItemFn) {
        let by_value = argument(function).is_some_and(|ty| !matches!(ty, Type::Reference(_)));
        if by_value {
            let mut call = Call {
                method: "json_body_obj",
                with: parse_quote!(&value),
                applied: 0,
            };
            call.visit_block_mut(&mut function.block);
            self.applied += call.applied;
        }
    }
}

/// The type of a function's argument `value`.
fn argument(function: &mut ImplItemFn) -> Option<&mut Type> {
    function
        .sig
        .inputs
        .iter_mut()
        .find_map(|argument| match argument {
            FnArg::Typed(argument) if argument.pat.to_token_stream().to_string() == "value" => {
                Some(&mut *argument.ty)
            }
            _ => None,
        })
}

struct Call {
    method: &'static str,
    with: Expr,
    applied: usize,
}

impl VisitMut for Call {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == self.method && call.args.to_token_stream().to_string() == "value" {
            let with = &self.with;
            call.args = parse_quote!(#with);
            self.applied += 1;
        }
    }
}

/// progenitor mocks a body of bytes as JSON, whatever it is.
pub(super) fn bytes(context: &Context<'_>, mocks: &Value, file: &mut syn::File) -> Step {
    let operations = || members(&mocks["paths"]).flat_map(|(_, item)| members(item));
    let answers = operations()
        .flat_map(|(_, operation)| members(&operation["responses"]))
        .filter(|(_, response)| response["content"].get("*/*").is_some());
    let requests = operations().filter(|(_, operation)| {
        operation["requestBody"]["content"]
            .get("application/octet-stream")
            .is_some()
    });
    let needed = answers.count() + requests.count();
    let mut applied = 0;
    let mut types: HashMap<String, String> = HashMap::new();
    for operation in context.operations {
        let name = operation.type_name();
        let mut raw = operation
            .responses
            .iter()
            .filter(|response| response.json().is_none());
        let media_type = raw.find_map(|response| response.media_types.first());
        let media_type = media_type.map_or("application/octet-stream", String::as_str);
        types.insert(format!("{name}Then"), media_type.to_owned());
        types.insert(format!("{name}When"), String::new());
    }
    for (block, media_type) in blocks(file, "operations", &types) {
        for item in &mut block.items {
            if let ImplItem::Fn(function) = item {
                applied += usize::from(takes_bytes(function, media_type));
            }
        }
    }
    Step::new("bytes_in_mocks", needed, applied)
}

fn takes_bytes(function: &mut ImplItemFn, media_type: &str) -> bool {
    let mut call = Call {
        method: "json_body",
        with: parse_quote!(value),
        applied: 0,
    };
    call.visit_block_mut(&mut function.block);
    if call.applied == 0 {
        return false;
    }
    let answer = function
        .block
        .to_token_stream()
        .to_string()
        .contains(". status (");
    let Some(ty) = argument(function) else {
        return false;
    };
    if answer {
        *ty = parse_quote!(impl AsRef<[u8]>);
        Raw { media_type }.visit_block_mut(&mut function.block);
    } else {
        *ty = parse_quote!(impl Into<Vec<u8>>);
        function.block = parse_quote! {{
            let value = value.into();
            Self(self.0.is_true(move |request| request.body_ref() == value.as_slice()))
        }};
    }
    true
}

struct Raw<'a> {
    media_type: &'a str,
}

impl VisitMut for Raw<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "json_body" {
            call.method = parse_quote!(body);
        } else if call.method == "header" {
            let media_type = if self.media_type.contains('*') {
                "application/octet-stream"
            } else {
                self.media_type
            };
            call.args = parse_quote!("content-type", #media_type);
        }
    }
}

/// progenitor mocks a form as JSON.
pub(super) fn forms(context: &Context<'_>, file: &mut syn::File) -> Step {
    let is_form = |operation: &&Operation| {
        let media_type = operation.request_media_type.as_deref().unwrap_or_default();
        essence(media_type) == "application/x-www-form-urlencoded"
    };
    let forms: HashMap<_, _> = context
        .operations
        .iter()
        .filter(is_form)
        .map(|operation| (format!("{}When", operation.type_name()), operation))
        .collect();
    let mut applied = 0;
    for (block, _) in blocks(file, "operations", &forms) {
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            if function.sig.ident == "body" {
                function.block = parse_quote! {{
                    Self(style::pairs("body", style::Style::Exploded, &value)
                        .expect("a form of plain fields")
                        .into_iter()
                        .fold(self.0, |when, (name, value)| {
                            when.form_urlencoded_tuple(name, value)
                        }))
                }};
                applied += 1;
            }
        }
    }
    Step::new("forms_in_mocks", forms.len(), applied)
}
