//! The certificates of the Batch account, and how they change with time.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{CertificateState, time::ticks};

/// A deletion's error names "only about the first hundred" of what uses the certificate.
const MAX_POOLS_NAMED: usize = 100;

/// A Batch account.
pub(crate) struct Account {
    /// By thumbprint in small letters.
    certificates: BTreeMap<String, Certificate>,
    /// The ends of the deletions under way, with the certificates' keys. An entry can outlive its deletion,
    /// and is passed over then.
    due: BTreeSet<(DateTime<Utc>, String)>,
    /// How long a deletion takes. `None`: longer than chrono can count.
    deletion_time: Option<TimeDelta>,
    /// How often anything has changed, and when it last did.
    revision: u64,
    changed: DateTime<Utc>,
}

/// A certificate of an [`Account`].
pub(crate) struct Certificate {
    /// As spelled when it was added.
    pub(crate) thumbprint: String,
    pub(crate) state: CertificateState,
    /// Time of the last change of state.
    pub(crate) changed: DateTime<Utc>,
    /// The state before, and when it began. A certificate that was never anything but active has none.
    pub(crate) previous: Option<(CertificateState, DateTime<Utc>)>,
    pub(crate) public_data: Option<String>,
    /// The pools that the last deletion failed for. Only meaningful in `deletefailed`.
    pub(crate) failed_for: Vec<String>,
    /// The pools that use the certificate.
    pub(crate) pools: BTreeSet<String>,
    revision: u64,
}

impl Account {
    pub(crate) fn new(deletion_time: Duration, now: DateTime<Utc>) -> Self {
        Self {
            certificates: BTreeMap::new(),
            due: BTreeSet::new(),
            deletion_time: TimeDelta::from_std(deletion_time).ok(),
            revision: 0,
            changed: now,
        }
    }

