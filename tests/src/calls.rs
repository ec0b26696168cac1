//! One call per operation through the facade: the suite's tables run over all of them, so an operation
//! without one is an operation without tests.

use std::{future::Future, pin::Pin, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use test_support::{OrFail as _, Reply};
use thumbprint::{ClientBuilder, Error, Thumbprint, batch, wap};

/// The token that every call of the suite carries.
pub const TOKEN: &str = "token.of-the-suite";
/// The thumbprint of the Batch page's certificate.
pub const THUMBPRINT: &str = "0123456789abcdef0123456789abcdef01234567";
/// The subscription that every call of the suite names.
pub const SUBSCRIPTION: &str = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
/// The principal that every call of the suite names.
pub const PRINCIPAL: &str = "ana@contoso.com";
/// What every call of the suite adds to Batch: a PFX that a signature protects, so that nothing of it is checked.
pub const PFX: &[u8] =
    b"0\x1c\x02\x01\x030\x17\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\xa0\x0a\x04\x08MIICdata";
/// The example of the page *Delete a Management Certificate*: a whole certificate of WAP.
pub const WAP_EXAMPLE: &str = include_str!("../data/wap-delete-example.json");
/// The thumbprint in it.
pub const WAP_THUMBPRINT: &str = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B";
/// A certificate of Batch whose deletion failed, in the form of recorded traffic: members that no page
/// declares, and times of seven decimals.
pub const BATCH_EXAMPLE: &str = include_str!("../data/batch-certificate.json");

/// The outcome of a call of the suite: the status and the answer's `Debug`.
pub type Outcome = Result<(u16, String), Error>;

/// A call in the making.
pub type Running = Pin<Box<dyn Future<Output = Outcome>>>;

/// A client of each service.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Of Batch.
    pub batch: batch::Client,
    /// Of WAP.
    pub wap: wap::Client,
}

/// How an operation is called without any option.
pub struct Call {
    /// The operation's id in its document.
    pub operation: &'static str,
    /// The facade's method.
    pub method: &'static str,
    /// The words that its errors start with.
    pub subject: &'static str,
    /// The status of success, as the source page has it.
    pub success: u16,
    /// Whether an answer of success has a body.
    pub answers: bool,
    /// Calls it, with a deadline for the call where one is given.
    pub run: fn(Clients, Option<Duration>) -> Running,
    /// Calls it so that it is sent again after an attempt of which it is unknown whether it was carried out.
    /// `None` where there is no such option.
    pub retry_ambiguous: Option<fn(Clients) -> Running>,
}

/// A [`Call::run`]: the call, and the deadline if there is one; then the outcome.
macro_rules! run {
    (|$clients:ident| $call:expr => |$answer:ident| $outcome:expr) => {
        |$clients, deadline| {
            Box::pin(async move {
                // Within a match, what the call borrows lives as long as the call.
                let $answer = match (deadline, $call) {
                    (Some(limit), call) => call.deadline(limit).await?,
                    (None, call) => call.await?,
                };
                Ok($outcome)
            })
        }
    };
}

/// A [`Call::retry_ambiguous`], in the same way.
macro_rules! retry_ambiguous {
    (|$clients:ident| $call:expr => |$answer:ident| $outcome:expr) => {
        Some(|$clients| {
            Box::pin(async move {
                let $answer = $call.retry_ambiguous(true).await?;
                Ok($outcome)
            })
        })
    };
}

