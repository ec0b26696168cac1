//! What progenitor wrote, read: the types of the schemas, and of what each operation takes and gives.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, Fields, Ident, Item, ItemImpl, ItemStruct, Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use super::{presence, print};
use crate::{
    adapt::{Adapted, Signature, Slot},
    names,
    rust::{
        attributes::{said, wire_name},
        declared, is_primitive, items, own_name, self_type,
    },
};

/// The code of a document's schemas.
pub(crate) struct Written {
    /// The types, without those that only stand for an operation's signature.
    pub(crate) types: Vec<Item>,
    /// What is written behind each of them, by its name: what is implemented for it.
    pub(crate) blocks: BTreeMap<String, Vec<Block>>,
    /// The types of what each operation takes and gives, as the operations are.
    signatures: Vec<BTreeMap<String, Type>>,
    index: Index,
}

/// An implementation that progenitor wrote, as text: as a syntax tree it takes a hundred times the memory.
pub(crate) struct Block {
    /// The last word of its trait.
    of_trait: Option<String>,
    /// It, as it is printed in a module.
    pub(crate) text: String,
}

impl Block {
    /// What is printed already.
    pub(crate) fn of_text(text: String) -> Self {
        Self {
            of_trait: None,
            text,
        }
    }

    /// Whether it implements a trait.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.of_trait.as_deref() == Some(name)
    }
}

/// What is known of each type, by its name.
#[derive(Default)]
struct Index {
    structs: BTreeMap<String, Held>,
    enums: BTreeSet<String>,
    with_default: BTreeSet<String>,
    copied: BTreeSet<String>,
}

/// What a struct holds.
pub(crate) enum Held {
    /// Fields, each with its name on the wire.
    Fields(Vec<(String, Ident, Type)>),
    /// One value.
    One(Box<Type>),
    /// Something else.
    Other,
}

impl Held {
    fn of(item: &ItemStruct) -> Self {
        let of = |field: &syn::Field| {
            let wire = wire_name(field)?;
            Some((wire, field.ident.clone()?, field.ty.clone()))
        };
        match &item.fields {
            Fields::Named(fields) => Self::Fields(fields.named.iter().filter_map(of).collect()),
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                Self::One(Box::new(fields.unnamed[0].ty.clone()))
            }
            _ => Self::Other,
        }
    }

    /// A field by its name on the wire, and its type.
    pub(crate) fn field(&self, wire: &str) -> Option<(&Ident, &Type)> {
        let Self::Fields(fields) = self else {
            return None;
        };
        let field = fields.iter().find(|(name, ..)| name == wire)?;
        Some((&field.1, &field.2))
    }
}

impl Written {
    /// Takes progenitor's types apart, one by one as they are taken out of the tokens.
    pub(crate) fn read(types: TokenStream, adapted: &Adapted) -> Result<Self> {
        let mut written = Self {
            types: Vec::new(),
            blocks: BTreeMap::new(),
            signatures: Vec::new(),
            index: Index::default(),
        };
        let own = |one: &Signature| names::pascal(&one.name);
        let own: BTreeSet<_> = adapted.signatures.iter().map(own).collect();
        // typify writes what it implements for a type behind it.
        let mut of = String::new();
        for tokens in items(types) {
            let is_impl = matches!(tokens.first(), Some(TokenTree::Ident(word)) if word == "impl");
            if is_impl && own.contains(&of) {
                continue;
            }
            match syn::parse2(tokens.into_iter().collect())? {
                // The builders of types: nothing of ours uses them.
                Item::Mod(module) if module.ident == "builder" => {}
                Item::Impl(mut block) => {
                    mean_text(&mut block);
                    let last = |path: &syn::Path| Some(path.segments.last()?.ident.to_string());
                    let path = block.trait_.as_ref().map(|(path, _)| path);
                    let of_trait = path.and_then(last);
                    if of_trait.as_deref() == Some("Default") {
                        written.index.with_default.insert(self_type(&block));
                    }
                    let text = print::within(vec![Item::Impl(block)], &adapted.wire_names)?;
                    let blocks = written.blocks.entry(of.clone()).or_default();
                    blocks.push(Block { of_trait, text });
                }
                mut item => {
                    presence::complete(&adapted.sent, std::slice::from_mut(&mut item));
                    of = declared(&item).map_or_else(String::new, ToString::to_string);
                    written.index.add(&item);
                    written.types.extend((!own.contains(&of)).then_some(item));
                }
            }
        }
        for signature in &adapted.signatures {
            if signature.properties.is_empty() {
                written.signatures.push(BTreeMap::new());
                continue;
            }
            let (name, index) = (names::pascal(&signature.name), &mut written.index);
            let Some(Held::Fields(fields)) = index.structs.remove(&name) else {
                bail!("progenitor wrote no type `{name}`");
            };
            let fields = fields.iter();
            let fields = fields.map(|(wire, _, ty)| (wire.clone(), index.qualified(ty)));
            written.signatures.push(fields.collect());
        }
        Ok(written)
    }

