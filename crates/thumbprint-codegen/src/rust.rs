//! Code of Rust, read: what its types and items are called, and what they are made of.

pub(crate) mod attributes;

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, GenericArgument, Ident, Item, ItemImpl, PathArguments, Type, visit_mut::VisitMut,
};

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

/// What is said where two schemas come to one name.
pub(crate) const TWO_TYPES: &str = "two types have the name";

/// The types that progenitor wrote. Fails where two schemas come to one name in a way that no step foresees: typify
/// writes that type twice, which does not compile.
pub(crate) fn types(file: TokenStream) -> Result<TokenStream> {
    let is_types = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "types");
    let mut tokens = file.into_iter().skip_while(|one| !is_types(one)).skip(1);
    let Some(TokenTree::Group(module)) = tokens.next() else {
        bail!("progenitor wrote no module `types`");
    };
    let types = module.stream();
    drop((module, tokens));
    let mut seen = BTreeSet::new();
    let mut is_declared = false;
    for token in types.clone() {
        let TokenTree::Ident(word) = token else {
            is_declared = false;
            continue;
        };
        if is_declared {
            ensure!(seen.insert(word.to_string()), "{TWO_TYPES} `{word}`");
        }
        is_declared = word == "struct" || word == "enum";
    }
    Ok(types)
}

/// The items of some code, each taken out of the tokens when it is asked for.
pub(crate) fn items(code: TokenStream) -> impl Iterator<Item = Vec<TokenTree>> {
    let mut tokens = code.into_iter();
    std::iter::from_fn(move || {
        let mut item = Vec::new();
        let (mut is_started, mut is_statement) = (false, false);
        for token in tokens.by_ref() {
            let is_end = match &token {
                TokenTree::Ident(word) => {
                    let ends_so = ["use", "static", "const", "type"];
                    is_statement |= !is_started && ends_so.iter().any(|one| word == one);
                    is_started |= word != "pub";
                    false
                }
                TokenTree::Punct(mark) => mark.as_char() == ';',
                TokenTree::Group(group) => !is_statement && group.delimiter() == Delimiter::Brace,
                TokenTree::Literal(_) => false,
            };
            item.push(token);
            if is_end {
                break;
            }
        }
        (!item.is_empty()).then_some(item)
    })
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
pub(crate) fn own_name(ty: &Type) -> Option<&Ident> {
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
pub(crate) fn is_primitive(ty: &Type) -> bool {
    let is_float = last(ty).is_some_and(|name| name == "f64");
    is_integer(ty) || is_non_zero(ty) || is_bool(ty) || is_float
}

/// Whether a type is `String`.
pub(crate) fn is_string(ty: &Type) -> bool {
    !is_own(ty) && last(ty).is_some_and(|name| name == "String")
}
