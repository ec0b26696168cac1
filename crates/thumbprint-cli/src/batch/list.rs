//! `thumbprint batch list`.

use std::pin::pin;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use futures_util::TryStreamExt as _;
use thumbprint::batch::{CertificateState, Filter, filter};

use super::{account::Account, foresee::PAGE};
use crate::{
    failure::Failure,
    output::{Format, Rows},
    results::{BatchCertificate, Operation, Response},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only certificates in this state
    #[arg(long, value_enum, ignore_case = true)]
    state: Option<State>,
    /// Only certificates that entered their state at this time or later, such as 2026-11-01T00:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = since)]
    since: Option<DateTime<Utc>>,
    /// Only certificates that this OData filter lets through, such as `state ne 'active'`
    #[arg(long, value_name = "ODATA")]
    filter: Option<String>,
    /// How many certificates the service sends at once: each comes with up to 10 KB of what it says
    #[arg(long, value_name = "N", default_value_t = PAGE, value_parser = clap::value_parser!(i32).range(1..=1000))]
    max_results: i32,
    #[command(flatten)]
    account: Account,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// In use, or free to be used
    Active,
    /// Being deleted
    Deleting,
    /// Its deletion failed
    #[value(name = "deletefailed")]
    DeleteFailed,
}

fn since(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| {
            format!("{error}; give a date, a time and a zone, such as 2026-11-01T00:00:00Z")
        })
}

impl Arguments {
    fn filter(&self) -> Option<Filter> {
        let state = self.state.map(|state| {
            filter::state().eq(match state {
                State::Active => CertificateState::Active,
                State::Deleting => CertificateState::Deleting,
                State::DeleteFailed => CertificateState::DeleteFailed,
            })
        });
        let since = self
            .since
            .map(|time| filter::state_transition_time().ge(time));
        let other = self.filter.as_deref().map(Filter::raw);
        [state, since, other]
            .into_iter()
            .flatten()
            .reduce(Filter::and)
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let mut list = client.list().max_results(arguments.max_results);
    if let Some(filter) = arguments.filter() {
        list = list.filter(filter);
    }
    if let Some(limit) = arguments.account.timeout() {
        list = list.timeout(limit);
    }
    let mut certificates = pin!(list.items());
    let mut rows = Rows::new(format);
    while let Some(certificate) = certificates.try_next().await.map_err(Failure::Read)? {
        let operation = Operation::BatchList;
        let certificate = BatchCertificate::new(operation, &certificate, Response::default());
        if rows.print(&certificate)?.is_break() {
            return Ok(());
        }
    }
    rows.end("the list is empty: the account has no such certificates");
    Ok(())
}
