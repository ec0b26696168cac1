//! Rows 13 and 20, values that are refused before anything is sent. They must notice a check that was
//! dropped or moved behind the sending: of timeouts, texts, api versions, subscriptions, tokens,
//! endpoints, and above all of thumbprints, which could steer a request to another path.

use std::time::Duration;

use chrono::{DateTime, Utc};
use conformance::calls::{self, PRINCIPAL, SUBSCRIPTION, THUMBPRINT, TOKEN};
use test_support::OrFail as _;
use thumbprint::{Thumbprint, batch, wap};

use super::{assert_refused, assert_silent, silent};

/// The outcome of every call of Batch with the same option.
macro_rules! batch_calls {
    ($account:expr, $option:ident($value:expr)) => {
        [
            $account.list().$option($value).await.map(drop),
            $account
                .add(calls::new_pfx())
                .$option($value)
                .await
                .map(drop),
            $account
                .get(&calls::thumbprint())
                .$option($value)
                .await
                .map(drop),
            $account
                .delete(&calls::thumbprint())
                .$option($value)
                .await
                .map(drop),
            $account
                .cancel_deletion(&calls::thumbprint())
                .$option($value)
                .await
                .map(drop),
        ]
    };
}

/// The same of WAP.
macro_rules! wap_calls {
    ($tenant:expr, $option:ident($value:expr)) => {
        [
            $tenant.list().$option($value).await.map(drop),
            $tenant
                .add(calls::new_management_certificate())
                .$option($value)
                .await
                .map(drop),
            $tenant
                .get(&calls::thumbprint())
                .$option($value)
                .await
                .map(drop),
            $tenant
                .delete(&calls::thumbprint())
                .$option($value)
                .await
                .map(drop),
        ]
    };
}

