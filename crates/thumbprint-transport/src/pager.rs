//! Lists over pages, for any API: generated code says how a page is fetched and where its link is.

use std::future::Future;

use futures_util::stream::{self, Stream};

use crate::{Error, Transport, transport::ListLimits};

/// A list whose pages are fetched one by one.
///
/// ```
/// use thumbprint_transport::{Error, Transport, pager::Paged};
///
/// # struct Page { names: Vec<String>, next_link: Option<String> }
/// # async fn read(_: &Transport, _: Option<&str>) -> Result<Page, Error> {
/// #     Ok(Page { names: Vec::new(), next_link: None })
/// # }
/// struct Names {
///     transport: Transport,
/// }
///
/// impl Paged for Names {
///     type Page = Page;
///
///     async fn fetch(&self, link: Option<&str>) -> Result<Page, Error> {
///         read(&self.transport, link).await
///     }
///
///     fn next_link(page: &Page) -> Option<&str> {
///         page.next_link.as_deref()
///     }
///
///     fn count(page: &Page) -> usize {
///         page.names.len()
///     }
///
///     fn transport(&self) -> &Transport {
///         &self.transport
///     }
/// }
/// ```
pub trait Paged: Sized + Send + Sync {
    /// A page.
    type Page: Send;

    /// Fetches the page that `link` names, or the first one. A link has to stay on the operation's own
    /// path; see [`RequestBuilder::finish_at`](crate::RequestBuilder::finish_at).
    fn fetch(&self, link: Option<&str>) -> impl Future<Output = Result<Self::Page, Error>> + Send;

    /// The link to the page after this one, if there is one.
    fn next_link(page: &Self::Page) -> Option<&str>;

    /// How many items the page has.
    fn count(page: &Self::Page) -> usize;

    /// What the list is read with. Its client says how long a list may be.
    fn transport(&self) -> &Transport;
}

/// All pages of a list. One page is held at a time; the next one is fetched when the stream is polled for
/// it. The stream ends with its first error, which a list that is longer than the client allows has, too.
///
/// ```
/// use std::pin::pin;
///
/// use futures_util::TryStreamExt as _;
/// use thumbprint_transport::{Error, pager::{Paged, pages}};
///
/// async fn count<P: Paged>(list: P) -> Result<usize, Error> {
///     let (mut pages, mut count) = (pin!(pages(list)), 0);
///     while let Some(page) = pages.try_next().await? {
///         count += P::count(&page);
///     }
///     Ok(count)
/// }
/// ```
pub fn pages<P: Paged>(list: P) -> impl Stream<Item = Result<P::Page, Error>> + Send {
    let left = list.transport().shared.list;
    let start = Some((list, None::<String>, SeenLinks::default(), left));
    stream::try_unfold(start, |state| async move {
        let Some((list, link, mut seen, mut left)) = state else {
            return Ok(None);
        };
        let page = list.fetch(link.as_deref()).await?;
        take(&mut left, P::count(&page), list.transport().shared.list)?;
        // One of Microsoft's own SDKs asks for the first page for ever where the link is empty.
        let link = P::next_link(&page).filter(|link| !link.is_empty());
        let next = match link {
            Some(link) => {
                seen.add(link)?;
                let link = Some(link.to_owned());
                Some((list, link, seen, left))
            }
            None => None,
        };
        Ok(Some((page, next)))
    })
}

/// Takes a page of so many items off what is left.
fn take(left: &mut ListLimits, items: usize, all: ListLimits) -> Result<(), Error> {
    let rest = (left.pages.checked_sub(1), left.items.checked_sub(items));
    let (pages, items) = match rest {
        (None, _) => return Err(Error::list_too_long(all.pages, "pages")),
        (_, None) => return Err(Error::list_too_long(all.items, "items")),
        (Some(pages), Some(items)) => (pages, items),
    };
    *left = ListLimits { pages, items };
    Ok(())
}

/// The links of a list, as far as it takes to notice that they run in a circle: one of them is kept, for
/// twice as long each time (Brent's algorithm), so the memory does not grow with the pages.
#[derive(Default)]
struct SeenLinks {
    kept: String,
    since: u64,
    limit: u64,
}

impl SeenLinks {
    fn add(&mut self, link: &str) -> Result<(), Error> {
        if self.kept == link {
            return Err(Error::next_link(
                "it leads back to a page that was read already",
            ));
        }
        if self.since == self.limit {
            link.clone_into(&mut self.kept);
            self.limit = self.limit.saturating_mul(2).max(1);
            self.since = 0;
        }
        self.since += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::SeenLinks;

    /// How many links pass before a circle is noticed.
    fn noticed_after(lead: usize, circle: usize) -> Option<usize> {
        let mut seen = SeenLinks::default();
        (0..10_000).find(|step| {
            let link = if *step < lead {
                *step
            } else {
                lead + (step - lead) % circle
            };
            seen.add(&format!("/{link}")).is_err()
        })
    }

    #[test]
    fn circles_are_noticed_soon_and_lines_never() {
        for (lead, circle) in [(0, 1), (0, 2), (3, 1), (7, 5), (100, 37)] {
            let after = noticed_after(lead, circle).or_fail();
            assert!(after <= 3 * (lead + circle) + 1, "{lead} {circle}: {after}");
        }
        assert_eq!(noticed_after(20_000, 1), None);
    }
}
