//! Code as text. What an item takes as tokens and as a syntax tree is a hundred times its text; so each is printed as
//! soon as it is made, and no more than one is held in another form.

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Item;

use crate::{names::WireNames, rust};

/// What a list ends with while it is printed.
const LAST: &str = "LAST";

/// A file of code that is being written.
pub(crate) struct Code<'a> {
    text: String,
    wire_names: &'a WireNames,
    in_module: bool,
}

impl<'a> Code<'a> {
    /// Starts with a text, such as a comment.
    pub(crate) fn new(start: String, wire_names: &'a WireNames) -> Self {
        Self {
            text: start,
            wire_names,
            in_module: false,
        }
    }

    /// Writes items.
    pub(crate) fn write(&mut self, tokens: TokenStream) -> Result<()> {
        self.items(syn::parse2::<syn::File>(tokens)?.items)
    }

    /// Writes items that are parsed.
    pub(crate) fn items(&mut self, items: Vec<Item>) -> Result<()> {
        self.text += &if self.in_module {
            within(items, self.wire_names)?
        } else {
            print(items, self.wire_names)
        };
        Ok(())
    }

    /// Writes what [`within`] has printed.
    pub(crate) fn printed(&mut self, text: &str) {
        self.text += text;
    }

    /// Starts a module: `pub mod name`, with its documentation.
    pub(crate) fn open(&mut self, head: &TokenStream) -> Result<()> {
        let head = syn::parse2::<syn::File>(quote!(#head {}))?.items;
        let printed = print(head, self.wire_names);
        self.text += printed.trim_end().trim_end_matches('}').trim_end();
        self.text.push('\n');
        self.in_module = true;
        Ok(())
    }

    /// Ends the module.
    pub(crate) fn close(&mut self) {
        self.text += "}\n";
        self.in_module = false;
    }

    /// Writes a block, such as an `impl`, member by member; `head` is what stands before the brace.
    pub(crate) fn block(
        &mut self,
        head: &TokenStream,
        members: impl IntoIterator<Item = TokenStream>,
    ) -> Result<()> {
        let mut start = String::new();
        for member in members {
            let file = syn::parse2::<syn::File>(quote!(#head { #member }))?;
            let printed = print(file.items, self.wire_names);
            let (head, rest) = printed.split_once("{\n").context("a block has lines")?;
            if start.is_empty() {
                start = format!("{head}{{\n");
                self.text += &start;
            }
            self.text += rest.strip_suffix("}\n").context("a block ends")?;
        }
        if start.is_empty() {
            return self.write(quote!(#head {}));
        }
        self.text += "}\n";
        Ok(())
    }

    /// Writes a constant that is a list, element by element; `head` is what stands before the `=`.
    pub(crate) fn list(
        &mut self,
        head: &TokenStream,
        elements: impl IntoIterator<Item = TokenStream>,
    ) -> Result<()> {
        // It is too long for one line, so that each element has its own.
        let last = format_ident!("{LAST:_>120}");
        let whole = |element: TokenStream| {
            let file = syn::parse2::<syn::File>(quote!(#head = &[#element #last];))?;
            let printed = print(file.items, self.wire_names);
            let (start, rest) = printed.split_once("&[\n").context("a list has lines")?;
            let at = rest
                .rfind("    ____")
                .context("a list has its last element")?;
            anyhow::Ok((format!("{start}&[\n"), rest[..at].to_owned()))
        };
        let mut text = whole(TokenStream::new())?.0;
        let mut elements = elements.into_iter().peekable();
        if elements.peek().is_none() {
            return self.write(quote!(#head = &[];));
        }
        for element in elements {
            text += &whole(quote!(#element,))?.1;
        }
        self.text += &text;
        self.text += "];\n";
        Ok(())
    }

    /// The file.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// Items as they are printed in a module: they are laid out by their depth.
pub(crate) fn within(items: Vec<Item>, wire_names: &WireNames) -> Result<String> {
    if items.is_empty() {
        return Ok(String::new());
    }
    let module = Item::Mod(syn::ItemMod {
        attrs: Vec::new(),
        vis: syn::Visibility::Inherited,
        unsafety: None,
        mod_token: syn::token::Mod::default(),
        ident: format_ident!("m"),
        content: Some((syn::token::Brace::default(), items)),
        semi: None,
    });
    let printed = print(vec![module], wire_names);
    let within = printed.strip_prefix("mod m {\n");
    let within = within.and_then(|rest| rest.strip_suffix("}\n"));
    within
        .map(str::to_owned)
        .context("a module is printed as one")
}

fn print(items: Vec<Item>, wire_names: &WireNames) -> String {
    let mut file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items,
    };
    rust::mend_comments(&mut file);
    wire_names.restore(prettyplease::unparse(&file))
}

#[cfg(test)]
mod tests {
    use quote::{format_ident, quote};
    use test_support::OrFail as _;

    use super::Code;
    use crate::names::WireNames;

    /// What is held whole as tokens grows with the document: a megabyte of them took half a gigabyte
    /// (anthropics/buffa#362).
    #[test]
    fn a_block_that_is_written_member_by_member_is_as_one_that_is_written_whole() {
        let names = WireNames::default();
        let long = format_ident!("a_name_that_is_so_long_that_its_signature_takes_several_lines");
        let members = [
            quote!(
                /// The first { of them.
                fn short(&self) {}
            ),
            quote!(fn #long(&self, first: u32, second: u32) -> u32 { if first > second { first } else { second } }),
        ];
        let head = quote!(impl Trait for ::some::Type);
        for count in 0..=members.len() {
            let members = &members[..count];
            let [mut whole, mut parts] = [(); 2].map(|()| Code::new(String::new(), &names));
            whole.write(quote!(#head { #(#members)* })).or_fail();
            parts.block(&head, members.to_vec()).or_fail();
            assert_eq!(parts.finish(), whole.finish());
        }
    }
}
