//! Rows 14 and 17: bodies that hold certificates. Must notice a member that was renamed or retyped, a
//! closed enum of states, a state that is read in one case only, a null or an unknown member that costs
//! the rest, and a body that is refused because of a member that no document has.

use chrono::{DateTime, Utc};
use conformance::calls::{
    BATCH_EXAMPLE, Call, THUMBPRINT, WAP_EXAMPLE, WAP_THUMBPRINT, account,
    new_management_certificate, tenant, thumbprint,
};
use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Reply};
use thumbprint::{
    batch::{Certificate, CertificateState, raw::types::BatchError},
    wap,
};

use super::predicates;

/// The certificate that Get makes of a body.
async fn get(body: &Value) -> Certificate {
    let call = Call::of("Certificate_Get");
    let server = RawServer::start([call.answer(&[], &body.to_string())]).await;
    let got = account(&server.base_url()).get(&thumbprint()).await;
    got.unwrap_or_else(|error| panic!("{body}: {error}"))
        .into_value()
}

/// The certificates that the first page of a list has.
async fn list(body: &Value) -> Vec<Certificate> {
    let call = Call::of("Certificate_List");
    let server = RawServer::start([call.answer(&[], &body.to_string())]).await;
    let page = account(&server.base_url()).list().await;
    let page = page.unwrap_or_else(|error| panic!("{body}: {error}"));
    page.into_value().value.or_fail()
}

fn example() -> Value {
    serde_json::from_str(BATCH_EXAMPLE).or_fail()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().or_fail()
}

#[tokio::test]
async fn every_member_of_a_certificate_is_in_its_place() {
    let page = json!({"odata.metadata": "x#certificates", "value": [example()]});
    for certificate in [get(&example()).await, list(&page).await.remove(0)] {
        assert_eq!(certificate.thumbprint.as_deref(), Some(THUMBPRINT));
        assert_eq!(certificate.thumbprint_algorithm.as_deref(), Some("sha1"));
        assert_eq!(certificate.url.as_deref(), example()["url"].as_str());
        assert_eq!(certificate.state, Some(CertificateState::DeleteFailed));
        assert!(certificate.is_delete_failed());
        // .NET writes seven decimals.
        let since = Some(time("2023-11-20T10:11:48.773598600Z"));
        assert_eq!(certificate.state_transition_time, since);
        assert_eq!(certificate.previous_state, Some(CertificateState::Deleting));
        let before = Some(time("2023-11-20T10:11:12.000000100Z"));
        assert_eq!(certificate.previous_state_transition_time, before);
        assert_eq!(certificate.der().as_deref(), Some(&b"MIICdata"[..]));
        let error = certificate.delete_certificate_error.or_fail();
        assert_eq!(error.code.as_deref(), Some("PoolsReferencingCertificate"));
        assert!(error.message.as_deref().or_fail().ends_with("pool(s)"));
        assert_eq!(
            serde_json::to_value(&error.values).or_fail(),
            json!([{"name": "Pools", "value": "pool1,pool2"}])
        );
        let undeclared = certificate.odata_metadata.or_fail();
        assert!(
            undeclared.ends_with("#certificates/@Element"),
            "{undeclared}"
        );
    }
}

