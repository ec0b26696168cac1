use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Expr, Lit, LitStr, Macro, Token, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

use super::Context;
use crate::step::Step;

/// progenitor puts a path's template and the values for it into a regular expression as they are, so
/// `certificates(thumbprint={})` never matches: its parentheses make a group. Both are escaped, the
/// values after being encoded as the client does it, and a parameter never matches a slash.
pub(super) fn escaped_paths(context: &Context<'_>, file: &mut syn::File) -> Vec<Step> {
    let mut constants = HashMap::new();
    let mut formats = HashMap::new();
    let mut parameters = 0;
    for operation in context.operations {
        let path = &operation.path;
        constants.insert(
            expression(path, |_| "[^/]*".to_owned(), str::to_owned),
            expression(path, |_| "[^/]+".to_owned(), regex::escape),
        );
        for parameter in operation
            .parameters
            .iter()
            .filter(|parameter| parameter.location == "path")
        {
            parameters += 1;
            let own = |other: &str, theirs: &str| {
                if other == parameter.name {
                    "{}".to_owned()
                } else {
                    theirs.to_owned()
                }
            };
            formats.insert(
                expression(path, |other| own(other, ".*"), str::to_owned),
                expression(path, |other| own(other, "[^/]+"), escape_for_format),
            );
        }
    }
    let mut pass = Paths {
        constants,
        formats,
        constants_done: 0,
        formats_done: 0,
    };
    pass.visit_file_mut(file);
    vec![
        Step::new(
            "escaped_paths",
            context.operations.len(),
            pass.constants_done,
        ),
        Step::new("escaped_values", parameters, pass.formats_done),
    ]
}

/// A path's template as a regular expression.
fn expression(
    template: &str,
    parameter: impl Fn(&str) -> String,
    literal: impl Fn(&str) -> String,
) -> String {
    let mut text = String::from("^");
    for (index, part) in template.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if index > 0 => {
                text.push_str(&parameter(name));
                text.push_str(&literal(rest));
            }
            _ => text.push_str(&literal(part)),
        }
    }
    text.push('$');
    text
}

fn escape_for_format(literal: &str) -> String {
    regex::escape(literal).replace('{', "{{").replace('}', "}}")
}

struct Paths {
    constants: HashMap<String, String>,
    formats: HashMap<String, String>,
    constants_done: usize,
    formats_done: usize,
}

impl VisitMut for Paths {
    fn visit_lit_str_mut(&mut self, literal: &mut LitStr) {
        if let Some(escaped) = self.constants.get(&literal.value()) {
            *literal = LitStr::new(escaped, literal.span());
            self.constants_done += 1;
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        visit_mut::visit_macro_mut(self, call);
        if let Some(tokens) = self.escaped_format(call) {
            call.tokens = tokens;
            self.formats_done += 1;
        }
    }
}

impl Paths {
    fn escaped_format(&self, call: &Macro) -> Option<TokenStream> {
        if !call.path.is_ident("format") {
            return None;
        }
        let arguments = call
            .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
            .ok()?;
        let mut arguments = arguments.into_iter();
        let Expr::Lit(first) = arguments.next()? else {
            return None;
        };
        let Lit::Str(format) = first.lit else {
            return None;
        };
        let escaped = self.formats.get(&format.value())?;
        let value = arguments.next()?;
        // What is written by a style is encoded by it.
        let encoded: Expr = if value
            .to_token_stream()
            .to_string()
            .starts_with("style :: segment")
        {
            parse_quote!(#value)
        } else {
            parse_quote!(::progenitor_client::encode_path(&#value))
        };
        let value: Expr = parse_quote!(regex::escape(&#encoded));
        Some(quote!(#escaped, #value))
    }
}
