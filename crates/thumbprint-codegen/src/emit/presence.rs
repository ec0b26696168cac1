//! Fields of what is sent. typify has one `None`, an empty list, or a default for what is absent, and writes the
//! default; here absent is `None`, and `null` is `Some(None)` where it may be sent.

use std::collections::BTreeMap;

use quote::quote;
use syn::{Field, Item, Type, parse_quote};

use crate::rust::{
    argument,
    attributes::{has_option, said, wire_name},
};

/// Makes absent and null apart in the fields of types, by the types' names and the fields' names on the wire;
/// whether each may be null.
pub(crate) fn complete(sent: &BTreeMap<String, BTreeMap<String, bool>>, types: &mut [Item]) {
    for item in types {
        let Item::Struct(item) = item else { continue };
        item.fields.iter_mut().for_each(unbox);
        let Some(members) = sent.get(&item.ident.to_string()) else {
            continue;
        };
        for field in &mut item.fields {
            let name = wire_name(field);
            if let Some(is_nullable) = name.and_then(|name| members.get(&name)) {
                tell_apart(field, *is_nullable);
            }
        }
    }
}

/// A type that may hold itself is boxed. typify boxes the `Option` as well, which then is `null` where it is absent.
fn unbox(field: &mut Field) {
    let held = argument(&field.ty, "Box").and_then(|held| argument(&held, "Option"));
    let Some(held) = held else { return };
    field.ty = parse_quote!(::std::option::Option<::std::boxed::Box<#held>>);
    if has_option(&field.attrs, "default") {
        let skip = parse_quote!(#[serde(skip_serializing_if = "::std::option::Option::is_none")]);
        field.attrs.push(skip);
    }
}

fn tell_apart(field: &mut Field, is_nullable: bool) {
    let inner: Type = argument(&field.ty, "Option").unwrap_or_else(|| field.ty.clone());
    let named = said(&field.attrs, "serde").find(|option| option.is("rename"));
    let named = named.map(|name| quote!(#name,));
    let mut options = quote!(#named skip_serializing_if = "::std::option::Option::is_none");
    field.ty = parse_quote!(::std::option::Option<#inner>);
    if is_nullable {
        field.ty = parse_quote!(::std::option::Option<::std::option::Option<#inner>>);
        let read = if argument(&inner, "Vec").is_some() {
            "::thumbprint_transport::presence::nullable_list"
        } else {
            "::thumbprint_transport::presence::nullable"
        };
        options.extend(quote!(, default, deserialize_with = #read));
    }
    let attributes = &mut field.attrs;
    attributes.retain(|attribute| !attribute.path().is_ident("serde"));
    attributes.push(parse_quote!(#[serde(#options)]));
    if is_nullable {
        attributes.push(parse_quote!(#[doc = ""]));
        attributes.push(parse_quote!(#[doc = " `Some(None)` sends `null`, `None` nothing."]));
    }
}
