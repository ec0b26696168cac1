//! What the services hold, as the admin API and a file of `--seed` say it.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};
use thumbprint_admin::types::{
    BatchCertificate, BatchSeed, BatchState, Seed, SubscriptionId, Thumbprint, WapCertificate,
    WapSeed, WapSubscription,
};
use thumbprint_wap::types::SubscriptionCertificate;

use crate::{CertificateState, batch, wap};

impl From<CertificateState> for BatchState {
    fn from(state: CertificateState) -> Self {
        match state {
            CertificateState::Active => Self::Active,
            CertificateState::Deleting => Self::Deleting,
            CertificateState::DeleteFailed => Self::DeleteFailed,
        }
    }
}

impl From<BatchState> for CertificateState {
    fn from(state: BatchState) -> Self {
        match state {
            BatchState::Active => Self::Active,
            BatchState::Deleting => Self::Deleting,
            BatchState::DeleteFailed => Self::DeleteFailed,
        }
    }
}

/// Fills an empty account. Fails where a certificate is in its state since a time to come.
pub(crate) fn fill_batch(
    account: &mut batch::Account,
    seed: &BatchSeed,
    now: DateTime<Utc>,
) -> Result<(), String> {
    for certificate in seed.certificates.iter().flatten() {
        let since = certificate.since.map_or(now, batch::ticks);
        if since > now {
            return Err(format!(
                "batch.certificates.since: {since} is yet to come, it is {now}; write a time that has passed, or \
                 leave it out"
            ));
        }
        account.put(
            &certificate.thumbprint,
            certificate
                .state
                .map_or(CertificateState::Active, Into::into),
            certificate.public_data.clone(),
            certificate
                .pools
                .iter()
                .flatten()
                .cloned()
                .collect::<BTreeSet<_>>(),
            since,
        );
    }
    Ok(())
}

/// The subscriptions of a seed.
pub(crate) fn subscriptions(seed: &WapSeed) -> wap::Subscriptions {
    let mut all = wap::Subscriptions::default();
    for subscription in seed.subscriptions.iter().flatten() {
        all.add(&subscription.id);
        for certificate in subscription.certificates.iter().flatten() {
            let thumbprint = &certificate.subscription_certificate_thumbprint;
            let mut stored = SubscriptionCertificate::default();
            stored.subscription_certificate_thumbprint = Some(thumbprint.to_string());
            stored
                .subscription_certificate_public_key
                .clone_from(&certificate.subscription_certificate_public_key);
            stored
                .subscription_certificate_data
                .clone_from(&certificate.subscription_certificate_data);
            // No finer than it is written.
            stored.time_created = certificate.time_created.map(|time| time.trunc_subsecs(3));
            all.put(&subscription.id, thumbprint, stored);
        }
    }
    all
}

/// A seed that leads to what is held.
pub(crate) fn of(account: &batch::Account, subscriptions: &wap::Subscriptions) -> Seed {
    let mut batch = BatchSeed::default();
    batch.certificates = Some(account.after(None).filter_map(batch_certificate).collect());
    let mut wap = WapSeed::default();
    let all = subscriptions
        .all()
        .filter_map(|(id, held)| {
            let mut subscription = WapSubscription::new(id.parse().ok()?);
            let certificates = held.certificates().cloned();
            subscription.certificates = Some(certificates.filter_map(wap_certificate).collect());
            Some(subscription)
        })
        .collect();
    wap.subscriptions = Some(all);
    let mut seed = Seed::default();
    (seed.batch, seed.wap) = (Some(batch), Some(wap));
    seed
}

fn batch_certificate(held: &batch::Certificate) -> Option<BatchCertificate> {
    let mut certificate = BatchCertificate::new(held.thumbprint.parse().ok()?);
    certificate.state = Some(held.state.into());
    certificate.since = Some(held.changed);
    certificate.pools = Some(held.pools.iter().cloned().collect());
    certificate.public_data.clone_from(&held.public_data);
    Some(certificate)
}

pub(crate) fn wap_certificate(held: SubscriptionCertificate) -> Option<WapCertificate> {
    let thumbprint = held.subscription_certificate_thumbprint?;
    let mut certificate = WapCertificate::new(thumbprint.parse().ok()?);
    certificate.subscription_certificate_public_key = held.subscription_certificate_public_key;
    certificate.subscription_certificate_data = held.subscription_certificate_data;
    certificate.time_created = held.time_created;
    Some(certificate)
}

/// A thumbprint that a builder was given.
pub(crate) fn parse_thumbprint(text: &str, what: &str) -> Result<Thumbprint, String> {
    text.parse()
        .map_err(|error| format!("the thumbprint of {what}: {error}"))
}

/// A subscription that a builder was given.
pub(crate) fn parse_subscription(text: &str) -> Result<SubscriptionId, String> {
    text.parse()
        .map_err(|error| format!("the identifier of a subscription: {error}"))
}
