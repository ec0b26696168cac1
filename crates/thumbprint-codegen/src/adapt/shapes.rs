//! The outline of a document: what has to be a mapping or a list for anything else to be read.

use serde_json::Value;

use super::Work;
use crate::{
    document::{join, members},
    model::METHODS,
};

impl Work<'_> {
    /// Refuses what has another form than OpenAPI gives it, down to where schemas begin. Every other step
    /// reads on from here.
    pub(super) fn shapes(&mut self) {
        let root = self.document.value.clone();
        self.mapping("/info", &root["info"]);
        self.mapping("/components", &root["components"]);
        for kind in [
            "schemas",
            "parameters",
            "responses",
            "requestBodies",
            "headers",
            "securitySchemes",
        ] {
            let pointer = join("/components", kind);
            let all = &root["components"][kind];
            self.mapping(&pointer, all);
            for (name, value) in members(all) {
                let pointer = join(&pointer, name);
                self.mapping(&pointer, value);
                if matches!(kind, "parameters" | "responses" | "requestBodies") {
                    self.holder(&pointer, value);
                }
            }
        }
        self.mapping("/paths", &root["paths"]);
        for (path, item) in members(&root["paths"]) {
            if path.starts_with("x-") {
                continue;
            }
            let pointer = join("/paths", path);
            self.mapping(&pointer, item);
            self.parameter_list(&pointer, item);
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    self.operation_shape(&join(&pointer, method), operation);
                }
            }
        }
    }

    fn operation_shape(&mut self, pointer: &str, operation: &Value) {
        if !operation.is_object() {
            self.refuse(pointer, "has to be a mapping: an operation");
            return;
        }
        if let Some(id) = operation.get("operationId")
            && !id.is_string()
        {
            self.refuse(&join(pointer, "operationId"), "has to be a text");
        }
        self.parameter_list(pointer, operation);
        if let Some(body) = operation.get("requestBody") {
            let at = join(pointer, "requestBody");
            if body.is_object() {
                self.holder(&at, body);
            } else {
                self.refuse(&at, "has to be a mapping: a request body");
            }
        }
        let at = join(pointer, "responses");
        self.mapping(&at, &operation["responses"]);
        for (status, response) in members(&operation["responses"]) {
            if status.starts_with("x-") {
                continue;
            }
            let at = join(&at, status);
            if response.is_object() {
                self.holder(&at, response);
            } else {
                self.refuse(&at, "has to be a mapping: a response");
            }
        }
    }

    fn parameter_list(&mut self, pointer: &str, holder: &Value) {
        let Some(parameters) = holder.get("parameters") else {
            return;
        };
        let at = join(pointer, "parameters");
        let Some(list) = parameters.as_array() else {
            self.refuse(&at, "has to be a list of parameters");
            return;
        };
        for (index, parameter) in list.iter().enumerate() {
            let at = format!("{at}/{index}");
            if parameter.is_object() {
                self.parameter_shape(&at, parameter);
            } else {
                self.refuse(&at, "has to be a mapping: a parameter");
            }
        }
    }

    /// A parameter where it stands, or the shared one that it refers to.
    fn parameter_shape(&mut self, pointer: &str, parameter: &Value) {
        let followed = self.followed(parameter);
        for key in ["name", "in"] {
            let is_text = followed[key].as_str().is_some_and(|text| !text.is_empty());
            // A reference that leads nowhere is refused as one.
            let leads_nowhere = followed.is_null() && parameter.get("$ref").is_some();
            if !is_text && !leads_nowhere {
                self.refuse(pointer, format!("a parameter needs `{key}`, a text"));
            }
        }
        self.holder(pointer, parameter);
    }

    /// What holds `content`, and perhaps headers.
    fn holder(&mut self, pointer: &str, holder: &Value) {
        for key in ["content", "headers"] {
            let at = join(pointer, key);
            self.mapping(&at, &holder[key]);
            for (name, value) in members(&holder[key]) {
                self.mapping(&join(&at, name), value);
            }
        }
    }

    /// A mapping, or nothing.
    fn mapping(&mut self, pointer: &str, value: &Value) {
        if !value.is_object() && !value.is_null() {
            self.refuse(pointer, "has to be a mapping");
        }
    }
}
