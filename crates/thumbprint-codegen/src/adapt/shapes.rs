//! The outline of a document: what has to be a mapping or a list for anything else to be read.

use serde_json::Value;

use super::Work;
use crate::grammar::{self, Kind, join};

impl Work<'_> {
    /// Refuses what has another form than OpenAPI gives it, down to where schemas begin. Every other step
    /// reads on from here.
    pub(super) fn shapes(&mut self) {
        let document = self.document;
        grammar::walk(
            &document.value,
            "",
            Kind::Root,
            &mut |value, pointer, kind| {
                if !is_outline(kind) {
                    return false;
                }
                if let Some(what) = misshapen(value, kind) {
                    self.refuse(pointer, what);
                    return false;
                }
                match kind {
                    Kind::Operation
                        if value.get("operationId").is_some_and(|id| !id.is_string()) =>
                    {
                        self.refuse(&join(pointer, "operationId"), "has to be a text");
                    }
                    Kind::List(Kind::Parameter) => {
                        for (index, parameter) in value.as_array().into_iter().flatten().enumerate()
                        {
                            self.parameter_shape(&format!("{pointer}/{index}"), parameter);
                        }
                    }
                    _ => {}
                }
                true
            },
        );
    }

    /// A parameter where it stands, or the shared one that it refers to.
    fn parameter_shape(&mut self, pointer: &str, parameter: &Value) {
        // A reference that leads nowhere is refused as one, and what is no mapping as that.
        let Ok(followed) = self.document.resolve(parameter) else {
            return;
        };
        let is_text = |key: &str| followed[key].as_str().is_some_and(|text| !text.is_empty());
        for key in ["name", "in"] {
            if followed.is_object() && !is_text(key) {
                self.refuse(pointer, format!("a parameter needs `{key}`, a text"));
            }
        }
    }
}

/// Whether a value is one that other values are found by.
fn is_outline(kind: Kind) -> bool {
    match kind {
        Kind::Named(kind) | Kind::List(kind) => is_outline(*kind),
        Kind::Root
        | Kind::Info
        | Kind::Components
        | Kind::Path
        | Kind::Operation
        | Kind::Parameter
        | Kind::Header
        | Kind::Body
        | Kind::MediaType
        | Kind::Response
        | Kind::SecurityScheme => true,
        _ => false,
    }
}

/// What a value has to be that is something else. What is null is not there.
fn misshapen(value: &Value, kind: Kind) -> Option<&'static str> {
    let (fits, what) = match kind {
        Kind::List(_) => (
            value.is_array() || value.is_null(),
            "has to be a list of parameters",
        ),
        Kind::Operation => (value.is_object(), "has to be a mapping: an operation"),
        Kind::Parameter => (value.is_object(), "has to be a mapping: a parameter"),
        Kind::Body => (value.is_object(), "has to be a mapping: a request body"),
        Kind::Response => (value.is_object(), "has to be a mapping: a response"),
        _ => (value.is_object() || value.is_null(), "has to be a mapping"),
    };
    (!fits).then_some(what)
}
