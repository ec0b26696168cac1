//! Two operations, compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    compare::{Compare, Place, arrow, elements, quoted, target},
    reach::{Operation, operations},
    rules::{Kind, Side},
};
use crate::grammar::{METHODS, members, reference, resolve};

impl<'a> Compare<'a> {
    pub(super) fn paths(&mut self) {
        let (old, new) = (self.old, self.new);
        let mut left: Vec<_> = operations(new).collect();
        let mut removed = Vec::new();
        for before in operations(old) {
            let same_route =
                |after: &Operation<'_>| (after.path, after.method) == (before.path, before.method);
            let same_id =
                |after: &Operation<'_>| before.id().is_some() && after.id() == before.id();
            let index = left.iter().position(same_route);
            match index.or_else(|| left.iter().position(same_id)) {
                Some(index) => {
                    let after = left.remove(index);
                    self.operation(&before, &after);
                }
                None => removed.push(before),
            }
        }
        for (kind, operations) in [
            (Kind::OperationRemoved, removed),
            (Kind::OperationAdded, left),
        ] {
            for operation in operations {
                let place = Place {
                    subject: format!("`{}` (`{}`)", operation.label(), operation.route()),
                    side: Side::Both,
                    operations: BTreeSet::from([operation.label()]),
                    pointer: operation.pointer,
                };
                self.push(kind, &place, "");
            }
        }
        if old.is_object() && new.is_object() {
            self.path_items();
        }
    }

    fn path_items(&mut self) {
        let (old, new) = (&self.old["paths"], &self.new["paths"]);
        let place = Place {
            pointer: "/paths".to_owned(),
            subject: "the paths".to_owned(),
            side: Side::Both,
            operations: BTreeSet::new(),
        };
        if !self.mappings(old, new, &place) {
            return;
        }
        for (path, after) in members(new) {
            let before = &old[path];
            let mut handled: Vec<_> = METHODS.to_vec();
            handled.extend(["parameters", "servers"]);
            let place = place.below(path).about(format!("path `{path}`"));
            if path.starts_with("x-") || before.is_null() {
                continue;
            }
            if self.mappings(before, after, &place) {
                self.servers(&before["servers"], &after["servers"], &place);
                self.rest(before, after, &place, &handled);
            }
        }
    }

    fn operation(&mut self, before: &Operation<'a>, after: &Operation<'a>) {
        let (old, new, label) = (before.value, after.value, after.label());
        let place = Place {
            pointer: after.pointer.clone(),
            subject: String::new(),
            side: Side::Both,
            operations: BTreeSet::from([label.clone()]),
        };
        let named = place.clone().about(format!("`{label}`"));
        if !self.mappings(old, new, &named) {
            return;
        }
        if old["operationId"] != new["operationId"] {
            let detail = arrow(&old["operationId"], &new["operationId"]);
            self.push(Kind::OperationRenamed, &named, detail);
        }
        let routes = [before, after].map(|one| (one.method, template(one.path)));
        if routes[0] != routes[1] {
            let detail = format!("`{}` -> `{}`", before.route(), after.route());
            self.push(Kind::RouteChanged, &named, detail);
        }
        match (old["deprecated"] == true, new["deprecated"] == true) {
            (false, true) => {
                let instead = new["x-replaced-by"].as_str().unwrap_or_default();
                let detail = if instead.is_empty() {
                    String::new()
                } else {
                    format!("use {instead}")
                };
                self.push(Kind::OperationDeprecated, &named, detail);
            }
            (true, false) => self.push(Kind::Undeprecated, &named, ""),
            _ => {}
        }
        let own = |root: &'a Value, operation: &'a Value| {
            operation.get("security").unwrap_or(&root["security"])
        };
        let security = (own(self.old, old), own(self.new, new));
        if security.0 != security.1 {
            let mut holder = named.clone();
            // What is inherited is reported at the root, once, with all operations that inherit it.
            if old.get("security").is_none() && new.get("security").is_none() {
                holder.pointer.clear();
            }
            self.security(security.0, security.1, &holder);
        }
        self.servers(&old["servers"], &new["servers"], &place);
        self.parameters(before, after, &place);
        let sent = Place {
            side: Side::Sent,
            ..place.clone()
        };
        self.request_body(&old["requestBody"], &new["requestBody"], &sent);
        let received = Place {
            side: Side::Received,
            ..place.clone()
        };
        self.responses(&old["responses"], &new["responses"], &received);
        let handled = [
            "operationId",
            "deprecated",
            "security",
            "servers",
            "parameters",
            "requestBody",
            "responses",
        ];
        self.rest(old, new, &named, &handled);
    }