/// Prose says `deleteFailed`, the wire `deletefailed`, and the vendor may add states.
#[tokio::test]
async fn states_are_read_in_any_case_and_unknown_ones_survive() {
    let unknown = |word: &str| CertificateState::Unknown(word.to_owned());
    for (word, state) in [
        ("active", CertificateState::Active),
        ("Active", CertificateState::Active),
        ("deleting", CertificateState::Deleting),
        ("DELETING", CertificateState::Deleting),
        ("deletefailed", CertificateState::DeleteFailed),
        ("deleteFailed", CertificateState::DeleteFailed),
        ("DeleteFailed", CertificateState::DeleteFailed),
        ("suspended", unknown("suspended")),
        ("Suspended", unknown("Suspended")),
        ("delete failed", unknown("delete failed")),
        ("", unknown("")),
    ] {
        let mut body = example();
        body["state"] = json!(word);
        body["previousState"] = json!(word);
        let certificate = get(&body).await;
        assert_eq!(certificate.state.as_ref(), Some(&state), "{word}");
        assert_eq!(certificate.previous_state.as_ref(), Some(&state), "{word}");
        assert_eq!(
            certificate.is_delete_failed(),
            state == CertificateState::DeleteFailed
        );
        // One certificate with another word does not cost a page its others.
        let page = json!({"value": [example(), body, example()]});
        assert_eq!(list(&page).await.len(), 3, "{word}");

        let read: CertificateState = serde_json::from_value(json!(word)).or_fail();
        assert_eq!(read, state, "{word}");
        let again = serde_json::to_value(&read).or_fail();
        let known = !matches!(state, CertificateState::Unknown(_));
        let expected = if known {
            word.to_lowercase()
        } else {
            word.to_owned()
        };
        assert_eq!(
            (again, read.to_string()),
            (json!(expected), expected),
            "{word}"
        );
    }
    for no_state in [json!(7), json!({"state": "active"}), json!(["active"])] {
        assert!(serde_json::from_value::<CertificateState>(no_state).is_err());
    }
}

#[tokio::test]
async fn a_member_that_is_absent_or_null_costs_nothing_else() {
    let whole = example();
    for member in whole.as_object().or_fail().keys() {
        let mut absent = whole.clone();
        absent.as_object_mut().or_fail().remove(member);
        let mut null = whole.clone();
        null[member] = Value::Null;
        for body in [absent.clone(), null] {
            let certificate = get(&body).await;
            let raw = serde_json::to_value(&certificate).or_fail();
            assert_eq!(raw.get(member), None, "{member}");
            let mut expected = serde_json::to_value(get(&whole).await).or_fail();
            expected.as_object_mut().or_fail().remove(member);
            assert_eq!(raw, expected, "{member}");
        }
    }
    let nothing = get(&json!({})).await;
    assert!(nothing.thumbprint.is_none() && nothing.state.is_none());
    assert!(nothing.delete_certificate_error.is_none() && !nothing.is_delete_failed());
    for (sent, read) in [
        (
            json!({"code": null, "message": null, "values": null}),
            json!({}),
        ),
        (json!({"values": []}), json!({"values": []})),
        (json!({}), json!({})),
        (
            json!({"values": [{"name": "Pools"}, {"value": "x"}, {"name": null, "value": null}]}),
            json!({"values": [{"name": "Pools"}, {"value": "x"}, {}]}),
        ),
    ] {
        let certificate = get(&json!({"deleteCertificateError": sent})).await;
        let error = certificate.delete_certificate_error.or_fail();
        assert_eq!(serde_json::to_value(error).or_fail(), read);
    }
}

#[tokio::test]
async fn what_no_document_has_is_tolerated() {
    let mut body = example();
    body["eTag"] = json!("0x1");
    body["creationTime"] = json!({"of": ["a", 7]});
    body["deleteCertificateError"]["innerError"] = json!({});
    body["deleteCertificateError"]["values"][0]["key"] = json!("k");
    assert!(get(&body).await.is_delete_failed());
    let page = json!({"odata.count": 7, "value": [body]});
    assert_eq!(list(&page).await.len(), 1);
}

/// What cannot be read as what it should be is still there as it came, and costs nothing else.
#[tokio::test]
async fn a_value_of_another_form_is_kept() {
    let mut body = example();
    body["publicData"] = json!("not base64");
    let got = get(&body).await;
    body["thumbprint"] = json!("01 23 45");
    let listed = list(&json!({"value": [body]})).await.remove(0);
    assert_eq!(listed.thumbprint.as_deref(), Some("01 23 45"));
    for certificate in [got, listed] {
        assert_eq!(certificate.public_data.as_deref(), Some("not base64"));
        assert_eq!(certificate.der(), None);
        assert_eq!(certificate.state, Some(CertificateState::DeleteFailed));
    }
}

