//! Row 13, values that are taken: how each is written on the wire, and how WAP's times are read. It must
//! notice a UUID in another form, an `ocp-date` that is not RFC 1123 or not in GMT, a timeout in another
//! unit, a thumbprint whose case was changed, and a time whose fraction has a length that was not expected.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use conformance::calls::{self, Clients, SUBSCRIPTION, TOKEN};
use serde_json::json;
use test_support::{OrFail as _, RawServer};
use thumbprint::{Thumbprint, batch, wap};
use thumbprint_wap::types::SubscriptionCertificate;
use uuid::Uuid;

use super::{plain, silent};

/// A server and clients of both services that send to it. Both take 204 for a success.
async fn both() -> (RawServer, batch::Client, wap::Client) {
    let recorder = silent().await;
    let base = recorder.base_url();
    (recorder, calls::account(&base), calls::tenant(&base))
}

/// The values of a header in all requests so far.
fn sent(recorder: &RawServer, name: &str) -> Vec<String> {
    let received = recorder.received();
    let values = received.iter().flat_map(|request| request.values(name));
    values.map(str::to_owned).collect()
}

// Facts: Certificate_CancelDeletion: header client-request-id: format uuid; prose Certificate_CancelDeletion: client-request-id has no curly braces
#[tokio::test]
async fn uuids_are_bare_hyphenated_and_in_lower_case() {
    let (recorder, account, tenant) = both().await;
    let thumbprint = calls::thumbprint();
    let given = [
        "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0",
        "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0",
        "{9C4D50EE-2D56-4CD3-8152-34347DC9F2B0}",
        "9C4D50EE2D564CD3815234347DC9F2B0",
        "urn:uuid:9c4d50ee-2d56-4cd3-8152-34347dc9f2b0",
    ];
    for text in given {
        let id: Uuid = text.parse().or_fail();
        account
            .cancel_deletion(&thumbprint)
            .client_request_id(id)
            .await
            .or_fail();
        tenant
            .delete(&thumbprint)
            .client_session_id(id)
            .await
            .or_fail();
    }
    for name in ["client-request-id", "x-ms-client-session-id"] {
        let expected = given.map(|_| "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0");
        assert_eq!(sent(&recorder, name), expected, "{name}");
    }
}

