//! What the attributes say that typify writes. They are read from their tokens: to parse them for each question takes
//! longer than all the rest of a field.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::{Attribute, Field, Lit};

/// What stands between two commas of an attribute: `Clone`, or serde's `rename = "name"`.
pub(crate) struct Said(Vec<TokenTree>);

impl Said {
    /// Whether it is `name`, or sets it.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.0.first(), Some(TokenTree::Ident(word)) if word == name)
    }

    /// Whether it is a path that ends with `name`.
    pub(crate) fn ends_with(&self, name: &str) -> bool {
        matches!(self.0.last(), Some(TokenTree::Ident(word)) if word == name)
    }

    /// The text that it sets.
    pub(crate) fn text(&self) -> Option<String> {
        match self.0.as_slice() {
            [_, TokenTree::Punct(_), TokenTree::Literal(text)] => match Lit::new(text.clone()) {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl ToTokens for Said {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.0);
    }
}

/// What the attributes of a name say, such as `derive` or `serde`.
pub(crate) fn said(attributes: &[Attribute], name: &str) -> impl Iterator<Item = Said> {
    let of_name = attributes
        .iter()
        .filter(move |one| one.path().is_ident(name));
    let lists = of_name.filter_map(|one| one.meta.require_list().ok());
    lists.flat_map(|list| {
        let mut tokens = list.tokens.clone().into_iter().peekable();
        std::iter::from_fn(move || {
            tokens.peek()?;
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
            Some(Said(tokens.by_ref().take_while(|token| !is_comma(token)).collect()))
        })
    })
}

/// Whether one of serde's attributes has an option.
pub(crate) fn has_option(attributes: &[Attribute], name: &str) -> bool {
    said(attributes, "serde").any(|option| option.is(name))
}

/// The name of a field on the wire.
pub(crate) fn wire_name(field: &Field) -> Option<String> {
    let ident = field.ident.as_ref()?;
    let renamed = said(&field.attrs, "serde").find(|option| option.is("rename"));
    let renamed = renamed.and_then(|option| option.text());
    Some(renamed.unwrap_or_else(|| ident.to_string()))
}
