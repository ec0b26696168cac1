//! References of a document, and which operations meet what they lead to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    diff::rules::Side,
    grammar::{self, Kind, METHODS, join, members},
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
        let Operation { item, value, .. } = &operation;
        let sent = [
            (&item["parameters"], Kind::List(&Kind::Parameter)),
            (&value["parameters"], Kind::List(&Kind::Parameter)),
            (&value["requestBody"], Kind::Body),
        ];
        let received = [(&value["responses"], Kind::Named(&Kind::Response))];
        let sent = grammar::reach(root, sent);
        let received = grammar::reach(root, received);
        for target in sent.union(&received) {
            let met = reach.entry((*target).to_owned()).or_default();
            met.sent |= sent.contains(target);
            met.received |= received.contains(target);
            met.operations.insert(operation.label());
        }
    }
    reach
}