    /// Lets time pass: carries out the deletions that ended by now, each at the very time of its end.
    /// Every reader of the account calls this first.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        while let Some((end, key)) = self.due.pop_first() {
            if end > now {
                self.due.insert((end, key));
                return;
            }
            let Some(certificate) = self.certificates.get(&key) else {
                continue;
            };
            if self.end(certificate) != Some(end) {
                continue;
            }
            if certificate.pools.is_empty() {
                self.certificates.remove(&key);
                self.touch(end);
            } else {
                self.enter(&key, CertificateState::DeleteFailed, end);
            }
        }
    }

    /// Adds an active certificate. `None` where there is one of the same thumbprint.
    pub(crate) fn add(
        &mut self,
        thumbprint: &str,
        public_data: Option<String>,
        now: DateTime<Utc>,
    ) -> Option<&Certificate> {
        let key = key(thumbprint);
        if self.certificates.contains_key(&key) {
            return None;
        }
        self.touch(now);
        let certificate = Certificate {
            thumbprint: thumbprint.to_owned(),
            state: CertificateState::Active,
            changed: now,
            previous: None,
            public_data,
            failed_for: Vec::new(),
            pools: BTreeSet::new(),
            revision: self.revision,
        };
        Some(self.certificates.entry(key).or_insert(certificate))
    }

    /// Puts a certificate there in any state, as if it had come there at that time, or replaces one of the
    /// same thumbprint.
    pub(crate) fn put(
        &mut self,
        thumbprint: &str,
        state: CertificateState,
        public_data: Option<String>,
        pools: BTreeSet<String>,
        now: DateTime<Utc>,
    ) {
        let key = key(thumbprint);
        self.certificates.remove(&key);
        self.add(thumbprint, public_data, now);
        if let Some(certificate) = self.certificates.get_mut(&key) {
            certificate.pools = pools;
        }
        let way: &[_] = match state {
            CertificateState::Active => &[],
            CertificateState::Deleting => &[CertificateState::Deleting],
            CertificateState::DeleteFailed => {
                &[CertificateState::Deleting, CertificateState::DeleteFailed]
            }
        };
        for state in way {
            self.enter(&key, *state, now);
        }
    }

    /// Puts a certificate into another state.
    pub(crate) fn set(
        &mut self,
        thumbprint: &str,
        state: CertificateState,
        now: DateTime<Utc>,
    ) -> Option<&Certificate> {
        self.enter(&key(thumbprint), state, now)
    }

    fn enter(
        &mut self,
        key: &str,
        state: CertificateState,
        now: DateTime<Utc>,
    ) -> Option<&Certificate> {
        if !self.certificates.contains_key(key) {
            return None;
        }
        self.touch(now);
        let certificate = self.certificates.get_mut(key)?;
        certificate.enter(state, now, self.revision);
        let certificate = self.certificates.get(key)?;
        if let Some(end) = self.end(certificate) {
            self.due.insert((end, key.to_owned()));
        }
        Some(certificate)
    }

    /// When a certificate's deletion ends: `None` where none is under way, or none that ends.
    fn end(&self, certificate: &Certificate) -> Option<DateTime<Utc>> {
        if certificate.state != CertificateState::Deleting {
            return None;
        }
        let end = certificate
            .changed
            .checked_add_signed(self.deletion_time?)?;
        Some(ticks(end))
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.revision += 1;
        self.changed = now;
    }

    pub(crate) fn certificate(&self, thumbprint: &str) -> Option<&Certificate> {
        self.certificates.get(&key(thumbprint))
    }

    /// The certificates whose key is greater than `key`, in the keys' order.
    pub(crate) fn after(&self, key: Option<&str>) -> impl Iterator<Item = &Certificate> {
        let start = key.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.certificates.range::<str, _>((start, Bound::Unbounded));
        range.map(|(_, certificate)| certificate)
    }

    /// Lets a pool use a certificate. Whether there is such a certificate.
    pub(crate) fn assign(&mut self, thumbprint: &str, pool: String) -> bool {
        let certificate = self.certificates.get_mut(&key(thumbprint));
        certificate
            .map(|certificate| certificate.pools.insert(pool))
            .is_some()
    }

    /// Takes a certificate out of all pools. Whether there is such a certificate.
    pub(crate) fn release(&mut self, thumbprint: &str) -> bool {
        let certificate = self.certificates.get_mut(&key(thumbprint));
        certificate
            .map(|certificate| certificate.pools.clear())
            .is_some()
    }

    /// The `ETag` and the time of the last change, for answers about the account as a whole.
    pub(crate) fn version(&self) -> Version {
        Version {
            revision: self.revision,
            changed: self.changed,
        }
    }
}

impl Certificate {
    fn enter(&mut self, state: CertificateState, now: DateTime<Utc>, revision: u64) {
        self.failed_for = if state == CertificateState::DeleteFailed {
            self.pools.iter().take(MAX_POOLS_NAMED).cloned().collect()
        } else {
            Vec::new()
        };
        self.previous = Some((self.state, self.changed));
        self.state = state;
        self.changed = now;
        self.revision = revision;
    }

    /// What orders certificates and names one, whatever the case it was spelled in.
    pub(crate) fn key(&self) -> String {
        key(&self.thumbprint)
    }

    pub(crate) fn version(&self) -> Version {
        Version {
            revision: self.revision,
            changed: self.changed,
        }
    }
}

/// What `ETag` and `Last-Modified` are made of.
pub(crate) struct Version {
    revision: u64,
    pub(crate) changed: DateTime<Utc>,
}

impl Version {
    /// Another value after each change, even of two changes within one tick of the clock. The form is
    /// made up: an `ETag` is opaque.
    pub(crate) fn etag(&self) -> String {
        format!(
            "\"0x{:X}-{}\"",
            self.changed.timestamp_micros(),
            self.revision
        )
    }
}

/// Case does not matter in a thumbprint.
pub(crate) fn key(thumbprint: &str) -> String {
    thumbprint.to_ascii_lowercase()
}
