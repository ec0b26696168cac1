//! What progenitor wrote, read: its types, and the documentation of the client and its methods.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use quote::ToTokens;
use syn::{
    Attribute, Fields, GenericArgument, Ident, ImplItem, Item, ItemImpl, ItemStruct, PathArguments,
    Type, parse_quote,
    visit_mut::{self, VisitMut},
};

use crate::{
    adapt::{Adapted, Slot},
    emit, names,
};

/// Whether an item is a block of the client's own methods.
pub(crate) fn is_client(item: &Item) -> bool {
    matches!(item, Item::Impl(block) if block.trait_.is_none() && self_type(block) == "Client")
}

/// Takes out of comments what rustc does not take in them: a carriage return that ends no line, and the
/// characters that turn the direction of text, which would show other code than there is.
pub(crate) fn mend_comments(file: &mut syn::File) {
    struct Comments;

    impl VisitMut for Comments {
        fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
            if attribute.path().is_ident("doc")
                && let syn::Meta::NameValue(meta) = &mut attribute.meta
                && let syn::Expr::Lit(value) = &mut meta.value
                && let syn::Lit::Str(text) = &mut value.lit
            {
                let turns =
                    |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
                let said = text.value();
                if said.contains('\r') || said.contains(turns) {
                    let said = said
                        .replace("\r\n", "\n")
                        .replace('\r', "\n")
                        .replace(turns, "");
                    *text = syn::LitStr::new(&said, text.span());
                }
            }
        }
    }

    Comments.visit_file_mut(file);
}

/// The code of a document's schemas, and what is said of its operations.
pub(crate) struct Written {
    /// The types, without those that only stand for an operation's signature.
    pub(crate) types: Vec<Item>,
    /// The documentation of the client.
    pub(crate) client: Vec<Attribute>,
    /// The documentation of its methods, by their names.
    methods: BTreeMap<String, Vec<Attribute>>,
    /// The types of what each operation takes and gives, as the operations are.
    signatures: Vec<BTreeMap<String, Type>>,
    index: Index,
}

/// What is known of each type, by its name.
#[derive(Default)]
struct Index {
    structs: BTreeMap<String, ItemStruct>,
    enums: BTreeSet<String>,
    with_default: BTreeSet<String>,
    copied: BTreeSet<String>,
}

impl Written {
    /// Takes progenitor's file apart.
    pub(crate) fn read(file: syn::File, adapted: &Adapted) -> Result<Self> {
        let (mut types, mut client, mut methods) = (None, None, BTreeMap::new());
        for item in file.items {
            match item {
                Item::Mod(module) if module.ident == "types" => {
                    types = module.content.map(|(_, items)| items);
                }
                Item::Struct(item) if item.ident == "Client" => client = Some(docs(&item.attrs)),
                Item::Impl(block) if block.trait_.is_none() && self_type(&block) == "Client" => {
                    for item in block.items {
                        if let ImplItem::Fn(function) = item {
                            methods.insert(function.sig.ident.to_string(), docs(&function.attrs));
                        }
                    }
                }
                _ => {}
            }
        }
        let mut types = types.context("progenitor wrote no module `types`")?;
        emit::presence::complete(&adapted.sent, &mut types);
        let mut index = Index::of(&types);
        let mut signatures = Vec::new();
        let mut own = BTreeSet::new();
        for signature in &adapted.signatures {
            if signature.properties.is_empty() {
                signatures.push(BTreeMap::new());
                continue;
            }
            let name = names::pascal(&signature.name);
            let fields = index.structs.remove(&name);
            let fields = fields.with_context(|| format!("progenitor wrote no type `{name}`"))?;
            let of = |field: &syn::Field| {
                Some((
                    field.ident.as_ref()?.to_string(),
                    index.qualified(&field.ty),
                ))
            };
            signatures.push(fields.fields.iter().filter_map(of).collect());
            own.insert(name);
        }
        types.retain(|item| match item {
            // The builders of types: nothing of ours uses them.
            Item::Mod(module) => module.ident != "builder",
            Item::Impl(block) => !own.contains(&self_type(block)) && !is_builder(block),
            item => declared(item).is_none_or(|name| !own.contains(&name.to_string())),
        });
        Ok(Self {
            types,
            client: client.context("progenitor wrote no client")?,
            methods,
            signatures,
            index,
        })
    }

