//! JSON Schemas of the types, for those who hand them on in an API of their own. They are schemars' own, derived from
//! what the types are, with what only the document says added; where serde is told by hand how a type is read, so
//! is schemars.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};
use syn::{Fields, Item, ItemEnum, ItemStruct, parse_quote};

use crate::{
    adapt::{Adapted, TYPED},
    document::members,
    names,
    rust::{
        argument,
        attributes::{has_option, said, wire_name},
    },
};

/// What types of Rust do not carry.
const KEYWORDS: [&str; 14] = [
    "default",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

/// The schemas of the document, by the names of the types that they are.
pub(super) struct Schemas<'a> {
    adapted: &'a Adapted,
    of: BTreeMap<String, &'a Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn of(adapted: &'a Adapted) -> Self {
        let of = |(name, pointer): (&String, &String)| {
            let schema = adapted.composed.value.pointer(pointer)?;
            let schema = adapted.composed.resolve(schema).ok()?;
            Some((names::pascal(name), schema))
        };
        let of = adapted.places.iter().filter_map(of).collect();
        Self { adapted, of }
    }

    /// Gives a type its schema, behind the feature `schemars` of the crate.
    pub(super) fn mark(&self, item: &mut Item) -> Vec<Item> {
        match item {
            Item::Struct(item) => {
                let schema = self.of.get(&item.ident.to_string()).copied();
                item.attrs
                    .push(derived(&of_struct(self.adapted, item, schema)));
            }
            Item::Enum(item) if is_derived(item) => {
                let schema = self.of.get(&item.ident.to_string()).copied();
                let own = schema.map(keywords).and_then(text);
                item.attrs.push(derived(
                    &own.map(|own| quote!(.own(#own))).unwrap_or_default(),
                ));
            }
            Item::Enum(item) => return vec![by_hand(self.adapted, item)],
            _ => {}
        }
        Vec::new()
    }
}

/// Whether serde reads an enumeration as it stands.
fn is_derived(item: &ItemEnum) -> bool {
    said(&item.attrs, "derive").any(|one| one.ends_with("Deserialize"))
}

fn derived(said: &TokenStream) -> syn::Attribute {
    parse_quote! {
        #[cfg_attr(
            feature = "schemars",
            derive(::schemars::JsonSchema),
            schemars(transform = ::thumbprint_transport::json_schema::derived() #said)
        )]
    }
}

/// What the document says of a struct, as calls of methods of the transport's `Document`.
fn of_struct(adapted: &Adapted, item: &ItemStruct, schema: Option<&Value>) -> TokenStream {
    let mut own = schema.map(keywords).unwrap_or_default();
    let values = schema.and_then(|schema| schema.get("enum"));
    if let (Fields::Unnamed(_), Some(values)) = (&item.fields, values) {
        own.insert("enum".to_owned(), values.clone());
    }
    let own = text(own).map(|own| quote!(.own(#own)));
    let (mut told, mut nullable, mut required) = (Vec::new(), Vec::new(), Vec::new());
    for field in &item.fields {
        let Some(name) = wire_name(field) else {
            continue;
        };
        let on_the_wire = adapted.wire_names.wire(&name);
        let property = schema.and_then(|schema| schema["properties"].get(on_the_wire));
        if let Some(property) = property.filter(|property| property.get("$ref").is_none()) {
            let said = text(keywords(property));
            told.extend(said.map(|said| quote!(.member(#name, #said))));
        }
        let Some(inner) = argument(&field.ty, "Option") else {
            continue;
        };
        let has = |option| has_option(&field.attrs, option);
        if has("deserialize_with") && !has("default") && !has("skip_serializing_if") {
            required.push(name.clone());
        }
        // Of a type without a place in the document it is not known, and what is read may be null.
        let may_be_null = property.is_none_or(|property| {
            let target = adapted.composed.resolve(property);
            target.is_ok_and(|target| target["nullable"] == true)
        });
        if may_be_null || argument(&inner, "Option").is_some() {
            nullable.push(name);
        }
    }
    quote!(#own #(#told)* #(.nullable(#nullable))* #(.required(#required))*)
}

/// An object of JSON; `None` if there is nothing in it.
fn text(object: Map<String, Value>) -> Option<String> {
    (!object.is_empty()).then(|| Value::Object(object).to_string())
}

/// The keywords of a schema that no type carries, and those of what is in it.
fn keywords(schema: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    for (key, value) in members(schema) {
        let is_typed = key == "format" && value.as_str().is_some_and(|word| TYPED.contains(&word));
        if KEYWORDS.contains(&key.as_str()) && !is_typed {
            found.insert(key.clone(), value.clone());
        } else if (key == "items" || key == "additionalProperties") && value.get("$ref").is_none() {
            let inner = keywords(value);
            if !inner.is_empty() {
                found.insert(key.clone(), inner.into());
            }
        }
    }
    // OpenAPI 3.0 says beside a bound that it is outside; JSON Schema has a bound of another name.
    for (inside, outside) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        if found.get(outside).is_some_and(Value::is_boolean)
            && found.remove(outside) == Some(Value::Bool(true))
            && let Some(bound) = found.remove(inside)
        {
            found.insert(outside.to_owned(), bound);
        }
    }
    found
}

/// The schema of an enumeration that serde is told by hand how to read.
fn by_hand(adapted: &Adapted, item: &ItemEnum) -> Item {
    let (ident, name) = (&item.ident, item.ident.to_string());
    let (generator, schema) = if let Some(schema) = adapted.open.get(&name) {
        let about = schema["description"].as_str().unwrap_or_default();
        let words = schema["enum"].as_array().into_iter().flatten();
        let words = words.filter_map(Value::as_str);
        let schema = quote!(::thumbprint_transport::json_schema::words(#about, &[#(#words),*]));
        (quote!(_), schema)
    } else {
        let held = item.variants.iter().flat_map(|variant| &variant.fields);
        let held = held.map(|field| &field.ty);
        let schema = quote! {
            ::thumbprint_transport::json_schema::forms(&[#(generator.subschema_for::<#held>()),*])
        };
        (quote!(generator), schema)
    };
    parse_quote! {
        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for #ident {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #name.into()
            }

            fn json_schema(#generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                #schema
            }
        }
    }
}
