//! Row 12: the options of each operation are those of its document, and every combination of them is sent
//! as chosen. It must notice a swapped, dropped or undocumented option.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use conformance::{
    calls::{self, Call},
    world,
};
use test_support::{OrFail as _, RawServer, Received};
use thumbprint::batch::{CertificateState, filter};
use thumbprint_batch::builder as batch;
use thumbprint_wap::builder as wap;

/// An option of an operation: where it is sent, its name on the wire, what is sent when `set` was called.
struct Choice<Call> {
    location: &'static str,
    name: &'static str,
    value: &'static str,
    set: fn(Call) -> Call,
}

const fn choice<Call>(
    [location, name, value]: [&'static str; 3],
    set: fn(Call) -> Call,
) -> Choice<Call> {
    Choice {
        location,
        name,
        value,
        set,
    }
}

const ID: &str = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
const DATE: &str = "Mon, 20 Nov 2023 10:11:12 GMT";

/// What each call of Batch can do without, and more.
macro_rules! batch_choices {
    ($($more:expr),* $(,)?) => {
        vec![
            choice(["query", "timeout", "17"], |call| {
                call.timeout(Duration::from_secs(17))
            }),
            choice(["header", "client-request-id", ID], |call| {
                call.client_request_id(ID)
            }),
            choice(
                ["header", "return-client-request-id", "true"],
                |call| call.return_client_request_id(true),
            ),
            choice(["header", "ocp-date", DATE], |call| {
                call.ocp_date("2023-11-20T10:11:12Z".parse::<DateTime<Utc>>().or_fail())
            }),
            $($more),*
        ]
    };
}

/// What each call of WAP can do without.
macro_rules! wap_choices {
    () => {
        vec![
            choice(["header", "x-ms-client-request-id", "request 1"], |call| {
                call.client_request_id("request 1".to_owned())
            }),
            choice(["header", "x-ms-client-session-id", ID], |call| {
                call.client_session_id(ID)
            }),
            choice(
                ["header", "x-ms-principal-liveid", "ana@live.example"],
                |call| call.principal_live_id("ana@live.example".to_owned()),
            ),
        ]
    };
}

const SELECT: [&str; 3] = ["query", "$select", "thumbprint,state"];
const FILTER: [&str; 3] = ["query", "$filter", "state eq 'deletefailed'"];
const MAX: [&str; 3] = ["query", "maxresults", "7"];

/// A test of all combinations of a call's options.
macro_rules! every_combination {
    ($test:ident, $operation:literal, $call:ty, $choices:expr, |$clients:ident, $thumbprint:pat_param| $start:expr) => {
        #[tokio::test]
        async fn $test() {
            let choices: Vec<Choice<$call>> = $choices;
            let call = Call::of($operation);
            assert_complete(&choices, call);
            let recorder = RawServer::start([call.good()]).await;
            let $clients = calls::Clients::at(&recorder.base_url());
            let $thumbprint = &calls::thumbprint();
            for combination in 0..1 << choices.len() {
                let chosen = choices.iter().enumerate();
                let chosen = chosen.filter(|(index, _)| has(combination, *index));
                let call = chosen.fold($start, |call, (_, choice)| (choice.set)(call));
                call.await.or_fail();
            }
            assert_combinations(&choices, &recorder);
        }
    };
}

every_combination!(
    batch_list,
    "Certificate_List",
    batch::CertificateList<'_>,
    batch_choices![
        choice(FILTER, |call| call
            .filter(filter::state().eq(CertificateState::DeleteFailed))),
        choice(SELECT, |call| call.select(["thumbprint", "state"])),
        choice(MAX, |call| call.max_results("7"))
    ],
    |clients, _| clients.batch.list()
);
every_combination!(
    batch_add,
    "Certificate_Add",
    batch::CertificateAdd<'_>,
    batch_choices![],
    |clients, _| clients.batch.add(calls::new_pfx())
);
every_combination!(
    batch_get,
    "Certificate_Get",
    batch::CertificateGet<'_>,
    batch_choices![choice(SELECT, |call| call.select(["thumbprint", "state"]))],
    |clients, thumbprint| clients.batch.get(thumbprint)
);
every_combination!(
    batch_delete,
    "Certificate_Delete",
    batch::CertificateDelete<'_>,
    batch_choices![],
    |clients, thumbprint| clients.batch.delete(thumbprint)
);
every_combination!(
    // Facts: Certificate_CancelDeletion: query timeout, optional; Certificate_CancelDeletion: query timeout: default 30
    // Facts: Certificate_CancelDeletion: header client-request-id, optional; Certificate_CancelDeletion: header client-request-id: string
    // Facts: Certificate_CancelDeletion: header return-client-request-id*
    // Facts: Certificate_CancelDeletion: header ocp-date, optional; Certificate_CancelDeletion: header ocp-date: string
    batch_cancel_deletion,
    "Certificate_CancelDeletion",
    batch::CertificateCancelDeletion<'_>,
    batch_choices![],
    |clients, thumbprint| clients.batch.cancel_deletion(thumbprint)
);
every_combination!(
    wap_list,
    "ManagementCertificate_List",
    wap::ManagementCertificateList<'_>,
    wap_choices![],
    |clients, _| clients.wap.list()
);
every_combination!(
    wap_add,
    "ManagementCertificate_Add",
    wap::ManagementCertificateAdd<'_>,
    wap_choices![],
    |clients, _| clients.wap.add(calls::new_management_certificate())
);
every_combination!(
    wap_get,
    "ManagementCertificate_Get",
    wap::ManagementCertificateGet<'_>,
    wap_choices![],
    |clients, thumbprint| clients.wap.get(thumbprint)
);
every_combination!(
    // Facts: ManagementCertificate_Delete: header x-ms-client-request-id*; ManagementCertificate_Delete: header x-ms-client-session-id*
    // Facts: ManagementCertificate_Delete: header x-ms-principal-liveid*
    wap_delete,
    "ManagementCertificate_Delete",
    wap::ManagementCertificateDelete<'_>,
    wap_choices![],
    |clients, thumbprint| clients.wap.delete(thumbprint)
);

/// Checks that the choices are all options that the document has.
fn assert_complete<T>(choices: &[Choice<T>], call: &Call) {
    let operation = world::operation(call.operation);
    let optional = operation
        .parameters
        .iter()
        .filter(|parameter| !parameter.required);
    let documented: BTreeSet<_> = optional
        .map(|parameter| (parameter.location.as_str(), parameter.name.as_str()))
        .collect();
    let chosen: BTreeSet<_> = choices
        .iter()
        .map(|choice| (choice.location, choice.name))
        .collect();
    let file = format!("specs/{}.yaml#{}", call.api(), operation.pointer);
    let differences = documented.symmetric_difference(&chosen).map(|choice| {
        let (location, name) = choice;
        let (has, lacks) = if chosen.contains(choice) {
            ("tests/suite/requests/options.rs", file.as_str())
        } else {
            (file.as_str(), "tests/suite/requests/options.rs")
        };
        format!(
            "{}: {has} has the optional {location} {name}, {lacks} does not",
            call.operation
        )
    });
    let differences: Vec<_> = differences.collect();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    assert_eq!(
        documented.len(),
        choices.len(),
        "{}: a choice is there twice",
        call.operation
    );
}

/// All headers and queries of a request, in order.
fn everything(request: &Received) -> Vec<(&'static str, String, String)> {
    let headers = request.headers.iter().cloned();
    let headers = headers.map(|(name, value)| ("header", name, value));
    let query = request.query().into_iter();
    let mut all: Vec<_> = headers
        .chain(query.map(|(name, value)| ("query", name, value)))
        .collect();
    all.sort();
    all
}

/// Whether a combination has a choice: combinations are counted, a choice a bit.
fn has(combination: usize, choice: usize) -> bool {
    combination >> choice & 1 == 1
}

/// Checks that the combinations, received in the order of their numbers, differ from the first, which
/// has no option, in exactly what was chosen.
fn assert_combinations<T>(choices: &[Choice<T>], recorder: &RawServer) {
    let received = recorder.received();
    assert_eq!(received.len(), 1 << choices.len());
    let plain = everything(&received[0]);
    for choice in choices {
        let sent = plain.iter().any(|(location, name, _)| {
            (*location, name.as_str()) == (choice.location, choice.name)
        });
        assert!(!sent, "{} is sent unasked", choice.name);
    }
    for (combination, request) in received.iter().enumerate() {
        let mut expected = plain.clone();
        let chosen = choices
            .iter()
            .enumerate()
            .filter(|(index, _)| has(combination, *index));
        expected.extend(chosen.map(|(_, choice)| {
            (
                choice.location,
                choice.name.to_owned(),
                choice.value.to_owned(),
            )
        }));
        expected.sort();
        assert_eq!(everything(request), expected, "combination {combination:b}");
        assert_eq!(request.path(), received[0].path());
        assert_eq!(request.body, received[0].body);
    }
}
