//! Errors of every kind, of the facade and of the layers below it. Must notice an error that quotes what
//! it refuses, where it went or what came back.

use std::{sync::Arc, time::Duration};

use conformance::calls::{ALL, THUMBPRINT, der, new_management_certificate};
use futures_util::TryStreamExt as _;
use test_support::{OrFail as _, RawServer, Reply, TestClock, Unreachable};
use thumbprint::{Error, Thumbprint, batch, wap};
use thumbprint_wap::types::SubscriptionId;

use super::{
    BODY, LIVE_ID, PASSWORD, PRINCIPAL, SUBSCRIPTION, TOKEN, assert_clean, batch_at, live_id, pfx,
    subject, wap_at, whole,
};

/// Answers that make every kind of error. What the service says for people to read, its message and its
/// details, is shown on purpose; everything else is not.
pub(super) fn bad_answers() -> Vec<Reply> {
    let away = format!("https://elsewhere.example/{BODY}/{SUBSCRIPTION}?t={TOKEN}");
    let challenge = format!("Bearer realm=\"{BODY}\"");
    let headers = [
        ("Location", away.as_str()),
        ("WWW-Authenticate", &challenge),
        ("Set-Cookie", BODY),
        ("DataServiceId", &away),
    ];
    let also = |name, value| [&headers[..], &[(name, value)]].concat();
    let echo = format!("{BODY} {TOKEN} {SUBSCRIPTION} {PRINCIPAL} {LIVE_ID}");
    let mut answers = Vec::new();
    for status in [
        101, 200, 202, 300, 302, 307, 308, 400, 401, 403, 404, 409, 429, 500, 503, 600,
    ] {
        for body in [
            format!("<html>{echo}</html>"),
            format!("{{\"code\": \"{echo}"),
            format!("{{\"x\": \"{echo}\"}}"),
            format!("[\"{echo}\"]"),
            format!("<Fault>{echo}</Fault>"),
            echo.clone(),
        ] {
            answers.push(Reply::new(status, &headers, body));
        }
        let mut cut = Reply::head(status, &also("Content-Length", "9999"));
        cut.extend(echo.as_bytes());
        answers.push(Reply::Close(cut));
    }
    let unreadable = format!(r#"{{"TimeCreated": "{echo}"}}"#);
    let json = also("Content-Type", "application/json");
    let plain = r#"{"code": "C", "message": {"value": "plain"}}"#;
    answers.extend([
        Reply::new(200, &json, unreadable),
        Reply::new(200, &also("Content-Type", "text/html"), &echo),
        Reply::new(200, &also("Content-Encoding", "gzip"), &echo),
        Reply::new(204, &also("Content-Encoding", "gzip"), ""),
        Reply::new(200, &headers, echo.repeat(50_000)),
        Reply::new(404, &headers, echo.repeat(2_000)),
        Reply::new(409, &json, plain),
        Reply::Reset,
        Reply::Close(format!("HTTP/1.1 {echo}\r\n\r\n").into_bytes()),
        Reply::Stall(Vec::new()),
    ]);
    answers
}

/// What all operations make of an answer, as errors.
pub(super) async fn errors_of(answer: &Reply) -> Vec<Error> {
    let clock = TestClock::start();
    let server = RawServer::start([answer.clone()]).await.with_clock(&clock);
    let url = server.base_url();
    let account = batch_at(&url).clock(Arc::clone(&clock) as _);
    let tenant = wap_at(&url).clock(Arc::clone(&clock) as _);
    let (account, tenant) = (account.build().or_fail(), tenant.build().or_fail());
    let asked = subject();
    let filter = batch::Filter::raw("state eq 'canary-filter'");
    let added = new_management_certificate();
    // At once: a server that falls silent for one has fallen silent for all.
    let (list, add, get, delete, cancel) = tokio::join!(
        async { account.list().filter(filter).await.err() },
        async { account.add(pfx()).await.err() },
        async { account.get(&asked).await.err() },
        async { account.delete(&asked).await.err() },
        async { account.cancel_deletion(&asked).await.err() },
    );
    let (wap_list, wap_add, wap_get, wap_delete) = tokio::join!(
        async { tenant.list().principal_live_id(live_id()).await.err() },
        async { tenant.add(added).principal_live_id(live_id()).await.err() },
        async { tenant.get(&asked).principal_live_id(live_id()).await.err() },
        async {
            tenant
                .delete(&asked)
                .principal_live_id(live_id())
                .await
                .err()
        },
    );
    let all = [
        list, add, get, delete, cancel, wap_list, wap_add, wap_get, wap_delete,
    ];
    all.into_iter().flatten().collect()
}

/// Values that are refused, each with a canary in it.
async fn refusals() -> Vec<Option<Error>> {
    let url = "http://127.0.0.1:9";
    let long = |canary: &str| canary.repeat(6000);
    let batch = |endpoint: &str| batch::Client::new(endpoint, TOKEN).err();
    let token = |token: &str| batch::Client::new("https://a.example", token).err();
    let wap = |subscription: &str, principal: &str| {
        let builder = wap::Client::builder(url, subscription, principal, TOKEN);
        builder.allow_loopback_http().build().err()
    };
    let asked = subject();
    let tenant = wap_at(url).build().or_fail();
    let account = batch_at(url).build().or_fail();
    let live_id_of = async |id: String| tenant.delete(&asked).principal_live_id(id).await.err();
    let request_id = async |id: String| tenant.delete(&asked).client_request_id(id).await.err();
    #[rustfmt::skip]
    let refused = vec![
        batch("canary-value"),
        batch("canary-value://a.example"),
        batch("http://a.example/canary-value"),
        batch("https://a.example/canary-value?canary-value"),
        batch("https://a.example/#canary-value"),
        batch("https://a.example:99999/canary-value"),
        batch("https://[canary-value"),
        batch("https://canary-user@a.example"),
        batch("https://x:canary-user@a.example"),
        token(&format!("{TOKEN}\n")),
        token(&format!("Bearer {TOKEN}")),
        token(&format!("{TOKEN}\u{e9}")),
        token(&long(TOKEN)),
        wap(&format!("{{{SUBSCRIPTION}}}"), PRINCIPAL),
        wap(&SUBSCRIPTION.replace('-', ""), PRINCIPAL),
        wap("canary-value", PRINCIPAL),
        wap(SUBSCRIPTION, &format!("{PRINCIPAL}\r\nx: y")),
        wap(SUBSCRIPTION, &format!(" {PRINCIPAL}")),
        wap(SUBSCRIPTION, &long(PRINCIPAL)),
        batch_at(url).api_version("canary-value").build().err(),
        live_id_of(format!("{LIVE_ID}\n")).await,
        live_id_of(long(LIVE_ID)).await,
        request_id("canary-value\u{0}".to_owned()).await,
        request_id(long("canary-value")).await,
        account.cancel_deletion(&asked).timeout(Duration::ZERO).await.err(),
        account.cancel_deletion(&asked).deadline(Duration::ZERO).await.err(),
        tenant.delete(&asked).deadline(Duration::ZERO).await.err(),
        batch::NewCertificate::cer(b"canary-value").err(),
        batch::NewCertificate::pfx(&BODY.as_bytes().repeat(1000), PASSWORD).err(),
        batch::NewCertificate::pfx_with_thumbprint(BODY.as_bytes(), subject()).err(),
        wap::NewCertificate::new(b"-----BEGIN CERTIFICATE-----canary-value").err(),
        account.list().select(["canary-value "]).await.err(),
        account.get(&asked).select(["canary-value&"]).await.err(),
        account.add(batch::NewCertificate::cer(&der()).or_fail().password(PASSWORD)).await.err(),
    ];
    refused
}

/// Values that only the generated layer lets through to where they are refused: those that do not convert,
/// and those that cannot stand in a header.
#[expect(
    deprecated,
    reason = "the document says so, and it has to be tested all the same"
)]
async fn refusals_below() -> Vec<Option<Error>> {
    let url = "http://127.0.0.1:9";
    let (account, tenant, asked) = (
        batch_at(url).build().or_fail(),
        wap_at(url).build().or_fail(),
        subject(),
    );
    let (list, get) = (|| account.raw().certificate_list(), || tenant.get(&asked));
    let delete = |subscription: &str, principal: &str| {
        let call = tenant.raw().management_certificate_delete();
        let call = call.subscription_id(subscription).thumbprint(THUMBPRINT);
        call.principal_id(principal.to_owned())
    };
    #[rustfmt::skip]
    let refused = vec![
        list().api_version("canary-value").await.err(),
        list().client_request_id("canary-value").await.err(),
        list().max_results("canary-value").await.err(),
        list().ocp_date("canary-value").await.err(),
        list().return_client_request_id("canary-value").await.err(),
        list().timeout("canary-value").await.err(),
        account.raw().certificate_add().await.err(),
        account.raw().certificate_get().await.err(),
        account.get(&asked).thumbprint("canary-value").await.err(),
        tenant.raw().management_certificate_list().await.err(),
        get().client_session_id("canary-value").await.err(),
        get().thumbprint("canary-value").await.err(),
        delete("canary-value", PRINCIPAL).await.err(),
        delete(SUBSCRIPTION, "canary-principal\r\nx: y").await.err(),
    ];
    refused
}

