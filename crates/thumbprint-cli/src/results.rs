//! What the command prints: one type for each kind of result. Its serialization is what JSON has of it, a line each;
//! its [`Show`] is what people see. `schema.json` is the schema of those lines.

use std::fmt;

use chrono::{DateTime, Utc};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use thumbprint::{
    Answer, AnswerWarning, Thumbprint,
    batch::{self, DeleteCertificateError},
    files,
    wap::{self, SubscriptionCertificate},
};

use crate::output::{self, Column, Fields, Row, Show};

/// The schema of every line of JSON, as `thumbprint schema` prints it.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// What was asked of the command.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug, JsonSchema))]
pub(crate) enum Operation {
    #[serde(rename = "demo")]
    Demo,
    #[serde(rename = "sandbox")]
    Sandbox,
    #[serde(rename = "schema")]
    Schema,
    #[serde(rename = "completions")]
    Completions,
    #[serde(rename = "man")]
    Man,
    #[serde(rename = "inspect")]
    Inspect,
    #[serde(rename = "batch list")]
    BatchList,
    #[serde(rename = "batch get")]
    BatchGet,
    #[serde(rename = "batch add")]
    BatchAdd,
    #[serde(rename = "batch delete")]
    BatchDelete,
    #[serde(rename = "batch cancel-deletion")]
    BatchCancelDeletion,
    #[serde(rename = "batch rescue")]
    BatchRescue,
    #[serde(rename = "wap list")]
    WapList,
    #[serde(rename = "wap get")]
    WapGet,
    #[serde(rename = "wap add")]
    WapAdd,
    #[serde(rename = "wap delete")]
    WapDelete,
    #[serde(rename = "wap prune")]
    WapPrune,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What became of a certificate that was to be changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(Debug, JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// It was added.
    Added,
    /// It would be added.
    #[serde(rename = "would add")]
    WouldAdd,
    /// Its failed deletion was canceled: it is active again.
    Canceled,
    /// Its failed deletion had been canceled before, by somebody else.
    #[serde(rename = "already active")]
    AlreadyActive,
    /// The service has taken the request to delete it.
    Accepted,
    /// It was being deleted before this was asked for.
    #[serde(rename = "being deleted")]
    BeingDeleted,
    /// It was deleted.
    Deleted,
    /// It is not there any more.
    Gone,
    /// It was not there to begin with.
    #[serde(rename = "not found")]
    NotFound,
    /// The service could not delete it: see `delete_error`.
    #[serde(rename = "delete failed")]
    DeleteFailed,
    /// It was to be deleted, and is in another state.
    #[serde(rename = "not deleting")]
    NotDeleting,
    /// The service has taken the request to delete it, and was still at it when the wait was over.
    #[serde(rename = "accepted, still deleting")]
    StillDeleting,
    /// Its deletion has not failed, so that it needs no rescue.
    #[serde(rename = "not failed")]
    NotFailed,
    /// It would be deleted, or its deletion asked for again.
    #[serde(rename = "would delete")]
    WouldDelete,
    /// Its failed deletion would be canceled.
    #[serde(rename = "would cancel")]
    WouldCancel,
    /// It stays, as no copy of it could be kept: see `error`.
    #[serde(rename = "not kept")]
    NotKept,
    /// It stays, as it cannot be told whether it is to be deleted.
    Left,
    /// The service did not do it, or it was not asked: see `error`.
    Refused,
    /// It is unknown whether it was done: see `error`.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What is known of an answer. All of it is null where there is no answer about one certificate alone, as in lists.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Response {
    pub(crate) status: Option<u16>,
    /// The service's name for the request.
    pub(crate) request_id: Option<String>,
    /// The caller's name for the request, with which it was sent.
    pub(crate) client_request_id: Option<String>,
    /// Whether the service has repeated it, as it was asked to.
    #[serde(skip)]
    pub(crate) is_repeated: bool,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<DateTime<Utc>>,
    pub(crate) data_service_id: Option<String>,
}

impl Response {
    /// What there is to say of an answer to any operation.
    pub(crate) fn of<T, H>(answer: &Answer<T, H>) -> Self {
        Self {
            status: Some(answer.status().as_u16()),
            client_request_id: output::name(answer.client_request_id()),
            ..Self::default()
        }
    }

