//! That a test which cannot go on says what it wanted, in which piece of its code, and what there was instead.

use std::panic::{UnwindSafe, catch_unwind};

use test_support::OrFail as _;

/// What a test says at its end.
fn said<T>(test: impl FnOnce() -> T + UnwindSafe) -> String {
    let panic = catch_unwind(test).err().or_fail();
    *panic.downcast::<String>().or_fail()
}

#[test]
fn a_failure_shows_what_there_was_and_the_code_that_asked() {
    let error = said(|| "x".parse::<u16>().or_fail());
    assert_eq!(
        error,
        "expected a value, got Err(ParseIntError { kind: InvalidDigit }) from\n    \
         let error = said(|| \"x\".parse::<u16>().or_fail());"
    );
    let value = said(|| "7".parse::<u16>().err_or_fail());
    assert!(
        value.starts_with("expected an error, got Ok(7) from\n    let value"),
        "{value}"
    );
    let some = said(|| Some(7).err_or_fail());
    assert!(
        some.starts_with("expected None, got Some(7) from\n    let some"),
        "{some}"
    );
}

#[test]
fn a_statement_of_several_lines_is_shown_whole() {
    let none = said(|| {
        let all = ["of", "several", "words"];
        all.iter()
            .filter(|word| {
                // What is deeper belongs to it.
                word.len() > 20
            })
            .max_by_key(|word| word.len())
            .or_fail()
            .len()
    });
    let expected = [
        "expected a value, got None from",
        "        all.iter()",
        "            .filter(|word| {",
        "                // What is deeper belongs to it.",
        "                word.len() > 20",
        "            })",
        "            .max_by_key(|word| word.len())",
        "            .or_fail()",
    ];
    assert_eq!(none.lines().collect::<Vec<_>>(), expected);
}
