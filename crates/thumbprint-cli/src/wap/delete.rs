//! `thumbprint wap delete`.

use clap::Args;
use thumbprint::{
    Answer, Thumbprint,
    wap::{SubscriptionCertificate, raw::headers},
};

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::Failure,
    interrupt,
    output::{Format, Record},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let call = with_options!(client.delete(&arguments.thumbprint), arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        deleted(&arguments.thumbprint, &answer).print_done(format)
    })
    .await
}

/// What there is to say of a deletion. The service has just forgotten the certificate; the JSON still has
/// it.
pub(crate) fn deleted(
    thumbprint: &Thumbprint,
    answer: &Answer<Option<SubscriptionCertificate>, headers::ManagementCertificateDelete>,
) -> Record {
    let record = Record::new("wap delete")
        .with("thumbprint", thumbprint.as_str())
        .with("status", answer.status().as_u16())
        .with("state", "deleted")
        .with_inferred(answer.is_inferred());
    super::with_contents(record, answer.value().as_ref(), Some(thumbprint))
}