#[tokio::test]
async fn durations() {
    let recorder = silent().await;
    let (account, tenant) = (
        calls::account(&recorder.base_url()),
        calls::tenant(&recorder.base_url()),
    );
    for limit in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_millis(1500),
        Duration::new(1, 999_999_999),
        Duration::from_secs(2_147_483_648),
        Duration::from_secs(4_294_967_297),
        Duration::MAX,
    ] {
        let shown = format!("{limit:?}");
        for outcome in batch_calls!(account, timeout(limit)) {
            assert_refused(outcome, "timeout", &shown);
        }
    }
    for seconds in [0, -5] {
        for outcome in batch_calls!(account, timeout(seconds)) {
            assert_refused(outcome, "timeout", "0 or less");
        }
    }
    let zero = Duration::ZERO;
    for outcome in batch_calls!(account, deadline(zero)) {
        assert_refused(outcome, "deadline", "0");
    }
    for outcome in wap_calls!(tenant, deadline(zero)) {
        assert_refused(outcome, "deadline", "0");
    }

    let account = || batch::Client::builder(&recorder.base_url(), TOKEN).allow_loopback_http();
    let tenant = || {
        wap::Client::builder(&recorder.base_url(), SUBSCRIPTION, PRINCIPAL, TOKEN)
            .allow_loopback_http()
    };
    #[rustfmt::skip]
    let outcomes = [
        ("connect_timeout", account().connect_timeout(zero).build().map(drop)),
        ("attempt_timeout", account().attempt_timeout(zero).build().map(drop)),
        ("total_timeout", account().total_timeout(zero).build().map(drop)),
        ("connect_timeout", tenant().connect_timeout(zero).build().map(drop)),
        ("attempt_timeout", tenant().attempt_timeout(zero).build().map(drop)),
        ("total_timeout", tenant().total_timeout(zero).build().map(drop)),
    ];
    for (field, outcome) in outcomes {
        assert_refused(outcome, field, "0");
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn dates_whose_year_has_not_four_digits() {
    let recorder = silent().await;
    let account = calls::account(&recorder.base_url());
    for text in ["+10000-01-01T00:00:00Z", "-0001-12-31T23:59:59Z"] {
        let date: DateTime<Utc> = text.parse().or_fail();
        for outcome in batch_calls!(account, ocp_date(date)) {
            assert_refused(outcome, "ocp_date", text);
        }
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn texts() {
    let recorder = silent().await;
    let base = recorder.base_url();
    let tenant = calls::tenant(&base);
    let long = "x".repeat(257);
    #[rustfmt::skip]
    let texts = [
        "", " ", " a", "a ", "a\r\nx-injected: 1", "a\nb", "a\rb", "a\r\n", "a\tb", "a\0b", "a\u{7f}b",
        "\u{e9}", "a\u{a0}b", "\u{202e}a", long.as_str(),
    ];
    for text in texts {
        for outcome in wap_calls!(tenant, client_request_id(text.to_owned())) {
            assert_refused(outcome, "client_request_id", text);
        }
        for outcome in wap_calls!(tenant, principal_live_id(text.to_owned())) {
            assert_refused(outcome, "principal_live_id", text);
        }
        let builder = wap::Client::builder(&base, SUBSCRIPTION, text, TOKEN);
        assert_refused(builder.allow_loopback_http().build(), "principal", text);
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn api_versions() {
    let recorder = silent().await;
    #[rustfmt::skip]
    let texts = [
        "", "2023-11-01", "2023-11-01.18", "2023-11-01.18.0 ", " 2023-11-01.18.0", "2023-11-01.18.0\n",
        "2023-11-01.18.0\r\nx: 1", "2023-11-01.18.0&timeout=1", "2023-11-01.18.0-preview",
        "v2023-11-01.18.0", "23-11-01.18.0", "\u{ff12}023-11-01.18.0", "latest",
    ];
    for text in texts {
        let builder = batch::Client::builder(&recorder.base_url(), TOKEN).allow_loopback_http();
        assert_refused(builder.api_version(text).build(), "api_version", text);
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn subscriptions() {
    let recorder = silent().await;
    #[rustfmt::skip]
    let texts = [
        "", "{0cfc58de-38cb-4fa6-9258-4afde95d3c05}", "0cfc58de38cb4fa692584afde95d3c05",
        "urn:uuid:0cfc58de-38cb-4fa6-9258-4afde95d3c05", "../..", "%2e%2e",
        "0cfc58de-38cb-4fa6-9258-4afde95d3c05/", "0cfc58de-38cb-4fa6-9258-4afde95d3c05\n",
        " 0cfc58de-38cb-4fa6-9258-4afde95d3c05", "0cfc58de-38cb-4fa6-9258-4afde95d3c0",
        "0cfc58de-38cb-4fa6-9258-4afde95d3c050", "0cfc58de-38cb-4fa6-9258-4afde95d3c0g",
        "0cfc58de-38cb-4fa6-92584-afde95d3c05", "\u{ff10}cfc58de-38cb-4fa6-9258-4afde95d3c05",
    ];
    for text in texts {
        let builder = wap::Client::builder(&recorder.base_url(), text, PRINCIPAL, TOKEN);
        assert_refused(builder.allow_loopback_http().build(), "subscription", text);
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn tokens() {
    let recorder = silent().await;
    let base = recorder.base_url();
    let long = "x".repeat(64 * 1024 + 1);
    #[rustfmt::skip]
    let tokens = [
        "", " ", "a b", " a", "a ", "a\n", "a\r\n", "a\r\nx-injected: 1", "a\tb", "a\0", "\u{e9}",
        "Bearer a", long.as_str(),
    ];
    for token in tokens {
        let account = batch::Client::builder(&base, token).allow_loopback_http();
        assert_refused(account.build(), "token", token);
        let tenant = wap::Client::builder(&base, SUBSCRIPTION, PRINCIPAL, token);
        assert_refused(tenant.allow_loopback_http().build(), "token", token);
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn endpoints_that_would_show_the_credential() {
    let recorder = silent().await;
    let loopback = recorder.base_url();
    let address = loopback.strip_prefix("http://").or_fail();
    let port = address.strip_prefix("127.0.0.1:").or_fail();
    let (user, password) = (
        format!("http://ana@{address}"),
        format!("http://ana:hunter2@{address}"),
    );
    let lookalike = format!("http://127.0.0.1.example:{port}");
    // Not https: this suite is built without TLS, which alone would refuse it.
    let (query, fragment) = (format!("{loopback}?a=1"), format!("{loopback}/#a"));
    let trick = format!("http://{address}@account.region.batch.azure.com");
    for (endpoint, allowed) in [
        // Loopback, and it was not said that this is meant.
        (loopback.as_str(), false),
        // Anywhere else plain http is refused whatever was said.
        ("http://account.region.batch.azure.com", true),
        ("http://account.region.batch.azure.com", false),
        ("http://wap.contoso.com:30005", true),
        ("http://10.0.0.1", true),
        ("http://0.0.0.0", true),
        ("http://128.0.0.1", true),
        ("http://[2001:db8::1]", true),
        ("http://localhost.example", true),
        (lookalike.as_str(), true),
        // User info, and what is user info but looks like the host.
        (user.as_str(), true),
        (password.as_str(), true),
        (trick.as_str(), true),
        // What is no base URL at all.
        (query.as_str(), true),
        (fragment.as_str(), true),
        ("", true),
        ("account.region.batch.azure.com", true),
        ("ftp://account.region.batch.azure.com", true),
    ] {
        let account = batch::Client::builder(endpoint, TOKEN);
        let tenant = wap::Client::builder(endpoint, SUBSCRIPTION, PRINCIPAL, TOKEN);
        let (account, tenant) = if allowed {
            (account.allow_loopback_http(), tenant.allow_loopback_http())
        } else {
            (account, tenant)
        };
        let (account, tenant) = (account.build(), tenant.build());
        let message = account
            .as_ref()
            .map_or_else(ToString::to_string, |_| String::new());
        assert!(!message.contains("hunter2"), "{message}");
        assert_refused(account, "endpoint", endpoint);
        assert_refused(tenant, "endpoint", endpoint);
    }
    assert_silent(&recorder).await;
}

/// Texts that are no thumbprints: of every other length, with every other character of ASCII at the
/// start, in the middle and at the end, and what people paste or attackers try.
fn bad_thumbprints() -> Vec<String> {
    let mut bad: Vec<String> = (0..=120)
        .filter(|length| *length != 40)
        .map(|length| "a".repeat(length))
        .collect();
    for byte in (0..128_u8).filter(|byte| !byte.is_ascii_hexdigit()) {
        for at in [0, 20, 39] {
            let mut bytes = THUMBPRINT.as_bytes().to_vec();
            bytes[at] = byte;
            bad.push(String::from_utf8(bytes).or_fail());
        }
    }
    bad.extend(
        [
            "../../jobs/j",
            "..%2F..%2Fjobs%2Fj",
            "a)/delete?x=(",
            "0123456789abcdef0123456789abcdef01234567,thumbprint=a",
            " 0123456789abcdef0123456789abcdef01234567",
            "0x0123456789abcdef0123456789abcdef01234567",
            // 40 bytes, and 40 characters, that only look like digits.
            "\u{ff10}123456789abcdef0123456789abcdef012345",
            "\u{ff10}123456789abcdef0123456789abcdef01234567",
            "\u{660}123456789abcdef0123456789abcdef01234567",
        ]
        .map(str::to_owned),
    );
    bad
}

#[tokio::test]
async fn thumbprints() {
    let recorder = silent().await;
    let (account, tenant) = (
        calls::account(&recorder.base_url()),
        calls::tenant(&recorder.base_url()),
    );
    for text in bad_thumbprints() {
        assert!(text.parse::<Thumbprint>().is_err(), "{text:?}");
        let json = serde_json::to_string(&text).or_fail();
        assert!(
            serde_json::from_str::<Thumbprint>(&json).is_err(),
            "{text:?}"
        );

        refused_by_the_generated_layer(&account, &tenant, &text).await;
    }
    for text in [
        "0123456789abcdef0123456789abcdef01234567\n",
        "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67",
        "\u{200e}0123456789abcdef0123456789abcdef01234567",
    ] {
        let read: Thumbprint = text.parse().or_fail();
        assert_eq!(read.as_str(), THUMBPRINT, "{text:?}");
        refused_by_the_generated_layer(&account, &tenant, text).await;
    }
    assert_silent(&recorder).await;
}

/// The setters take any text: what is not a thumbprint as the document has it is refused there, too.
async fn refused_by_the_generated_layer(account: &batch::Client, tenant: &wap::Client, text: &str) {
    let (any, account, tenant) = (calls::thumbprint(), account, tenant);
    for outcome in [
        account.get(&any).thumbprint(text).await.map(drop),
        account.delete(&any).thumbprint(text).await.map(drop),
        account
            .cancel_deletion(&any)
            .thumbprint(text)
            .await
            .map(drop),
        tenant.get(&any).thumbprint(text).await.map(drop),
        tenant.delete(&any).thumbprint(text).await.map(drop),
    ] {
        assert_refused(outcome, "thumbprint", text);
    }
}
