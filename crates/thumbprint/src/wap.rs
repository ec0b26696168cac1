//! Management certificates of a tenant's subscription in Windows Azure Pack.
//!
//! The holder of such a certificate's key can run the subscription, so deleting one revokes that.
//! The product is of 2013 and 2014 and runs on premises; hosts install it with self-signed TLS
//! certificates unless they bring their own.

use futures_util::FutureExt as _;
use thumbprint_transport::{Credential, input};

use crate::{ClientBuilder, Error, Thumbprint};

mod certificate;
mod new_certificate;

pub use certificate::{Certificate, Warning};
pub use new_certificate::NewCertificate;
/// The generated layer: every operation, parameter and type as specs/wap.yaml has them.
pub use thumbprint_wap as raw;
pub use thumbprint_wap::types::SubscriptionCertificate;

/// What a [`Client`] is set to beside its transport.
///
/// ```
/// use thumbprint::wap::Client;
///
/// let in_braces = "{0cfc58de-38cb-4fa6-9258-4afde95d3c05}";
/// let refused = Client::new("https://wap.contoso.com:30005", in_braces, "ana@contoso.com", "token");
/// assert!(refused.is_err_and(|error| error.is_invalid_input()));
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    subscription: raw::types::SubscriptionId,
    principal: raw::types::PrincipalId,
}

impl Settings {
    fn check(subscription: &str, principal: &str, credential: &Credential) -> Result<Self, Error> {
        let subscription = raw::types::SubscriptionId::try_from(subscription).map_err(|_| {
            let problem = "it is not a GUID in its hyphenated form";
            let remedy = "give the identifier alone, such as 0cfc58de-38cb-4fa6-9258-4afde95d3c05, without braces";
            Error::input("subscription", problem, remedy)
        })?;
        input::header_value("principal", principal)?;
        let principal = principal.parse();
        let principal = principal.map_err(|error| {
            Error::conversion("principal", error, "give the user that the token is for")
        })?;
        if credential.is_signature() {
            let problem = "it signs requests, which Windows Azure Pack does not know";
            let remedy = "give a bearer token, or a source of such tokens";
            return Err(Error::input("credential", problem, remedy));
        }
        Ok(Self {
            subscription,
            principal,
        })
    }
}

impl ClientBuilder<Settings> {
    /// Checks the settings and makes the client. Nothing is sent.
    pub fn build(self) -> Result<Client, Error> {
        Ok(Client {
            settings: self.service?,
            raw: raw::Client::new(self.transport.build()?),
        })
    }
}

/// A client of one tenant's subscription. Cheap to clone; clones share one pool of connections.
///
/// Each operation gives the builder of its call, which `.await` sends. What a call can do without is set on
/// it: `client_request_id`, `deadline` and so on. [`Certificate::read`] checks what the service answers with.
///
/// ```
/// use thumbprint::wap::{Certificate, Client};
///
/// # async fn example(token: &str) -> Result<(), thumbprint::Error> {
/// let subscription = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
/// let tenant = Client::new("https://wap.contoso.com:30005", subscription, "ana@contoso.com", token)?;
/// for stored in tenant.list().await?.iter() {
///     let certificate = Certificate::read(stored, None);
///     println!("{:?}, until {:?}", certificate.subject, certificate.not_after);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    raw: raw::Client,
    settings: Settings,
}

impl Client {
    /// Makes a client of a subscription.
    ///
    /// `endpoint` is that of the tenant API, such as `https://wap.contoso.com:30005`. `subscription` is
    /// the subscription's GUID. `principal` is the user that the token was issued to, mostly an e-mail
    /// address; it is sent as `x-ms-principal-id`. `credential` is a bearer token or a source of such
    /// tokens. Nothing is sent yet. Fails if one of them is not of its form.
    pub fn new(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        credential: impl Into<Credential>,
    ) -> Result<Self, Error> {
        Self::builder(endpoint, subscription, principal, credential).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        credential: impl Into<Credential>,
    ) -> ClientBuilder<Settings> {
        let credential = credential.into();
        let settings = Settings::check(subscription, principal, &credential);
        ClientBuilder::new(endpoint, credential, settings)
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// Adds a management certificate. The holder of its key can run the subscription from then on.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`]: the subscription has it already. [`Error::is_outcome_unknown`]: get it, to
    /// see whether it is there, or have that done for you (`retry_ambiguous`): what a repetition finds there
    /// is compared with what was to be added.
    ///
    /// Source: [Add a Management Certificate][page], which wrongly says that there is no body; the
    /// vendor's own client sends the certificate, and so does this.
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448680(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use thumbprint::wap::NewCertificate;
    ///
    /// let certificate = NewCertificate::new(&std::fs::read("ana.cer")?)?;
    /// println!("{} may run the subscription", certificate.thumbprint());
    /// tenant.add(certificate).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&self, certificate: NewCertificate) -> raw::builder::ManagementCertificateAdd<'_> {
        let call = self.raw.management_certificate_add();
        let call = call.subscription_id(self.settings.subscription.clone());
        let call = call
            .principal_id(self.settings.principal.clone())
            .body(&certificate);
        call.confirm(move |left| {
            let ours = certificate.clone();
            let compare = async move {
                let found = self.get(ours.thumbprint()).deadline(left).await;
                found.is_ok_and(|found| ours.is_stored_in(&found))
            };
            compare.boxed()
        })
    }

    /// Lists the subscription's management certificates. The service has no pages: this is all of them.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: there is no such subscription; a server may say [`Error::is_forbidden`] of
    /// another tenant's.
    ///
    /// Source: [Retrieve the Management Certificates for a Subscription][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448684(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), thumbprint::Error> {
    /// use thumbprint::wap::Certificate;
    ///
    /// for stored in tenant.list().await?.iter() {
    ///     let certificate = Certificate::read(stored, None);
    ///     println!("{:?} {:?}", certificate.thumbprint, certificate.subject);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> raw::builder::ManagementCertificateList<'_> {
        let call = self.raw.management_certificate_list();
        let call = call.subscription_id(self.settings.subscription.clone());
        call.principal_id(self.settings.principal.clone())
    }

