//! What a sandbox holds unless it was built [empty](crate::Builder::empty).

use thumbprint_wap::types::SubscriptionCertificate;

/// Thumbprint of a Batch certificate in [`DeleteFailed`](crate::CertificateState::DeleteFailed): the one
/// in the sample request of the vendor's page *Certificate - Cancel Deletion*. [`BATCH_POOL`] uses it, so
/// that it cannot be deleted until it is [released](crate::Sandbox::release).
pub const BATCH_DELETE_FAILED: &str = "0123456789abcdef0123456789abcdef01234567";

/// Thumbprint of a Batch certificate in [`Active`](crate::CertificateState::Active). Made up. No pool uses
/// it: it can be deleted.
pub const BATCH_ACTIVE: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3";

/// Thumbprint of a Batch certificate in [`Deleting`](crate::CertificateState::Deleting). Made up. It is gone
/// when the [deletion time](crate::Builder::deletion_time) has passed after the start.
pub const BATCH_DELETING: &str = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3";

/// The pool that uses [`BATCH_DELETE_FAILED`]. Made up.
pub const BATCH_POOL: &str = "mypool";

/// A subscription of Windows Azure Pack: the one in the example of the vendor's page *Retrieve the
/// Management Certificates for a Subscription*.
pub const WAP_SUBSCRIPTION: &str = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";

/// Thumbprint of [`wap_certificate`].
pub const WAP_THUMBPRINT: &str = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B";

/// The management certificate in the example of the vendor's page *Delete a Management Certificate*.
///
/// ```
/// use thumbprint_sandbox::samples;
///
/// let cert = samples::wap_certificate();
/// assert_eq!(
///     cert.subscription_certificate_thumbprint.as_deref(),
///     Some(samples::WAP_THUMBPRINT),
/// );
/// ```
#[must_use]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the text is compiled in, and a test parses it"
)]
pub fn wap_certificate() -> SubscriptionCertificate {
    serde_json::from_str(include_str!("../data/wap-certificate.json"))
        .expect("the page's example is a SubscriptionCertificate")
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{WAP_THUMBPRINT, wap_certificate};

    #[test]
    fn the_pages_example_is_read_whole() {
        let cert = wap_certificate();
        assert_eq!(
            cert.subscription_certificate_thumbprint.as_deref(),
            Some(WAP_THUMBPRINT)
        );
        assert_eq!(
            cert.time_created.map(|time| time.to_string()).as_deref(),
            Some("2013-07-03 16:19:50.793")
        );
        for text in [
            cert.subscription_certificate_data,
            cert.subscription_certificate_public_key,
        ] {
            let text = text.or_fail();
            assert!(text.starts_with("MII"), "{text}");
            assert!(!text.contains('\\'), "the page's \\/ means a plain slash");
        }
    }
}
