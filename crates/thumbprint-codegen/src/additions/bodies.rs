use quote::{ToTokens, format_ident};
use serde_json::Value;
use syn::{
    Arm, Expr, ReturnType, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::Context;
use crate::{document::members, step::Step};

/// progenitor decodes an error's body with the document's type, and where that fails, the status and
/// the headers are lost (`Error::InvalidResponsePayload`). Ours goes into an `ErrorBody`, which keeps
/// what there is, whether or not the document describes it.
pub(super) fn error_bodies(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = Bodies {
        success: false,
        applied: 0,
    };
    pass.visit_file_mut(file);
    ErrorTypes.visit_file_mut(file);
    let needed = responses(context)
        .filter(|(status, _)| status.starts_with(['4', '5']))
        .count();
    Step::new("error_bodies", needed, pass.applied)
}

/// The same for a success: it did happen, however its body looks, and the error has to say so.
pub(super) fn success_bodies(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = Bodies {
        success: true,
        applied: 0,
    };
    pass.visit_file_mut(file);
    let typed = responses(context).filter(|(status, response)| {
        status.starts_with('2') && response["content"].get("application/json").is_some()
    });
    Step::new("success_bodies", typed.count(), pass.applied)
}

/// The responses that progenitor was given.
fn responses<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (&'a String, &'a Value)> {
    members(&context.adapted["paths"])
        .flat_map(|(_, item)| members(item))
        .flat_map(|(_, operation)| members(&operation["responses"]))
}

struct Bodies {
    success: bool,
    applied: usize,
}

impl VisitMut for Bodies {
    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let text = arm.body.to_token_stream().to_string();
        let is_error = text.contains("ErrorResponse");
        if is_error != self.success && text.contains("ResponseValue :: ") {
            let mut call = FromResponse {
                success: self.success,
                applied: 0,
            };
            call.visit_arm_mut(arm);
            self.applied += call.applied;
        }
    }
}

struct FromResponse {
    success: bool,
    applied: usize,
}

impl VisitMut for FromResponse {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let text = expression.to_token_stream().to_string();
        // progenitor gives the answer another name where a parameter has this one.
        let Some(answer) = answer_in(&text) else {
            return;
        };
        let from = text.replacen(&format!("({answer})"), "(response)", 1);
        let answer = format_ident!("{answer}");
        let (known, to): (&[_], Expr) = if self.success {
            (
                &["ResponseValue :: from_response (response) . await"],
                parse_quote!(::thumbprint_transport::success_body(#answer).await),
            )
        } else {
            (
                &[
                    "ResponseValue :: from_response (response) . await ?",
                    "ResponseValue :: empty (response)",
                ],
                parse_quote!(::thumbprint_transport::error_body(#answer).await),
            )
        };
        if known.contains(&from.as_str()) {
            *expression = to;
            self.applied += 1;
        }
    }
}

/// The variable that a call of one of `ResponseValue`'s functions takes.
fn answer_in(call: &str) -> Option<&str> {
    let rest = call.strip_prefix("ResponseValue :: ")?;
    let (_, rest) = rest.split_once('(')?;
    let (answer, _) = rest.split_once(')')?;
    answer
        .trim_start_matches('_')
        .eq("response")
        .then_some(answer)
}

/// `Error<types::E>` becomes `Error<ErrorBody<types::E>>` in the signature of each `send`.
struct ErrorTypes;

impl VisitMut for ErrorTypes {
    fn visit_signature_mut(&mut self, signature: &mut syn::Signature) {
        if signature.ident != "send" {
            return;
        }
        if let ReturnType::Type(_, output) = &mut signature.output {
            WrapError.visit_type_mut(output);
        }
    }
}

struct WrapError;

impl VisitMut for WrapError {
    fn visit_path_segment_mut(&mut self, segment: &mut syn::PathSegment) {
        if segment.ident != "Error" {
            visit_mut::visit_path_segment_mut(self, segment);
            return;
        }
        if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments
            && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first_mut()
        {
            let error = inner.clone();
            *inner = parse_quote!(::thumbprint_transport::ErrorBody<#error>);
        }
    }
}
