//! `thumbprint wap`.

use clap::{Args, Subcommand};
use thumbprint::{
    Thumbprint,
    wap::{self, SubscriptionCertificate},
};

use crate::{
    failure::Failure,
    output::{self, Format, Record, Rows},
};

mod add;
mod delete;
mod tenant;

pub(crate) use delete::deleted;
pub(crate) use tenant::PASSWORD;
use tenant::{Naming, Tenant, with_options};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Subcommand)]
enum Operation {
    /// Lists the subscription's management certificates
    List(List),
    /// Shows a management certificate
    Get(Get),
    /// Adds a management certificate: the holder of its key can run the subscription from then on
    Add(add::Arguments),
    /// Deletes a management certificate, which revokes its access to the subscription
    Delete(delete::Arguments),
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

#[derive(Args)]
struct Get {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::List(arguments) => list(arguments, format).await,
        Operation::Get(arguments) => get(arguments, format).await,
        Operation::Add(arguments) => add::run(arguments, format).await,
        Operation::Delete(arguments) => delete::run(arguments, format).await,
    }
}

async fn list(arguments: List, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let call = with_options!(client.list(), arguments.naming);
    let certificates = call.await.map_err(Failure::Read)?;
    let records: Vec<_> = certificates
        .iter()
        .map(|stored| with_certificate(Record::new("wap list"), stored, None))
        .collect();
    let columns = [
        "thumbprint",
        "not_before",
        "not_after",
        "serial",
        "subject",
        "issuer",
        "warnings",
    ];
    let mut rows = Rows::new(format, columns.map(|name| (name, 0))).fit(&records);
    for record in &records {
        if rows.print(record)?.is_break() {
            break;
        }
    }
    Ok(())
}

async fn get(arguments: Get, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let call = with_options!(client.get(&arguments.thumbprint), arguments.naming);
    let stored = call.await.map_err(Failure::Read)?;
    let asked = Some(&arguments.thumbprint);
    with_certificate(Record::new("wap get"), &stored, asked).print(format)
}

/// Adds a certificate, its thumbprint spelled as the service did.
fn with_certificate(
    record: Record,
    stored: &SubscriptionCertificate,
    asked: Option<&Thumbprint>,
) -> Record {
    let thumbprint = stored.subscription_certificate_thumbprint.as_deref();
    with_contents(record.with("thumbprint", thumbprint), Some(stored), asked)
}

/// Adds what a certificate says, in JSON also as the service sent it.
fn with_contents(
    record: Record,
    stored: Option<&SubscriptionCertificate>,
    asked: Option<&Thumbprint>,
) -> Record {
    let certificate = stored.map(|stored| wap::Certificate::read(stored, asked));
    let certificate = certificate.as_ref();
    let text = |take: fn(&wap::Certificate) -> &Option<String>| {
        certificate.and_then(|certificate| take(certificate).as_deref())
    };
    let time = |take: fn(&wap::Certificate) -> Option<chrono::DateTime<chrono::Utc>>| {
        certificate.and_then(take).map(output::time)
    };
    let bytes = |take: fn(&wap::Certificate) -> &Option<Vec<u8>>| {
        certificate.and_then(|certificate| take(certificate).as_ref().map(Vec::len))
    };
    let warnings = certificate.map(|certificate| {
        let warnings = certificate.warnings.iter().map(ToString::to_string);
        warnings.collect::<Vec<_>>()
    });
    let stored = stored.and_then(|stored| serde_json::to_value(stored).ok());
    record
        .with("subject", text(|certificate| &certificate.subject))
        .with("issuer", text(|certificate| &certificate.issuer))
        .with("serial", text(|certificate| &certificate.serial))
        .with("not_before", time(|certificate| certificate.not_before))
        .with("not_after", time(|certificate| certificate.not_after))
        .with("created_at", time(|certificate| certificate.created_at))
        .with(
            "public_key_bytes",
            bytes(|certificate| &certificate.public_key),
        )
        .with("certificate_bytes", bytes(|certificate| &certificate.data))
        .with("warnings", warnings)
        .with_detail("certificate", stored)
}
