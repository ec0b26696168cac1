//! `thumbprint wap prune`.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{ArgGroup, Args};
use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Thumbprint,
    wap::{Certificate, SubscriptionCertificate, Warning},
};

use super::{
    delete,
    tenant::{Naming, Tenant, with_options},
};
use crate::{
    confirm::{self, Consent},
    failure::Failure,
    keep::Keep,
    output::{self, Format},
    results::{Change, Contents, Operation, Outcome},
    selection::Concurrency,
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::WapPrune;

#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["expired", "older_than"])))]
#[command(after_help = "A certificate whose time cannot be read stays, and is named.")]
pub(crate) struct Arguments {
    /// Delete those that are not valid any more
    #[arg(long)]
    expired: bool,
    /// Delete those that were stored longer ago, such as 90d or 26weeks
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    older_than: Option<Duration>,
    /// Write a copy of each into this directory before it is deleted
    #[arg(long, value_name = "DIR", default_value = "thumbprint-kept")]
    keep: PathBuf,
    /// Write no copies
    #[arg(long, conflicts_with = "keep")]
    no_keep: bool,
    /// Delete them also if the subscription has no certificate left then
    #[arg(long)]
    even_the_last: bool,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

/// What becomes of the certificates of a subscription.
#[derive(Default)]
struct Plan {
    chosen: Vec<(Thumbprint, SubscriptionCertificate)>,
    /// Those that stay since it cannot be told whether they are to be deleted.
    unclear: Vec<Ended>,
    /// How many stay.
    staying: usize,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    arguments
        .naming
        .refuse_for_several("leave it out: several requests are made")?;
    let is_over = arguments.is_over(Utc::now())?;
    let client = arguments.tenant.client()?;
    let consent = &arguments.consent;
    let keep = match &arguments.keep {
        _ if arguments.no_keep => None,
        directory if consent.is_possible() => Some(Keep::open(directory)?),
        directory => {
            Keep::check(directory)?;
            None
        }
    };
    let stored = with_options!(client.list(), arguments.naming)
        .await
        .map_err(Failure::Read)?;
    let plan = plan(stored.into_value().into(), is_over);
    if plan.staying == plan.unclear.len() && !plan.chosen.is_empty() {
        let others = match &*plan.unclear {
            [] => "",
            _ => ", apart from what cannot be read",
        };
        let warning = format!(
            "no certificate of the subscription would be left{others}: clients that authenticate by certificate \
             are locked out then"
        );
        if !arguments.even_the_last && consent.is_possible() {
            let remedy = "add it if that is what you want";
            return Err(Failure::usage("--even-the-last", warning, remedy));
        }
        let _ = output::message(warning);
    }
    let tally = Tally::new(OPERATION, format);
    if plan.chosen.is_empty() || !consent.is_possible() {
        let would = plan
            .chosen
            .iter()
            .map(|(thumbprint, stored)| delete::foreseen(OPERATION, thumbprint, stored));
        let shown = tally
            .preview(stream::iter(plan.unclear.into_iter().chain(would)))
            .await;
        if plan.chosen.is_empty() {
            return shown;
        }
        return consent.missing("add it, or --dry-run").and(shown);
    }
    if !consent.is_given() {
        ask(&plan, keep.as_ref())?;
    }
    if let Some(keep) = &keep {
        let _ = output::message(format_args!("copies go to {keep}"));
    }
    let thumbprints = plan
        .chosen
        .iter()
        .map(|(thumbprint, _)| thumbprint.clone())
        .collect();
    let stored: HashMap<_, _> = plan.chosen.into_iter().collect();
    let (client, naming, keep, stored) = (&client, &arguments.naming, keep.as_ref(), &stored);
    let calls = |admitted| {
        let calls = stream::iter(admitted).map(move |thumbprint: Thumbprint| async move {
            let known = stored.get(&thumbprint);
            delete::one_of_several(OPERATION, client, naming, keep, known, &thumbprint).await
        });
        stream::iter(plan.unclear).chain(calls.buffer_unordered(arguments.concurrency.get()))
    };
    tally.run(thumbprints, calls).await
}

impl Arguments {
    /// Tells whether a certificate's time is over: `None` where it cannot be read.
    fn is_over(
        &self,
        now: DateTime<Utc>,
    ) -> Result<impl Fn(&Certificate) -> Option<bool>, Failure> {
        let stored_before = match self.older_than {
            None => None,
            Some(age) => {
                let age = TimeDelta::from_std(age).ok();
                let before = age.and_then(|age| now.checked_sub_signed(age));
                Some(before.ok_or_else(|| {
                    let problem = "no certificate can be so old";
                    Failure::usage("--older-than", problem, "give a shorter time, such as 90d")
                })?)
            }
        };
        Ok(move |certificate: &Certificate| match stored_before {
            Some(before) => certificate.created_at.map(|created| created < before),
            None => certificate.not_after.map(|end| end < now),
        })
    }
}

/// Asks whether the plan is carried out.
fn ask(plan: &Plan, keep: Option<&Keep>) -> Result<(), Failure> {
    confirm::show(plan.chosen.iter().map(|(thumbprint, stored)| {
        let line = Contents::of_wap(stored, None).line();
        format!("{thumbprint}  {}", line.unwrap_or_default())
    }))?;
    let (chosen, all) = (plan.chosen.len(), plan.chosen.len() + plan.staying);
    let copies = match keep {
        Some(keep) => format!("with a copy of each in {keep}"),
        None => "without copies".to_owned(),
    };
    let all = confirm::certificates(all);
    let question = format!("delete {chosen} of the subscription's {all}, {copies}?");
    if confirm::agreed(question)? {
        Ok(())
    } else {
        Err(confirm::declined())
    }
}

/// Chooses the certificates whose time is over. One that cannot be told stays.
fn plan(
    stored: Vec<SubscriptionCertificate>,
    is_over: impl Fn(&Certificate) -> Option<bool>,
) -> Plan {
    let mut plan = Plan::default();
    let mut stays = HashSet::new();
    for stored in stored {
        let certificate = Certificate::read(&stored, None);
        let is_over = is_over(&certificate);
        let is_of_another = certificate.warnings.contains(&Warning::ThumbprintOfAnother);
        let why = match (&certificate.thumbprint, is_over) {
            (Some(thumbprint), Some(true)) if !is_of_another => {
                plan.chosen.push((thumbprint.clone(), stored));
                continue;
            }
            (_, Some(false)) => None,
            (_, None) => Some("its time cannot be read"),
            (None, _) => Some("its thumbprint cannot be read"),
            _ => Some("its thumbprint is that of another certificate"),
        };
        plan.staying += 1;
        plan.unclear.extend(why.map(|why| {
            let name = stored.subscription_certificate_thumbprint.as_deref();
            let mut change = Change::new(OPERATION, name.unwrap_or("-"), Outcome::Left);
            change.why = Some(why.to_owned());
            change.contents = Contents::of_wap(&stored, None);
            Ended {
                change,
                verdict: Verdict::Done,
            }
        }));
        stays.extend(certificate.thumbprint);
    }
    // A deletion would be about both, where the same one is listed twice.
    let mut seen = HashSet::new();
    plan.chosen
        .retain(|(thumbprint, _)| !stays.contains(thumbprint) && seen.insert(thumbprint.clone()));
    plan
}
