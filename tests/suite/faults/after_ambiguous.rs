//! What a refusal means after an attempt that may have been carried out. Must notice a refusal that is
//! taken for a success without such an attempt before it, one that is not taken for it after one, and an
//! outcome that is called known while it is not.

use std::time::Duration;

use conformance::calls::{Call, Clients, PFX, WAP_EXAMPLE, WAP_THUMBPRINT, der, thumbprint};
use serde_json::json;
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::{Error, batch, wap};

use super::{bare, clients, refusal, run};
use crate::responses::{predicates, status};

/// The outcome of a call whose first attempt may have been carried out.
enum AfterAmbiguous {
    /// It worked, as the refusal tells.
    Inferred,
    /// The outcome is unknown, and these are the predicates besides.
    Unknown(&'static [&'static str]),
    /// The refusal means what it says: a read changes nothing.
    Plain,
}

use AfterAmbiguous::{Inferred, Plain, Unknown};

/// What refuses the second attempt, and the call's outcome. Operations that are ambiguous are called
/// with `retry_ambiguous`.
#[rustfmt::skip]
const TABLE: &[(&str, u16, &str, AfterAmbiguous)] = &[
    ("Certificate_CancelDeletion", 409, "CertificateStateActive", Inferred),
    ("Certificate_CancelDeletion", 409, "CertificateBeingDeleted", Unknown(&["conflict"])),
    ("Certificate_CancelDeletion", 409, "", Unknown(&["conflict"])),
    ("Certificate_CancelDeletion", 404, "CertificateNotFound", Unknown(&["not_found"])),
    ("Certificate_CancelDeletion", 403, "X", Unknown(&["forbidden"])),
    ("Certificate_CancelDeletion", 400, "CertificateRetired", Unknown(&["retired"])),
    ("Certificate_CancelDeletion", 401, "X", Unknown(&["unauthenticated"])),
    ("Certificate_CancelDeletion", 307, "", Unknown(&["unexpected_answer"])),
    ("Certificate_Delete", 409, "CertificateBeingDeleted", Inferred),
    ("Certificate_Delete", 404, "CertificateNotFound", Inferred),
    ("Certificate_Delete", 404, "ResourceNotFound", Unknown(&["unexpected_answer"])),
    ("Certificate_Delete", 404, "", Unknown(&["unexpected_answer"])),
    ("Certificate_Delete", 409, "CertificateStateActive", Unknown(&["conflict"])),
    ("Certificate_Delete", 403, "X", Unknown(&["forbidden"])),
    ("ManagementCertificate_Delete", 404, "", Unknown(&["unexpected_answer"])),
    ("ManagementCertificate_Delete", 404, "X", Inferred),
    ("ManagementCertificate_Delete", 409, "CertificateBeingDeleted", Unknown(&["conflict"])),
    ("ManagementCertificate_Delete", 403, "X", Unknown(&["forbidden"])),
    // What is in a PFX cannot be compared.
    ("Certificate_Add", 409, "CertificateExists", Unknown(&["conflict"])),
    ("Certificate_Add", 409, "CertificateStateActive", Unknown(&["conflict"])),
    ("Certificate_Add", 404, "", Unknown(&["unexpected_answer"])),
    ("Certificate_Add", 403, "X", Unknown(&["forbidden"])),
    ("ManagementCertificate_Add", 403, "X", Unknown(&["forbidden"])),
    ("ManagementCertificate_Add", 404, "X", Unknown(&["not_found"])),
    ("Certificate_Get", 404, "CertificateNotFound", Plain),
    ("Certificate_Get", 403, "X", Plain),
    ("Certificate_List", 403, "X", Plain),
    ("ManagementCertificate_Get", 404, "", Plain),
    ("ManagementCertificate_List", 403, "X", Plain),
];