    fn parameters(&mut self, old: &Operation<'a>, new: &Operation<'a>, place: &Place) {
        let sent = Place {
            side: Side::Sent,
            ..place.clone()
        };
        let mut before = effective(self.old, old, &sent);
        let after = effective(self.new, new, &sent);
        for (from, to) in &renamed(old.path, new.path) {
            let key = |name: &str| ("path".to_owned(), name.to_owned());
            if let Some(parameter) = before.remove(&key(from)) {
                if after.contains_key(&key(to)) {
                    let (value, place) = &after[&key(to)];
                    let place = target(value, place).about(format!("path parameter `{to}`"));
                    self.push(
                        Kind::ParameterRenamed,
                        &place,
                        format!("`{from}` -> `{to}`"),
                    );
                }
                before.insert(key(to), parameter);
            }
        }
        for (key, (value, place)) in &before {
            let place = target(value, place).about(format!("{} parameter `{}`", key.0, key.1));
            if !after.contains_key(key) {
                self.push(Kind::ParameterRemoved, &place, "");
            }
        }
        for (key, (value, place)) in &after {
            let subject = format!("{} parameter `{}`", key.0, key.1);
            let place = place.clone().about(subject);
            let Some((other, _)) = before.get(key) else {
                let place = target(value, &place);
                match resolve(self.new, value) {
                    Some(value) if demands(self.new, value) => {
                        self.push(Kind::RequiredParameterAdded, &place, "");
                    }
                    Some(_) => self.push(Kind::ParameterAdded, &place, ""),
                    None => self.push(Kind::ReferenceBroken, &place, quoted(value)),
                }
                continue;
            };
            if reference(other).is_some() && other == value {
                continue;
            }
            if let Some((old, new)) = self.resolved(other, value, &place) {
                self.parameter(old, new, &place);
            }
        }
        for (holder_old, holder_new) in [(old.item, new.item), (old.value, new.value)] {
            let (old, new) = (&holder_old["parameters"], &holder_new["parameters"]);
            self.odd_list(old, new, &place.below("parameters").about("the parameters"));
        }
    }
}

type Parameters<'a> = BTreeMap<(String, String), (&'a Value, Place)>;

/// The parameters that reach an operation, each by where it goes and its name, with its place.
fn effective<'a>(root: &'a Value, operation: &Operation<'a>, place: &Place) -> Parameters<'a> {
    let mut found = Parameters::new();
    let pointer = operation.pointer.as_str();
    let item_pointer = pointer.rsplit_once('/').map_or("", |(item, _)| item);
    for (pointer, holder) in [(item_pointer, operation.item), (pointer, operation.value)] {
        for (index, value) in elements(&holder["parameters"]).iter().enumerate() {
            let parameter = resolve(root, value).unwrap_or(value);
            let text = |key: &str| parameter[key].as_str().unwrap_or("?").to_owned();
            let place = Place {
                pointer: format!("{pointer}/parameters/{index}"),
                ..place.clone()
            };
            found.insert((text("in"), text("name")), (value, place));
        }
    }
    found
}

/// Whether callers have to give the parameter themselves. Our client fills in the default of a required
/// parameter.
fn demands(root: &Value, parameter: &Value) -> bool {
    let schema = resolve(root, &parameter["schema"]).unwrap_or(&Value::Null);
    parameter["required"] == true && schema.get("default").is_none()
}

/// A path without the names of its parameters, which are not sent.
fn template(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_once('}') {
        Some((_, after)) => format!("{text}{{}}{after}"),
        None => format!("{text}{{{part}"),
    })
}

/// Path parameters that have another name in the same place.
fn renamed(old: &str, new: &str) -> BTreeMap<String, String> {
    let names = |path: &str| -> Vec<String> {
        let parts = path.split('{').skip(1);
        parts
            .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
            .collect()
    };
    if template(old) != template(new) {
        return BTreeMap::new();
    }
    let pairs = names(old).into_iter().zip(names(new));
    pairs.filter(|(old, new)| old != new).collect()
}