/// A proxy can mix up two answers, and what it says of another certificate is nothing about this one.
#[tokio::test]
async fn an_answer_about_another_certificate_is_not_believed() {
    let call = Call::of("Certificate_Get");
    for (told, taken) in [
        (json!(THUMBPRINT), true),
        // Batch writes it in digits of either case.
        (json!(THUMBPRINT.to_uppercase()), true),
        (Value::Null, true),
        (json!(WAP_THUMBPRINT), false),
        (json!(THUMBPRINT[1..]), false),
        (json!("01 23 45"), false),
        (json!(""), false),
    ] {
        let mut body = example();
        body["thumbprint"] = told.clone();
        let server = RawServer::start([call.answer(&[], &body.to_string())]).await;
        let got = account(&server.base_url()).get(&thumbprint()).await;
        match got {
            Ok(got) => {
                assert!(taken, "{told}");
                assert_eq!(got.thumbprint.as_deref(), told.as_str());
            }
            Err(error) => {
                assert!(!taken, "{told}: {error}");
                assert_eq!(predicates(&error), ["unexpected_answer"], "{told}");
                assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
                let text = error.to_string();
                assert!(text.contains("about another one"), "{text}");
            }
        }
    }
}

/// Batch has two errors that look alike: the message of a failed deletion is a text and its pairs have
/// names, the message of an answer is an object and its pairs have keys.
#[tokio::test]
async fn the_two_kinds_of_error_are_not_mixed_up() {
    let of_deletion = json!({"code": "C", "message": "m", "values": [{"name": "n", "value": "v"}]});
    let of_answer = json!({"code": "C", "message": {"lang": "en", "value": "m"}, "values": [{"key": "n", "value": "v"}]});
    let certificate = get(&json!({"deleteCertificateError": of_deletion})).await;
    let error = certificate.delete_certificate_error.or_fail();
    assert_eq!(serde_json::to_value(error).or_fail(), of_deletion);
    let server = RawServer::start([Reply::new(409, &[], of_answer.to_string())]).await;
    let error = account(&server.base_url())
        .delete(&thumbprint())
        .await
        .err_or_fail();
    let service = error.service().or_fail();
    assert_eq!(service.message.as_deref(), Some("m"));
    assert_eq!(service.details, [("n".to_owned(), "v".to_owned())]);
    let whole: BatchError = error.body_as().or_fail();
    assert_eq!(serde_json::to_value(whole).or_fail(), of_answer);
}

