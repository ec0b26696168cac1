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
    output::{self, Format},
    results::{Change, Contents, Operation, Outcome, Response},
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
        output::print_done(&deleted(&arguments.thumbprint, &answer), format)
    })
    .await
}

/// What there is to say of a deletion. The service has just forgotten the certificate; the JSON still has
/// it.
pub(crate) fn deleted(
    thumbprint: &Thumbprint,
    answer: &Answer<Option<SubscriptionCertificate>, headers::ManagementCertificateDelete>,
) -> Change {
    let stored = answer.value().as_ref();
    let contents = stored.map(|stored| Contents::of_wap(stored, Some(thumbprint)));
    Change {
        inferred: answer.is_inferred(),
        contents: contents.unwrap_or_default(),
        response: Response {
            status: Some(answer.status().as_u16()),
            ..Response::default()
        },
        ..Change::new(Operation::WapDelete, thumbprint, Outcome::Deleted)
    }
}
