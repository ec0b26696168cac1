use syn::{ImplItem, Item, parse_quote};

use crate::step::Step;

/// progenitor's `Client::new` makes an HTTP client of its own, with other deadlines, other TLS and an
/// `unwrap`; `new_with_client` takes one that need not be the transport's. Ours is made of a transport
/// and nothing else.
pub(super) fn one_constructor(file: &mut syn::File) -> Step {
    let mut applied = 0;
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        let before = block.items.len();
        block.items.retain(|item| !is_constructor(item));
        if before - block.items.len() != 2 {
            continue;
        }
        applied += 1;
        block.items.push(parse_quote! {
            /// Makes a client that sends with `transport`. Cheap: clients share the transport's pool.
            pub fn new(transport: ::thumbprint_transport::Transport) -> Self {
                Self {
                    baseurl: transport.base_url().to_owned(),
                    client: transport.http().clone(),
                    inner: transport,
                }
            }
        });
        block.items.push(parse_quote! {
            /// This client, or one whose calls have these options.
            pub fn with_options(
                &self,
                options: &::thumbprint_transport::CallOptions,
            ) -> Result<::std::borrow::Cow<'_, Self>, ::thumbprint_transport::Error> {
                if *options == ::thumbprint_transport::CallOptions::default() {
                    return Ok(::std::borrow::Cow::Borrowed(self));
                }
                Ok(::std::borrow::Cow::Owned(Self::new(self.inner.with_options(options)?)))
            }
        });
    }
    Step::new("one_constructor", 1, applied)
}

fn is_constructor(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(function) if function.sig.ident == "new" || function.sig.ident == "new_with_client")
}