#[tokio::test]
async fn wap_lists_are_bare_arrays() {
    let whole: Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
    let another = json!({"SubscriptionCertificateThumbprint": THUMBPRINT});
    for (body, expected) in [
        (json!([]), vec![]),
        (json!([whole]), vec![Some(WAP_THUMBPRINT)]),
        (
            json!([whole, another, {}, {"Unknown": 7}]),
            vec![Some(WAP_THUMBPRINT), Some(THUMBPRINT), None, None],
        ),
    ] {
        let call = Call::of("ManagementCertificate_List");
        let server = RawServer::start([call.answer(&[], &body.to_string())]).await;
        let stored = tenant(&server.base_url()).list().await.or_fail();
        // No thumbprint was asked for, so none is compared.
        let read = |stored| wap::Certificate::read(stored, None);
        let certificates: Vec<_> = stored.iter().map(read).collect();
        let thumbprints = certificates.iter().map(|one| one.thumbprint.as_ref());
        let found: Vec<_> = thumbprints.map(|text| text.map(AsRef::as_ref)).collect();
        assert_eq!(found, expected);
        assert!(certificates.iter().all(|one| one.warnings.is_empty()));
    }
    // The administrator's API wraps its list; the tenants' does not.
    for body in [
        json!({}),
        json!({"items": []}),
        json!(null),
        json!([7]),
        json!([null]),
    ] {
        let call = Call::of("ManagementCertificate_List");
        let server = RawServer::start([call.answer(&[], &body.to_string())]).await;
        let error = tenant(&server.base_url()).list().await.err_or_fail();
        assert!(error.is_unexpected_answer(), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_management_certificate_is_checked_against_what_was_asked_for() {
    let call = Call::of("ManagementCertificate_Get");
    for (asked, expected) in [
        (WAP_THUMBPRINT, &[][..]),
        (THUMBPRINT, &[wap::Warning::NotTheOneAskedFor]),
    ] {
        let server = RawServer::start([call.good()]).await;
        let asked = asked.parse().or_fail();
        let stored = tenant(&server.base_url()).get(&asked).await.or_fail();
        let certificate = wap::Certificate::read(&stored, Some(&asked));
        assert_eq!(certificate.warnings, expected);
    }
}

/// An error that comes with the status of a success, or a page without a content type, is no deletion.
#[tokio::test]
async fn wap_takes_only_a_certificate_for_a_deletion() {
    let json = [("Content-Type", "application/json")];
    for (headers, body, is_done) in [
        (&json[..], WAP_EXAMPLE, true),
        (&json, r#"{"TimeCreated":null}"#, true),
        (&json, "", true),
        (&[], "", true),
        (&[], WAP_EXAMPLE, true),
        (&json, r#"{"error":"expired"}"#, false),
        (&json, r#"{"error":{"code":"Expired"}}"#, false),
        (&json, r#"{"Code":"Expired","Message":"Sign in."}"#, false),
        (&json, "{}", true),
        (&[], "<!DOCTYPE html><title>Sign in</title>", false),
        (&[], "\n <HTML>Sign in", false),
    ] {
        let server = RawServer::start([Reply::new(200, headers, body)]).await;
        let client = tenant(&server.base_url());
        match (client.delete(&thumbprint()).await, is_done) {
            (Ok(deleted), true) => assert_eq!(deleted.status(), 200, "{body}"),
            (Err(error), false) => {
                let says = ["outcome_unknown", "unexpected_answer"];
                assert_eq!(predicates(&error), says, "{body}");
            }
            (outcome, _) => panic!("{body}: {outcome:?}"),
        }
    }
}

/// The sibling API of public Azure answers 200, with nothing in it, to the same request. One with something
/// in it is another's, or says something else: nothing is known to be added.
#[tokio::test]
async fn wap_takes_200_for_an_addition_if_there_is_nothing_in_it() {
    let json = [("Content-Type", "application/json")];
    let html = [("Content-Type", "text/html")];
    for (answer, status) in [
        (Reply::new(204, &[], ""), Some(204)),
        (Reply::new(200, &[], ""), Some(200)),
        // Nothing has no form, whatever its content type says.
        (Reply::new(200, &html, ""), Some(200)),
        (Reply::new(200, &json, WAP_EXAMPLE), None),
        (Reply::new(200, &json, r#"{"error":"expired"}"#), None),
        (Reply::new(200, &json, "{}"), None),
        (Reply::new(200, &html, "<html>Sign in"), None),
        (Reply::new(200, &[], " "), None),
    ] {
        let row = answer.to_string();
        let server = RawServer::start([answer]).await;
        let added = new_management_certificate();
        match (tenant(&server.base_url()).add(added).await, status) {
            (Ok(added), Some(status)) => {
                assert_eq!(added.status(), status, "{row}");
                assert!(!added.is_inferred(), "{row}");
            }
            (Err(error), None) => {
                let says = ["outcome_unknown", "unexpected_answer"];
                assert_eq!(predicates(&error), says, "{row}");
            }
            (outcome, _) => panic!("{row}: {outcome:?}"),
        }
    }
}
