//! Each fact of the two pages that the project began with leads to its tests by name: tests/TRACE.md. Must notice a fact
//! without a test, a test that says it holds what no page says, and a table that is not what follows from both.

use std::fs;

use conformance::copy::Copy;
use xtask::{root, trace};

#[test]
fn the_table_of_facts_and_tests_is_fresh() {
    trace::run(&root(), false, true).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn what_lacks_in_the_table_is_told() {
    let copy = Copy::new("trace").expect("a copy of the workspace");
    let edit = |file: &str, from: &str, to: &str| {
        let path = copy.path().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(path, text.replacen(from, to, 1)).expect("the copy can be written to");
    };
    let fact = "Certificate_CancelDeletion: answer 204, header Age: string";
    let table = "# Responses\nCertificate_CancelDeletion: answer 204\n";
    edit("tests/facts/batch.txt", table, &format!("{table}{fact}\n"));
    // It is in the document of the page, and the page no longer says it.
    edit(
        "tests/facts/wap.txt",
        "server variable port, default 30005\n",
        "",
    );
    // What is no test holds nothing, and what does not know the word does not either.
    edit(
        "tests/suite/responses/headers.rs",
        "\"DataServiceId\"",
        "\"DataService\"",
    );
    edit("tests/suite/responses/headers.rs", "DataServiceId", "it");
    let error = format!(
        "{:#}",
        trace::table(copy.path()).expect_err("three things lack")
    );
    for expected in [
        "header Age: string: specs/batch.yaml does not say it",
        "there is no `headers::CertificateCancelDeletion::age`",
        "no page has the fact `server variable port, default 30005`",
        "says that it holds it, and there is no `DataServiceId` in it",
    ] {
        assert!(error.contains(expected), "{expected:?} is not in:\n{error}");
    }
    edit(
        "tests/suite/trace.rs",
        "#[test]\nfn the_table",
        "// Facts: security Bearer\nfn the_table",
    );
    let error = format!(
        "{:#}",
        trace::table(copy.path()).expect_err("it is no test")
    );
    assert!(error.contains("tests/suite/trace.rs:"), "{error}");
}
