//! `thumbprint wap`.

use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use thumbprint::{Thumbprint, wap};
use uuid::Uuid;

use crate::{
    failure::{self, Failure},
    output::{Format, Record},
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Subcommand)]
enum Operation {
    /// Deletes a management certificate, which revokes its access to the subscription
    Delete(Delete),
}

#[derive(Args)]
struct Delete {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    tenant: Tenant,
    /// Your own name for the request, free text
    #[arg(long, value_name = "TEXT")]
    client_request_id: Option<String>,
    /// Identifier of your session, a GUID
    #[arg(long, value_name = "UUID")]
    client_session_id: Option<Uuid>,
    /// Live identifier of the principal
    #[arg(long, value_name = "NAME")]
    principal_live_id: Option<String>,
}

#[derive(Args)]
struct Tenant {
    /// The tenant API's URL, such as `https://wap.contoso.com:30005`; http on loopback only
    #[arg(long, value_name = "URL", env = "THUMBPRINT_WAP_ENDPOINT")]
    endpoint: String,
    /// The subscription's identifier, a GUID
    #[arg(long, value_name = "ID")]
    subscription: String,
    /// The user that the token was issued to, mostly an e-mail address
    #[arg(long, value_name = "NAME")]
    principal: String,
}

impl Tenant {
    fn client(&self) -> Result<wap::Client, Failure> {
        let token = failure::token("THUMBPRINT_WAP_TOKEN")?;
        let Self {
            endpoint,
            subscription,
            principal,
        } = self;
        let builder = wap::Client::builder(endpoint, subscription, principal, token);
        Ok(builder.allow_loopback_http().build()?)
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::Delete(arguments) => delete(arguments, format).await,
    }
}

async fn delete(arguments: Delete, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let mut call = client.delete(&arguments.thumbprint);
    if let Some(id) = arguments.client_request_id {
        call = call.client_request_id(id);
    }
    if let Some(id) = arguments.client_session_id {
        call = call.client_session_id(id);
    }
    if let Some(id) = arguments.principal_live_id {
        call = call.principal_live_id(id);
    }
    let answer = call.await?;
    deleted(&arguments.thumbprint, &answer).print(format)
}

/// What there is to say of a deletion.
pub(crate) fn deleted(thumbprint: &Thumbprint, answer: &wap::Deleted) -> Record {
    let certificate = answer.certificate();
    let created_at = certificate
        .and_then(|certificate| certificate.created_at)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let warnings = certificate.map(|certificate| {
        let warnings = certificate.warnings.iter().map(ToString::to_string);
        warnings.collect::<Vec<_>>()
    });
    let bytes = |take: fn(&wap::Certificate) -> &Option<Vec<u8>>| {
        certificate.and_then(|certificate| take(certificate).as_ref().map(Vec::len))
    };
    // The service has just forgotten the certificate; whoever wants it back finds it here.
    let raw = certificate.and_then(|certificate| serde_json::to_value(certificate.raw()).ok());
    Record::new("wap delete")
        .with("thumbprint", thumbprint.as_str())
        .with("status", answer.status().as_u16())
        .with("state", "deleted")
        .with("created_at", created_at)
        .with(
            "public_key_bytes",
            bytes(|certificate| &certificate.public_key),
        )
        .with("certificate_bytes", bytes(|certificate| &certificate.data))
        .with("warnings", warnings)
        .with_detail("certificate", raw)
}
