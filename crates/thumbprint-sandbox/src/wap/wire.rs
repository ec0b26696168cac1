//! A management certificate as the service writes it.

use serde::Serialize;
use thumbprint_wap::types::SubscriptionCertificate;

/// Members in the order of the page's example, and a time of three decimals like the example's. The
/// generated type would leave out decimals that are nought.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_certificate_public_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_certificate_thumbprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_certificate_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_created: Option<String>,
}

impl<'a> From<&'a SubscriptionCertificate> for Wire<'a> {
    fn from(certificate: &'a SubscriptionCertificate) -> Self {
        let time = certificate.time_created;
        Self {
            subscription_certificate_public_key: certificate
                .subscription_certificate_public_key
                .as_deref(),
            subscription_certificate_thumbprint: certificate
                .subscription_certificate_thumbprint
                .as_deref(),
            subscription_certificate_data: certificate.subscription_certificate_data.as_deref(),
            time_created: time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::Wire;
    use crate::samples;

    #[test]
    fn a_certificate_is_written_as_the_pages_example_is() {
        let mut certificate = samples::wap_certificate();
        let written = serde_json::to_string(&Wire::from(&certificate)).or_fail();
        let page = include_str!("../../data/wap-certificate.json");
        let compact = page.replace("\\/", "/").replace("\": \"", "\":\"");
        let compact: String = compact.split('\n').map(str::trim).collect();
        assert_eq!(written, compact);

        certificate.time_created = Some("2013-07-03T16:19:50".parse().or_fail());
        certificate.subscription_certificate_data = None;
        certificate.subscription_certificate_public_key = None;
        let written = serde_json::to_value(Wire::from(&certificate)).or_fail();
        let expected = serde_json::json!({
            "SubscriptionCertificateThumbprint": samples::WAP_THUMBPRINT,
            "TimeCreated": "2013-07-03T16:19:50.000",
        });
        assert_eq!(written, expected);
    }
}
