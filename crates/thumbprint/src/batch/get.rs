use thumbprint_transport as transport;

use super::{
    Answer, Certificate, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
    list::select,
};
use crate::{Thumbprint, call::awaits};

impl Client {
    /// Gets a certificate: its state, and after a failed deletion the reason.
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service
    /// ([`Error::is_retired`](crate::Error::is_retired)): use the Azure Key Vault extension for virtual
    /// machines. Whether every cloud refuses it is not known.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`](crate::Error::is_not_found): the account has no such certificate. After a
    /// deletion that is what success looks like.
    ///
    /// Source: [Certificate - Get][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/get
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// let certificate = account.get(&cert).await?;
    /// if let Some(error) = &certificate.delete_error {
    ///     println!("not deleted: {:?} {:?}", error.code, error.values);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn get<'a>(&'a self, thumbprint: &'a Thumbprint) -> Get<'a> {
        Get {
            client: self,
            thumbprint,
            select: None,
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
    select: Option<String>,
    options: Options,
}

chains_options!(Get);
awaits!(Get => Answer<Certificate>, "get" of thumbprint);

impl Get<'_> {
    /// Asks for these properties only, as the wire spells them: `thumbprint`, `state`. The others are
    /// `None` in the answer.
    pub fn select<'p>(mut self, properties: impl IntoIterator<Item = &'p str>) -> Self {
        self.select = Some(properties.into_iter().collect::<Vec<_>>().join(","));
        self
    }

    async fn send(self) -> Result<Answer<Certificate>, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        #[expect(deprecated, reason = "the documentation of `Client::get` says so")]
        let mut builder = raw.certificate_get().thumbprint(self.thumbprint.as_str());
        if let Some(properties) = self.select {
            builder = builder.select(select(properties)?);
        }
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Answer::new(answer, Certificate::from)),
            Err(error) => Err(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}
