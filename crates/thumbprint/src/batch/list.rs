use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use thumbprint_transport as transport;

use super::{
    Certificate, Client, Filter, JUDGEMENT,
    call::{Options, chains_options, with_options},
    raw,
    raw::types::CertificateListResult,
};
use crate::Error;

impl Client {
    /// Lists the account's certificates, as a stream over all pages.
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service
    /// ([`Error::is_retired`](crate::Error::is_retired)): use the Azure Key Vault extension for virtual
    /// machines. Whether every cloud refuses it is not known.
    ///
    /// # Errors
    ///
    /// The stream ends with its first error. [`Error::is_unexpected_answer`]: among others, a link to the
    /// next page that leads to another place, which is not followed, since the credential would go along.
    ///
    /// Source: [Certificate - List][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/list
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use thumbprint::batch::{CertificateState, filter};
    ///
    /// let failed = account.list().filter(filter::state().eq(CertificateState::DeleteFailed));
    /// let mut certificates = pin!(failed.certificates());
    /// while let Some(certificate) = certificates.try_next().await? {
    ///     println!("{:?}: {:?}", certificate.thumbprint, certificate.delete_error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'_> {
        List {
            client: self,
            filter: None,
            select: None,
            max_results: None,
            options: Options::default(),
        }
    }
}

/// A list that is not asked for yet; made by [`Client::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct List<'a> {
    client: &'a Client,
    filter: Option<Filter>,
    select: Option<String>,
    max_results: Option<u32>,
    options: Options,
}

chains_options!(List);

/// A page of certificates.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The certificates. A page can be empty and not be the last.
    pub certificates: Vec<Certificate>,
    /// Whether no page comes after this one.
    pub is_last: bool,
}

impl<'a> List<'a> {
    /// Only these certificates; see [`filter`](super::filter).
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Asks for these properties only, as the wire spells them: `thumbprint`, `state`. The others are
    /// `None` in the answer.
    pub fn select<'p>(mut self, properties: impl IntoIterator<Item = &'p str>) -> Self {
        self.select = Some(properties.into_iter().collect::<Vec<_>>().join(","));
        self
    }

    /// How many certificates a page has at most, 1 to 1000. The service takes 1000 where it is left out.
    ///
    /// A page of more than 4 MiB is refused ([`Error::is_unexpected_answer`]). A thousand certificates of
    /// ordinary length fit; for very long ones ask for fewer, or [`select`](Self::select) less of each.
    pub fn max_results(mut self, number: u32) -> Self {
        self.max_results = Some(number);
        self
    }

    /// All certificates, page by page. One page is held at a time; the next one is fetched when the
    /// stream is polled for it. To be pinned.
    pub fn certificates(self) -> impl Stream<Item = Result<Certificate, Error>> + Send + 'a {
        self.pages()
            .map_ok(|page| stream::iter(page.certificates).map(Ok))
            .try_flatten()
    }

    /// All pages. To be pinned.
    pub fn pages(self) -> impl Stream<Item = Result<Page, Error>> + Send + 'a {
        let start = Some(Next::First(self));
        stream::try_unfold(start, |next| async move {
            let Some(next) = next else { return Ok(None) };
            let page = next.fetch().await;
            page.map(Some)
                .map_err(|cause| Error::in_call("list", None, cause))
        })
    }

    async fn first(&self) -> Result<CertificateListResult, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        #[expect(deprecated, reason = "the documentation of `Client::list` says so")]
        let mut builder = raw.certificate_list();
        if let Some(filter) = &self.filter {
            builder = builder.filter(filter.to_string());
        }
        if let Some(properties) = &self.select {
            builder = builder.select(select(properties.clone())?);
        }
        if let Some(number) = self.max_results {
            let number = std::num::NonZeroU32::new(number).filter(|number| number.get() <= 1000);
            let number = number.ok_or_else(|| {
                let remedy = "give 1 to 1000; the service itself takes 1000 if it is left out";
                transport::Error::input("max_results", "it is out of range", remedy)
            })?;
            builder = builder.maxresults(number);
        }
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(error) => Err(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }

    async fn follow(&self, link: &str) -> Result<CertificateListResult, transport::Error> {
        let transport = self.client.transport().with_options(&self.options.call)?;
        let (operation, headers) = (&raw::operations::CERTIFICATE_LIST, self.options.headers());
        let answer =
            transport.follow::<CertificateListResult, _>(link, headers, operation, &JUDGEMENT);
        Ok(answer.await?.into_inner())
    }
}

/// Where a list goes on.
enum Next<'a> {
    First(List<'a>),
    Following {
        list: List<'a>,
        link: String,
        seen: Seen,
    },
}

impl<'a> Next<'a> {
    async fn fetch(self) -> Result<(Page, Option<Next<'a>>), transport::Error> {
        let (list, answer, mut seen) = match self {
            Self::First(list) => {
                let answer = list.first().await?;
                (list, answer, Seen::default())
            }
            Self::Following { list, link, seen } => {
                let answer = list.follow(&link).await?;
                (list, answer, seen)
            }
        };
        // One of Microsoft's own SDKs asks for the first page for ever where the link is empty.
        let link = answer.odata_next_link.filter(|link| !link.is_empty());
        if let Some(link) = &link {
            seen.add(link)?;
        }
        let certificates = answer.value.unwrap_or_default();
        let page = Page {
            certificates: certificates.into_iter().map(Certificate::from).collect(),
            is_last: link.is_none(),
        };
        let next = link.map(|link| Self::Following { list, link, seen });
        Ok((page, next))
    }
}

/// The links of a list, as far as it takes to notice that they run in a circle: one of them is kept, for
/// twice as long each time (Brent's algorithm), so the memory does not grow with the pages.
#[derive(Default)]
struct Seen {
    kept: String,
    since: u64,
    limit: u64,
}

impl Seen {
    fn add(&mut self, link: &str) -> Result<(), transport::Error> {
        if self.kept == link {
            return Err(transport::Error::next_link(
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

/// Property names cannot hold anything that would end the parameter early, but a slip should not reach
/// the service as a filter of something else.
pub(super) fn select(properties: String) -> Result<String, transport::Error> {
    let name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if properties.split(',').all(name) {
        Ok(properties)
    } else {
        let remedy =
            "give names of properties as the wire spells them, such as thumbprint and state";
        Err(transport::Error::input(
            "select",
            "it holds what is no name of a property",
            remedy,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    /// How many links pass before a circle is noticed.
    fn noticed_after(lead: usize, circle: usize) -> Option<usize> {
        let mut seen = Seen::default();
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
            let after = noticed_after(lead, circle).unwrap();
            assert!(after <= 3 * (lead + circle) + 1, "{lead} {circle}: {after}");
        }
        assert_eq!(noticed_after(20_000, 1), None);
    }
}
