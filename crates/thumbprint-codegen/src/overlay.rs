//! Overlays ([OpenAPI Overlay 1.0 and 1.1](https://spec.openapis.org/overlay/v1.0.0.html)): what is wrong in a
//! document of somebody else's is mended beside it, in `NAME.overlay.yaml`, and not in the document.

use anyhow::{Result, anyhow, bail};
use roas_overlay::{
    apply::{Apply, ApplyOptions},
    v1_0, v1_1,
};
use serde_json::Value;

/// What the name of an overlay's file has before its ending.
pub const SUFFIX: &str = ".overlay";

/// Applies an overlay to a document. An action that finds nothing is an error: the document has changed, and what
/// the overlay was written for is somewhere else, or mended.
pub fn apply(overlay: Value, document: &mut Value) -> Result<()> {
    let options = ApplyOptions::ErrorOnZeroMatch.into();
    let version = overlay["overlay"].as_str().unwrap_or_default().to_owned();
    let applied = if version.starts_with("1.0") {
        serde_json::from_value::<v1_0::Overlay>(overlay)?.apply(document, options)
    } else if version.starts_with("1.1") {
        serde_json::from_value::<v1_1::Overlay>(overlay)?.apply(document, options)
    } else {
        bail!("not an overlay of a version that is known; write `overlay: 1.0.0`");
    };
    applied.map(drop).map_err(|error| {
        anyhow!("{error}; compare the action's `target` with the document, or take the action out")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::apply;

    fn overlay(actions: &Value) -> Value {
        json!({ "overlay": "1.0.0", "info": { "title": "T", "version": "1" }, "actions": actions })
    }

    fn document() -> Value {
        json!({ "paths": { "/a": { "get": { "tags": ["x"] } }, "/internal": { "get": {} } } })
    }

    /// The examples of section 4.4 of the specification: update, and remove.
    #[test]
    fn updates_are_merged_and_removals_carried_out_in_order() {
        let mut document = document();
        let actions = json!([
            { "target": "$.paths['/a'].get", "update": { "operationId": "a", "tags": ["y"] } },
            { "target": "$.paths['/internal']", "remove": true },
        ]);
        apply(overlay(&actions), &mut document).or_fail();
        assert_eq!(
            document,
            json!({ "paths": { "/a": { "get": { "tags": ["x", "y"], "operationId": "a" } } } })
        );
    }

    #[test]
    fn an_action_that_finds_nothing_is_an_error_and_changes_nothing() {
        let mut changed = document();
        let actions = json!([
            { "target": "$.paths['/a']", "remove": true },
            { "target": "$.paths['/b']", "remove": true },
        ]);
        let error = apply(overlay(&actions), &mut changed)
            .err_or_fail()
            .to_string();
        assert!(
            error.contains("actions[1]") && error.contains("/b"),
            "{error}"
        );
        assert_eq!(changed, document());
    }

    #[test]
    fn what_is_no_overlay_is_refused() {
        for overlay in [
            json!({}),
            json!({ "overlay": "2.0.0" }),
            json!({ "overlay": "1.0.0", "actions": 7 }),
        ] {
            assert!(apply(overlay, &mut document()).is_err());
        }
    }
}
