//! What may be absent, what may be null, and what stands for it. That depends on the way that a value goes: a
//! default is what the reader of an absent member assumes, and not what a caller means who sets nothing; what
//! is read-only is not asked for in a request, and what is write-only is not expected in an answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    document::{Document, plain},
    grammar::{self, Kind},
    model::Operation,
};

/// Which ways the values of a schema go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Direction {
    /// Clients send them.
    pub(super) is_sent: bool,
    /// Clients receive them.
    pub(super) is_received: bool,
}

impl Direction {
    pub(super) const SENT: Self = Self {
        is_sent: true,
        is_received: false,
    };
    pub(super) const RECEIVED: Self = Self {
        is_sent: false,
        is_received: true,
    };

    /// Whether a property that its schema requires may be absent all the same.
    fn spares(self, document: &Document, property: &Value) -> bool {
        let is = |key: &str| {
            property[key] == true
                || document
                    .resolve(property)
                    .is_ok_and(|target| target[key] == true)
        };
        self.is_sent && is("readOnly") || self.is_received && is("writeOnly")
    }
}

/// The ways of all schemas that operations refer to, by their pointers.
pub(super) fn directions(
    document: &Document,
    operations: &[Operation],
) -> BTreeMap<String, Direction> {
    let mut directions: BTreeMap<String, Direction> = BTreeMap::new();
    let sent = operations.iter().flat_map(|operation| {
        let parameters = operation.parameters.iter();
        let parameters = parameters.map(|one| (&*one.source.value, Kind::Parameter));
        let body = operation.body.iter().map(|body| (&*body.value, Kind::Body));
        parameters.chain(body)
    });
    let responses = operations.iter().flat_map(|operation| &operation.responses);
    let received = responses.map(|one| (&*one.source.value, Kind::Response));
    for target in grammar::reach(&document.value, sent) {
        directions.entry(target.to_owned()).or_default().is_sent = true;
    }
    for target in grammar::reach(&document.value, received) {
        directions.entry(target.to_owned()).or_default().is_received = true;
    }
    directions
}

/// Takes what need not be there in a direction out of an object's `required`, and gives the names of what may be
/// absent.
pub(super) fn optional(
    document: &Document,
    direction: Direction,
    object: &mut Map<String, Value>,
    properties: &Map<String, Value>,
) -> Vec<String> {
    let is_needed = |name: &Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        !property.is_some_and(|property| direction.spares(document, property))
    };
    let required = object.get("required").and_then(Value::as_array);
    let required: Vec<_> = required
        .into_iter()
        .flatten()
        .filter(|name| is_needed(name))
        .cloned()
        .collect();
    let optional = properties
        .keys()
        .filter(|name| !required.iter().any(|one| one == *name));
    let optional = optional.cloned().collect();
    if object.get("required").is_some_and(Value::is_array) {
        object.insert("required".into(), required.into());
    }
    optional
}

/// Takes the default out of an adapted property that a client may leave out: the service has it.
pub(super) fn leave_default(property: &mut Value) {
    let Some(object) = property.as_object_mut() else {
        return;
    };
    let Some(default) = object.remove("default") else {
        return;
    };
    let text = object.get("description").and_then(Value::as_str);
    let text = text.unwrap_or_default().trim();
    let default = plain(&default);
    if !text.contains(&default) {
        let text = format!("{text}\n\nThe service takes `{default}` unless set.");
        object.insert("description".into(), json!(text.trim()));
    }
}
