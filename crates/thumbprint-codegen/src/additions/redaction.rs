use heck::ToPascalCase;
use syn::{Attribute, Item, ItemMod, ItemStruct, Token, parse_quote, punctuated::Punctuated};

use super::Context;
use crate::{document::members, step::Step};

/// A type whose schema is marked `x-sensitive` must not show its value in `Debug`.
pub(super) fn sensitive_types(context: &Context<'_>, file: &mut syn::File) -> Step {
    let schemas = &context.document.value["components"]["schemas"];
    let sensitive: Vec<_> = members(schemas)
        .filter(|(_, schema)| schema["x-sensitive"] == true)
        .map(|(name, _)| name.to_pascal_case())
        .collect();
    let applied = redact(file, "types", |item| {
        sensitive.iter().any(|name| item.ident == name).then(|| {
            let text = format!("{}([redacted])", item.ident);
            parse_quote!(f.write_str(#text))
        })
    });
    Step::new("sensitive_types", sensitive.len(), applied)
}

/// An operation's builder derives a `Debug` that shows every argument, sensitive or not.
pub(super) fn opaque_builders(context: &Context<'_>, file: &mut syn::File) -> Step {
    let names: Vec<_> = context
        .operations
        .iter()
        .map(crate::model::Operation::type_name)
        .collect();
    let applied = redact(file, "builder", |item| {
        names.iter().any(|name| item.ident == name).then(|| {
            let name = item.ident.to_string();
            parse_quote!(f.debug_struct(#name).finish_non_exhaustive())
        })
    });
    Step::new("opaque_builders", names.len(), applied)
}

/// The client derives a `Debug` that shows its base URL, path and all.
pub(super) fn opaque_client(file: &mut syn::File) -> Step {
    let applied = redact_items(&mut file.items, |item| {
        (item.ident == "Client").then(|| {
            parse_quote!(
                f.debug_struct("Client")
                    .field("transport", &self.inner)
                    .finish_non_exhaustive()
            )
        })
    });
    Step::new("opaque_client", 1, applied)
}

/// Gives the structs of a module for which `body` has an expression a `Debug` of that expression.
fn redact(
    file: &mut syn::File,
    module: &str,
    body: impl Fn(&ItemStruct) -> Option<syn::Expr>,
) -> usize {
    module_items(file, module).map_or(0, |items| redact_items(items, body))
}

fn redact_items(items: &mut Vec<Item>, body: impl Fn(&ItemStruct) -> Option<syn::Expr>) -> usize {
    let mut implementations: Vec<Item> = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else { continue };
        let Some(body) = body(item) else { continue };
        if !underive(&mut item.attrs, "Debug") {
            continue;
        }
        let (name, generics) = (&item.ident, &item.generics);
        implementations.push(parse_quote! {
            impl #generics ::std::fmt::Debug for #name #generics {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    #body
                }
            }
        });
    }
    let count = implementations.len();
    items.extend(implementations);
    count
}

fn module_items<'a>(file: &'a mut syn::File, name: &str) -> Option<&'a mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod {
            ident,
            content: Some((_, items)),
            ..
        }) if ident == name => Some(items),
        _ => None,
    })
}

/// Takes a trait out of an item's `derive`. Whether it was there.
fn underive(attributes: &mut [Attribute], name: &str) -> bool {
    let mut found = false;
    for attribute in attributes
        .iter_mut()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let Ok(traits) =
            attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        let kept: Vec<_> = traits.iter().filter(|path| !path.is_ident(name)).collect();
        found |= kept.len() < traits.len();
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    found
}
