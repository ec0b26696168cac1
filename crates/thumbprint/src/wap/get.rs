use thumbprint_transport as transport;

use super::{
    Certificate, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
};
use crate::{Thumbprint, call::awaits};

impl Client {
    /// Gets a management certificate, as the subscription's store holds it.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`](crate::Error::is_not_found): the subscription has no such certificate.
    ///
    /// Source: [Retrieve a Management Certificate][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448730(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cert = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B".parse()?;
    /// let certificate = tenant.get(&cert).await?;
    /// println!("{:?}, until {:?}", certificate.subject, certificate.not_after);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn get<'a>(&'a self, thumbprint: &'a Thumbprint) -> Get<'a> {
        Get {
            client: self,
            thumbprint,
            options: Options::default(),
        }
    }
}

/// A look at a certificate that is not sent yet; made by [`Client::get`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct Get<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    options: Options,
}

chains_options!(Get);
awaits!(Get => Certificate, "get" of thumbprint);

impl Get<'_> {
    async fn send(self) -> Result<Certificate, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        let builder = raw
            .management_certificate_get()
            .thumbprint_id(self.thumbprint.as_str());
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Certificate::read(&answer, Some(self.thumbprint))),
            Err(error) => Err(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}
