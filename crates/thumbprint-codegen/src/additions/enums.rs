use heck::ToPascalCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Item, ItemMod};

use super::{Context, requests::self_type};
use crate::{document::members, step::Step};

/// typify makes a closed enumeration of every `enum`: a word that the service takes up later fails the
/// decoding of the whole page. A schema marked `x-extensible` becomes an enumeration that keeps words it
/// does not know, and does not mind the case of those it knows.
pub(super) fn extensible_enums(context: &Context<'_>, file: &mut syn::File) -> Step {
    let schemas = &context.document.value["components"]["schemas"];
    let marked = members(schemas).filter(|(_, schema)| schema["x-extensible"] == true);
    let (mut needed, mut applied) = (0, 0);
    for (name, schema) in marked {
        needed += 1;
        let name = name.to_pascal_case();
        let Some(items) = types(file) else { continue };
        let before = items.len();
        items.retain(|item| !is_about(item, &name));
        if items.len() < before {
            let enumeration: syn::File = open_enum(&name, schema);
            items.extend(enumeration.items);
            applied += 1;
        }
    }
    Step::new("extensible_enums", needed, applied)
}

fn types(file: &mut syn::File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == "types" => Some(items),
        _ => None,
    })
}

fn is_about(item: &Item, name: &str) -> bool {
    match item {
        Item::Enum(item) => item.ident == name,
        Item::Impl(block) => self_type(block) == name,
        _ => false,
    }
}

fn open_enum(name: &str, schema: &Value) -> syn::File {
    let ident = format_ident!("{name}");
    let doc = schema["description"].as_str().unwrap_or_default();
    let words: Vec<&str> = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let variants: Vec<_> = words
        .iter()
        .map(|word| {
            let given = schema["x-enum-names"][word].as_str();
            format_ident!(
                "{}",
                given.map_or_else(|| word.to_pascal_case(), str::to_owned)
            )
        })
        .collect();
    let declared: Vec<TokenStream> = words
        .iter()
        .zip(&variants)
        .map(|(word, variant)| {
            let doc = format!("`{word}`");
            quote!(#[doc = #doc] #variant)
        })
        .collect();
    syn::parse_quote! {
        #[doc = #doc]
        #[doc = ""]
        #[doc = "Words are read whatever their case; one that nobody knows is kept as it is."]
        #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[serde(from = "::std::string::String", into = "::std::string::String")]
        #[non_exhaustive]
        pub enum #ident {
            #(#declared,)*
            /// A word that the document does not have.
            Unknown(::std::string::String),
        }

        impl #ident {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #words,)*
                    Self::Unknown(word) => word,
                }
            }
        }

        impl ::std::convert::From<&str> for #ident {
            fn from(word: &str) -> Self {
                #(if word.eq_ignore_ascii_case(#words) {
                    return Self::#variants;
                })*
                Self::Unknown(word.to_owned())
            }
        }

        impl ::std::convert::From<::std::string::String> for #ident {
            fn from(word: ::std::string::String) -> Self {
                Self::from(word.as_str())
            }
        }

        impl ::std::convert::From<#ident> for ::std::string::String {
            fn from(value: #ident) -> Self {
                value.as_str().to_owned()
            }
        }

        impl ::std::str::FromStr for #ident {
            type Err = ::std::convert::Infallible;

            fn from_str(word: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(word))
            }
        }

        impl ::std::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    }
}
