//! The certificates of Windows Azure Pack's subscriptions.

use std::collections::{BTreeMap, btree_map::Entry};

use thumbprint_wap::types::SubscriptionCertificate;

/// All subscriptions, by identifier in small letters. Whether the service minds the case of an identifier
/// or of a thumbprint is unknown; the sandbox does not.
#[derive(Default)]
pub(crate) struct Subscriptions(BTreeMap<String, Subscription>);

/// The certificates of one subscription, by thumbprint in small letters.
#[derive(Default)]
pub(crate) struct Subscription(BTreeMap<String, SubscriptionCertificate>);

impl Subscriptions {
    /// Adds a certificate, or replaces one of the same thumbprint, and its subscription where that is new.
    pub(crate) fn put(
        &mut self,
        subscription: &str,
        thumbprint: &str,
        certificate: SubscriptionCertificate,
    ) {
        let subscription = self.0.entry(key(subscription)).or_default();
        subscription.0.insert(key(thumbprint), certificate);
    }

    /// Adds a subscription, unless there is one.
    pub(crate) fn add(&mut self, id: &str) {
        self.0.entry(key(id)).or_default();
    }

    /// All subscriptions, by identifier.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Subscription)> {
        self.0
            .iter()
            .map(|(id, subscription)| (id.as_str(), subscription))
    }

    pub(crate) fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.0.get(&key(id))
    }

    pub(crate) fn subscription_mut(&mut self, id: &str) -> Option<&mut Subscription> {
        self.0.get_mut(&key(id))
    }
}

impl Subscription {
    pub(crate) fn certificate(&self, thumbprint: &str) -> Option<&SubscriptionCertificate> {
        self.0.get(&key(thumbprint))
    }

    /// All certificates, by thumbprint.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &SubscriptionCertificate> {
        self.0.values()
    }

    /// Adds a certificate, unless there is one of the same thumbprint.
    pub(crate) fn add(&mut self, thumbprint: &str, certificate: SubscriptionCertificate) -> bool {
        match self.0.entry(key(thumbprint)) {
            Entry::Vacant(place) => {
                place.insert(certificate);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// Takes a certificate out. The subscription stays, even without certificates.
    pub(crate) fn remove(&mut self, thumbprint: &str) -> Option<SubscriptionCertificate> {
        self.0.remove(&key(thumbprint))
    }
}

fn key(text: &str) -> String {
    text.to_ascii_lowercase()
}
