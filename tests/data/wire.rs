//! tests/suite/new.rs puts this into the crate of wire.yaml's mocks, in a copy of the workspace: what the
//! client sends, against a mock that is written by hand, and then the typed mock against the client.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

use std::error::Error;

use httpmock::MockServer;
use thumbprint_transport::{Credential, Transport};
use thumbprint_wire::{Client, builder, types};
use thumbprint_wire_httpmock::MockServerExt;

type Test = Result<(), Box<dyn Error>>;

fn client(server: &MockServer) -> Result<Client, Box<dyn Error>> {
    let builder = Transport::builder(server.base_url(), Credential::bearer("token"));
    Ok(Client::new(builder.allow_loopback_http().build()?))
}

fn area() -> types::Area {
    let mut area = types::Area::new(1);
    area.long = Some(2);
    area
}

fn words(words: [&str; 2]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn since() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_secs(1_577_934_245).expect("2020-01-02T03:04:05Z")
}

fn form() -> types::CallBody {
    types::CallBody::new("x y".to_owned(), 7)
}

fn call(client: &Client) -> builder::Call<'_> {
    client
        .call()
        .ids(words(["a/b", "c,d"]))
        .client_path("cl")
        .many(words(["m1", "m 2"]))
        .body_query("b")
        .comma(vec![1, 2])
        .deep(area())
        .filter(area())
        .user_id("u")
        .user_id_query("v")
        .x_names(words(["n1", "n2"]))
        .send_header(since())
        .body(form())
}

#[tokio::test(flavor = "current_thread")]
async fn the_wire_has_the_documents_names_and_styles() -> Test {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method("POST")
            .path("/things/a%2Fb,c%2Cd/a.b(c=cl)")
            .query_param("many", "m1")
            .query_param("many", "m 2")
            .query_param("body", "b")
            .query_param("comma", "1,2")
            .query_param("deep[lat]", "1")
            .query_param("deep[long]", "2")
            .query_param("filter", r#"{"lat":1,"long":2}"#)
            .query_param("userId", "u")
            .query_param("user_id", "v")
            .header("X-Names", "n1,n2")
            .header("send", "2020-01-02T03:04:05Z")
            .form_urlencoded_tuple("fooBar", "x y")
            .form_urlencoded_tuple("foo_bar", "7");
        then.status(200)
            .header("content-type", "application/json")
            .body("\"ASC\"");
    });
    let answer = call(&client(&server)?).send().await?.into_value();
    let types::CallSuccess::Status200(types::CallResponse200::Asc2) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(mock.calls(), 1);
    Ok(())
}

#[tokio::test(flavor = "current_thread")]
async fn the_mocks_expect_what_the_client_sends() -> Test {
    let server = MockServer::start_async().await;
    let client = client(&server)?;
    let mock = server.call(|when, then| {
        when.ids(&words(["a/b", "c,d"]))
            .client_path("cl")
            .many(&words(["m1", "m 2"]))
            .body_query("b")
            .comma(&vec![1, 2])
            .deep(&area())
            .filter(&area())
            .user_id("u")
            .user_id_query("v")
            .x_names(&words(["n1", "n2"]))
            .send_header(&since())
            .body(&form());
        then.not_found(&area());
    });
    let error = call(&client).send().await.err().ok_or("no error")?;
    assert!(error.is_not_found(), "{error:?}");
    assert_eq!(error.body_as(), Some(area()));
    assert_eq!(mock.calls(), 1);
    for other in [
        call(&client).body_query("other"),
        call(&client).user_id("v").user_id_query("u"),
        call(&client).comma(vec![1]),
        call(&client).ids(vec!["a".to_owned()]),
        call(&client).x_names(words(["n2", "n1"])),
    ] {
        assert!(other.send().await.is_err());
    }
    assert_eq!(mock.calls(), 1);
    Ok(())
}

#[tokio::test(flavor = "current_thread")]
async fn several_successes_are_told_apart_and_bytes_are_bytes() -> Test {
    let server = MockServer::start_async().await;
    let client = client(&server)?;
    server.call(|_, then| {
        then.no_content();
    });
    let answer = call(&client).send().await?.into_value();
    assert!(matches!(answer, types::CallSuccess::Status204), "{answer:?}");
    let options = server.opts(|_, then| {
        then.ok(b"hello");
    });
    let answer = client.opts().await?.into_value();
    assert_eq!(answer.collect(9).await?, "hello");
    options.assert();
    let zip = server.zip(|when, then| {
        let when = when.body([1, 2, 255]).into_inner();
        when.header("content-type", "application/zip");
        then.no_content();
    });
    client.zip().body(vec![1, 2, 255]).send().await?;
    zip.assert();
    Ok(())
}
