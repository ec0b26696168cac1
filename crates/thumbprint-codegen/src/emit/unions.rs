//! Types that have one of several forms. serde takes the first form that can be read, and forgets the members
//! that it does not know; these read the form that the tag names, or else the one that keeps most.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Fields, Item, ItemEnum, Type, parse_quote};

use super::types::underive;
use crate::{
    adapt::{Adapted, Union},
    names::Taken,
    rust::{argument, attributes::has_option, last},
};

/// The names of the types whose values are objects.
pub(super) fn objects(types: &[Item]) -> BTreeSet<String> {
    let object = |item: &Item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => {
            Some(item.ident.to_string())
        }
        _ => None,
    };
    types.iter().filter_map(object).collect()
}

/// Completes a type if it is an enumeration of forms.
pub(super) fn complete(
    adapted: &Adapted,
    item: &mut Item,
    objects: &BTreeSet<String>,
) -> Vec<Item> {
    if let Item::Enum(item) = item
        && let Some(union) = adapted.unions.get(&item.ident.to_string())
        && has_option(&item.attrs, "untagged")
    {
        form(item, union, objects)
    } else {
        Vec::new()
    }
}

/// What each variant of an enumeration holds; `None` if one holds not exactly one value.
fn held(item: &ItemEnum) -> Option<Vec<Type>> {
    let one = |variant: &syn::Variant| match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            fields.unnamed.first().map(|field| field.ty.clone())
        }
        _ => None,
    };
    item.variants.iter().map(one).collect()
}

fn form(item: &mut ItemEnum, union: &Union, objects: &BTreeSet<String>) -> Vec<Item> {
    let Some(held) = held(item) else {
        return Vec::new();
    };
    let is_object = |ty: &&Type| {
        let inner = argument(ty, "Box").unwrap_or_else(|| (*ty).clone());
        let name = last(&inner).map(ToString::to_string).unwrap_or_default();
        objects.contains(&name) || name == "HashMap" || name == "Map"
    };
    let tag = union.tag.as_ref().filter(|tag| {
        let values = tag["values"].as_array();
        values.is_some_and(|values| values.len() == held.len())
    });
    // serde's own way loses nothing of what is no object.
    if held.iter().filter(is_object).count() < 2 {
        return Vec::new();
    }
    let name = item.ident.clone();
    let variants: Vec<_> = item
        .variants
        .iter()
        .map(|variant| variant.ident.clone())
        .collect();
    let of_others = tag.and_then(|tag| tag["other"].as_u64());
    let of_others = of_others.and_then(|index| variants.get(usize::try_from(index).ok()?));
    let mut other = None;
    if of_others.is_none() && (tag.is_some() || union.is_open) {
        let names: Vec<_> = variants.iter().map(ToString::to_string).collect();
        let ident = format_ident!(
            "{}",
            Taken::new(names.iter().map(String::as_str)).take("Other")
        );
        item.variants.push(parse_quote! {
            /// A value that has none of these forms alone, as it came.
            #ident(::serde_json::Map<::std::string::String, ::serde_json::Value>)
        });
        other = Some(ident);
    }
    underive(&mut item.attrs, "Deserialize");
    let read =
        |variant: &syn::Ident| quote!(|value| ::serde_json::from_value(value).map(Self::#variant));
    let other_form = match (&other, of_others) {
        (Some(other), _) => quote!(Some(|value| ::serde_json::from_value(value).map(Self::#other))),
        (None, Some(variant)) => {
            let read = read(variant);
            quote!(Some(#read))
        }
        (None, None) => quote!(None),
    };
    let union = quote!(::thumbprint_transport::union);
    let Some(tag) = tag else {
        let forms = variants.iter().map(read);
        return vec![deserialize(
            &name,
            &quote!(#union::read(deserializer, &[#(#forms),*], #other_form)),
        )];
    };
    let tag_name = tag["name"].as_str().unwrap_or_default();
    let values = tag["values"].as_array().into_iter().flatten();
    let values: Vec<Vec<&str>> = values
        .map(|values| {
            values
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        })
        .collect();
    let tagged = variants
        .iter()
        .zip(&values)
        .filter(|(variant, _)| Some(*variant) != of_others);
    let forms = tagged.clone().map(|(variant, values)| {
        let read = read(variant);
        quote!((&[#(#values),*], #read))
    });
    let reading = quote!(#union::read_tagged(deserializer, #tag_name, &[#(#forms),*], #other_form));
    // The tag is written by the variant, whatever the value says.
    underive(&mut item.attrs, "Serialize");
    item.attrs
        .retain(|one| !has_option(std::slice::from_ref(one), "untagged"));
    let arms = tagged.map(|(variant, values)| {
        quote!(Self::#variant(value) => #union::write(serializer, #tag_name, &[#(#values),*], value))
    });
    let plain = other.iter().chain(of_others).map(
        |variant| quote!(Self::#variant(value) => ::serde::Serialize::serialize(value, serializer)),
    );
    let serialize = parse_quote! {
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                match self { #(#arms,)* #(#plain,)* }
            }
        }
    };
    vec![deserialize(&name, &reading), serialize]
}

fn deserialize(name: &syn::Ident, read: &TokenStream) -> Item {
    parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                #read
            }
        }
    }
}
