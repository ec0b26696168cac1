//! What programs can name of a client: read from the code that its document makes.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, Visibility};

use crate::{document::Document, generate};

/// Every public item of a document's client, with all of it that a program depends on; `None` of a document
/// that is not taken. An item that has changed is another one.
pub(super) fn items(document: &Document) -> Option<BTreeSet<String>> {
    let rendered = generate::render(document).ok()?;
    // The client comes first.
    let (_, code) = rendered.files.first()?;
    let file = syn::parse_file(code).ok()?;
    let mut found = BTreeSet::new();
    collect(&file.items, "", &mut found);
    Some(found)
}

fn collect(items: &[Item], at: &str, found: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Mod(module) if is_public(&module.vis) => {
                let inner = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                collect(inner, &format!("{at}{}::", module.ident), found);
            }
            Item::Struct(item) if is_public(&item.vis) => {
                let name = format!("{at}{}", item.ident);
                found.insert(format!("struct {name}{}", text(&item.generics)));
                derived(&item.attrs, &name, found);
                members(&item.attrs, &name, fields(&item.fields), found);
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let name = format!("{at}{}", item.ident);
                found.insert(format!("enum {name}{}", text(&item.generics)));
                derived(&item.attrs, &name, found);
                let variants = item.variants.iter().map(|variant| {
                    let fields: Vec<_> =
                        variant.fields.iter().map(|field| text(&field.ty)).collect();
                    format!("{}({})", variant.ident, fields.join(", "))
                });
                members(&item.attrs, &name, variants.collect(), found);
            }
            Item::Impl(block) => {
                let of = text(&block.self_ty);
                if let Some((name, _)) = &block.trait_ {
                    found.insert(format!("impl {} for {at}{of}", text(name)));
                    continue;
                }
                for item in &block.items {
                    if let ImplItem::Fn(function) = item
                        && is_public(&function.vis)
                    {
                        found.insert(format!("{at}{of}: {}", text(&function.sig)));
                    }
                }
            }
            Item::Fn(function) if is_public(&function.vis) => {
                found.insert(format!("{at}{}", text(&function.sig)));
            }
            Item::Static(item) if is_public(&item.vis) => {
                found.insert(format!("static {at}{}: {}", item.ident, text(&item.ty)));
            }
            Item::Const(item) if is_public(&item.vis) => {
                found.insert(format!("const {at}{}: {}", item.ident, text(&item.ty)));
            }
            Item::Type(item) if is_public(&item.vis) => {
                found.insert(format!("type {at}{} = {}", item.ident, text(&item.ty)));
            }
            _ => {}
        }
    }
}

/// One item for each member of what can grow, and one for all of them of what cannot: a program may list them.
fn members(attrs: &[Attribute], name: &str, members: Vec<String>, found: &mut BTreeSet<String>) {
    if attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
    {
        found.extend(members.into_iter().map(|member| format!("{name}.{member}")));
    } else {
        found.insert(format!("{name} {{ {} }}", members.join(", ")));
    }
}

fn fields(fields: &Fields) -> Vec<String> {
    let public = fields.iter().filter(|field| is_public(&field.vis));
    let mut named: Vec<_> = public
        .map(|field| {
            let name = field.ident.as_ref().map(ToString::to_string);
            format!("{}: {}", name.unwrap_or_default(), text(&field.ty))
        })
        .collect();
    // A struct with a private field cannot be listed, whatever else it has.
    if fields.iter().any(|field| !is_public(&field.vis)) {
        named.push("..".to_owned());
    }
    named
}

fn derived(attrs: &[Attribute], name: &str, found: &mut BTreeSet<String>) {
    for attribute in attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        // Of what is no list of paths nothing is derived.
        let _ = attribute.parse_nested_meta(|meta| {
            found.insert(format!("impl {} for {name}", text(&meta.path)));
            Ok(())
        });
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
