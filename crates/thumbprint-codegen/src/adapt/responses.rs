//! Answers: their statuses, and the schemas of their bodies.

use serde_json::Value;

use super::{Slot, Work};
use crate::{
    document::join,
    model::{self, Content, Operation, Response, Shape},
    names,
};

impl Work<'_> {
    /// The schemas of an operation's answers.
    pub(super) fn responses(&mut self, operation: &Operation) -> Vec<(Slot, String, Value)> {
        // A type of an operation's only form of success has no status in its name.
        let schema = |response: &Response| {
            let media_type = response.media_type.clone().unwrap_or_default();
            response.source.value["content"][media_type]["schema"].clone()
        };
        let is_success = |one: &&Response| operation.is_success(one);
        let mut successes = operation.responses.iter().filter(is_success).map(schema);
        let first = successes.next();
        let one_success = successes.all(|other| Some(other) == first);
        let mut slots = Vec::new();
        for (index, response) in operation.responses.iter().enumerate() {
            self.check_response(operation, response);
            let Some(json) = response.json() else {
                continue;
            };
            let pointer = join(&response.source.pointer, "content");
            let at = join(&join(&pointer, json), "schema");
            let mut name = format!("{}-response", operation.method_name());
            if !one_success || !operation.is_success(response) {
                name = format!("{name}-{}", response.status);
            }
            let schema = self.inline_schema(&schema(response), &at, &names::pascal(&name));
            slots.push((Slot::Response(index), at, schema));
        }
        slots
    }

    /// Refuses and warns of what the code does not carry of an answer.
    fn check_response(&mut self, operation: &Operation, response: &Response) {
        let (source, pointer) = (&response.source.value, response.source.pointer.as_str());
        if !super::is_empty(&source["links"]) {
            self.warn(
                &join(pointer, "links"),
                "`links` are not carried into the code",
            );
        }
        let status = response.status.as_str();
        if !is_status(status) {
            self.refuse(
                pointer,
                format!(
                    "`{status}` is no status; write three digits, a range like `4XX`, or `default`"
                ),
            );
            return;
        }
        match status.as_bytes()[0] {
            b'1' => {
                self.warn(pointer, "an answer that changes the protocol, or comes before the real one, is not carried into the code");
                return;
            }
            b'3' => self.warn(pointer, "an answer that is neither success nor error is an unexpected one to the code, without a type"),
            b'd' if operation.is_success(response) => self.warn(
                pointer,
                "the only answer that is described: it is taken for the success and for every error",
            ),
            _ => {}
        }
        if status
            .parse()
            .is_ok_and(|status| model::reason(status).is_none())
        {
            self.warn(pointer, "the status has no name, so the mocks have no method for it; use `into_inner()` there");
        }
        for header in &response.headers {
            let shape = model::shape(self.document, &header.schema, 0);
            if header.schema.is_null() || matches!(shape, Shape::Array | Shape::Object) {
                let at = join(&join(pointer, "headers"), &header.name);
                self.warn(
                    &at,
                    "a header that is neither a word nor a number is given out as its text",
                );
            }
        }
        let content = join(pointer, "content");
        if operation.method == "HEAD" && !response.media_types.is_empty() {
            self.warn(&content, "an answer to HEAD has no body");
        }
        let Some(chosen) = &response.media_type else {
            return;
        };
        for other in response.media_types.iter().filter(|other| *other != chosen) {
            self.warn(
                &join(&content, other),
                format!("the client asks for `{chosen}` and does not read this"),
            );
        }
        let schema = source["content"][chosen].get("schema");
        if response.content == Content::Bytes
            && schema.is_some_and(|schema| self.followed(schema)["type"] != "string")
        {
            self.warn(
                &join(&content, chosen),
                format!(
                    "a body of `{chosen}` is given out as it is; its schema does not become a type"
                ),
            );
        }
    }
}

/// Whether a status is spelled as OpenAPI spells one.
fn is_status(status: &str) -> bool {
    let digits = status.as_bytes();
    status == "default"
        || digits.len() == 3
            && matches!(digits[0], b'1'..=b'5')
            && (&digits[1..] == b"XX" || digits[1..].iter().all(u8::is_ascii_digit))
}