    /// Gets a management certificate, as the subscription's store holds it.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the subscription has no such certificate.
    ///
    /// Source: [Retrieve a Management Certificate][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448730(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), thumbprint::Error> {
    /// use thumbprint::wap::Certificate;
    ///
    /// let cert = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B".parse()?;
    /// let certificate = Certificate::read(&*tenant.get(&cert).await?, Some(&cert));
    /// println!("{:?}, until {:?}", certificate.subject, certificate.not_after);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, thumbprint: &Thumbprint) -> raw::builder::ManagementCertificateGet<'_> {
        let call = self.raw.management_certificate_get();
        let call = call.subscription_id(self.settings.subscription.clone());
        let call = call.principal_id(self.settings.principal.clone());
        call.thumbprint(thumbprint.as_str())
    }

    /// Deletes a management certificate, which revokes its access to the subscription. The answer holds the
    /// certificate that was deleted: `None` if the service did not send it, or sent it only in part.
    ///
    /// Keep another way into the subscription: clients that authenticate by certificate are locked out with
    /// the last one.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the subscription has no such certificate. [`Error::is_outcome_unknown`]: it
    /// may be deleted; the request was repeated, to no avail. Send it again later and take "not found" for
    /// done. [`Error::is_applied`]: it is deleted, and the answer could not be read.
    ///
    /// Source: [Delete a Management Certificate][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448651(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), thumbprint::Error> {
    /// use thumbprint::wap::Certificate;
    ///
    /// let cert = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B".parse()?;
    /// let answer = tenant.delete(&cert).client_request_id("ticket 4711".to_owned()).await?;
    /// if let Some(deleted) = answer.value() {
    ///     let certificate = Certificate::read(deleted, Some(&cert));
    ///     println!("stored {:?}, {:?}", certificate.created_at, certificate.warnings);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, thumbprint: &Thumbprint) -> raw::builder::ManagementCertificateDelete<'_> {
        let call = self.raw.management_certificate_delete();
        let call = call.subscription_id(self.settings.subscription.clone());
        let call = call.principal_id(self.settings.principal.clone());
        call.thumbprint(thumbprint.as_str())
    }
}

/// The path of the endpoint of Windows Azure Pack's authentication site for tenants that takes a user name
/// and a password.
#[cfg(feature = "wstrust")]
const TOKEN_PATH: &str = "/wstrust/issue/usernamemixed";

/// The name under which authentication sites know the tenant API.
#[cfg(feature = "wstrust")]
const TENANT_REALM: &str = "http://azureservices/TenantSite";

/// A source of tokens: the authentication site for tenants, with a user name and a password that it knows.
///
/// `site` is the site's URL, such as `https://auth.contoso.com:30071`. The user is the one that clients call
/// the principal. Tokens are fetched when they are needed, cached, and renewed; clients that are given clones
/// of one [`Credential`] share them.
///
/// ```
/// use thumbprint::{Credential, wap};
///
/// # fn client() -> Result<wap::Client, Box<dyn std::error::Error>> {
/// let (user, password) = ("ana@contoso.com", std::env::var("PASSWORD")?);
/// let source = wap::ws_trust("https://auth.contoso.com:30071", user, password).build()?;
/// let subscription = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
/// let tenant = wap::Client::new("https://wap.contoso.com:30005", subscription, user, source)?;
/// # Ok(tenant)
/// # }
/// ```
///
/// Where AD FS issues the tokens, `site` is its URL, and its own endpoint is set:
/// `.path("/adfs/services/trust/13/usernamemixed")`. It has to issue JWTs to the relying party
/// (`Set-AdfsRelyingPartyTrust -EnableJWT`).
///
/// A call that gets no token ends with an error for which [`Error::is_credential`] is true, before anything is
/// sent to the tenant API. Among its sources is a [`TokenError`](crate::wstrust::TokenError) that says why:
/// after `is_wrong_password`, correct the password before you try again, as sites lock users out.
///
/// Path, realm and kind of token are those of the vendor's SDK and of other clients.
#[cfg(feature = "wstrust")]
pub fn ws_trust(
    site: impl Into<String>,
    user: impl Into<crate::Secret>,
    password: impl Into<crate::Secret>,
) -> crate::wstrust::Builder {
    crate::wstrust::WsTrust::builder(site, user, password)
        .path(TOKEN_PATH)
        .applies_to(TENANT_REALM)
}
