//! The typed headers of the answers. progenitor ignores them.

use std::collections::BTreeSet;

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Call, docs, print::Code};
use crate::{
    model::Header,
    names::{self, Taken},
};

/// The module of all views of headers: one for each operation, for its successes, and one for each error
/// with headers of its own.
pub(super) fn module(code: &mut Code<'_>, calls: &[Call]) -> Result<()> {
    let names: Vec<_> = calls.iter().map(|call| call.name.to_string()).collect();
    let mut taken = Taken::new(names.iter().map(String::as_str));
    code.open(&quote! {
        /// Typed headers of the answers. Each is `None` where it is absent or has another form.
        pub mod headers
    })?;
    for (call, name) in calls.iter().zip(&names) {
        let operation = &call.operation;
        let is_success = |one: &&_| operation.is_success(one);
        let successes = operation.responses.iter().filter(is_success);
        let doc = format!("Headers of what `{}` answers if it succeeds.", operation.id);
        code.write(view(name, &doc, successes.flat_map(|one| &one.headers)))?;
        let errors = operation.responses.iter().filter(|one| one.is_error());
        for response in errors.filter(|one| !operation.is_success(one) && !one.headers.is_empty()) {
            let status = &response.status;
            let name = taken.take(&names::pascal(&format!("{name}-{status}")));
            let doc = format!(
                "Headers of what `{}` answers with `{status}`.",
                operation.id
            );
            code.write(view(&name, &doc, response.headers.iter()))?;
        }
    }
    code.close();
    Ok(())
}

fn view<'a>(name: &str, doc: &str, headers: impl Iterator<Item = &'a Header>) -> TokenStream {
    let name = format_ident!("{name}");
    let docs = docs(doc);
    let mut methods = Taken::new(["as_ref"]);
    let mut known = BTreeSet::new();
    let getters: Vec<_> = headers
        .filter(|header| known.insert(header.name.to_ascii_lowercase()))
        .map(|header| getter(header, &methods.take(&names::snake(&header.name))))
        .collect();
    let map = quote!(::thumbprint_transport::http::HeaderMap);
    quote! {
        #(#docs)*
        #[derive(Clone)]
        pub struct #name(#map);

        impl #name {
            #(#getters)*
        }

        impl ::std::convert::From<#map> for #name {
            fn from(headers: #map) -> Self {
                Self(headers)
            }
        }

        impl ::std::convert::AsRef<#map> for #name {
            fn as_ref(&self) -> &#map {
                &self.0
            }
        }

        // A value can be secret, its name is not.
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_set().entries(self.0.keys()).finish()
            }
        }
    }
}

/// A header that is neither a word nor a number is given out as its text.
fn getter(header: &Header, method: &str) -> TokenStream {
    let method = format_ident!("{method}");
    let name = &header.name;
    let docs = docs(&match header.description.as_str() {
        "" => format!("`{name}`."),
        description => format!("`{name}`: {description}"),
    });
    let word = |key: &str| header.schema[key].as_str().unwrap_or_default();
    let (ty, read) = match (word("type"), word("format")) {
        ("string", "uuid") => (quote!(::uuid::Uuid), quote!(value)),
        ("string", "date-time-rfc1123") => {
            (quote!(::thumbprint_transport::HttpDate), quote!(value))
        }
        ("boolean", "") => (quote!(bool), quote!(value)),
        ("integer", "int32") => (quote!(i32), quote!(value)),
        ("integer", _) => (quote!(i64), quote!(value)),
        ("number", _) => (quote!(f64), quote!(value)),
        _ => (quote!(&str), quote!(text)),
    };
    let deprecated = header.deprecated.then(|| quote!(#[deprecated]));
    quote! {
        #(#docs)*
        #deprecated
        pub fn #method(&self) -> Option<#ty> {
            ::thumbprint_transport::header::#read(&self.0, #name)
        }
    }
}
