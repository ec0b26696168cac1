use super::MAX_DEPTH;
use crate::fuzzing::filtered as taken;

#[test]
fn a_filter_takes_what_it_says() {
    for (text, expected) in [
        ("state eq 'active'", "a"),
        ("state ne 'active'", "df"),
        ("state eq 'deletefailed'", "f"),
        // The vendor's prose spells it so.
        ("state eq 'deleteFailed'", "f"),
        ("  state  eq\t'deleting'  ", "d"),
        ("(state eq 'deleting')", "d"),
        ("((state eq 'deleting'))", "d"),
        ("state eq 'active' or state eq 'deleting'", "ad"),
        ("state eq 'active' and state eq 'deleting'", ""),
        ("state ne 'active' and state ne 'deleting'", "f"),
        // `and` binds closer, on either side.
        (
            "state eq 'active' or state eq 'deleting' and state eq 'deletefailed'",
            "a",
        ),
        (
            "state eq 'active' and state eq 'deleting' or state eq 'deletefailed'",
            "f",
        ),
        (
            "(state eq 'active' or state eq 'deleting') and state ne 'active'",
            "d",
        ),
        (
            "state ne 'active'and(state eq 'active' or state eq 'deleting')",
            "d",
        ),
        ("stateTransitionTime eq 2023-11-20T10:11:12.1234567Z", "adf"),
        (
            "stateTransitionTime eq 2023-11-20T11:11:12.1234567+01:00",
            "adf",
        ),
        ("stateTransitionTime ne 2023-11-20T10:11:12.1234567Z", ""),
        ("stateTransitionTime ne 2023-11-20T10:11:12Z", "adf"),
        ("stateTransitionTime ge 2023-11-20T10:11:12.1234567Z", "adf"),
        ("stateTransitionTime ge 2023-11-20T10:11:12.1234568Z", ""),
        ("stateTransitionTime gt 2023-11-20T10:11:12.1234567Z", ""),
        ("stateTransitionTime gt 2023-11-20T10:11:12.1234566Z", "adf"),
        ("stateTransitionTime le 2023-11-20T10:11:12.1234567Z", "adf"),
        ("stateTransitionTime le 2023-11-20T10:11:12.1234566Z", ""),
        ("stateTransitionTime lt 2023-11-20T10:11:12.1234567Z", ""),
        ("stateTransitionTime lt 2023-11-20T10:11:12.1234568Z", "adf"),
        (
            "stateTransitionTime eq DateTime'2023-11-20T10:11:12.1234567Z'",
            "adf",
        ),
        (
            "stateTransitionTime eq datetime'2023-11-20T10:11:12.1234567'",
            "adf",
        ),
        (
            "stateTransitionTime lt DateTime'2023-11-20T10:11:12-01:00'",
            "adf",
        ),
        (
            "stateTransitionTime gt 2023-01-01T00:00:00Z and state eq 'active'",
            "a",
        ),
    ] {
        assert_eq!(taken(text), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_no_filter_is_refused_with_its_place() {
    const CONDITION: &str = "expected state, stateTransitionTime or an opening parenthesis";
    const STATE: &str = "expected 'active', 'deleting' or 'deletefailed'";
    const TIME: &str = "expected a time, such as 2023-11-20T10:11:12Z";
    const MORE: &str = "expected and, or, or the end";
    for (text, position, expected) in [
        ("", 1, CONDITION),
        ("   ", 4, CONDITION),
        ("thumbprint eq 'a'", 1, CONDITION),
        ("State eq 'active'", 1, CONDITION),
        ("'active' eq state", 1, CONDITION),
        ("not state eq 'active'", 1, CONDITION),
        ("$", 1, CONDITION),
        ("and state eq 'active'", 1, CONDITION),
        ("()", 2, CONDITION),
        (")", 1, CONDITION),
        ("(", 2, CONDITION),
        ("state", 6, "expected eq or ne"),
        ("state gt 'active'", 7, "expected eq or ne"),
        ("state EQ 'active'", 7, "expected eq or ne"),
        ("state 'active'", 7, "expected eq or ne"),
        ("state eq", 9, STATE),
        ("state eq active", 10, STATE),
        ("state eq $active", 10, STATE),
        ("state eq \"active\"", 10, STATE),
        ("state eq 'gone'", 10, STATE),
        ("state eq 'act''ive'", 10, STATE),
        ("state eq ''", 10, STATE),
        ("state eq DateTime'active'", 10, STATE),
        ("state eq 'active", 10, "the quote is not closed"),
        ("state eq 'active''", 10, "the quote is not closed"),
        ("state eq 'active'''", 10, STATE),
        ("state eq 'active' 'x'", 19, MORE),
        ("state eq 'active')", 18, MORE),
        ("state eq 'active' AND state ne 'deleting'", 19, MORE),
        ("state eq 'active' or", 21, CONDITION),
        ("state eq 'active' and or", 23, CONDITION),
        (
            "(state eq 'active'",
            19,
            "expected and, or, or a closing parenthesis",
        ),
        (
            "stateTransitionTime is 2023-11-20T10:11:12Z",
            21,
            "expected eq, ne, ge, gt, le or lt",
        ),
        ("stateTransitionTime eq", 23, TIME),
        ("stateTransitionTime eq now", 24, TIME),
        ("stateTransitionTime eq 2023-11-20", 24, TIME),
        ("stateTransitionTime eq 2023-11-20T10:11:12", 24, TIME),
        ("stateTransitionTime eq 2023-13-20T10:11:12Z", 24, TIME),
        // What becomes of a plus sign that was not escaped in the query.
        ("stateTransitionTime eq 2023-11-20T10:11:12 01:00", 24, TIME),
        ("stateTransitionTime eq '2023-11-20T10:11:12Z'", 24, TIME),
        (
            "stateTransitionTime eq Time'2023-11-20T10:11:12Z'",
            24,
            TIME,
        ),
        ("stateTransitionTime eq DateTime'soon'", 24, TIME),
        ("stateTransitionTime eq DateTime", 24, TIME),
    ] {
        let expected = format!("At character {position}: {expected}");
        assert_eq!(taken(text), Err(expected), "{text}");
    }
}

#[test]
fn depth_is_limited_and_length_is_not() {
    let nested = |depth| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        taken(&format!("{open}state eq 'active'{close}"))
    };
    assert_eq!(nested(MAX_DEPTH), Ok("a".to_owned()));
    let refused = Err("At character 33: parentheses nest too deep".to_owned());
    assert_eq!(nested(MAX_DEPTH + 1), refused);
    assert_eq!(nested(100_000), refused);

    let long = "state eq 'active' and ".repeat(10_000) + "state ne 'deleting'";
    assert_eq!(taken(&long), Ok("a".to_owned()));
}
