//! Row 22: every answer of the sandbox against its document, over good requests, all refusals that a
//! caller can meet, and values that violate what the document says of each parameter and each member of a
//! body. Must notice a wrong status, field or header in the sandbox, and a value that it takes although
//! the document does not, or that it fails over.

mod fuzz;
mod scenario;
mod shown;

use conformance::{
    calls::{PRINCIPAL, TOKEN},
    schema,
    spec::{Operation, Response},
    world,
};
use serde_json::Value;
use test_support::{Answered, OrFail as _};
use thumbprint_sandbox::Sandbox;
use thumbprint_transport::HttpDate;
use xtask::document::{Document, members};

/// Headers that HTTP itself brings, or that recordings have and no page declares (facts, section 3).
const BEYOND_THE_DOCUMENT: [(&str, &str); 9] = [
    ("date", "HTTP"),
    ("content-length", "HTTP"),
    ("connection", "HTTP"),
    ("content-type", "the document's media types say it"),
    ("allow", "HTTP asks for it with 405"),
    ("www-authenticate", "HTTP asks for it with 401"),
    ("dataserviceversion", "recorded with every answer of Batch"),
    ("request-id", "recorded with refusals of Batch too"),
    ("location", "recorded with an addition to Batch"),
];

/// Statuses that no page of WAP has, and that a server of HTTP has to have.
const BEYOND_WAP: [u16; 3] = [405, 415, 501];

/// A request, before it is bytes.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// Everything but what may stand in any part of a URL as it is.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

impl Request {
    /// A request of an operation with these values: of the path, then of the query, then of the headers.
    /// A parameter without a value is left out.
    fn new(operation: &Operation, value: &dyn Fn(&str, &str) -> Option<String>) -> Self {
        let mut request = Self {
            method: operation.method.clone(),
            path: operation.path.clone(),
            query: Vec::new(),
            headers: vec![("Authorization".into(), format!("Bearer {TOKEN}"))],
            body: None,
        };
        for parameter in &operation.parameters {
            let Some(value) = value(&parameter.location, &parameter.name) else {
                continue;
            };
            let name = parameter.name.clone();
            match parameter.location.as_str() {
                "path" => {
                    let place = format!("{{{name}}}");
                    request.path = request.path.replace(&place, &escaped(&value));
                }
                "query" => request.query.push((name, value)),
                _ => request.headers.push((name, value)),
            }
        }
        request
    }

    fn with_json(mut self, media_type: &str, body: &Value) -> Self {
        self.headers
            .push(("Content-Type".into(), media_type.into()));
        self.body = Some(body.to_string().into_bytes());
        self
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        let query: Vec<_> = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let mut head = format!(
            "{} {}{mark}{} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n",
            self.method,
            self.path,
            query.join("&")
        );
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let body = self.body.as_deref().unwrap_or_default();
        let bodiless = self.body.is_none() && self.method != "POST";
        let named = self
            .headers
            .iter()
            .any(|(name, _)| name == "Content-Length");
        if !bodiless && !named {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }
}

/// A sandbox, with what its documents say.
struct Checked {
    sandbox: Sandbox,
    operations: Vec<(Document, Operation)>,
}

impl Checked {
    fn new(sandbox: Sandbox) -> Self {
        let operations = world::operations().into_iter();
        let operations = operations.map(|(api, operation)| (world::document(&api), operation));
        Self {
            sandbox,
            operations: operations.collect(),
        }
    }