/// The answers after which it is unknown whether the request was carried out.
fn ambiguous() -> Vec<Vec<Reply>> {
    vec![
        vec![Reply::Reset],
        vec![Reply::Close(Vec::new())],
        vec![Reply::Stall(Vec::new())],
        vec![bare(500, &[])],
        vec![bare(502, &[])],
        vec![bare(503, &[("Retry-After", "1")])],
        vec![bare(408, &[])],
        // What is unknown does not become known by another attempt that was throttled.
        vec![bare(504, &[]), bare(429, &[])],
        vec![bare(429, &[]), Reply::Reset],
        vec![Reply::Reset, Reply::Reset, bare(429, &[])],
    ]
}

/// The answers after which it is known that it was not.
fn throttled() -> Vec<Vec<Reply>> {
    vec![
        Vec::new(),
        vec![bare(429, &[])],
        vec![bare(429, &[]), bare(429, &[("Retry-After", "1")])],
    ]
}

fn refused(call: &Call, number: u16, code: &str) -> Reply {
    if code.is_empty() {
        bare(number, &[])
    } else {
        refusal(call, number, &[], code)
    }
}

/// The outcome of a call that is refused in the end, and the requests that it took.
async fn ask(
    call: &Call,
    before: &[Reply],
    last: &Reply,
) -> (Result<(u16, String), Error>, Vec<Received>) {
    let clock = TestClock::start();
    let server = RawServer::start([before, std::slice::from_ref(last)].concat()).await;
    let server = server.with_clock(&clock);
    let outcome = run(call, clients(&server.base_url(), &clock), true).await;
    (outcome, server.received())
}

#[tokio::test]
async fn a_refusal_after_an_ambiguous_attempt_is_inferred_or_unknown() {
    for (operation, number, code, after) in TABLE {
        let call = Call::of(operation);
        let last = refused(call, *number, code);
        for before in ambiguous() {
            let row = format!("{operation} {before:?} {number} {code}");
            let (outcome, received) = ask(call, &before, &last).await;
            assert_eq!(received.len(), before.len() + 1, "{row}");
            match (after, outcome) {
                (Inferred, Ok((told, shown))) => {
                    assert_eq!(told, *number, "{row}");
                    assert!(shown.contains("inferred: true"), "{row}: {shown}");
                    assert!(
                        call.api() == "batch" || shown.contains("value: None"),
                        "{row}: {shown}"
                    );
                }
                (Unknown(says), Err(error)) => {
                    let mut says = [*says, &["outcome_unknown"]].concat();
                    says.sort_unstable();
                    assert_eq!(predicates(&error), says, "{row}: {error}");
                    assert_eq!(status(&error), Some(*number), "{row}");
                    assert_eq!(error.attempts() as usize, received.len(), "{row}");
                }
                (Plain, Err(error)) => {
                    let (first, _) = ask(call, &[], &last).await;
                    let says = predicates(first.as_ref().err_or_fail());
                    assert_eq!(predicates(&error), says, "{row}: {error}");
                    assert!(!error.is_outcome_unknown(), "{row}");
                }
                (_, outcome) => panic!("{row}: {outcome:?}"),
            }
        }
    }
}

/// The same refusals are nothing but refusals where nothing can have been carried out before them.
#[tokio::test]
async fn a_refusal_after_throttled_attempts_is_only_a_refusal() {
    for (operation, number, code, _) in TABLE {
        let call = Call::of(operation);
        let last = refused(call, *number, code);
        for before in throttled() {
            let row = format!("{operation} {before:?} {number} {code}");
            let (outcome, received) = ask(call, &before, &last).await;
            let error = outcome.expect_err(&row);
            assert!(
                !error.is_outcome_unknown() && !error.is_applied(),
                "{row}: {error}"
            );
            assert_eq!(status(&error), Some(*number), "{row}");
            assert_eq!(received.len(), before.len() + 1, "{row}");
        }
    }
}

