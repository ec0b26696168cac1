use anyhow::{Result, bail};
use heck::ToShoutySnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::Context;
use crate::{
    model::{Operation, Parameter, Response},
    step::Step,
};

/// progenitor ignores most of what a document says of an operation: security, media types, deprecation,
/// the shape of its path. The module `operations` keeps it as data for the transport and the sandbox.
pub(super) fn operation_table(context: &Context<'_>, file: &mut syn::File) -> Result<Step> {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    let mut methods = Vec::new();
    for operation in context.operations {
        let name = format_ident!("{}", operation.method_name().to_shouty_snake_case());
        let doc = format!(
            "`{}`: `{} {}`",
            operation.id, operation.method, operation.path
        );
        let description = describe(operation)?;
        constants.push(quote! {
            #[doc = #doc]
            pub static #name: Operation = #description;
        });
        methods.push(operation.method_name());
        names.push(name);
    }
    let module: Item = parse_quote! {
        /// What the document says of each operation.
        pub mod operations {
            use ::thumbprint_transport::operation::{Answer, Form, Location, Operation, Parameter};

            /// All operations.
            pub static ALL: &[&Operation] = &[#(&#names),*];

            /// The operation behind a method of the client.
            pub fn find(method: &str) -> Option<&'static Operation> {
                match method {
                    #(#methods => Some(&#names),)*
                    _ => None,
                }
            }

            #(#constants)*
        }
    };
    file.items.push(module);
    Ok(Step::new(
        "operation_table",
        context.operations.len(),
        names.len(),
    ))
}

fn describe(operation: &Operation) -> Result<TokenStream> {
    let Operation {
        id,
        method,
        path,
        secured,
        deprecated,
        ..
    } = operation;
    let mut accepted: Vec<&str> = Vec::new();
    for media_type in operation.responses.iter().filter_map(Response::json) {
        if !accepted.contains(&media_type) {
            accepted.push(media_type);
        }
    }
    let accept = option(
        (!accepted.is_empty())
            .then(|| accepted.join(", "))
            .as_deref(),
    );
    let content_type = option(operation.request_media_type.as_deref());
    let parameters = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.is_sent())
        .map(parameter)
        .collect::<Result<Vec<_>>>()?;
    let answers = operation
        .responses
        .iter()
        .map(answer)
        .collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        Operation::new(
            #id, #method, #path, #accept, #content_type,
            &[#(#parameters),*], &[#(#answers),*], #secured, #deprecated,
        )
    })
}

fn option(text: Option<&str>) -> TokenStream {
    text.map_or(quote!(None), |text| quote!(Some(#text)))
}

fn parameter(parameter: &Parameter) -> Result<TokenStream> {
    let Parameter {
        name,
        required,
        location,
        schema,
        ..
    } = parameter;
    let location = match location.as_str() {
        "path" => quote!(Location::Path),
        "query" => quote!(Location::Query),
        "header" => quote!(Location::Header),
        other => bail!("parameter `{name}` is sent in `{other}`, which is not supported"),
    };
    let word = |key: &str| schema[key].as_str();
    let form = match (
        word("type"),
        word("format"),
        word("pattern"),
        schema["enum"].as_array(),
    ) {
        (Some("string"), _, _, Some(words)) => {
            let words = words.iter().filter_map(serde_json::Value::as_str);
            quote!(Form::OneOf(&[#(#words),*]))
        }
        (Some("string"), _, Some(pattern), _) => quote!(Form::Pattern(#pattern)),
        (Some("string"), Some("uuid"), ..) => quote!(Form::Uuid),
        (Some("string"), Some("date-time-rfc1123"), ..) => quote!(Form::HttpDate),
        (Some("boolean"), ..) => quote!(Form::Boolean),
        (Some("integer"), Some("int32"), ..) => quote!(Form::Int32),
        _ => quote!(Form::Text),
    };
    Ok(quote!(Parameter::new(#name, #location, #required, #form)))
}

fn answer(response: &Response) -> Result<TokenStream> {
    let status = match response.status.as_str() {
        "default" => quote!(None),
        // A range is its first digit; see `Answer::status`.
        status => match status.to_uppercase().trim_end_matches("XX").parse::<u16>() {
            Ok(status) => quote!(Some(#status)),
            Err(_) => bail!("the response `{status}` is no status"),
        },
    };
    let first = response.media_types.first().map(String::as_str);
    let media_type = option(response.json().or(first));
    let headers = response.headers.iter().map(|header| &header.name);
    Ok(quote!(Answer::new(#status, #media_type, &[#(#headers),*])))
}
