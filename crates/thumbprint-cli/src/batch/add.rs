//! `thumbprint batch add`.

use std::path::PathBuf;

use clap::Args;
use thumbprint::{Thumbprint, batch::NewCertificate};

use super::account::{Account, Naming, with_options};
use crate::{
    failure::Failure,
    input, interrupt,
    output::{self, Format},
    results::{Change, Operation, Outcome, Response, response},
};

#[derive(Args)]
#[command(
    after_help = "A PFX's password comes from --password-file or from THUMBPRINT_PFX_PASSWORD."
)]
pub(crate) struct Arguments {
    /// The certificate in DER form or as PEM, or a PFX; - for stdin
    file: PathBuf,
    /// Thumbprint of the certificate in a PFX, which cannot be read from outside
    #[arg(long, value_name = "THUMBPRINT")]
    thumbprint: Option<Thumbprint>,
    /// File with the PFX's password, without a line's end that it may have
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Send it again while it is unknown whether it was done, and compare what the account has then
    #[arg(long)]
    retry_ambiguous: bool,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let (certificate, kind) = arguments.certificate()?;
    let thumbprint = certificate.thumbprint().clone();
    let call = client
        .add(certificate)
        .retry_ambiguous(arguments.retry_ambiguous);
    let call = with_options!(call, arguments.account, arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        let added = Change {
            format: Some(kind.to_owned()),
            inferred: answer.is_inferred(),
            response: Response {
                data_service_id: output::name(answer.headers().data_service_id()),
                ..response!(answer)
            },
            ..Change::new(Operation::BatchAdd, &thumbprint, Outcome::Added)
        };
        output::print_done(&added, format)
    })
    .await
}

impl Arguments {
    /// The certificate and its format, which the file's content decides.
    fn certificate(&self) -> Result<(NewCertificate, &'static str), Failure> {
        let password_file = self.password_file.as_deref();
        if input::is_stdin(&self.file) && password_file.is_some_and(input::is_stdin) {
            let problem = "stdin is the certificate already";
            return Err(Failure::usage("--password-file", problem, "give a file"));
        }
        let bytes = input::read("FILE", &self.file)?;
        let refusal = match NewCertificate::cer(&bytes) {
            Ok(certificate) => {
                self.check_certificate(&certificate)?;
                return Ok((certificate, "cer"));
            }
            Err(refusal) => refusal,
        };
        if is_pem(&bytes) {
            return Err(refusal.into());
        }
        let Some(thumbprint) = &self.thumbprint else {
            let problem = format!(
                "the file is taken for a PFX, since as a certificate it is refused ({refusal})"
            );
            let remedy = "give the thumbprint of the certificate in the PFX";
            return Err(Failure::usage("--thumbprint", problem, remedy));
        };
        let mut certificate = NewCertificate::pfx(&bytes, thumbprint.clone())?;
        if let Some(password) = input::password(password_file)? {
            certificate = certificate.password(password);
        }
        Ok((certificate, "pfx"))
    }

    /// Options that speak of a PFX show that another file was meant.
    fn check_certificate(&self, certificate: &NewCertificate) -> Result<(), Failure> {
        if self.password_file.is_some() {
            let problem = "the file is a certificate without its key, which has no password";
            return Err(Failure::usage(
                "--password-file",
                problem,
                "leave it out, or add a PFX",
            ));
        }
        let found = certificate.thumbprint();
        if self
            .thumbprint
            .as_ref()
            .is_some_and(|wanted| wanted != found)
        {
            let problem = format!("the file is a certificate with the thumbprint {found}");
            return Err(Failure::usage(
                "--thumbprint",
                problem,
                "check whether it is the right file",
            ));
        }
        Ok(())
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    let mark = b"-----BEGIN ";
    bytes.windows(mark.len()).any(|window| window == mark)
}