/// What a get finds after an addition was refused because the certificate is there already.
enum Found {
    Ours,
    Another,
    WithoutData,
    Nothing,
    NoAnswer,
}

/// What is added, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Adding {
    Cer,
    Pfx,
    Wap,
}

impl Adding {
    async fn run(self, clients: &Clients, retry_ambiguous: bool) -> Result<(u16, bool), Error> {
        match self {
            Self::Cer | Self::Pfx => {
                let new = match self {
                    Self::Cer => batch::NewCertificate::cer(&der()),
                    _ => batch::NewCertificate::pfx_with_thumbprint(PFX, thumbprint()),
                };
                let added = clients
                    .batch
                    .add(new?)
                    .retry_ambiguous(retry_ambiguous)
                    .await?;
                Ok((added.status().as_u16(), added.is_inferred()))
            }
            Self::Wap => {
                let new = wap::NewCertificate::new(&der())?;
                let added = clients
                    .wap
                    .add(new)
                    .retry_ambiguous(retry_ambiguous)
                    .await?;
                Ok((added.status().as_u16(), added.is_inferred()))
            }
        }
    }

    fn call(self) -> &'static Call {
        Call::of(match self {
            Self::Wap => "ManagementCertificate_Add",
            Self::Cer | Self::Pfx => "Certificate_Add",
        })
    }

    fn answer(self, found: &Found) -> Reply {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let data = match found {
            Found::Ours => Some(BASE64_STANDARD.encode(der())),
            Found::Another => Some(BASE64_STANDARD.encode(b"another")),
            Found::WithoutData => None,
            Found::Nothing => return bare(404, &[]),
            Found::NoAnswer => return Reply::Reset,
        };
        let body = if self == Self::Wap {
            let mut body: serde_json::Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
            body["SubscriptionCertificateData"] = json!(data);
            body
        } else {
            json!({"thumbprint": WAP_THUMBPRINT, "publicData": data})
        };
        Reply::json(200, body)
    }
}

#[tokio::test]
async fn an_addition_that_exists_is_compared_with_what_is_stored() {
    for adding in [Adding::Cer, Adding::Pfx, Adding::Wap] {
        for found in [
            Found::Ours,
            Found::Another,
            Found::WithoutData,
            Found::Nothing,
            Found::NoAnswer,
        ] {
            for first in [Reply::Reset, bare(502, &[]), Reply::Stall(Vec::new())] {
                let clock = TestClock::start();
                let exists = refusal(adding.call(), 409, &[], "CertificateExists");
                let answers = [first, exists, adding.answer(&found)];
                let server = RawServer::start(answers).await.with_clock(&clock);
                let clients = clients(&server.base_url(), &clock);
                let outcome = adding.run(&clients, true).await;
                let received = server.received();
                let methods: Vec<_> = received.iter().map(|one| one.method.as_str()).collect();
                // Of a PFX there is nothing to be compared, so it is not read.
                let gets = match (adding, &found) {
                    (Adding::Pfx, _) => 0,
                    (_, Found::NoAnswer) => 4,
                    _ => 1,
                };
                assert_eq!(methods[..2], ["POST"; 2], "{adding:?}");
                assert_eq!(methods[2..], vec!["GET"; gets], "{adding:?}");
                if matches!(found, Found::Ours) && adding != Adding::Pfx {
                    assert_eq!(outcome.or_fail(), (409, true), "{adding:?}");
                    continue;
                }
                let error = outcome.err_or_fail();
                assert_eq!(
                    predicates(&error),
                    ["conflict", "outcome_unknown"],
                    "{adding:?}"
                );
                assert_eq!((status(&error), error.attempts()), (Some(409), 2));
            }
        }
    }
}