    /// The documentation of a method of the client.
    pub(crate) fn method(&self, name: &str) -> Result<&[Attribute]> {
        let found = self.methods.get(name).map(Vec::as_slice);
        found.with_context(|| format!("progenitor wrote no method `{name}`"))
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
    pub(crate) fn structure(&self, ty: &Type) -> Option<&ItemStruct> {
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
        while let Some(ItemStruct {
            fields: Fields::Unnamed(fields),
            ..
        }) = self.structure(&ty)
            && let Some(field) = fields.unnamed.first()
        {
            ty = self.qualified(&field.ty);
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

/// Fails where two schemas come to one name in a way that no step foresees: typify writes that type twice,
/// which does not compile.
pub(crate) fn one_type_per_name(file: &syn::File) -> Result<()> {
    let items = file.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let mut seen = BTreeSet::new();
    for name in items
        .into_iter()
        .flat_map(|(_, items)| items)
        .filter_map(declared)
    {
        ensure!(seen.insert(name), "two types have the name `{name}`");
    }
    Ok(())
}

impl Index {
    fn of(types: &[Item]) -> Self {
        let mut index = Self::default();
        for item in types {
            let attributes = match item {
                Item::Struct(item) => {
                    index.structs.insert(item.ident.to_string(), item.clone());
                    &item.attrs
                }
                Item::Enum(item) => {
                    index.enums.insert(item.ident.to_string());
                    &item.attrs
                }
                Item::Impl(block) if is_impl_of(block, "Default") => {
                    index.with_default.insert(self_type(block));
                    continue;
                }
                _ => continue,
            };
            let name = declared(item).map(ToString::to_string).unwrap_or_default();
            if derives(attributes, "Default") {
                index.with_default.insert(name.clone());
            }
            if derives(attributes, "Copy") {
                index.copied.insert(name);
            }
        }
        index
    }

    fn qualified(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        Qualify { index: self }.visit_type_mut(&mut ty);
        ty
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

fn is_builder(block: &ItemImpl) -> bool {
    let named =
        |item: &ImplItem| matches!(item, ImplItem::Fn(function) if function.sig.ident == "builder");
    block.trait_.is_none() && block.items.iter().any(named)
}

/// Whether a block implements a trait.
pub(crate) fn is_impl_of(block: &ItemImpl, name: &str) -> bool {
    let path = block.trait_.as_ref().map(|(path, _)| path);
    let last = path.and_then(|path| path.segments.last());
    last.is_some_and(|last| last.ident == name)
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    let mut found = false;
    for attribute in attributes
        .iter()
        .filter(|one| one.path().is_ident("derive"))
    {
        // An attribute that cannot be read derives nothing that is known.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(name);
            Ok(())
        });
    }
    found
}

/// The name of a type that is declared.
pub(crate) fn declared(item: &Item) -> Option<&Ident> {
    match item {
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        _ => None,
    }
}

/// The last word of the type that a block implements.
pub(crate) fn self_type(block: &ItemImpl) -> String {
    last(&block.self_ty)
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The last word of a type.
pub(crate) fn last(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| &segment.ident)
}

/// The name of a type of the document's: `X` of `types::X`.
fn own_name(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    let first = path.path.segments.first()?;
    let is_own = path.path.leading_colon.is_none() && first.ident == "types";
    last(ty).filter(|_| is_own)
}

/// What an `Option`, a `Vec` or the like holds: `T` of `NAME<T>`.
pub(crate) fn argument(ty: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let found = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    found.filter(|_| last.ident == name)
}

/// Whether a type is one of the document's.
pub(crate) fn is_own(ty: &Type) -> bool {
    own_name(ty).is_some()
}

/// Whether a type is an integer of Rust's own.
pub(crate) fn is_integer(ty: &Type) -> bool {
    let words = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
    words.contains(&ty.to_token_stream().to_string().as_str())
}

/// Whether a type is an integer that is not zero.
pub(crate) fn is_non_zero(ty: &Type) -> bool {
    last(ty).is_some_and(|name| name.to_string().starts_with("NonZero")) && !is_own(ty)
}

/// Whether a type is `bool`.
pub(crate) fn is_bool(ty: &Type) -> bool {
    ty.to_token_stream().to_string() == "bool"
}

/// Whether a type is a number or a truth value of Rust's own.
fn is_primitive(ty: &Type) -> bool {
    let is_float = last(ty).is_some_and(|name| name == "f32" || name == "f64");
    is_integer(ty) || is_non_zero(ty) || is_bool(ty) || is_float
}

/// Whether a type is `String`.
pub(crate) fn is_string(ty: &Type) -> bool {
    !is_own(ty) && last(ty).is_some_and(|name| name == "String")
}

fn docs(attributes: &[Attribute]) -> Vec<Attribute> {
    let docs = attributes.iter().filter(|one| one.path().is_ident("doc"));
    docs.cloned().collect()
}