    fn fields(&self) -> Fields {
        let repeated = self.client_request_id.clone();
        vec![
            ("status", self.status.map(|status| status.to_string())),
            ("request_id", self.request_id.clone()),
            ("client_request_id", repeated.filter(|_| self.is_repeated)),
            ("etag", self.etag.clone()),
            ("last_modified", self.last_modified.map(output::time)),
            ("data_service_id", self.data_service_id.clone()),
        ]
    }
}

/// The status of an answer and what its headers say. Each operation has its own type for them.
macro_rules! response {
    ($answer:expr) => {{
        let (answer, headers) = (&$answer, $answer.headers());
        $crate::results::Response {
            request_id: $crate::output::name(answer.request_id()),
            is_repeated: headers.client_request_id().is_some(),
            etag: $crate::output::name(headers.e_tag()),
            last_modified: headers.last_modified().map(|date| date.to_utc()),
            ..$crate::results::Response::of(answer)
        }
    }};
}
pub(crate) use response;

/// What a certificate says, where the service sent it or a file has it. All of it is null elsewhere.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Contents {
    /// Whom it was issued to, as RFC 4514 writes names.
    pub(crate) subject: Option<String>,
    pub(crate) issuer: Option<String>,
    /// The serial number, in hexadecimal digits.
    pub(crate) serial: Option<String>,
    pub(crate) not_before: Option<DateTime<Utc>>,
    pub(crate) not_after: Option<DateTime<Utc>>,
    /// When Windows Azure Pack stored it.
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) public_key_bytes: Option<usize>,
    pub(crate) certificate_bytes: Option<usize>,
    /// What does not fit together, or is worth a look.
    pub(crate) warnings: Vec<String>,
    /// The certificate as the service sent it.
    pub(crate) certificate: Option<Value>,
}

impl Contents {
    /// Of a certificate of Batch, whose `publicData` it is.
    pub(crate) fn of_batch(certificate: &batch::Certificate) -> Self {
        let mut stored = SubscriptionCertificate::default();
        if certificate.public_data.is_some() {
            let (data, name) = (&certificate.public_data, &certificate.thumbprint);
            stored.subscription_certificate_data.clone_from(data);
            stored.subscription_certificate_thumbprint.clone_from(name);
        }
        Self {
            certificate: serde_json::to_value(certificate).ok(),
            ..Self::of_wap(&stored, None)
        }
    }

