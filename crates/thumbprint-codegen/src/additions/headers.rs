use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Item, parse_quote};

use super::Context;
use crate::{
    model::Header,
    names::{self, Taken},
    step::Step,
};

/// progenitor ignores response headers. Each response with headers gets a view with one typed getter
/// per header, in the module `headers`.
pub(super) fn response_headers(context: &Context<'_>, file: &mut syn::File) -> Step {
    let mut views: Vec<TokenStream> = Vec::new();
    let mut needed = 0;
    for operation in context.operations {
        for response in operation
            .responses
            .iter()
            .filter(|response| !response.headers.is_empty())
        {
            needed += 1;
            let name = format_ident!("{}{}", operation.type_name(), response.status);
            let doc = format!(
                "Headers of `{}`'s answer `{}`. Each is `None` where it is absent or has another form.",
                operation.id, response.status
            );
            let mut methods = Taken::new(["of"]);
            let getters = response.headers.iter().map(|header| {
                let method = methods.take(&names::snake(&header.name));
                getter(header, &method)
            });
            views.push(quote! {
                #[doc = #doc]
                #[derive(Clone, Copy)]
                pub struct #name<'a>(&'a ::http::HeaderMap);

                impl<'a> #name<'a> {
                    /// Looks at the headers of an answer.
                    pub fn of(headers: &'a ::http::HeaderMap) -> Self {
                        Self(headers)
                    }
                    #(#getters)*
                }
            });
        }
    }
    let applied = views.len();
    let module: Item = parse_quote! {
        /// Typed headers of the answers.
        pub mod headers {
            #(#views)*
        }
    };
    file.items.push(module);
    Step::new("response_headers", needed, applied)
}

/// A header that is neither a word nor a number is given out as its text.
fn getter(header: &Header, method: &str) -> TokenStream {
    let method = format_ident!("{method}");
    let (name, doc) = (
        &header.name,
        format!("`{}`: {}", header.name, header.description),
    );
    let word = |key: &str| header.schema[key].as_str().unwrap_or_default().to_owned();
    let (ty, read) = match (word("type").as_str(), word("format").as_str()) {
        ("string", "uuid") => (quote!(::uuid::Uuid), quote!(value)),
        ("string", "date-time-rfc1123") => {
            (quote!(::thumbprint_transport::HttpDate), quote!(value))
        }
        ("boolean", "") => (quote!(bool), quote!(value)),
        ("integer", "int32") => (quote!(i32), quote!(value)),
        ("integer", _) => (quote!(i64), quote!(value)),
        ("number", _) => (quote!(f64), quote!(value)),
        _ => (quote!(&'a str), quote!(text)),
    };
    quote! {
        #[doc = #doc]
        pub fn #method(self) -> Option<#ty> {
            ::thumbprint_transport::header::#read(self.0, #name)
        }
    }
}