/// On a first attempt the account has had it before, whatever is in it; and it is not read.
#[tokio::test]
async fn an_addition_that_existed_before_is_a_conflict() {
    for adding in [Adding::Cer, Adding::Pfx, Adding::Wap] {
        for before in throttled() {
            let clock = TestClock::start();
            let exists = refusal(adding.call(), 409, &[], "CertificateExists");
            let answers = [exists, adding.answer(&Found::Ours)];
            let server = RawServer::start([&before[..], &answers].concat()).await;
            let clients = clients(&server.base_url(), &clock);
            let error = adding.run(&clients, true).await.err_or_fail();
            assert_eq!(predicates(&error), ["conflict"], "{adding:?}");
            assert_eq!(server.received().len(), before.len() + 1, "{adding:?}");
        }
        let server = RawServer::start([bare(502, &[]), adding.answer(&Found::Ours)]).await;
        let clients = clients(&server.base_url(), &TestClock::start());
        let error = adding.run(&clients, false).await.err_or_fail();
        assert_eq!(predicates(&error), ["outcome_unknown"], "{adding:?}");
        assert_eq!(server.received().len(), 1, "{adding:?}");
    }
}

/// The get has what is left of the addition's own time, and no more.
#[tokio::test]
async fn a_get_that_hangs_ends_with_the_addition() {
    for adding in [Adding::Cer, Adding::Wap] {
        let clock = TestClock::start();
        let (start, limit) = (thumbprint::Clock::now(&*clock), Duration::from_secs(60));
        let exists = refusal(adding.call(), 409, &[], "CertificateExists");
        let answers = [bare(502, &[]), exists, Reply::Stall(Vec::new())];
        let server = RawServer::start(answers).await.with_clock(&clock);
        let clients = clients(&server.base_url(), &clock);
        let error = adding.run(&clients, true).await.err_or_fail();
        assert_eq!(predicates(&error), ["conflict", "outcome_unknown"]);
        let spent = thumbprint::Clock::now(&*clock) - start;
        assert_eq!(spent, limit, "{adding:?}");
    }
}

/// The service itself allows another attempt, so `retry_ambiguous` is not needed; the same holds after it.
#[tokio::test]
async fn retry_after_with_408_or_503_allows_another_attempt() {
    for number in [408, 503] {
        let busy = bare(number, &[("Retry-After", "1")]);
        let call = Call::of("Certificate_CancelDeletion");
        let active = refusal(call, 409, &[], "CertificateStateActive");
        let server = RawServer::start([busy.clone(), active]).await;
        let by_clock = clients(&server.base_url(), &TestClock::start());
        let (status, shown) = run(call, by_clock, false).await.or_fail();
        assert_eq!(status, 409);
        assert!(shown.contains("inferred: true"), "{shown}");

        let adding = Adding::Wap;
        let exists = refusal(adding.call(), 409, &[], "CertificateExists");
        let answers = [busy, exists, adding.answer(&Found::Ours)];
        let server = RawServer::start(answers).await;
        let by_clock = clients(&server.base_url(), &TestClock::start());
        assert_eq!(adding.run(&by_clock, false).await.or_fail(), (409, true));
    }
}

/// A deletion that is waited for goes on from what the refusal tells.
#[tokio::test]
async fn a_wait_goes_on_after_an_ambiguous_deletion() {
    let call = Call::of("Certificate_Delete");
    let gone = || refusal(call, 404, &[], "CertificateNotFound");
    for last in [refusal(call, 409, &[], "CertificateBeingDeleted"), gone()] {
        let (clock, asked) = (TestClock::start(), thumbprint());
        let server = RawServer::start([Reply::Reset, last, gone()]).await;
        let account = clients(&server.base_url(), &clock).batch;
        let minute = Duration::from_secs(60);
        let outcome = account.delete_and_wait(&asked, minute).await.or_fail();
        assert_eq!(outcome, batch::DeletionOutcome::Deleted);
        let received = server.received();
        let methods: Vec<_> = received.iter().map(|one| one.method.as_str()).collect();
        assert_eq!(methods, ["DELETE", "DELETE", "GET"]);
    }
}