    /// Of a certificate in a file.
    pub(crate) fn of_file(certificate: &files::Certificate, warnings: &[files::Warning]) -> Self {
        Self {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            serial: Some(certificate.serial.clone()),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            warnings: warnings.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// Of a certificate of Windows Azure Pack, and whether it is the one that was asked for.
    pub(crate) fn of_wap(stored: &SubscriptionCertificate, asked: Option<&Thumbprint>) -> Self {
        let read = wap::Certificate::read(stored, asked);
        Self {
            subject: read.subject,
            issuer: read.issuer,
            serial: read.serial,
            not_before: read.not_before,
            not_after: read.not_after,
            created_at: read.created_at,
            public_key_bytes: read.public_key.map(|key| key.len()),
            certificate_bytes: read.data.map(|data| data.len()),
            warnings: read.warnings.iter().map(ToString::to_string).collect(),
            certificate: serde_json::to_value(stored).ok(),
        }
    }

    /// Adds what was left out of an answer.
    pub(crate) fn warn<'a>(&mut self, warnings: impl IntoIterator<Item = &'a AnswerWarning>) {
        let warnings = warnings.into_iter().map(ToString::to_string);
        self.warnings.extend(warnings);
    }

    /// What tells it from others, on one line.
    pub(crate) fn line(&self) -> Option<String> {
        let time = |what, time: Option<DateTime<Utc>>| {
            time.map(|time| format!("{what} {}", output::second(time)))
        };
        let parts = [
            self.subject.clone(),
            time("valid until", self.not_after),
            time("stored", self.created_at),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        Some(parts.join(", ")).filter(|line| !line.is_empty())
    }

    fn fields(&self) -> Fields {
        vec![
            ("subject", self.subject.clone()),
            ("issuer", self.issuer.clone()),
            ("serial", self.serial.clone()),
            ("not_before", self.not_before.map(output::time)),
            ("not_after", self.not_after.map(output::time)),
            ("created_at", self.created_at.map(output::time)),
            (
                "public_key_bytes",
                self.public_key_bytes.map(|bytes| bytes.to_string()),
            ),
            (
                "certificate_bytes",
                self.certificate_bytes.map(|bytes| bytes.to_string()),
            ),
            ("warnings", self.warnings_shown()),
        ]
    }

    /// That there are none is worth a line where there is a certificate.
    fn warnings_shown(&self) -> Option<String> {
        match (&*self.warnings, &self.certificate) {
            ([], None) => None,
            ([], Some(_)) => Some("none".to_owned()),
            (warnings, _) => Some(warnings.join(", ")),
        }
    }
}

/// A name and a value that a service gives with a reason.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Detail {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Detail {
    /// Both of them, or the one that there is.
    fn line(&self) -> String {
        let Self { name, value } = self;
        let between = if name.is_empty() || value.is_empty() {
            ""
        } else {
            ": "
        };
        format!("{name}{between}{value}")
    }
}

/// Why Batch did not delete a certificate.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct DeleteError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    /// What uses the certificate.
    pub(crate) values: Vec<Detail>,
}

impl From<&DeleteCertificateError> for DeleteError {
    fn from(error: &DeleteCertificateError) -> Self {
        let pairs = error.values.iter().flatten();
        Self {
            code: error.code.clone(),
            message: error.message.clone(),
            values: pairs
                .map(|pair| Detail {
                    name: pair.name.clone().unwrap_or_default(),
                    value: pair.value.clone().unwrap_or_default(),
                })
                .collect(),
        }
    }
}

impl DeleteError {
    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or("no reason given")
    }

    /// All of it, on one line.
    pub(crate) fn line(&self) -> String {
        let mut text = self.code().to_owned();
        if let Some(message) = &self.message {
            text = format!("{text}: {}", message.lines().next().unwrap_or_default());
        }
        let values = self.values.iter().map(Detail::line);
        values.fold(text, |text, value| format!("{text} ({value})"))
    }

    /// All of it, with what uses the certificate line by line.
    fn fields(&self) -> Fields {
        let values: Vec<_> = self.values.iter().map(Detail::line).collect();
        let values = values.join("\n");
        vec![
            ("delete_error", Some(self.code().to_owned())),
            ("message", self.message.clone()),
            ("values", Some(values).filter(|values| !values.is_empty())),
        ]
    }
}

/// A certificate of an Azure Batch account.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct BatchCertificate {
    pub(crate) operation: Operation,
    /// As the service spells it.
    pub(crate) thumbprint: Option<String>,
    pub(crate) algorithm: Option<String>,
    /// `active`, `deleting` or `deletefailed`; others are passed on.
    pub(crate) state: Option<String>,
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) previous_state: Option<String>,
    pub(crate) previous_since: Option<DateTime<Utc>>,
    /// Why its deletion failed.
    pub(crate) delete_error: Option<DeleteError>,
    pub(crate) url: Option<String>,
    #[serde(flatten)]
    pub(crate) contents: Contents,
    #[serde(flatten)]
    pub(crate) response: Response,
}

