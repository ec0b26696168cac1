//! How the request of an operation is made of what it is given.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::Ident;

use super::{Argument, Call, multipart, written::Written};
use crate::{
    document::members,
    model::{BodyForm, Encoding, Parameter, Shape},
    rust,
};

/// The statements that put the arguments of a call into a request builder, `request`.
pub(super) fn fill(call: &Call, request: &Ident) -> TokenStream {
    let mut statements = path(call, request);
    for location in ["query", "header", "cookie"] {
        for argument in call
            .arguments
            .iter()
            .filter(|one| one.parameter.location == location)
        {
            let ident = &argument.ident;
            statements.extend(if argument.parameter.required {
                place(&argument.parameter, request, &quote!(#ident))
            } else {
                let statement = place(&argument.parameter, request, &quote!(value));
                quote!(if let Some(value) = #ident { #statement })
            });
        }
    }
    let constants = call.operation.constants.iter();
    let constants = constants.map(|(name, value)| quote!(#request.query(#name, #value);));
    let body = call.body.as_ref().map(|body| {
        let statement = match body.form {
            BodyForm::Json => quote!(#request.json(body);),
            BodyForm::Form => {
                let styles = styles(call.operation.content());
                quote!(#request.form(body, &[#(#styles),*]);)
            }
            BodyForm::Multipart => {
                let content = call.operation.content();
                let parts = multipart::expression(content, body, &quote!(body));
                quote!(#request.multipart(&#parts);)
            }
            BodyForm::Text => quote!(#request.text(body);),
            BodyForm::Bytes => quote!(#request.bytes(body);),
        };
        if body.required && call.others.is_empty() {
            statement
        } else {
            quote!(if let Some(body) = body { #statement })
        }
    });
    let other = (!call.others.is_empty())
        .then(|| quote!(if let Some(content) = &self.content { #request.content(content); }));
    quote!(#statements #(#constants)* #body #other)
}

/// The styles of the members of a form that have one of their own (`encoding`).
pub(super) fn styles(content: &Value) -> Vec<TokenStream> {
    let style = |encoding: &Value| {
        let is_exploded = encoding["explode"].as_bool();
        Some(match encoding["style"].as_str() {
            Some("deepObject") => "Deep",
            Some("spaceDelimited") => "Space",
            Some("pipeDelimited") => "Pipe",
            Some("form") if is_exploded != Some(false) => "Exploded",
            None if is_exploded != Some(false) => {
                let json = encoding["contentType"]
                    .as_str()
                    .is_some_and(crate::model::is_json);
                return json.then_some("Json");
            }
            _ => "Form",
        })
    };
    let encodings = members(&content["encoding"]);
    let styles = encodings.filter_map(|(name, encoding)| {
        let style = format_ident!("{}", style(encoding)?);
        Some(quote!((#name, ::thumbprint_transport::style::Style::#style)))
    });
    styles.collect()
}

fn path(call: &Call, request: &Ident) -> TokenStream {
    let mut statements = TokenStream::new();
    for (index, part) in call.operation.path.split('{').enumerate() {
        let (name, literal) = match part.split_once('}') {
            Some((name, literal)) if index > 0 => (Some(name), literal),
            _ => (None, part),
        };
        let in_path = |one: &&Argument| one.parameter.location == "path";
        let mut arguments = call.arguments.iter().filter(in_path);
        if let Some(argument) = arguments.find(|one| Some(one.parameter.name.as_str()) == name) {
            let ident = &argument.ident;
            statements.extend(place(&argument.parameter, request, &quote!(#ident)));
        }
        if !literal.is_empty() {
            statements.extend(quote!(#request.literal(#literal);));
        }
    }
    statements
}

/// The statement that puts a value into its place.
fn place(parameter: &Parameter, request: &Ident, value: &TokenStream) -> TokenStream {
    let Parameter {
        ident: field, name, ..
    } = parameter;
    let is_plain = parameter.encoding == Encoding::Plain && parameter.shape == Shape::Plain;
    let style = quote!(::thumbprint_transport::style);
    match parameter.location.as_str() {
        "path" if is_plain => quote!(#request.segment(#field, #value);),
        "path" if parameter.encoding == Encoding::Json => {
            let json = text(parameter, value, &style);
            quote!(#request.segment(#field, &#json?);)
        }
        "path" => {
            let text = text(parameter, value, &style);
            quote!(#request.styled(#field, #text);)
        }
        "query" if is_plain => quote!(#request.query(#name, #value);),
        "query" => {
            let pairs = pairs(parameter, value, &style);
            quote!(#request.query_pairs(#pairs);)
        }
        "cookie" if is_plain => quote!(#request.cookie(#field, #name, #value);),
        "cookie" => {
            let pairs = pairs(parameter, value, &style);
            quote!(#request.cookies(#field, #pairs);)
        }
        _ if is_plain => {
            let name = name.to_lowercase();
            quote!(#request.header(#field, #name, #value);)
        }
        _ => {
            let (name, text) = (name.to_lowercase(), text(parameter, value, &style));
            quote!(#request.header_text(#field, #name, #text);)
        }
    }
}

/// The text of a value in a path or a header, as a `Result`. In a path it is encoded, but for JSON.
pub(super) fn text(parameter: &Parameter, value: &TokenStream, style: &TokenStream) -> TokenStream {
    let field = &parameter.ident;
    let name = &parameter.name;
    let explode = matches!(parameter.encoding, Encoding::Text { explode: true });
    match (parameter.location.as_str(), parameter.encoding) {
        (_, Encoding::Json) => quote!(#style::json(#field, #value)),
        (_, Encoding::Label { explode }) => quote!(#style::label(#field, #explode, #value)),
        (_, Encoding::Matrix { explode }) => {
            quote!(#style::matrix(#field, #name, #explode, #value))
        }
        ("path", _) => quote!(#style::segment(#field, #explode, #value)),
        _ => quote!(#style::text(#field, #explode, #value)),
    }
}

/// The pairs of a value in a query, as a `Result`.
pub(super) fn pairs(
    parameter: &Parameter,
    value: &TokenStream,
    style: &TokenStream,
) -> TokenStream {
    let name = &parameter.name;
    let variant = format_ident!(
        "{}",
        match parameter.encoding {
            Encoding::Pairs(style) => style,
            Encoding::Json => "Json",
            _ => "Exploded",
        }
    );
    quote!(#style::pairs(#name, #style::Style::#variant, #value))
}

/// The statement that checks the range of an integer that has one.
pub(super) fn check(argument: &Argument, written: &Written) -> Option<TokenStream> {
    let Argument {
        parameter,
        ident,
        ty,
        ..
    } = argument;
    if parameter.schema["type"] != "integer" || parameter.schema.get("enum").is_some() {
        return None;
    }
    let [least, most] = range(parameter);
    if least.is_none() && most.is_none() {
        return None;
    }
    let (inner, depth) = written.inner(ty);
    if !rust::is_integer(&inner) && !rust::is_non_zero(&inner) {
        return None;
    }
    let field = &parameter.ident;
    let is_non_zero = rust::is_non_zero(&inner).then(|| quote!(.get()));
    let zeros = std::iter::repeat_n(Literal::usize_unsuffixed(0), depth);
    let [least, most] =
        [(least, quote!(i128::MIN)), (most, quote!(i128::MAX))].map(|(bound, none)| {
            let bound = bound.map(Literal::i128_unsuffixed);
            bound.map_or(none, |bound| quote!(#bound))
        });
    let checked = |value: TokenStream| {
        let value = if depth == 0 && is_non_zero.is_none() {
            quote!(*#value)
        } else {
            quote!(#value #(.#zeros)* #is_non_zero)
        };
        quote!(::thumbprint_transport::input::range(#field, i128::from(#value), #least, #most)?;)
    };
    Some(if parameter.required {
        checked(quote!(#ident))
    } else {
        let statement = checked(quote!(value));
        quote!(if let Some(value) = #ident { #statement })
    })
}

/// The least and the most that an integer may be.
fn range(parameter: &Parameter) -> [Option<i128>; 2] {
    let schema = &parameter.schema;
    [
        ("minimum", "exclusiveMinimum", 1),
        ("maximum", "exclusiveMaximum", -1),
    ]
    .map(|(key, exclusive, step)| {
        let bound = &schema[key];
        let bound = bound
            .as_i64()
            .map(i128::from)
            .or_else(|| bound.as_u64().map(i128::from))?;
        Some(if schema[exclusive] == true {
            bound + step
        } else {
            bound
        })
    })
}

/// The range of an integer, in words.
pub(super) fn range_text(parameter: &Parameter) -> Option<String> {
    Some(match range(parameter) {
        [Some(least), Some(most)] => format!("{least} to {most}"),
        [Some(least), None] => format!("{least} at least"),
        [None, Some(most)] => format!("{most} at most"),
        [None, None] => return None,
    })
}
