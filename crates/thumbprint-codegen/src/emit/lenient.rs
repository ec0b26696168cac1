//! Which members of an answer may have another form without costing their neighbours: those that the document calls
//! optional, if they are scalars or objects. A list, or a link to more of it, is read as the document says: what
//! is missing from it would be missed by nobody.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Fields, Item, ItemStruct, Type, parse_quote};

use crate::{
    adapt::Adapted,
    rust::{
        argument,
        attributes::{has_option, wire_name},
        declared,
    },
};

/// Types of Rust's own, and of the crates that generated code uses, that hold one value.
const SCALARS: [&str; 16] = [
    "String",
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "f64",
    "Uuid",
    "DateTime",
    "HttpDate",
    "NaiveDate",
    "NaiveDateTime",
];

/// How the types of a document are read where one is optional.
pub(super) struct Lenient<'a> {
    readers: BTreeMap<String, Reader>,
    told_by_form: BTreeSet<String>,
    links: BTreeSet<&'a str>,
}

impl<'a> Lenient<'a> {
    pub(super) fn of(adapted: &'a Adapted, types: &[Item]) -> Self {
        let known: BTreeMap<_, _> = types
            .iter()
            .filter_map(|item| Some((declared(item)?.to_string(), item)))
            .collect();
        let pages = adapted
            .operations
            .iter()
            .filter_map(|one| one.pageable.as_ref());
        Self {
            readers: known
                .iter()
                .map(|(name, item)| (name.clone(), Reader::of(item, &known)))
                .collect(),
            told_by_form: told_by_form(&known),
            links: pages.map(|pages| pages.next_link.as_str()).collect(),
        }
    }

    /// Marks the members of a type that are read so.
    pub(super) fn mark(&self, item: &mut Item) -> Vec<Item> {
        let Item::Struct(item) = item else {
            return Vec::new();
        };
        if self.told_by_form.contains(&item.ident.to_string()) {
            return Vec::new();
        }
        let mut is_marked = false;
        for field in &mut item.fields {
            let is_link = |name: String| self.links.contains(name.as_str());
            let is_link = wire_name(field).is_some_and(is_link);
            let Some(ty) = argument(&field.ty, "Option").filter(|_| !is_link) else {
                continue;
            };
            // One that is required and may be null has no such attribute.
            let has = |option| has_option(&field.attrs, option);
            if !has("skip_serializing_if") || has("flatten") || has("deserialize_with") {
                continue;
            }
            let reader = match own_name(&ty).and_then(|name| self.readers.get(&name)) {
                Some(reader) => *reader,
                None if is_scalar(&ty, &BTreeMap::new()) => Reader::Scalar,
                None => continue,
            };
            let reader = match reader {
                Reader::Scalar => "::thumbprint_transport::lenient::scalar",
                Reader::Object => "::thumbprint_transport::lenient::object",
                Reader::Strict => continue,
            };
            let default = (!has("default")).then(|| quote!(default,));
            field
                .attrs
                .push(parse_quote!(#[serde(#default deserialize_with = #reader)]));
            is_marked = true;
        }
        if is_marked {
            of_members(item).into()
        } else {
            Vec::new()
        }
    }
}

/// serde reads a struct from a list as well, and takes an empty one where every member has a default. So what is
/// derived becomes functions of the type's own (`remote`), to which only objects are handed.
fn of_members(item: &mut ItemStruct) -> [Item; 2] {
    let name = &item.ident;
    item.attrs.push(parse_quote!(#[serde(remote = "Self")]));
    [
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<Self, D::Error> {
                    Self::deserialize(::thumbprint_transport::lenient::Members(deserializer))
                }
            }
        },
        parse_quote! {
            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::std::result::Result<S::Ok, S::Error> {
                    Self::serialize(self, serializer)
                }
            }
        },
    ]
}

/// How a member of a type is read.
#[derive(Clone, Copy)]
enum Reader {
    Scalar,
    Object,
    /// As the document says.
    Strict,
}

impl Reader {
    fn of(item: &Item, known: &BTreeMap<String, &Item>) -> Self {
        let Some(name) = declared(item) else {
            return Self::Strict;
        };
        let ty = parse_quote!(#name);
        if is_scalar(&ty, known) {
            Self::Scalar
        } else if is_object(&ty, known) {
            Self::Object
        } else {
            Self::Strict
        }
    }
}

/// Whether a type is an object's. One that has a name for a list, for alternatives or for any value is none.
fn is_object(ty: &Type, known: &BTreeMap<String, &Item>) -> bool {
    match own_name(ty).and_then(|name| known.get(&name)) {
        Some(Item::Struct(item)) => match &item.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let inner = &fields.unnamed[0].ty;
                is_object(inner, known) || ["HashMap", "Map"].contains(&&*name(inner))
            }
            Fields::Named(_) => true,
            _ => false,
        },
        _ => false,
    }
}

fn is_scalar(ty: &Type, known: &BTreeMap<String, &Item>) -> bool {
    match own_name(ty).and_then(|name| known.get(&name)) {
        Some(Item::Struct(item)) => match &item.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                is_scalar(&fields.unnamed[0].ty, known)
            }
            _ => false,
        },
        // `Unknown` is the word that an open enumeration does not have.
        Some(Item::Enum(item)) => {
            let mut variants = item.variants.iter();
            variants.all(|one| one.fields.is_empty() || one.ident == "Unknown")
                && !has_option(&item.attrs, "untagged")
        }
        _ => SCALARS.contains(&&*name(ty)) || name(ty).starts_with("NonZero"),
    }
}

/// The name of a type that may be the document's: one that it calls `String` is no `::std::string::String`.
fn own_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.get_ident().map(ToString::to_string)
}

/// The types by whose form it is told which of several a value has: read otherwise, it would be another one.
fn told_by_form(known: &BTreeMap<String, &Item>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest: Vec<_> = known
        .values()
        .flat_map(|item| match item {
            Item::Enum(item) => item
                .variants
                .iter()
                .flat_map(|one| names(one.fields.to_token_stream()))
                .collect(),
            Item::Struct(item) => {
                let flat = item
                    .fields
                    .iter()
                    .filter(|field| has_option(&field.attrs, "flatten"));
                flat.flat_map(|field| names(field.ty.to_token_stream()))
                    .collect()
            }
            _ => Vec::new(),
        })
        .collect();
    while let Some(name) = rest.pop() {
        let Some(item) = known.get(&name).filter(|_| found.insert(name)) else {
            continue;
        };
        if let Item::Struct(item) = item {
            rest.extend(
                item.fields
                    .iter()
                    .flat_map(|field| names(field.ty.to_token_stream())),
            );
        }
    }
    found
}

/// The last word of a type.
fn name(ty: &Type) -> String {
    let Type::Path(path) = ty else {
        return String::new();
    };
    let last = path.path.segments.last();
    last.map(|segment| segment.ident.to_string())
        .unwrap_or_default()
}

/// All words of a type.
fn names(tokens: TokenStream) -> Vec<String> {
    let words = tokens.into_iter().flat_map(|tree| match tree {
        TokenTree::Ident(ident) => vec![ident.to_string()],
        TokenTree::Group(group) => names(group.stream()),
        _ => Vec::new(),
    });
    words.collect()
}