impl BatchCertificate {
    pub(crate) fn new(
        operation: Operation,
        certificate: &batch::Certificate,
        response: Response,
    ) -> Self {
        let state = |state: &Option<batch::CertificateState>| {
            state.as_ref().map(|state| state.as_str().to_owned())
        };
        Self {
            operation,
            thumbprint: certificate.thumbprint.clone(),
            algorithm: certificate.thumbprint_algorithm.clone(),
            state: state(&certificate.state),
            since: certificate.state_transition_time,
            previous_state: state(&certificate.previous_state),
            previous_since: certificate.previous_state_transition_time,
            delete_error: certificate
                .delete_certificate_error
                .as_ref()
                .map(DeleteError::from),
            url: certificate.url.clone(),
            contents: Contents::of_batch(certificate),
            response,
        }
    }
}

impl Show for BatchCertificate {
    fn title(&self) -> String {
        self.operation.to_string()
    }

    fn fields(&self) -> Fields {
        let mut fields = vec![
            ("thumbprint", self.thumbprint.clone()),
            ("state", self.state.clone()),
            ("since", self.since.map(output::time)),
            ("previous_state", self.previous_state.clone()),
            ("previous_since", self.previous_since.map(output::time)),
        ];
        fields.extend(self.delete_error.iter().flat_map(DeleteError::fields));
        fields.push(("url", self.url.clone()));
        if self.contents.certificate_bytes.is_some() {
            let contents = self.contents.fields().into_iter();
            fields.extend(contents.filter(|(name, _)| *name != "certificate_bytes"));
        }
        fields.extend(self.response.fields());
        fields
    }
}

impl Row for BatchCertificate {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("thumbprint", 40, |this| this.thumbprint.clone()),
            Column::new("state", 12, |this| this.state.clone()),
            Column::new("since", 20, |this| this.since.map(output::second)),
            Column::new("not_after", 20, |this| {
                this.contents.not_after.map(output::second)
            }),
            Column::new("subject", 20, |this| this.contents.subject.clone()),
            Column::new("why", 0, |this| {
                this.delete_error.as_ref().map(DeleteError::line)
            }),
        ]
    }
}

/// A management certificate of a Windows Azure Pack subscription.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct WapCertificate {
    pub(crate) operation: Operation,
    /// As the service spells it.
    pub(crate) thumbprint: Option<String>,
    #[serde(flatten)]
    pub(crate) contents: Contents,
}

impl WapCertificate {
    pub(crate) fn new(
        operation: Operation,
        stored: &SubscriptionCertificate,
        asked: Option<&Thumbprint>,
    ) -> Self {
        Self {
            operation,
            thumbprint: stored.subscription_certificate_thumbprint.clone(),
            contents: Contents::of_wap(stored, asked),
        }
    }
}

impl Show for WapCertificate {
    fn title(&self) -> String {
        self.operation.to_string()
    }

    fn fields(&self) -> Fields {
        let mut fields = vec![("thumbprint", self.thumbprint.clone())];
        fields.extend(self.contents.fields());
        fields
    }
}

impl Row for WapCertificate {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("thumbprint", 0, |this| this.thumbprint.clone()),
            Column::new("not_before", 0, |this| {
                this.contents.not_before.map(output::time)
            }),
            Column::new("not_after", 0, |this| {
                this.contents.not_after.map(output::time)
            }),
            Column::new("serial", 0, |this| this.contents.serial.clone()),
            Column::new("subject", 0, |this| this.contents.subject.clone()),
            Column::new("issuer", 0, |this| this.contents.issuer.clone()),
            Column::new("warnings", 0, |this| this.contents.warnings_shown()),
        ]
    }
}

/// What became of one certificate that was to be changed.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Change {
    pub(crate) operation: Operation,
    pub(crate) thumbprint: String,
    pub(crate) outcome: Outcome,
    /// The state that the certificate has now, as far as it is known.
    pub(crate) state: Option<String>,
    /// How the certificate was sent, `cer` or `pfx`.
    pub(crate) format: Option<String>,
    /// The files that hold a copy of the certificate.
    pub(crate) kept: Vec<String>,
    /// Whether the success was inferred: its own answer was lost, and that of a repetition tells.
    pub(crate) inferred: bool,
    /// The reason, on one line.
    pub(crate) why: Option<String>,
    /// Why its deletion failed.
    pub(crate) delete_error: Option<DeleteError>,
    /// Why it was not done, or is unknown.
    pub(crate) error: Option<Problem>,
    #[serde(flatten)]
    pub(crate) response: Response,
    /// What the certificate says that was added, or that the service gave back.
    #[serde(flatten)]
    pub(crate) contents: Contents,
}

