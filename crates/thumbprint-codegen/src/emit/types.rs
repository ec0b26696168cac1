//! What the types get that typify does not write: constructors, `Display`, checks without a regular
//! expression, opaque `Debug`, and enumerations that may grow. Items are found by their names and replaced
//! or added whole.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{
    Attribute, Expr, Fields, Ident, Item, ItemImpl, ItemStruct, Token, Visibility, parse_quote,
    punctuated::Punctuated,
};

use super::{docs, lenient, pattern, print, unions};
use crate::{
    adapt::{self, Adapted, TextRules},
    names,
    rust::{Block, Written, argument, declared, is_non_zero, is_string},
};

/// Completes the types of a document.
pub(super) fn complete(adapted: &Adapted, written: &mut Written) -> Result<()> {
    let Written { types, blocks, .. } = written;
    for (name, schema) in &adapted.open {
        blocks.remove(name);
        open(name, schema, types)?;
    }
    for name in &adapted.sensitive {
        redact(name, types);
    }
    unions::complete(adapted, types);
    fields(adapted, types);
    for (name, rules) in &adapted.patterns {
        check_by(adapted, name, rules, types, blocks)?;
    }
    lenient::mark(adapted, types);
    let mut added = Vec::new();
    for item in types.iter_mut() {
        let Item::Struct(item) = item else { continue };
        item.fields.iter_mut().for_each(bound_list);
        match &item.fields {
            Fields::Named(_) => {
                item.attrs.push(parse_quote!(#[non_exhaustive]));
                added.extend(constructor(item));
            }
            Fields::Unnamed(_) if is_checked_text(item) => added.push(display(&item.ident)),
            Fields::Unnamed(fields) => added.extend(conversions(&item.ident, fields)),
            Fields::Unit => {}
        }
    }
    types.extend(added);
    Ok(())
}

/// A list is read within bounds: a short body can hold a great many items.
fn bound_list(field: &mut syn::Field) {
    let optional = argument(&field.ty, "Option");
    let (read, default) = if argument(&field.ty, "Vec").is_some() {
        ("read", false)
    } else if optional.is_some_and(|ty| argument(&ty, "Vec").is_some()) {
        let is_required = has_option(&field.attrs, "deserialize_with");
        ("read_optional", !is_required)
    } else {
        return;
    };
    // typify reads what is required and may be null with a function of its own.
    remove_option(&mut field.attrs, "deserialize_with");
    let read = format!("::thumbprint_transport::items::{read}");
    let default = default.then(|| quote!(default,));
    let attribute = parse_quote!(#[serde(#default deserialize_with = #read)]);
    field.attrs.push(attribute);
}

/// Whether one of serde's attributes has an option.
pub(super) fn has_option(attributes: &[Attribute], name: &str) -> bool {
    options(attributes).any(|option| option.path().is_ident(name))
}

/// Takes an option out of serde's attributes.
fn remove_option(attributes: &mut Vec<Attribute>, name: &str) {
    let kept: Vec<_> = options(attributes)
        .filter(|option| !option.path().is_ident(name))
        .collect();
    attributes.retain(|attribute| !attribute.path().is_ident("serde"));
    if !kept.is_empty() {
        attributes.push(parse_quote!(#[serde(#(#kept),*)]));
    }
}

/// The name of a field on the wire.
pub(crate) fn wire_name(field: &syn::Field) -> Option<String> {
    let ident = field.ident.as_ref()?;
    let renamed = options(&field.attrs).find_map(|option| match option {
        syn::Meta::NameValue(pair) if pair.path.is_ident("rename") => match pair.value {
            Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(name),
                ..
            }) => Some(name.value()),
            _ => None,
        },
        _ => None,
    });
    Some(renamed.unwrap_or_else(|| ident.to_string()))
}

/// What serde's attributes say.
pub(super) fn options(attributes: &[Attribute]) -> impl Iterator<Item = syn::Meta> {
    let of_serde = attributes.iter().filter(|one| one.path().is_ident("serde"));
    of_serde
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<syn::Meta, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
}

/// `new`, for a struct that has no `Default` because something in it is required.
fn constructor(item: &ItemStruct) -> Option<Item> {
    let mut required = Vec::new();
    let mut values = Vec::new();
    for field in &item.fields {
        let name = field.ident.as_ref()?;
        let ty = &field.ty;
        values.push(if let Some(default) = default_of(&field.attrs) {
            quote!(#name: #default)
        } else {
            required.push(quote!(#name: #ty));
            quote!(#name)
        });
    }
    if required.is_empty() {
        return None;
    }
    let name = &item.ident;
    Some(parse_quote! {
        impl #name {
            /// One with what is required; the rest is absent, or has its default.
            pub fn new(#(#required),*) -> Self {
                Self { #(#values),* }
            }
        }
    })
}

/// What serde puts into a field that is absent; `None` for one that is required.
fn default_of(attributes: &[Attribute]) -> Option<Expr> {
    let mut found = None;
    for attribute in attributes.iter().filter(|one| one.path().is_ident("serde")) {
        let read = attribute.parse_nested_meta(|meta| {
            let given: Option<Expr> = match meta.value() {
                Ok(value) => Some(value.parse()?),
                Err(_) => None,
            };
            if meta.path.is_ident("default")
                && let Some(Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(function),
                    ..
                })) = given
            {
                let function: syn::ExprPath = function.parse()?;
                found = Some(parse_quote!(#function()));
            } else if ["default", "flatten", "skip_serializing_if"]
                .iter()
                .any(|key| meta.path.is_ident(key))
            {
                found.get_or_insert_with(|| parse_quote!(::std::default::Default::default()));
            }
            Ok(())
        });
        debug_assert!(
            read.is_ok(),
            "serde's attributes are lists of names and values"
        );
    }
    found
}

/// What typify does not convert into a type with one field, and callers write: a text that is not owned,
/// and numbers as they stand in a program into one that is not zero.
fn conversions(name: &Ident, fields: &syn::FieldsUnnamed) -> Vec<Item> {
    let mut inner = fields.unnamed.iter();
    match (inner.next(), inner.next()) {
        (Some(field), None) if is_string(&field.ty) => vec![parse_quote! {
            impl ::std::convert::From<&str> for #name {
                fn from(text: &str) -> Self {
                    Self(text.to_owned())
                }
            }
        }],
        (Some(field), None) if is_non_zero(&field.ty) => {
            let ty = &field.ty;
            let from = |number: &str| -> Item {
                let number = format_ident!("{number}");
                parse_quote! {
                    impl ::std::convert::TryFrom<#number> for #name {
                        type Error = self::error::ConversionError;

                        fn try_from(number: #number) -> ::std::result::Result<Self, Self::Error> {
                            let number = number.try_into().ok().and_then(#ty::new);
                            number.map(Self).ok_or_else(|| "out of range".into())
                        }
                    }
                }
            };
            ["i32", "i64", "u32", "u64"].map(from).into()
        }
        _ => Vec::new(),
    }
}

/// Whether a type is a text that is checked before one is made.
fn is_checked_text(item: &ItemStruct) -> bool {
    let Fields::Unnamed(fields) = &item.fields else {
        return false;
    };
    let mut fields = fields.unnamed.iter();
    fields
        .next()
        .is_some_and(|field| matches!(field.vis, Visibility::Inherited) && is_string(&field.ty))
}

/// typify gives a text that is checked no `Display`, which is how a parameter is written.
fn display(name: &Ident) -> Item {
    parse_quote! {
        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    }
}

/// typify checks every text with a regular expression, and without its flag `u`, by which alone `\p{L}` is a
/// letter. Most patterns need none.
fn check_by(
    adapted: &Adapted,
    name: &str,
    rules: &TextRules,
    types: &[Item],
    blocks: &mut BTreeMap<String, Vec<Block>>,
) -> Result<()> {
    let is_checked = |item: &Item| matches!(item, Item::Struct(item) if item.ident == name && is_checked_text(item));
    if !types.iter().any(is_checked) {
        // It became another type: one of a format, or a part of a larger one.
        return Ok(());
    }
    let mut own = blocks.get_mut(name).into_iter().flatten();
    let of_text = own.find(|block| block.is_of("FromStr"));
    let of_text = of_text.with_context(|| format!("progenitor wrote no `FromStr` of `{name}`"))?;
    let checked = Item::Impl(checked_from_str(&format_ident!("{name}"), rules));
    of_text.text = print::within(vec![checked], &adapted.wire_names)?;
    Ok(())
}

fn checked_from_str(name: &Ident, rules: &TextRules) -> ItemImpl {
    let length = |limit: Option<u64>, comparison: TokenStream, word: &str| {
        let limit = usize::try_from(limit?).ok()?;
        let problem = format!("{word} than {limit} characters");
        Some(quote! {
            if value.chars().count() #comparison #limit {
                return Err(#problem.into());
            }
        })
    };
    let most = length(rules.most, quote!(>), "longer");
    let least = length(rules.least, quote!(<), "shorter");
    let problem = format!("doesn't match pattern \"{}\"", rules.pattern);
    let (statics, matches) = if let Some(pieces) = pattern::pieces(&rules.pattern) {
        let statics = quote! {
            use ::thumbprint_transport::pattern::{Piece, matches};

            const PIECES: &[Piece] = &[#(#pieces),*];
        };
        (statics, quote!(matches(value, PIECES)))
    } else {
        let pattern = &rules.pattern;
        let statics = quote! {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> =
                ::std::sync::LazyLock::new(|| {
                    ::regress::Regex::with_flags(#pattern, "u").expect("a pattern that was checked")
                });
        };
        (statics, quote!(PATTERN.find(value).is_some()))
    };
    parse_quote! {
        impl ::std::str::FromStr for #name {
            type Err = self::error::ConversionError;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                #statics
                #most
                #least
                if !#matches {
                    return Err(#problem.into());
                }
                Ok(Self(value.to_owned()))
            }
        }
    }
}

/// A type whose schema is marked `x-sensitive` must not show its value in `Debug`.
fn redact(name: &str, types: &mut Vec<Item>) {
    let item = types.iter_mut().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some((&item.ident, &mut item.attrs)),
        Item::Enum(item) if item.ident == name => Some((&item.ident, &mut item.attrs)),
        _ => None,
    });
    // What has no type of its own is a field, which is not shown there.
    let Some((ident, attributes)) = item else {
        return;
    };
    underive(attributes, "Debug");
    let text = format!("{name}([redacted])");
    let debug = parse_quote! {
        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(#text)
            }
        }
    };
    types.push(debug);
}

/// Marks fields that are deprecated, and keeps those from `Debug` that are sensitive.
fn fields(adapted: &Adapted, types: &mut Vec<Item>) {
    let mut added: Vec<Item> = Vec::new();
    for item in types.iter_mut() {
        let Item::Struct(item) = item else { continue };
        let name = item.ident.to_string();
        let is_in = |all: Option<&BTreeSet<String>>, field: &syn::Field| {
            wire_name(field).is_some_and(|name| all.is_some_and(|all| all.contains(&name)))
        };
        let deprecated = adapted.deprecated.get(&name);
        for field in &mut item.fields {
            if is_in(deprecated, field) {
                field.attrs.push(parse_quote!(#[deprecated]));
            }
        }
        let hidden = adapted.hidden.get(&name);
        if hidden.is_none() || adapted.sensitive.contains(&name) {
            continue;
        }
        underive(&mut item.attrs, "Debug");
        let shown = item.fields.iter().filter_map(|field| {
            let ident = field.ident.as_ref()?;
            let text = ident.to_string();
            Some(if is_in(hidden, field) {
                quote!(.field(#text, &"[redacted]"))
            } else {
                quote!(.field(#text, &self.#ident))
            })
        });
        let ident = &item.ident;
        added.push(parse_quote! {
            impl ::std::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    f.debug_struct(#name)#(#shown)*.finish()
                }
            }
        });
    }
    types.extend(added);
}

/// Takes a trait out of an item's `derive`.
pub(super) fn underive(attributes: &mut [Attribute], name: &str) {
    for attribute in attributes
        .iter_mut()
        .filter(|one| one.path().is_ident("derive"))
    {
        let traits =
            attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        if let Ok(traits) = traits {
            let is_it =
                |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == name);
            let kept = traits.iter().filter(|path| !is_it(path));
            *attribute = parse_quote!(#[derive(#(#kept),*)]);
        }
    }
}

/// typify makes a closed enumeration of every `enum`: a word that the service takes up later fails the
/// decoding of the whole page. A schema marked `x-extensible` becomes an enumeration that keeps words it
/// does not know, and does not mind the case of those it knows. One that is any text beside some words does.
fn open(name: &str, schema: &Value, types: &mut Vec<Item>) -> Result<()> {
    let before = types.len();
    types.retain(|item| declared(item).is_none_or(|found| found != name));
    ensure!(types.len() < before, "progenitor wrote no type `{name}`");
    types.extend(open_enum(name, schema).items);
    Ok(())
}

fn open_enum(name: &str, schema: &Value) -> syn::File {
    let ident = format_ident!("{name}");
    let description = schema["description"].as_str().unwrap_or_default();
    let is_exact = schema[adapt::EXACT] == true;
    let case = if is_exact {
        "A word"
    } else {
        "Words are read whatever their case; one"
    };
    let about = docs(&format!(
        "{description}\n\n{case} that is not known is kept as it is."
    ));
    let words = schema["enum"].as_array().into_iter().flatten();
    let words: Vec<&str> = words.filter_map(Value::as_str).collect();
    let mut taken = names::Taken::new(["Unknown"]);
    let variants: Vec<_> = words
        .iter()
        .map(|word| {
            let given = schema["x-enum-names"][word].as_str();
            let wanted = given.map_or_else(|| names::pascal(word), str::to_owned);
            format_ident!("{}", taken.take(&wanted))
        })
        .collect();
    let otherwise =
        (!is_exact).then(|| quote!(#(_ if word.eq_ignore_ascii_case(#words) => Self::#variants,)*));
    let declared = words.iter().zip(&variants).map(|(word, variant)| {
        let doc = format!(" `{word}`");
        quote!(#[doc = #doc] #variant)
    });
    let default = schema["default"].as_str().map(|word| {
        quote! {
            impl ::std::default::Default for #ident {
                fn default() -> Self {
                    Self::from(#word)
                }
            }
        }
    });
    parse_quote! {
        #(#about)*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
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
                match word {
                    #(#words => Self::#variants,)*
                    #otherwise
                    _ => Self::Unknown(word.to_owned()),
                }
            }
        }

        impl ::serde::Serialize for #ident {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #ident {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                ::thumbprint_transport::word::read(deserializer)
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
        #default
    }
}
