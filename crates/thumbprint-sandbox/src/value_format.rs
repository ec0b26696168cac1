//! Whether a value has the format that its document asks for.

use std::{collections::HashMap, sync::LazyLock};

use regress::Regex;
use thumbprint_transport::{HttpDate, Operation, operation::ValueFormat};
use uuid::Uuid;

/// The patterns of all documents. One that is not a regular expression is left out, and no value fits it.
static PATTERNS: LazyLock<HashMap<&'static str, Regex>> = LazyLock::new(|| {
    operations()
        .flat_map(|operation| operation.parameters)
        .filter_map(|parameter| match parameter.format {
            ValueFormat::Pattern(pattern) => Some((pattern, Regex::new(pattern).ok()?)),
            _ => None,
        })
        .collect()
});

fn operations() -> impl Iterator<Item = &'static Operation> {
    let services = thumbprint_batch::operations::ALL
        .iter()
        .chain(thumbprint_wap::operations::ALL);
    services.chain(thumbprint_admin::operations::ALL).copied()
}

/// What is wrong with the value: `None` where nothing is.
pub(crate) fn complaint(format: ValueFormat, value: &str) -> Option<String> {
    let (fits, expected) = match format {
        ValueFormat::Pattern(pattern) => (
            PATTERNS
                .get(pattern)
                .is_some_and(|regex| regex.find(value).is_some()),
            format!("The value must match {pattern}"),
        ),
        ValueFormat::OneOf(words) => (
            words.contains(&value),
            format!("The value must be one of: {}", words.join(", ")),
        ),
        // "in the form of a GUID with no decoration such as curly braces": the parser alone would
        // take braces, a urn: prefix and 32 digits without hyphens.
        ValueFormat::Uuid => (
            value.len() == 36 && Uuid::try_parse(value).is_ok(),
            "The value must be a GUID without decoration".to_owned(),
        ),
        ValueFormat::Boolean => (
            matches!(value, "true" | "false"),
            "The value must be true or false".to_owned(),
        ),
        ValueFormat::Int32 => (
            !value.starts_with('+') && value.parse::<i32>().is_ok(),
            "The value must be an integer of 32 bits".to_owned(),
        ),
        // chrono takes single digits and extra spaces too; what it prints has the one right form.
        ValueFormat::HttpDate => (
            value
                .parse::<HttpDate>()
                .is_ok_and(|date| date.to_string() == value),
            "The value must be a time in the form of RFC 1123, in GMT".to_owned(),
        ),
        // Any text; and formats that do not exist yet, which a receiver cannot check.
        _ => return None,
    };
    (!fits).then_some(expected)
}

#[cfg(test)]
mod tests {
    use thumbprint_transport::operation::ValueFormat;

    use super::{PATTERNS, complaint, operations};

    fn check(format: ValueFormat, good: &[&str], bad: &[&str]) {
        for value in good {
            assert_eq!(complaint(format, value), None, "{format:?}: {value:?}");
        }
        for value in bad {
            assert!(complaint(format, value).is_some(), "{format:?}: {value:?}");
        }
    }

    #[test]
    fn each_format_takes_its_values_and_no_others() {
        const GUID: &str = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0";
        check(ValueFormat::Text, &["", "anything"], &[]);
        check(
            ValueFormat::OneOf(&["sha1"]),
            &["sha1"],
            &["SHA1", "sha256", ""],
        );
        check(
            ValueFormat::Uuid,
            &[GUID, &GUID.to_lowercase()],
            &[
                "",
                &format!("{{{GUID}}}"),
                &format!("urn:uuid:{GUID}"),
                &GUID.replace('-', ""),
                &GUID.replace('9', "g"),
            ],
        );
        check(ValueFormat::Boolean, &["true", "false"], &["True", "1", ""]);
        check(
            ValueFormat::Int32,
            &["0", "-5", "2147483647"],
            &["", "+5", " 5", "5.0", "2147483648"],
        );
        check(
            ValueFormat::HttpDate,
            &["Mon, 20 Nov 2023 10:11:12 GMT"],
            &[
                "",
                "Tue, 20 Nov 2023 10:11:12 GMT",
                "Mon, 20 Nov 2023 10:11:12 +0000",
                "Mon,  20 Nov 2023 10:11:12 GMT",
                "2023-11-20 10:11:12.0 +00:00:00",
            ],
        );
    }

    #[test]
    fn every_pattern_of_the_documents_is_a_regular_expression() {
        let mut patterns = 0;
        for parameter in operations().flat_map(|operation| operation.parameters) {
            if let ValueFormat::Pattern(pattern) = parameter.format {
                patterns += 1;
                assert!(PATTERNS.contains_key(pattern), "{pattern}");
            }
        }
        assert!(patterns > 0);
        check(ValueFormat::Pattern("["), &[], &["", "["]);
    }
}