impl Change {
    pub(crate) fn new(
        operation: Operation,
        thumbprint: impl fmt::Display,
        outcome: Outcome,
    ) -> Self {
        Self {
            operation,
            thumbprint: thumbprint.to_string(),
            outcome,
            state: None,
            format: None,
            kept: Vec::new(),
            inferred: false,
            why: None,
            delete_error: None,
            error: None,
            response: Response::default(),
            contents: Contents::default(),
        }
    }

    /// Adds why it was not done, or is unknown.
    pub(crate) fn with_error(mut self, mut error: Problem) -> Self {
        error.thumbprint = Some(self.thumbprint.clone());
        self.why = Some(error.message.clone());
        self.error = Some(error);
        self
    }

    /// Adds what a certificate says. It is what a row has of it, unless there is a reason.
    pub(crate) fn with_contents(mut self, contents: Contents) -> Self {
        self.why = self.why.or_else(|| contents.line());
        self.contents = contents;
        self
    }

    /// Adds why its deletion failed.
    pub(crate) fn with_delete_error(mut self, error: DeleteError) -> Self {
        self.why = Some(error.line());
        self.delete_error = Some(error);
        self
    }
}

impl Show for Change {
    fn title(&self) -> String {
        self.operation.to_string()
    }

    fn fields(&self) -> Fields {
        let inferred = "its own answer was lost; that of a repetition tells";
        let mut fields = vec![
            ("thumbprint", Some(self.thumbprint.clone())),
            ("outcome", Some(self.outcome.to_string())),
            ("state", self.state.clone()),
            ("format", self.format.clone()),
            (
                "kept",
                Some(self.kept.join("\n")).filter(|kept| !kept.is_empty()),
            ),
            ("inferred", self.inferred.then(|| inferred.to_owned())),
            ("why", self.why.clone()),
        ];
        fields.extend(self.response.fields());
        fields.extend(self.contents.fields());
        fields
    }
}

impl Row for Change {
    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("thumbprint", 40, |this| Some(this.thumbprint.clone())),
            Column::new("outcome", 14, |this| Some(this.outcome.to_string())),
            Column::new("why", 0, |this| this.why.clone()),
        ]
    }
}

/// What is in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Inspected {
    pub(crate) operation: Operation,
    /// Its form: `DER`, `PEM`, `PFX`, `PKCS #7` or `private key`.
    pub(crate) format: String,
    /// What the form is wrapped in, from the outside in: `UTF-8 with a mark`, `UTF-16`, `base64`.
    pub(crate) encodings: Vec<String>,
    pub(crate) certificates: Vec<InspectedCertificate>,
    pub(crate) keys: Vec<InspectedKey>,
    /// Why a PFX could not be opened.
    pub(crate) unopened: Option<String>,
    /// What `batch add` would do with the file.
    pub(crate) batch_add: Plan,
    /// What `wap add` would do with the file.
    pub(crate) wap_add: Plan,
}

/// A certificate in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct InspectedCertificate {
    /// As the pages of Azure Batch spell it, in lower case.
    pub(crate) batch_thumbprint: String,
    /// As the pages of Windows Azure Pack spell it, in upper case.
    pub(crate) wap_thumbprint: String,
    /// Whether its private key is in the file; null where one is that cannot be compared.
    pub(crate) has_key: Option<bool>,
    #[serde(flatten)]
    pub(crate) contents: Contents,
}

/// A private key in a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct InspectedKey {
    /// What kind of key it is, such as `RSA 2048` or `EC P-256`; null where it is encrypted.
    pub(crate) kind: Option<String>,
}

