use quote::ToTokens;
use syn::{
    Arm, Expr, ReturnType, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::Context;
use crate::{document::members, step::Step};

/// progenitor decodes an error's body with the document's type, and where that fails, the status and
/// the headers are lost (`Error::InvalidResponsePayload`). Ours goes into an `ErrorBody`, which keeps
/// what there is.
pub(super) fn error_bodies(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = Bodies {
        success: false,
        applied: 0,
    };
    pass.visit_file_mut(file);
    ErrorTypes.visit_file_mut(file);
    Step::new(
        "error_bodies",
        typed_responses(context, false),
        pass.applied,
    )
}

/// The same for a success: it did happen, however its body looks, and the error has to say so.
pub(super) fn success_bodies(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut pass = Bodies {
        success: true,
        applied: 0,
    };
    pass.visit_file_mut(file);
    Step::new(
        "success_bodies",
        typed_responses(context, true),
        pass.applied,
    )
}

/// How many responses progenitor was given that have a JSON body.
fn typed_responses(context: &Context<'_>, success: bool) -> usize {
    members(&context.adapted["paths"])
        .flat_map(|(_, item)| members(item))
        .flat_map(|(_, operation)| members(&operation["responses"]))
        .filter(|(status, response)| {
            let response = match response["$ref"]
                .as_str()
                .and_then(|text| text.strip_prefix('#'))
            {
                Some(pointer) => context.adapted.pointer(pointer).unwrap_or(response),
                None => response,
            };
            status.starts_with('2') == success
                && members(&response["content"])
                    .any(|(media_type, _)| media_type.starts_with("application/json"))
        })
        .count()
}

struct Bodies {
    success: bool,
    applied: usize,
}

impl VisitMut for Bodies {
    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        let text = arm.body.to_token_stream().to_string();
        let is_success =
            text.contains("ResponseValue :: from_response") && !text.contains("ErrorResponse");
        if is_success == self.success {
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
        let (from, to): (_, Expr) = if self.success {
            (
                "ResponseValue :: from_response (response) . await",
                parse_quote!(::thumbprint_transport::success_body(response).await),
            )
        } else {
            (
                "ResponseValue :: from_response (response) . await ?",
                parse_quote!(::thumbprint_transport::error_body(response).await),
            )
        };
        if text == from {
            *expression = to;
            self.applied += 1;
        }
    }
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
