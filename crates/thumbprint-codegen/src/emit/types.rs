//! What the types get that typify does not write: constructors, `Display`, checks without a regular
//! expression, opaque `Debug`, and enumerations that may grow. Items are found by their names and replaced
//! or added whole.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Attribute, Expr, Fields, Ident, Item, ItemImpl, ItemStruct, Visibility, parse_quote};

use super::{
    Call, docs,
    json_schema::Schemas,
    lenient::Lenient,
    multipart, pattern,
    print::{self, Code},
    unions,
    written::{Block, Written},
};
use crate::{
    adapt::{self, Adapted, TextRules},
    names,
    rust::{
        argument,
        attributes::{has_option, said, wire_name},
        declared, is_non_zero, is_string,
    },
};

/// Writes the types of a document, each completed, and what is implemented for it behind it. What is added stands
/// behind all of them, each kind of it by itself.
pub(super) fn write(
    code: &mut Code<'_>,
    adapted: &Adapted,
    written: &mut Written,
    calls: &[Call],
) -> Result<()> {
    open(adapted, written)?;
    let types = std::mem::take(&mut written.types);
    let mut blocks = std::mem::take(&mut written.blocks);
    let lenient = Lenient::of(adapted, &types);
    let objects = unions::objects(&types);
    let schemas = Schemas::of(adapted);
    let forms = multipart::forms(calls);
    let mut added: [String; 7] = Default::default();
    for mut item in types {
        let name = declared(&item).map_or_else(String::new, ToString::to_string);
        let mut own = blocks.remove(&name).unwrap_or_default();
        check(adapted, &item, &name, &mut own)?;
        let items = [
            redact(adapted, &mut item),
            unions::complete(adapted, &mut item, &objects),
            fields(adapted, &mut item),
            lenient.mark(&mut item),
            complete(&mut item),
            schemas.mark(&mut item),
            multipart::complete(&forms, &item),
        ];
        code.items(vec![item])?;
        for block in own {
            code.printed(&block.text);
        }
        for (text, items) in added.iter_mut().zip(items) {
            *text += &print::within(items, &adapted.wire_names)?;
        }
    }
    let rest = blocks.into_values().flatten().map(|block| block.text);
    for text in added.into_iter().chain(rest) {
        code.printed(&text);
    }
    Ok(())
}

/// What is added to a type, whatever the document says of it.
fn complete(item: &mut Item) -> Vec<Item> {
    let Item::Struct(item) = item else {
        return Vec::new();
    };
    item.fields.iter_mut().for_each(bound_list);
    match &item.fields {
        Fields::Named(_) => {
            item.attrs.push(parse_quote!(#[non_exhaustive]));
            constructor(item).into_iter().collect()
        }
        Fields::Unnamed(_) if is_checked_text(item) => vec![display(&item.ident)],
        Fields::Unnamed(fields) => conversions(&item.ident, fields),
        Fields::Unit => Vec::new(),
    }
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

/// Takes an option out of serde's attributes.
fn remove_option(attributes: &mut Vec<Attribute>, name: &str) {
    let kept: Vec<_> = said(attributes, "serde")
        .filter(|option| !option.is(name))
        .collect();
    attributes.retain(|attribute| !attribute.path().is_ident("serde"));
    if !kept.is_empty() {
        attributes.push(parse_quote!(#[serde(#(#kept),*)]));
    }
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
    let may_be_absent = ["default", "flatten", "skip_serializing_if"];
    let mut found = None;
    for option in said(attributes, "serde") {
        if option.is("default")
            && let Some(function) = option.text()
        {
            let function: syn::ExprPath = syn::parse_str(&function).ok()?;
            return Some(parse_quote!(#function()));
        }
        if may_be_absent.iter().any(|name| option.is(name)) {
            found = Some(parse_quote!(::std::default::Default::default()));
        }
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
fn check(adapted: &Adapted, item: &Item, name: &str, blocks: &mut [Block]) -> Result<()> {
    // Without one it became another type: one of a format, or a part of a larger one.
    if let Some(rules) = adapted.patterns.get(name)
        && let Item::Struct(item) = item
        && is_checked_text(item)
    {
        let of_text = blocks.iter_mut().find(|block| block.is_of("FromStr"));
        let of_text =
            of_text.with_context(|| format!("progenitor wrote no `FromStr` of `{name}`"))?;
        let checked = Item::Impl(checked_from_str(&item.ident, rules));
        of_text.text = print::within(vec![checked], &adapted.wire_names)?;
    }
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

/// A type whose schema is marked `x-sensitive` must not show its value in `Debug`. What has no type of its own is a
/// field, which is not shown there.
fn redact(adapted: &Adapted, item: &mut Item) -> Vec<Item> {
    let (ident, attributes) = match item {
        Item::Struct(item) => (&item.ident, &mut item.attrs),
        Item::Enum(item) => (&item.ident, &mut item.attrs),
        _ => return Vec::new(),
    };
    let name = ident.to_string();
    if !adapted.sensitive.contains(&name) {
        return Vec::new();
    }
    underive(attributes, "Debug");
    let text = format!("{name}([redacted])");
    vec![parse_quote! {
        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(#text)
            }
        }
    }]
}

/// Marks fields that are deprecated, and keeps those from `Debug` that are sensitive.
fn fields(adapted: &Adapted, item: &mut Item) -> Vec<Item> {
    let Item::Struct(item) = item else {
        return Vec::new();
    };
    let name = item.ident.to_string();
    let is_in = |all: Option<&BTreeSet<String>>, field: &syn::Field| {
        all.is_some_and(|all| wire_name(field).is_some_and(|name| all.contains(&name)))
    };
    let deprecated = adapted.deprecated.get(&name);
    for field in &mut item.fields {
        if is_in(deprecated, field) {
            field.attrs.push(parse_quote!(#[deprecated]));
        }
    }
    let hidden = adapted.hidden.get(&name);
    if hidden.is_none() || adapted.sensitive.contains(&name) {
        return Vec::new();
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
    vec![parse_quote! {
        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name)#(#shown)*.finish()
            }
        }
    }]
}

/// Takes a trait out of an item's `derive`.
pub(super) fn underive(attributes: &mut [Attribute], name: &str) {
    let of_derive = |one: &&mut Attribute| one.path().is_ident("derive");
    for attribute in attributes.iter_mut().filter(of_derive) {
        let kept = said(std::slice::from_ref(attribute), "derive");
        let kept = kept.filter(|one| !one.ends_with(name));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
}

/// typify makes a closed enumeration of every `enum`: a word that the service takes up later fails the
/// decoding of the whole page. A schema marked `x-extensible` becomes an enumeration that keeps words it
/// does not know, and does not mind the case of those it knows. One that is any text beside some words does.
fn open(adapted: &Adapted, written: &mut Written) -> Result<()> {
    let mut missing: BTreeSet<_> = adapted.open.keys().cloned().collect();
    let is_closed =
        |item: &Item| declared(item).is_none_or(|name| !missing.remove(&name.to_string()));
    written.types.retain(is_closed);
    if let Some(name) = missing.first() {
        bail!("progenitor wrote no type `{name}`");
    }
    for (name, schema) in &adapted.open {
        let mut items = open_enum(name, schema).items.into_iter();
        written.types.extend(items.next());
        let text = print::within(items.collect(), &adapted.wire_names)?;
        written
            .blocks
            .insert(name.clone(), vec![Block::of_text(text)]);
    }
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
            let wanted = names::pascal(given.unwrap_or(word));
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