/// What an operation would do with a file.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Plan {
    /// The thumbprint under which it would be added.
    pub(crate) thumbprint: Option<String>,
    /// How it would be sent, `cer` or `pfx`.
    pub(crate) format: Option<String>,
    pub(crate) warnings: Vec<String>,
    /// Why it would be refused.
    pub(crate) refused: Option<String>,
}

impl Plan {
    fn line(&self) -> String {
        let (thumbprint, format) = (self.thumbprint.as_deref(), self.format.as_deref());
        match (&self.refused, thumbprint.zip(format)) {
            (Some(reason), _) => format!("refuses it: {reason}"),
            (None, Some((thumbprint, format))) => {
                let said = format!("sends it as {format} under {thumbprint}");
                let warnings = self
                    .warnings
                    .iter()
                    .map(|warning| format!("\nwarning: {warning}"));
                said + &warnings.collect::<String>()
            }
            (None, None) => "refuses it".to_owned(),
        }
    }
}

impl Show for Inspected {
    fn title(&self) -> String {
        self.operation.to_string()
    }

    fn fields(&self) -> Fields {
        let form = [&self.format]
            .into_iter()
            .chain(self.encodings.iter().rev());
        let form = form.map(String::as_str).collect::<Vec<_>>().join(" in ");
        let mut fields = vec![("format", Some(form)), ("unopened", self.unopened.clone())];
        for certificate in &self.certificates {
            let has_key = match certificate.has_key {
                Some(true) => "in the file",
                Some(false) => "not in the file",
                None => "perhaps the one in the file, which does not tell",
            };
            let contents = &certificate.contents;
            fields.extend([
                (
                    "batch_thumbprint",
                    Some(certificate.batch_thumbprint.clone()),
                ),
                ("wap_thumbprint", Some(certificate.wap_thumbprint.clone())),
                ("  subject", contents.subject.clone()),
                ("  issuer", contents.issuer.clone()),
                ("  serial", contents.serial.clone()),
                ("  not_before", contents.not_before.map(output::time)),
                ("  not_after", contents.not_after.map(output::time)),
                ("  private_key", Some(has_key.to_owned())),
            ]);
            let warnings = contents.warnings.iter();
            fields.extend(warnings.map(|warning| ("  warning", Some(warning.clone()))));
        }
        for key in &self.keys {
            let kind = key.kind.clone().unwrap_or_else(|| "encrypted".to_owned());
            fields.push(("private_key", Some(kind)));
        }
        fields.push(("batch_add", Some(self.batch_add.line())));
        fields.push(("wap_add", Some(self.wap_add.line())));
        fields
    }
}

/// Why something was not done, or is unknown: on stderr by itself, or in the [`Change`] of one of several.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Problem {
    /// Null where the command line does not tell.
    pub(crate) operation: Option<Operation>,
    pub(crate) thumbprint: Option<String>,
    pub(crate) status: Option<u16>,
    /// The service's word for it.
    pub(crate) code: Option<String>,
    /// All of it, on one line.
    pub(crate) message: String,
    /// Names and values that the service gives with its reason.
    pub(crate) details: Vec<Detail>,
    pub(crate) request_id: Option<String>,
    pub(crate) client_request_id: Option<String>,
    /// Whether it may have been done.
    pub(crate) outcome_unknown: bool,
    /// What the command exits with for it.
    pub(crate) exit: u8,
}

impl Problem {
    /// One without an answer.
    pub(crate) fn new(operation: Option<Operation>, message: String, exit: u8) -> Self {
        Self {
            operation,
            thumbprint: None,
            status: None,
            code: None,
            message,
            details: Vec::new(),
            request_id: None,
            client_request_id: None,
            outcome_unknown: exit == crate::failure::code::UNKNOWN,
            exit,
        }
    }

    /// Adds what the library's error says apart from its message.
    pub(crate) fn with(mut self, error: &thumbprint::Error) -> Self {
        let details = error.details().iter().map(|(name, value)| Detail {
            name: name.clone(),
            value: value.clone(),
        });
        self.thumbprint = error.subject().map(str::to_owned);
        self.status = error.status().map(|status| status.as_u16());
        self.code = error.code().map(str::to_owned);
        self.details = details.collect();
        self.request_id = output::name(error.request_id());
        self.client_request_id = output::name(error.client_request_id());
        self
    }
}