#[tokio::test]
async fn no_error_and_no_source_of_one_shows_a_secret_a_path_or_a_body() {
    let mut texts = Vec::new();
    let refused = [refusals().await, refusals_below().await].concat();
    for (index, error) in refused.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("the bad value {index} was taken"));
        assert!(error.is_invalid_input(), "{error:?}");
        texts.push(whole(&error));
    }
    for answer in bad_answers() {
        let errors = errors_of(&answer).await;
        assert!(!errors.is_empty(), "{answer:?} is not bad");
        for text in errors.iter().map(ToString::to_string) {
            // One line that names the operation, whatever a server sends.
            let subject = ALL.iter().find(|call| text.starts_with(call.subject));
            assert!(subject.is_some(), "{text:?}");
            let short = text.len() < 1200 && !text.contains(char::is_control);
            // Scheme, host and port of what was called, and no other URL.
            let mut urls = text.split("://").skip(1);
            let is_host = |url: &str| {
                let end = url.find([' ', ';']).unwrap_or(url.len());
                url[..end].parse::<std::net::SocketAddr>().is_ok()
            };
            assert!(short && urls.all(is_host), "{text:?}");
        }
        texts.extend(errors.iter().map(|error| whole(error)));
    }
    let away = format!("https://elsewhere.example/{BODY}?t={TOKEN}");
    let page = format!(r#"{{"value":[],"odata.nextLink":"{away}"}}"#);
    let server = RawServer::start([Reply::new(200, &[], page)]).await;
    let account = batch_at(&server.base_url()).build().or_fail();
    let pages: Result<Vec<_>, _> = account.list().pages().try_collect().await;
    texts.push(whole(&pages.err_or_fail()));
    let unreachable = Unreachable::new();
    let account = batch_at(&format!("http://{}", unreachable.address))
        .build()
        .or_fail();
    texts.push(whole(
        &account.cancel_deletion(&subject()).await.err_or_fail(),
    ));
    texts.push(whole(&"canary-value".parse::<Thumbprint>().err_or_fail()));
    texts.push(whole(
        &SubscriptionId::try_from("canary-value").err_or_fail(),
    ));

    for text in &texts {
        assert_clean(text);
    }
    let all = texts.concat();
    for kind in [
        "it is not set",
        "no connection to http://",
        "no whole answer from http://",
        " broke before an answer came",
        ": 404",
        "a redirection, which is not followed",
        "a status that the operation does not have",
        "which is not the service's; a proxy",
        "which was not asked for",
        "with a body of more than ",
        "the answer broke off",
        "the link to the next page is not followed",
        "JSON cannot be read at line",
    ] {
        assert!(all.contains(kind), "no error that says {kind:?} was made");
    }
}
