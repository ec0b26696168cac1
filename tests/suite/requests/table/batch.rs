//! The rows of Batch.

use std::time::Duration;

use chrono::{DateTime, Utc};
use conformance::calls;
use test_support::OrFail as _;
use thumbprint::batch::{
    CertificateState,
    filter::{state, state_transition_time},
};

use super::{super::sends, Row};

/// All headers that the page offers, beside those that have to do with a body.
const EVERYTHING: &[(&str, &str)] = &[
    ("client-request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"),
    ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
    ("return-client-request-id", "true"),
];

fn date() -> DateTime<Utc> {
    "2023-11-20T10:11:12Z".parse().or_fail()
}

pub(super) const ROWS: [Row; 13] = [
    Row {
        name: "batch list: nothing but what the page requires",
        operation: "Certificate_List",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients.batch.list()),
        method: "GET",
        target: "/certificates?api-version=2023-11-01.18.0",
        headers: &[],
        body: "",
    },
    Row {
        name: "batch list: everything that the page offers",
        operation: "Certificate_List",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients
            .batch
            .list()
            .filter(
                state()
                    .eq(CertificateState::Active)
                    .and(state_transition_time().gt("2023-01-01T00:00:00Z".parse().or_fail()))
            )
            .select(["thumbprint", "state"])
            .max_results("7")
            .ocp_date(date())
            .return_client_request_id(true)
            .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
            .timeout(Duration::from_secs(15))),
        method: "GET",
        target: "/certificates?%24filter=state+eq+%27active%27+and+stateTransitionTime+gt+2023-01-01T00%3A00%3A00Z&%24select=thumbprint%2Cstate&maxresults=7&api-version=2023-11-01.18.0&timeout=15",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "batch add: nothing but what the page requires",
        operation: "Certificate_Add",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients.batch.add(calls::new_pfx())),
        method: "POST",
        target: "/certificates?api-version=2023-11-01.18.0",
        headers: &[
            ("content-length", "162"),
            ("content-type", "application/json; odata=minimalmetadata"),
        ],
        body: r#"{"certificateFormat":"pfx","data":"MBwCAQMwFwYJKoZIhvcNAQcCoAoECE1JSUNkYXRh","thumbprint":"0123456789abcdef0123456789abcdef01234567","thumbprintAlgorithm":"sha1"}"#,
    },
    Row {
        name: "batch add: everything that the page offers",
        operation: "Certificate_Add",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, _| clients
            .batch
            .add(calls::new_pfx().password("p@ss \"w\"/\u{e9}"))
            .ocp_date(date())
            .return_client_request_id(true)
            .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
            .timeout(Duration::from_secs(15))),
        method: "POST",
        target: "/certificates?api-version=2023-11-01.18.0&timeout=15",
        headers: &[
            ("client-request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"),
            ("content-length", "189"),
            ("content-type", "application/json; odata=minimalmetadata"),
            ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
            ("return-client-request-id", "true"),
        ],
        body: r#"{"certificateFormat":"pfx","data":"MBwCAQMwFwYJKoZIhvcNAQcCoAoECE1JSUNkYXRh","password":"p@ss \"w\"/é","thumbprint":"0123456789abcdef0123456789abcdef01234567","thumbprintAlgorithm":"sha1"}"#,
    },
    Row {
        name: "batch get: nothing but what the page requires",
        operation: "Certificate_Get",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients.batch.get(&thumbprint)),
        method: "GET",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)?api-version=2023-11-01.18.0",
        headers: &[],
        body: "",
    },
    Row {
        name: "batch get: everything that the page offers",
        operation: "Certificate_Get",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .get(&thumbprint)
            .select(["thumbprint", "state"])
            .ocp_date(date())
            .return_client_request_id(true)
            .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
            .timeout(Duration::from_secs(15))),
        method: "GET",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)?%24select=thumbprint%2Cstate&api-version=2023-11-01.18.0&timeout=15",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "batch delete: nothing but what the page requires",
        operation: "Certificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients.batch.delete(&thumbprint)),
        method: "DELETE",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)?api-version=2023-11-01.18.0",
        headers: &[],
        body: "",
    },
    Row {
        name: "batch delete: everything that the page offers",
        operation: "Certificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .delete(&thumbprint)
            .ocp_date(date())
            .return_client_request_id(true)
            .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
            .timeout(Duration::from_secs(15))),
        method: "DELETE",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)?api-version=2023-11-01.18.0&timeout=15",
        headers: EVERYTHING,
        body: "",
    },
    Row {
        name: "batch cancel deletion: nothing but what the page requires",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients.batch.cancel_deletion(&thumbprint)),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[("content-length", "0")],
        body: "",
    },
    Row {
        name: "batch cancel deletion: everything that the page offers",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .cancel_deletion(&thumbprint)
            .ocp_date(date())
            .return_client_request_id(true)
            .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
            .timeout(Duration::from_secs(15))),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0&timeout=15",
        headers: &[
            ("client-request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"),
            ("content-length", "0"),
            ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
            ("return-client-request-id", "true"),
        ],
        body: "",
    },
    Row {
        name: "batch: false is said, since the caller said it",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .cancel_deletion(&thumbprint)
            .return_client_request_id(false)),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[
            ("content-length", "0"),
            ("return-client-request-id", "false"),
        ],
        body: "",
    },
    Row {
        name: "batch: the thumbprint's case and the service's own default are sent as given",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789ABCDEF0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .cancel_deletion(&thumbprint)
            .timeout(Duration::from_secs(30))),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789ABCDEF0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0&timeout=30",
        headers: &[("content-length", "0")],
        body: "",
    },
    Row {
        name: "batch: a deadline of the caller's is not the service's business",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        send: sends!(|clients, thumbprint| clients
            .batch
            .cancel_deletion(&thumbprint)
            .deadline(calls::PATIENT)),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[("content-length", "0")],
        body: "",
    },
];
