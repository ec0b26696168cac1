//! Where the service is, and who may call it.

use serde_json::{Map, Value, json};

use super::Swagger;
use crate::grammar::{self, join, members};

impl<'a> Swagger<'a> {
    /// The servers for these schemes.
    pub(super) fn servers(&mut self, schemes: &Value, at: &str) -> Value {
        let root = self.root;
        let mut schemes: Vec<_> = schemes
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if schemes.is_empty() {
            // What is not there has no place; the document has.
            let at = if at == "/schemes" { "" } else { at };
            self.lowering.warn(at, "no `schemes`, so `https` is taken");
            schemes.push("https");
        }
        let base = root["basePath"]
            .as_str()
            .unwrap_or_default()
            .trim_end_matches('/');
        let template = root.get("x-ms-parameterized-host");
        if let Some(template) = template.filter(|template| template.is_object()) {
            return self.template(template, base, &schemes);
        }
        let Some(host) = root["host"].as_str() else {
            self.lowering.warn(
                "",
                "no `host`: the server is the place that the document comes from",
            );
            return json!([{ "url": if base.is_empty() { "/" } else { base } }]);
        };
        schemes
            .into_iter()
            .map(|scheme| json!({ "url": format!("{scheme}://{host}{base}") }))
            .collect()
    }

    /// Azure's hosts with parameters: a server with variables.
    fn template(&mut self, template: &'a Value, base: &str, schemes: &[&str]) -> Value {
        let host = template["hostTemplate"].as_str().unwrap_or_default();
        let prefix = template["useSchemePrefix"] != false;
        let mut variables = Map::new();
        let parameters = template["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in parameters.enumerate() {
            let at = format!("/x-ms-parameterized-host/parameters/{index}");
            let (parameter, at) = self.resolve(parameter, &at);
            let Some(name) = parameter["name"]
                .as_str()
                .filter(|name| host.contains(&format!("{{{name}}}")))
            else {
                self.lowering.problem(&at, format!("`hostTemplate` {host:?} has no such variable; name it there, or copy the parameter into this file"));
                continue;
            };
            let default = parameter
                .get("default")
                .or_else(|| parameter["enum"].get(0));
            let default = default.and_then(Value::as_str).map_or_else(|| {
                // RFC 2606 keeps this domain for what must not exist.
                let placeholder = format!("{}.invalid", name.to_lowercase());
                let scheme = schemes.first().copied().unwrap_or("https");
                let whole = !prefix && host.starts_with(&format!("{{{name}}}"));
                let placeholder = if whole { format!("{scheme}://{placeholder}") } else { placeholder };
                self.lowering.warn(&at, format!("it has no default, which OpenAPI 3 wants of a server's variable; {placeholder:?} stands for it"));
                placeholder
            }, str::to_owned);
            let mut variable = Map::from_iter([("default".to_owned(), json!(default))]);
            for key in ["description", "enum"] {
                variable.extend(
                    parameter
                        .get(key)
                        .map(|value| (key.to_owned(), value.clone())),
                );
            }
            for (key, value) in members(parameter).filter(|(key, _)| key.starts_with("x-")) {
                let value = self.extension(key, value, &join(&at, key));
                variable.insert(key.clone(), value);
            }
            variables.insert(name.to_owned(), Value::Object(variable));
        }
        let urls: Vec<_> = if prefix {
            schemes
                .iter()
                .map(|scheme| format!("{scheme}://{host}{base}"))
                .collect()
        } else {
            vec![format!("{host}{base}")]
        };
        urls.into_iter()
            .map(|url| json!({ "url": url, "variables": variables }))
            .collect()
    }

    pub(super) fn scheme(&mut self, value: &Value, at: &str) -> Value {
        let mut scheme = Map::new();
        for (key, value) in members(value) {
            if !matches!(
                key.as_str(),
                "flow" | "authorizationUrl" | "tokenUrl" | "scopes"
            ) {
                let value = self.extension(key, value, &join(at, key));
                scheme.insert(key.clone(), value);
            }
        }
        match value["type"].as_str().unwrap_or_default() {
            "basic" => {
                scheme.insert("type".to_owned(), json!("http"));
                scheme.insert("scheme".to_owned(), json!("basic"));
            }
            "apiKey" => {}
            "oauth2" => {
                let name = match value["flow"].as_str().unwrap_or_default() {
                    "application" => "clientCredentials",
                    "accessCode" => "authorizationCode",
                    known @ ("implicit" | "password") => known,
                    other => {
                        self.lowering.problem(at, format!("the flow {other:?} is not known; write implicit, password, application or accessCode"));
                        return Value::Object(scheme);
                    }
                };
                let mut flow = Map::new();
                for key in ["authorizationUrl", "tokenUrl"] {
                    flow.extend(value.get(key).map(|value| (key.to_owned(), value.clone())));
                }
                let scopes = value.get("scopes").cloned().unwrap_or_else(|| json!({}));
                flow.insert("scopes".to_owned(), scopes);
                scheme.insert("flows".to_owned(), json!({ name: flow }));
            }
            other => self.lowering.problem(
                at,
                format!("the type {other:?} is not known; write basic, apiKey or oauth2"),
            ),
        }
        Value::Object(scheme)
    }

    /// A definition, with what only definitions have.
    pub(super) fn definition(&mut self, value: &Value, at: &str) -> Value {
        let mut schema = self.schema(value, at);
        if let Some(property) = value["discriminator"].as_str() {
            let mut mapping = Map::new();
            for (other, definition) in members(&self.root["definitions"]) {
                let word = definition["x-ms-discriminator-value"]
                    .as_str()
                    .unwrap_or(other);
                let new = self.names.get(&join("/definitions", other)).cloned();
                if grammar::bases(self.root, definition).contains(at)
                    && let Some(new) = new
                {
                    mapping.insert(word.to_owned(), json!(format!("#{new}")));
                }
            }
            let mut discriminator = Map::from_iter([("propertyName".to_owned(), json!(property))]);
            if !mapping.is_empty() {
                discriminator.insert("mapping".to_owned(), Value::Object(mapping));
            }
            schema["discriminator"] = Value::Object(discriminator);
        }
        schema
    }
}