    /// The type of what the operation at an index takes or gives.
    pub(crate) fn signature(&self, operation: usize, slot: Slot) -> Result<Type> {
        let found = self.signatures[operation].get(&slot.to_string());
        found
            .cloned()
            .with_context(|| format!("progenitor wrote no type of `{slot}`"))
    }

    /// The struct behind a type, if it is one of the document's.
    #[must_use]
    pub(crate) fn structure(&self, ty: &Type) -> Option<&Held> {
        self.index.structs.get(&own_name(ty)?.to_string())
    }

    /// Whether a type of the document's has a default.
    #[must_use]
    pub(crate) fn has_default(&self, ty: &Type) -> bool {
        own_name(ty).is_some_and(|name| self.index.with_default.contains(&name.to_string()))
    }

    /// Whether values of a type are given as they are, and not by reference.
    #[must_use]
    pub(crate) fn is_copied(&self, ty: &Type) -> bool {
        let is_own = |name: &Ident| self.index.copied.contains(&name.to_string());
        is_primitive(ty) || own_name(ty).is_some_and(is_own)
    }

    /// What a type of one unnamed field holds, down to a type that has none, and how deep that is.
    #[must_use]
    pub(crate) fn inner(&self, ty: &Type) -> (Type, usize) {
        let (mut ty, mut depth) = (ty.clone(), 0);
        while let Some(Held::One(inner)) = self.structure(&ty) {
            ty = self.qualified(inner);
            depth += 1;
        }
        (ty, depth)
    }

    /// A type as it is written outside of the module `types`.
    #[must_use]
    pub(crate) fn qualified(&self, ty: &Type) -> Type {
        self.index.qualified(ty)
    }

    /// The names of the types.
    #[must_use]
    pub(crate) fn has_type(&self, name: &str) -> bool {
        self.index.structs.contains_key(name) || self.index.enums.contains(name)
    }
}

impl Index {
    fn add(&mut self, item: &Item) {
        let attributes = match item {
            Item::Struct(item) => {
                self.structs.insert(item.ident.to_string(), Held::of(item));
                &item.attrs
            }
            Item::Enum(item) => {
                self.enums.insert(item.ident.to_string());
                &item.attrs
            }
            _ => return,
        };
        let name = declared(item).map(ToString::to_string).unwrap_or_default();
        if derives(attributes, "Default") {
            self.with_default.insert(name.clone());
        }
        if derives(attributes, "Copy") {
            self.copied.insert(name);
        }
    }

    fn qualified(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        Qualify { index: self }.visit_type_mut(&mut ty);
        ty
    }
}

/// typify makes values of `String`, which may be a type of the document's in that place.
fn mean_text(block: &mut ItemImpl) {
    let path = block.trait_.as_ref().map(|(path, _)| path);
    let path = path.map(|path| path.to_token_stream().to_string());
    if path.is_some_and(|path| path.ends_with("TryFrom < String >")) {
        Text.visit_item_impl_mut(block);
    }
}

/// Writes the language's own text with its whole path.
struct Text;

impl VisitMut for Text {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.is_ident("String") {
            *path = parse_quote!(::std::string::String);
        }
    }
}

/// Writes the document's own types as `types::X`.
struct Qualify<'a> {
    index: &'a Index,
}

impl VisitMut for Qualify<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_none()
            && let Some(name) = path.get_ident().map(ToString::to_string)
            && (self.index.structs.contains_key(&name) || self.index.enums.contains(&name))
        {
            *path = parse_quote!(types::#path);
        }
    }
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    said(attributes, "derive").any(|one| one.is(name))
}