// Facts: Certificate_CancelDeletion: header ocp-date: format date-time-rfc1123
#[tokio::test]
async fn dates_are_rfc_1123_in_gmt() {
    #[rustfmt::skip]
    let table = [
        ("2023-01-01T00:01:01Z", "Sun, 01 Jan 2023 00:01:01 GMT"),
        ("2023-02-06T01:02:06Z", "Mon, 06 Feb 2023 01:02:06 GMT"),
        ("2023-03-07T02:03:07Z", "Tue, 07 Mar 2023 02:03:07 GMT"),
        ("2023-04-12T03:04:12Z", "Wed, 12 Apr 2023 03:04:12 GMT"),
        ("2023-05-18T04:05:18Z", "Thu, 18 May 2023 04:05:18 GMT"),
        ("2023-06-23T05:06:23Z", "Fri, 23 Jun 2023 05:06:23 GMT"),
        ("2023-07-29T06:07:29Z", "Sat, 29 Jul 2023 06:07:29 GMT"),
        ("2023-08-31T23:08:31Z", "Thu, 31 Aug 2023 23:08:31 GMT"),
        ("2023-09-09T12:00:00Z", "Sat, 09 Sep 2023 12:00:00 GMT"),
        ("2023-10-10T10:10:10Z", "Tue, 10 Oct 2023 10:10:10 GMT"),
        ("2023-11-20T10:11:12Z", "Mon, 20 Nov 2023 10:11:12 GMT"),
        ("2023-12-31T23:59:59Z", "Sun, 31 Dec 2023 23:59:59 GMT"),
        ("2024-02-29T00:00:00Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
        // Another zone, over midnight.
        ("2023-11-21T01:11:12+02:00", "Mon, 20 Nov 2023 23:11:12 GMT"),
        // What is smaller than a second is cut, and never rounded up; before 1970 too.
        ("2023-11-20T10:11:12.0000001Z", "Mon, 20 Nov 2023 10:11:12 GMT"),
        ("2023-12-31T23:59:59.999999999Z", "Sun, 31 Dec 2023 23:59:59 GMT"),
        ("1969-12-31T23:59:58.75Z", "Wed, 31 Dec 1969 23:59:58 GMT"),
        // A year has four digits.
        ("0999-01-01T00:00:00Z", "Tue, 01 Jan 0999 00:00:00 GMT"),
        ("9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ];
    let (recorder, account, _) = both().await;
    let thumbprint = calls::thumbprint();
    for (given, _) in table {
        let date: DateTime<Utc> = given.parse().or_fail();
        account
            .cancel_deletion(&thumbprint)
            .ocp_date(date)
            .await
            .or_fail();
    }
    assert_eq!(sent(&recorder, "ocp-date"), table.map(|(_, text)| text));
}

// Facts: Certificate_CancelDeletion: query timeout: integer; Certificate_CancelDeletion: query timeout: format int32
#[tokio::test]
async fn timeouts_are_whole_seconds() {
    let table = [
        (Duration::from_secs(1), "1"),
        (Duration::from_secs(15), "15"),
        (Duration::from_secs(31), "31"),
        (Duration::from_secs(3600), "3600"),
        (Duration::from_secs(2_147_483_647), "2147483647"),
    ];
    let (recorder, account, _) = both().await;
    let thumbprint = calls::thumbprint();
    for (limit, _) in table {
        account
            .cancel_deletion(&thumbprint)
            .timeout(limit)
            // The service gets no more than the call has left.
            .deadline(Duration::from_secs(1 << 40))
            .await
            .or_fail();
    }
    for (request, (_, text)) in recorder.received().iter().zip(table) {
        let query = format!("?api-version=2023-11-01.18.0&timeout={text}");
        assert!(request.target.ends_with(&query), "{}", request.target);
    }
    assert_eq!(recorder.received().len(), table.len());
}

#[tokio::test]
async fn tokens_are_sent_as_given() {
    let long = "x".repeat(64 * 1024);
    let tokens = [
        "a",
        "eyJ0eXAi.eyJhdWQi._-~+/==",
        "!\"#$%&'()*,:;<>?@[\\]^`{|}",
        &long,
    ];
    let recorder = silent().await;
    let (base, thumbprint) = (recorder.base_url(), calls::thumbprint());
    for token in tokens {
        let account = batch::Client::builder(&base, token)
            .allow_loopback_http()
            .build();
        account
            .or_fail()
            .cancel_deletion(&thumbprint)
            .await
            .or_fail();
    }
    assert_eq!(
        sent(&recorder, "authorization"),
        tokens.map(|token| format!("Bearer {token}"))
    );
}

#[tokio::test]
async fn thumbprints_are_sent_in_the_case_they_were_given_in() {
    let (recorder, account, tenant) = both().await;
    for text in [
        "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b",
        "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        "9B3c37766Bd00C22ec478b8f124C153b4b7e4C5b",
    ] {
        let thumbprint: Thumbprint = text.parse().or_fail();
        account.cancel_deletion(&thumbprint).await.or_fail();
        tenant.delete(&thumbprint).await.or_fail();
        let received = recorder.received();
        let [.., batch, wap] = received.as_slice() else {
            panic!("{received:?}")
        };
        let path =
            format!("/certificates(thumbprintAlgorithm=sha1,thumbprint={text})/canceldelete");
        assert_eq!(batch.path(), path);
        assert_eq!(
            wap.path(),
            format!("/Subscriptions/{SUBSCRIPTION}/certificates/{text}")
        );
    }
}

/// The default is in the rows of `table`.
#[tokio::test]
async fn every_operation_sends_the_api_version_that_was_set() {
    for call in calls::ALL.iter().filter(|call| call.api() == "batch") {
        let recorder = RawServer::start([call.good()]).await;
        let base = recorder.base_url();
        let builder = batch::Client::builder(&base, TOKEN).allow_loopback_http();
        let clients = Clients {
            batch: builder.api_version("2024-07-01.20.0").build().or_fail(),
            ..Clients::at(&base)
        };
        (call.run)(clients, None).await.or_fail();
        let target = plain(call).await.target;
        let target = target.replace("2023-11-01.18.0", "2024-07-01.20.0");
        assert_eq!(recorder.only().target, target);
    }
}

/// A time as WAP's answer has it.
fn time_created(text: &str) -> serde_json::Result<Option<NaiveDateTime>> {
    let certificate: SubscriptionCertificate =
        serde_json::from_value(json!({ "TimeCreated": text }))?;
    Ok(certificate.time_created)
}

#[test]
fn times_without_a_zone_have_any_fraction() {
    // The page shows three digits; .NET writes up to seven.
    for (text, nanoseconds) in [
        ("2013-07-03T16:19:50", 0),
        ("2013-07-03T16:19:50.7", 700_000_000),
        ("2013-07-03T16:19:50.79", 790_000_000),
        ("2013-07-03T16:19:50.793", 793_000_000),
        ("2013-07-03T16:19:50.7931", 793_100_000),
        ("2013-07-03T16:19:50.79312", 793_120_000),
        ("2013-07-03T16:19:50.793124", 793_124_000),
        ("2013-07-03T16:19:50.7931245", 793_124_500),
        ("2013-07-03T16:19:50.0000001", 100),
    ] {
        let day = chrono::NaiveDate::from_ymd_opt(2013, 7, 3).or_fail();
        let time = day.and_hms_nano_opt(16, 19, 50, nanoseconds);
        assert_eq!(time_created(text).expect(text), time, "{text}");
    }
    for text in [
        "",
        "2013-07-03",
        "2013-07-03 16:19",
        "2013-13-03T16:19:50",
        "now",
    ] {
        assert!(time_created(text).is_err(), "{text}");
    }
}

#[test]
fn a_zone_is_never_overlooked() {
    // No page has one. To refuse it is right, and so is to heed it; to drop it would be an hour wrong.
    for (text, utc) in [
        ("2013-07-03T16:19:50Z", "2013-07-03T16:19:50"),
        ("2013-07-03T16:19:50.793+02:00", "2013-07-03T14:19:50.793"),
        ("2013-07-03T16:19:50-01:00", "2013-07-03T17:19:50"),
    ] {
        let utc = time_created(utc).or_fail();
        assert!(
            time_created(text).is_ok_and(|time| time == utc) || time_created(text).is_err(),
            "{text}"
        );
    }
}
