//! Paths: what a template and a URL can hold.

use std::collections::BTreeSet;

use super::Work;
use crate::model::Operation;

impl Work<'_> {
    /// Refuses what is no template, and what would be sent as another path than the document's.
    pub(super) fn check_path(&mut self, operation: &Operation, declared: &BTreeSet<String>) {
        let path = &operation.path;
        let at = crate::document::join("/paths", &operation.template);
        if !path.starts_with('/') {
            self.refuse(&at, "a path starts with `/`; write it so");
        }
        let mut names = BTreeSet::new();
        let mut constants = String::new();
        let mut rest = path.as_str();
        while let Some((constant, tail)) = rest.split_once('{') {
            let Some((name, tail)) = tail.split_once('}') else {
                rest = tail;
                self.refuse(&at, "a `{` without its `}`; close it");
                break;
            };
            if name.is_empty() || name.contains(['{', '/']) {
                self.refuse(&at, format!("`{{{name}}}` is no name of a parameter"));
            }
            if tail.starts_with('{') {
                self.warn(
                    &at,
                    "two parameters side by side: what one ends with and the other begins with is for the service to know",
                );
            }
            names.insert(name.to_owned());
            constants.push_str(constant);
            constants.push('x');
            rest = tail;
        }
        constants.push_str(rest);
        if constants.contains('}') {
            self.refuse(&at, "a `}` without its `{`; remove it");
        }
        if constants.split('/').any(|part| part == "." || part == "..") {
            self.refuse(
                &at,
                "`.` and `..` lead elsewhere; write the path that is meant",
            );
        }
        let in_query = operation
            .constants
            .iter()
            .find(|(name, value)| name.contains('{') || value.contains('{'));
        if in_query.is_some() {
            self.refuse(&at, "a parameter behind the `?` of a path is one of the query; declare it with `in: query`");
        }
        for name in names.difference(declared) {
            self.refuse(
                &operation.pointer,
                format!("the path holds `{{{name}}}`, and no parameter `{name}` is declared with `in: path`; declare it"),
            );
        }
        for name in declared.difference(&names) {
            self.refuse(
                &operation.pointer,
                format!("the parameter `{name}` is declared with `in: path`, and the path holds no `{{{name}}}`; remove it, or name it in the path"),
            );
        }
    }
}