/// All operations, in the order of the documents.
pub const ALL: [Call; 9] = [
    Call {
        operation: "Certificate_List",
        method: "thumbprint::batch::Client::list",
        subject: "list: ",
        success: 200,
        answers: true,
        run: run!(|clients| clients.batch.list() => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
    Call {
        operation: "Certificate_Add",
        method: "thumbprint::batch::Client::add",
        subject: "add of 0123456789abcdef0123456789abcdef01234567: ",
        success: 201,
        answers: false,
        run: run!(|clients| clients.batch.add(new_pfx()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: retry_ambiguous!(|clients| clients.batch.add(new_pfx()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
    },
    Call {
        operation: "Certificate_Get",
        method: "thumbprint::batch::Client::get",
        subject: "get of 0123456789abcdef0123456789abcdef01234567: ",
        success: 200,
        answers: true,
        run: run!(|clients| clients.batch.get(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
    Call {
        operation: "Certificate_Delete",
        method: "thumbprint::batch::Client::delete",
        subject: "delete of 0123456789abcdef0123456789abcdef01234567: ",
        success: 202,
        answers: false,
        run: run!(|clients| clients.batch.delete(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
    Call {
        operation: "Certificate_CancelDeletion",
        method: "thumbprint::batch::Client::cancel_deletion",
        subject: "cancel deletion of 0123456789abcdef0123456789abcdef01234567: ",
        success: 204,
        answers: false,
        run: run!(|clients| clients.batch.cancel_deletion(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: retry_ambiguous!(|clients| clients.batch.cancel_deletion(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
    },
    Call {
        operation: "ManagementCertificate_List",
        method: "thumbprint::wap::Client::list",
        subject: "list: ",
        success: 200,
        answers: true,
        run: run!(|clients| clients.wap.list() => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
    Call {
        operation: "ManagementCertificate_Add",
        method: "thumbprint::wap::Client::add",
        subject: "add of 9B3C37766BD00C22EC478B8F124C153B4B7E4C5B: ",
        success: 204,
        answers: false,
        run: run!(|clients| clients.wap.add(new_management_certificate()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: retry_ambiguous!(|clients| clients.wap.add(new_management_certificate()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
    },
    Call {
        operation: "ManagementCertificate_Get",
        method: "thumbprint::wap::Client::get",
        subject: "get of 0123456789abcdef0123456789abcdef01234567: ",
        success: 200,
        answers: true,
        run: run!(|clients| clients.wap.get(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
    Call {
        operation: "ManagementCertificate_Delete",
        method: "thumbprint::wap::Client::delete",
        subject: "delete of 0123456789abcdef0123456789abcdef01234567: ",
        success: 200,
        answers: true,
        run: run!(|clients| clients.wap.delete(&thumbprint()) => |answer| {
            (answer.status().as_u16(), format!("{answer:?}"))
        }),
        retry_ambiguous: None,
    },
];

/// Longer than any test takes: for calls that are not about deadlines.
pub const PATIENT: Duration = Duration::from_secs(30);

impl Call {
    /// The call of an operation.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn of(operation: &str) -> &'static Self {
        let found = ALL.iter().find(|call| call.operation == operation);
        found.unwrap_or_else(|| panic!("tests/src/calls.rs: ALL has no call of {operation}"))
    }

    /// Calls it at a base URL, with a deadline for the attempt.
    pub async fn at(&self, endpoint: impl Into<String>, limit: Duration) -> Outcome {
        let clients = Clients::limited(&endpoint.into(), limit)?;
        (self.run)(clients, None).await
    }

    /// The document's one word: `batch` or `wap`.
    #[must_use]
    pub fn api(&self) -> &'static str {
        let mut words = self.method.split("::");
        words.nth(1).unwrap_or_default()
    }

    /// What of two is for the call's service: the first is Batch's, the second WAP's.
    pub fn choose<T>(&self, [batch, wap]: [T; 2]) -> T {
        if self.api() == "batch" { batch } else { wap }
    }

    /// A good body: empty where the operation answers with none.
    #[must_use]
    pub fn body(&self) -> String {
        match self.operation {
            "Certificate_List" => format!(r#"{{"value":[{BATCH_EXAMPLE}]}}"#),
            "Certificate_Get" => BATCH_EXAMPLE.to_owned(),
            "ManagementCertificate_List" => format!("[{WAP_EXAMPLE}]"),
            _ if self.answers => WAP_EXAMPLE.to_owned(),
            _ => String::new(),
        }
    }

    /// The shortest body that can be read: empty where the operation answers with none.
    #[must_use]
    pub fn least(&self) -> &'static str {
        match self.operation {
            "ManagementCertificate_List" => "[]",
            _ if self.answers => "{}",
            _ => "",
        }
    }

    /// A good answer.
    #[must_use]
    pub fn good(&self) -> Reply {
        self.answer(&[], &self.body())
    }

    /// An answer of success with these headers and this body.
    #[must_use]
    pub fn answer(&self, headers: &[(&str, &str)], body: &str) -> Reply {
        let json = [("Content-Type", "application/json")];
        let json = if self.answers { &json[..] } else { &[] };
        Reply::new(self.success, &[headers, json].concat(), body)
    }
}

impl Clients {
    /// Clients at a base URL on loopback.
    ///
    /// # Panics
    /// If the base URL is none.
    #[must_use]
    pub fn at(endpoint: &str) -> Self {
        Self {
            batch: account(endpoint),
            wap: tenant(endpoint),
        }
    }

    /// Clients that wait for an attempt for at most `limit`.
    pub fn limited(endpoint: &str, limit: Duration) -> Result<Self, Error> {
        Ok(Self {
            batch: batch_builder(endpoint).attempt_timeout(limit).build()?,
            wap: wap_builder(endpoint).attempt_timeout(limit).build()?,
        })
    }
}

/// The thumbprint that every call of the suite names.
///
/// # Panics
/// Never: it is one.
#[must_use]
pub fn thumbprint() -> Thumbprint {
    THUMBPRINT.parse().or_fail()
}

/// What every call of the suite adds to Batch.
///
/// # Panics
/// Never: it is short.
#[must_use]
pub fn new_pfx() -> batch::NewCertificate {
    batch::NewCertificate::pfx_with_thumbprint(PFX, thumbprint()).or_fail()
}

/// A certificate in DER form: that of the page's example.
///
/// # Panics
/// Never: the example has one.
#[must_use]
pub fn der() -> Vec<u8> {
    let example: Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
    let data = example["SubscriptionCertificateData"].as_str().or_fail();
    BASE64_STANDARD.decode(data).or_fail()
}

/// What every call of the suite adds to WAP.
///
/// # Panics
/// Never: the example is a certificate.
#[must_use]
pub fn new_management_certificate() -> wap::NewCertificate {
    wap::NewCertificate::new(&der()).or_fail()
}

/// A client of Batch at a base URL on loopback.
///
/// # Panics
/// If the base URL is none.
#[must_use]
pub fn account(endpoint: &str) -> batch::Client {
    batch_builder(endpoint).build().or_fail()
}

/// Settings of a client of Batch that sends everything once, and nothing that the caller does not set: what is sent
/// again has its own table, in suite/faults.rs.
pub fn batch_builder(endpoint: &str) -> ClientBuilder<batch::Settings> {
    batch::Client::builder(endpoint, TOKEN)
        .allow_loopback_http()
        .client_request_ids(false)
        .retries(0)
}

/// Settings of a client of WAP that sends everything once.
pub fn wap_builder(endpoint: &str) -> ClientBuilder<wap::Settings> {
    wap::Client::builder(endpoint, SUBSCRIPTION, PRINCIPAL, TOKEN)
        .allow_loopback_http()
        .client_request_ids(false)
        .retries(0)
}

/// A client of WAP at a base URL on loopback.
///
/// # Panics
/// If the base URL is none.
#[must_use]
pub fn tenant(endpoint: &str) -> wap::Client {
    wap_builder(endpoint).build().or_fail()
}
