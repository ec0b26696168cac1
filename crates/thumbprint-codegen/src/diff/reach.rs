//! References of a document, and which operations meet what they lead to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diff::rules::Side,
    document::{join, members},
    model::METHODS,
};

/// Who meets a shared element.
#[derive(Clone, Debug, Default)]
pub(super) struct Met {
    pub(super) operations: BTreeSet<String>,
    pub(super) sent: bool,
    pub(super) received: bool,
}

impl Met {
    pub(super) fn side(&self) -> Side {
        match (self.sent, self.received) {
            (true, false) => Side::Sent,
            (false, true) => Side::Received,
            _ => Side::Both,
        }
    }
}

/// Each element that a reference leads to, by its pointer.
pub(super) type Reach = BTreeMap<String, Met>;

/// The target of a reference, as a pointer.
pub(super) fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// Follows references; `None` where one leads nowhere, into another document or back to itself.
pub(super) fn resolve<'a>(root: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    for _ in 0..16 {
        let Some(target) = value.get("$ref") else {
            return Some(value);
        };
        value = root.pointer(target.as_str()?.strip_prefix('#')?)?;
    }
    None
}

/// An operation, where it stands.
pub(super) struct Operation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'static str,
    pub(super) pointer: String,
    pub(super) item: &'a Value,
    pub(super) value: &'a Value,
}

impl Operation<'_> {
    /// Its name in reports.
    pub(super) fn label(&self) -> String {
        match self.id() {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => self.route(),
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.value["operationId"].as_str()
    }

    pub(super) fn route(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// Every operation of a document.
pub(super) fn operations(root: &Value) -> impl Iterator<Item = Operation<'_>> {
    members(&root["paths"]).flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            Some(Operation {
                path,
                method,
                pointer: join(&join("/paths", path), method),
                item,
                value: item.get(method)?,
            })
        })
    })
}

pub(super) fn reach(root: &Value) -> Reach {
    let mut reach = Reach::new();
    for operation in operations(root) {
        let label = operation.label();
        let Operation { item, value, .. } = operation;
        for sent in [
            &item["parameters"],
            &value["parameters"],
            &value["requestBody"],
        ] {
            walk(root, sent, &label, true, &mut reach);
        }
        walk(root, &value["responses"], &label, false, &mut reach);
    }
    reach
}

fn walk(root: &Value, value: &Value, label: &str, sent: bool, reach: &mut Reach) {
    if let Some(target) = reference(value).and_then(|target| target.strip_prefix('#')) {
        let met = reach.entry(target.to_owned()).or_default();
        let known = if sent { met.sent } else { met.received };
        let seen = known && met.operations.contains(label);
        // An operation that was noted for the other direction has to be walked again.
        met.sent |= sent;
        met.received |= !sent;
        met.operations.insert(label.to_owned());
        if !seen && let Some(value) = root.pointer(target) {
            walk(root, value, label, sent, reach);
        }
        return;
    }
    for (_, value) in members(value) {
        walk(root, value, label, sent, reach);
    }
    for value in value.as_array().into_iter().flatten() {
        walk(root, value, label, sent, reach);
    }
}
