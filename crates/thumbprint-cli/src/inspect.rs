//! `thumbprint inspect`.

use clap::Args;
use thumbprint::{
    Error, Thumbprint, batch,
    files::{Contents, Pfx, Unopened},
    wap,
};

use crate::{
    batch::format_of,
    failure::Failure,
    input::{Given, Source},
    output::{Format, Show as _},
    results::{self, Inspected, InspectedCertificate, InspectedKey, Operation, Plan},
    wap::KEY_STAYS,
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    inspected(&arguments.source.read()?).print(format)
}

fn inspected(given: &Given<'_>) -> Inspected {
    let contents = &given.contents;
    let now = chrono::Utc::now();
    let certificates = contents.certificates.iter();
    let mut wap_add = plan(given, "cer", wap::NewCertificate::from_contents, |new| {
        new.thumbprint()
    });
    if !contents.keys.is_empty() && wap_add.refused.is_none() {
        wap_add.warnings.push(KEY_STAYS.to_owned());
    }
    Inspected {
        operation: Operation::Inspect,
        format: contents.format.as_str().to_owned(),
        encodings: contents
            .encodings
            .iter()
            .map(|encoding| encoding.as_str().to_owned())
            .collect(),
        certificates: certificates
            .map(|certificate| InspectedCertificate {
                batch_thumbprint: certificate.thumbprint.to_ascii_lowercase(),
                wap_thumbprint: certificate.thumbprint.clone(),
                has_key: certificate.has_key,
                contents: results::Contents::of_file(
                    certificate,
                    &contents.warnings(certificate, now),
                ),
            })
            .collect(),
        keys: contents
            .keys
            .iter()
            .map(|key| InspectedKey {
                kind: key.kind.map(|kind| kind.to_string()),
            })
            .collect(),
        unopened: contents
            .pfx
            .as_ref()
            .and_then(Pfx::unopened)
            .map(Unopened::to_string),
        batch_add: plan(
            given,
            format_of(contents),
            batch::NewCertificate::from_contents,
            |new| new.thumbprint(),
        ),
        wap_add,
    }
}

/// What an operation would do, by doing all of it but the call.
fn plan<T>(
    given: &Given<'_>,
    format: &str,
    make: fn(&Contents, Option<&Thumbprint>) -> Result<T, Error>,
    thumbprint: fn(&T) -> &Thumbprint,
) -> Plan {
    let refused = |failure: Failure| Plan {
        thumbprint: None,
        format: None,
        warnings: Vec::new(),
        refused: Some(failure.to_string()),
    };
    given.make(make).map_or_else(refused, |new| Plan {
        thumbprint: Some(thumbprint(&new).to_string()),
        format: Some(format.to_owned()),
        warnings: given.described().warnings,
        refused: None,
    })
}