impl Show for Problem {
    fn title(&self) -> String {
        self.operation
            .map_or("thumbprint".to_owned(), |operation| operation.to_string())
    }

    fn fields(&self) -> Fields {
        vec![
            ("status", self.status.map(|status| status.to_string())),
            ("code", self.code.clone()),
            ("request_id", self.request_id.clone()),
            ("refused", Some(self.message.clone())),
        ]
    }
}

/// A sandbox that has started.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[expect(clippy::struct_field_names, reason = "it is what people know it by")]
pub(crate) struct Listening {
    pub(crate) operation: Operation,
    pub(crate) listening_on: String,
    /// Where its own API is.
    pub(crate) administration: Option<String>,
    /// SHA-256 of its certificate.
    pub(crate) certificate_pin: Option<String>,
}

impl Show for Listening {
    /// Scripts wait for this line, so it stands alone.
    fn title(&self) -> String {
        format!("listening on {}", self.listening_on)
    }

    fn fields(&self) -> Fields {
        vec![
            ("administration", self.administration.clone()),
            ("certificate_pin", self.certificate_pin.clone()),
        ]
    }
}

/// A result of the demo, with the request as the sandbox received it.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[cfg_attr(test, schemars(rename = "Demonstrated_for_{T}"))]
pub(crate) struct Demonstrated<T> {
    pub(crate) request: Option<String>,
    #[serde(flatten)]
    pub(crate) result: T,
}

impl<T: Show> Show for Demonstrated<T> {
    fn title(&self) -> String {
        self.result.title()
    }

    fn fields(&self) -> Fields {
        let mut fields = vec![("request", self.request.clone())];
        fields.extend(self.result.fields());
        fields
    }
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use schemars::{
        JsonSchema, Schema,
        generate::SchemaSettings,
        transform::{Transform, transform_subschemas},
    };
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::{
        BatchCertificate, Change, Demonstrated, Inspected, Listening, Outcome, Problem, SCHEMA,
        WapCertificate,
    };

    /// A line of JSON that `thumbprint` prints with `--output json`. Results are on stdout, problems on stderr.
    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "its schema is wanted")]
    enum Line {
        BatchCertificate(BatchCertificate),
        WapCertificate(WapCertificate),
        Change(Change),
        Problem(Problem),
        Inspected(Inspected),
        Listening(Listening),
        DemonstratedChange(Demonstrated<Change>),
        DemonstratedProblem(Demonstrated<Problem>),
    }

    /// Everything that an object has stands in it, null if need be, and nothing else.
    #[derive(Clone, Debug)]
    struct Complete;

    impl Transform for Complete {
        fn transform(&mut self, schema: &mut Schema) {
            if let Some(Value::Object(members)) = schema.get("properties") {
                let names: Vec<_> = members.keys().cloned().collect();
                schema.insert("required".to_owned(), json!(names));
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
            transform_subschemas(self, schema);
        }
    }

    #[test]
    fn the_schema_is_that_of_the_types() {
        let settings = SchemaSettings::draft07().with_transform(Complete);
        let schema = settings.into_generator().into_root_schema_for::<Line>();
        let schema = serde_json::to_string_pretty(&schema).or_fail() + "\n";
        if env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.json"), &schema).or_fail();
        } else {
            assert!(
                schema == SCHEMA,
                "schema.json is not that of the types; read its diff after\n\
                 UPDATE_SCHEMA=1 cargo test -p thumbprint-cli the_schema"
            );
        }
    }

    #[test]
    fn words_are_those_of_the_schema() {
        for (outcome, word) in [
            (Outcome::Unknown, "unknown"),
            (Outcome::AlreadyActive, "already active"),
        ] {
            assert_eq!(outcome.to_string(), word);
            assert_eq!(serde_json::to_value(outcome).or_fail(), word);
        }
    }
}
