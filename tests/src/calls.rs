//! One call per operation through the facade: the suite's tables run over all of them, so an operation
//! without one is an operation that nobody tests.

use std::{future::Future, pin::Pin, time::Duration};

use thumbprint::{Error, Thumbprint, batch, wap};

/// The token that every call of the suite carries.
pub const TOKEN: &str = "token.of-the-suite";
/// The thumbprint of both pages' certificates.
pub const THUMBPRINT: &str = "0123456789abcdef0123456789abcdef01234567";
/// The subscription that every call of the suite names.
pub const SUBSCRIPTION: &str = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
/// The principal that every call of the suite names.
pub const PRINCIPAL: &str = "ana@contoso.com";

/// What a call of the suite comes to: the status and the answer's `Debug`.
pub type Outcome = Result<(u16, String), Error>;

/// A call in the making.
pub type Running = Pin<Box<dyn Future<Output = Outcome>>>;

/// How an operation is called without any option.
pub struct Call {
    /// The operation's id in its document.
    pub operation: &'static str,
    /// The facade's method.
    pub method: &'static str,
    /// The status of success, as the source page has it.
    pub success: u16,
    /// Calls it at the given base URL, with the given deadline for one attempt.
    pub run: fn(String, Duration) -> Running,
}

/// All operations.
pub const ALL: [Call; 2] = [
    Call {
        operation: "Certificate_CancelDeletion",
        method: "thumbprint::batch::Client::cancel_deletion",
        success: 204,
        run: |endpoint, limit| {
            Box::pin(async move {
                let client = batch::Client::builder(&endpoint, TOKEN);
                let client = client
                    .allow_loopback_http()
                    .attempt_timeout(limit)
                    .build()?;
                let answer = client.cancel_deletion(&thumbprint()).await?;
                Ok((answer.status().as_u16(), format!("{answer:?}")))
            })
        },
    },
    Call {
        operation: "ManagementCertificate_Delete",
        method: "thumbprint::wap::Client::delete",
        success: 200,
        run: |endpoint, limit| {
            Box::pin(async move {
                let client = wap::Client::builder(&endpoint, SUBSCRIPTION, PRINCIPAL, TOKEN);
                let client = client
                    .allow_loopback_http()
                    .attempt_timeout(limit)
                    .build()?;
                let answer = client.delete(&thumbprint()).await?;
                Ok((answer.status().as_u16(), format!("{answer:?}")))
            })
        },
    },
];

/// Longer than any test takes: for calls that are not about deadlines.
pub const PATIENT: Duration = Duration::from_secs(30);

/// The thumbprint that every call of the suite names.
///
/// # Panics
/// Never: it is one.
#[must_use]
pub fn thumbprint() -> Thumbprint {
    THUMBPRINT.parse().unwrap()
}

/// A client of Batch at a base URL on loopback.
///
/// # Panics
/// If the base URL is none.
#[must_use]
pub fn account(endpoint: &str) -> batch::Client {
    batch::Client::builder(endpoint, TOKEN)
        .allow_loopback_http()
        .build()
        .unwrap()
}

/// A client of WAP at a base URL on loopback.
///
/// # Panics
/// If the base URL is none.
#[must_use]
pub fn tenant(endpoint: &str) -> wap::Client {
    let builder = wap::Client::builder(endpoint, SUBSCRIPTION, PRINCIPAL, TOKEN);
    builder.allow_loopback_http().build().unwrap()
}