    fn operation(&self, id: &str) -> &(Document, Operation) {
        let found = self
            .operations
            .iter()
            .find(|(_, operation)| operation.id == id);
        found.unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// Sends a request and checks the answer against the operation's document.
    async fn send(&self, id: &str, request: &Request) -> Answered {
        let host = self.sandbox.address().to_string();
        let answer = test_support::exchange(self.sandbox.address(), &request.bytes(&host)).await;
        let (document, operation) = self.operation(id);
        let wrong = problems(document, operation, &answer);
        assert!(
            wrong.is_empty(),
            "{}, {id}: the sandbox's answer has what the document does not allow: {wrong:?}\nasked: {request:?}\n\
             answered: {answer}",
            document.file
        );
        answer
    }
}

/// What of an answer its document does not allow.
fn problems(document: &Document, operation: &Operation, answer: &Answered) -> Vec<String> {
    let mut found = Vec::new();
    let declared = |status: &str| {
        operation
            .responses
            .iter()
            .find(|response| response.status == status)
    };
    let own = declared(&answer.status.to_string());
    let response = own.or_else(|| declared("default").filter(|_| answer.status >= 400));
    let response = match response {
        Some(response) => response,
        // Of what is beyond the document, the error's form still is the document's.
        None if document.name == "wap" && BEYOND_WAP.contains(&answer.status) => {
            declared("400").or_fail()
        }
        None => return vec![format!("the status {}", answer.status)],
    };
    headers(document, response, answer, &mut found);
    body(document, operation, response, answer, &mut found);
    found
}

fn headers(document: &Document, response: &Response, answer: &Answered, found: &mut Vec<String>) {
    for (name, value) in &answer.headers {
        let declared = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        let format = match declared {
            Some(header) => header.schema["format"].as_str(),
            None if BEYOND_THE_DOCUMENT.iter().any(|(other, _)| other == name) => None,
            None => {
                found.push(format!("the header {name}, which is not declared"));
                continue;
            }
        };
        let fits = match format {
            Some("uuid") => value.len() == 36 && value.parse::<uuid::Uuid>().is_ok(),
            Some("date-time-rfc1123") => value
                .parse::<HttpDate>()
                .is_ok_and(|date| date.to_string() == *value),
            _ => !value.is_empty(),
        };
        if !fits {
            found.push(format!("the header {name} is {value:?}"));
        }
        if answer
            .headers
            .iter()
            .filter(|(other, _)| other == name)
            .count()
            > 1
        {
            found.push(format!("the header {name} is there twice"));
        }
    }
    if document.name == "batch" && answer.header("request-id").is_none() {
        found.push("no request-id".to_owned());
    }
}

fn body(
    document: &Document,
    operation: &Operation,
    response: &Response,
    answer: &Answered,
    found: &mut Vec<String>,
) {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
    let Some(media_type) = response.json() else {
        if !answer.body.is_empty() || answer.header("content-type").is_some() {
            found.push("a body, which is not declared".to_owned());
        }
        return;
    };
    if answer.header("content-type").map(essence) != Some(essence(media_type)) {
        found.push(format!(
            "the content type {:?}",
            answer.header("content-type")
        ));
    }
    let value: Value = match serde_json::from_slice(&answer.body) {
        Ok(value) => value,
        Err(error) => return found.push(format!("the body is no JSON: {error}")),
    };
    let item = &document.value["paths"][&operation.path][operation.method.to_lowercase()];
    let responses = &item["responses"][&response.status];
    let content = &document.resolve(responses).or_fail()["content"][media_type]["schema"];
    let target = document.resolve(content).or_fail();
    found.extend(schema::problems(document, target, &value));
    found.extend(undeclared(document, target, &value, ""));
}

/// Members that no schema has. Readers tolerate them; a sandbox has no reason to send any but those that
/// recordings have.
fn undeclared(document: &Document, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = document.resolve(schema).or_fail();
    let items = value.as_array().into_iter().flatten();
    let mut found: Vec<_> = items
        .flat_map(|item| undeclared(document, &schema["items"], item, at))
        .collect();
    for (name, value) in members(value) {
        match schema["properties"].get(name) {
            Some(schema) => {
                found.extend(undeclared(document, schema, value, &format!("{at}/{name}")));
            }
            None if name == "odata.metadata" => {}
            None => found.push(format!("the member {at}/{name}")),
        }
    }
    found
}

/// The parameters of a good request that every operation needs.
fn required(thumbprint: &str, subscription: &str) -> impl Fn(&str, &str) -> Option<String> {
    move |_, name| {
        let value = match name {
            "api-version" => "2023-11-01.18.0",
            "thumbprintAlgorithm" => "sha1",
            "thumbprint" | "ThumbprintId" => thumbprint,
            "SubscriptionId" => subscription,
            "x-ms-principal-id" => PRINCIPAL,
            _ => return None,
        };
        Some(value.to_owned())
    }
}

/// A change to a good answer, and what is found.
type Mutation = (fn(&mut Answered), &'static str);

/// The checks themselves: an answer that is wrong in one thing is noticed.
#[test]
fn wrong_answers_are_noticed() {
    let (document, operation) = (
        world::document("batch"),
        world::operation("Certificate_Get"),
    );
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let id = header("request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0");
    let json = header("content-type", "application/json; odata=minimalmetadata");
    let good = Answered {
        status: 200,
        headers: vec![id.clone(), json.clone()],
        body: br#"{"state":"active"}"#.to_vec(),
    };
    assert_eq!(problems(&document, &operation, &good), [""; 0]);
    #[rustfmt::skip]
    let rows: [Mutation; 12] = [
        (|answer| answer.status = 204, "the status 204"),
        (|answer| answer.status = 302, "the status 302"),
        (|answer| answer.headers.push(("x-new".into(), "1".into())), "the header x-new"),
        (|answer| answer.headers.push(("etag".into(), String::new())), "the header etag is"),
        (|answer| answer.headers.push(("last-modified".into(), "now".into())), "the header last-modified is"),
        (|answer| answer.headers.push(("request-id".into(), "1".into())), "the header request-id is"),
        (|answer| answer.headers.remove(0).0.clear(), "no request-id"),
        (|answer| answer.headers[1].1 = "text/html".into(), "the content type"),
        (|answer| answer.body.clear(), "no JSON"),
        (|answer| answer.body = br#"{"state":"gone"}"#.to_vec(), "\"gone\""),
        (|answer| answer.body = br#"{"stat":"active"}"#.to_vec(), "the member /stat"),
        (|answer| answer.body = br#"{"deleteCertificateError":{"key":"x"}}"#.to_vec(), "the member /deleteCertificateError/key"),
    ];
    for (mutate, expected) in rows {
        let mut answer = good.clone();
        mutate(&mut answer);
        let found = problems(&document, &operation, &answer);
        assert!(
            found.iter().any(|problem| problem.contains(expected)),
            "specs/batch.yaml, Certificate_Get: expected {expected:?} among the problems, found {found:?}"
        );
    }
    let delete = world::operation("Certificate_Delete");
    let found = problems(
        &document,
        &delete,
        &Answered {
            status: 202,
            ..good
        },
    );
    assert!(
        found.iter().any(|problem| problem.contains("a body")),
        "{found:?}"
    );
}
