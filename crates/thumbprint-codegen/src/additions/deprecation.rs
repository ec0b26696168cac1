use syn::{ImplItem, Item, parse_quote};

use super::Context;
use crate::step::Step;

/// progenitor ignores an operation's `deprecated`.
pub(super) fn deprecated_methods(context: &Context<'_>, file: &mut syn::File) -> Step {
    let deprecated: Vec<_> = context
        .operations
        .iter()
        .filter(|operation| operation.deprecated)
        .collect();
    let mut applied = 0;
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() || super::requests::self_type(block) != "Client" {
            continue;
        }
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            let Some(operation) = deprecated
                .iter()
                .find(|operation| function.sig.ident == operation.method_name())
            else {
                continue;
            };
            function.attrs.push(match &operation.replaced_by {
                Some(replacement) => {
                    let note = format!("use {replacement}");
                    parse_quote!(#[deprecated(note = #note)])
                }
                None => parse_quote!(#[deprecated]),
            });
            applied += 1;
        }
    }
    Step::new("deprecated_methods", deprecated.len(), applied)
}
