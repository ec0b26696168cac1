use thumbprint_transport as transport;

use super::{
    Certificate, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
};
use crate::call::awaits;

impl Client {
    /// Lists the subscription's management certificates. The service has no pages: this is all of them.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`](crate::Error::is_not_found): there is no such subscription; a server may
    /// say [`Error::is_forbidden`](crate::Error::is_forbidden) of another tenant's.
    ///
    /// Source: [Retrieve the Management Certificates for a Subscription][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448684(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), thumbprint::Error> {
    /// for certificate in tenant.list().await? {
    ///     println!("{:?} {:?}", certificate.thumbprint, certificate.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn list(&self) -> List<'_> {
        List {
            client: self,
            options: Options::default(),
        }
    }
}

/// A list that is not asked for yet; made by [`Client::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct List<'a> {
    client: &'a Client,
    options: Options,
}

chains_options!(List);
awaits!(List => Vec<Certificate>, "list");

impl List<'_> {
    async fn send(self) -> Result<Vec<Certificate>, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        let builder = with_options!(raw.management_certificate_list(), self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(answer
                .iter()
                .map(|raw| Certificate::read(raw, None))
                .collect()),
            Err(error) => Err(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}
