//! A newcomer's way from the README to a rescued certificate: its own lines, against its own sandbox.

use test_support::OrFail as _;

use crate::support::{FAILED, Sandbox, run, thumbprint};

const README: &str = include_str!("../../../../README.md");

/// What the README types behind a command's first words, without the comment.
fn typed(start: &str) -> Vec<&'static str> {
    let line = README
        .lines()
        .find(|line| line.starts_with(&format!("$ {start}")));
    let line = line.and_then(|line| line.split('#').next()).or_fail();
    line.split_whitespace().skip(2).collect()
}

#[test]
fn the_lines_of_the_readme_rescue_a_certificate_of_the_sandbox() {
    let sandbox = Sandbox::start(&typed("thumbprint sandbox")[1..]);
    let variable = "THUMBPRINT_BATCH_ENDPOINT";
    assert!(README.contains(&format!("$ export {variable}=")));
    let step = |start: &str, more: &[&str]| {
        let mut command = thumbprint(&typed(start));
        let (stdout, stderr, code) = run(command.args(more).env(variable, &sandbox.endpoint));
        assert_eq!(code, 0, "{start}: {stderr}");
        stdout
    };
    let list = step("thumbprint batch list", &[]);
    assert!(
        list.contains(FAILED) && list.contains("PoolsReferencingCertificate"),
        "{list}"
    );
    // No one can be asked here.
    step("thumbprint batch rescue", &["--cancel", "--yes"]);
    assert!(!step("thumbprint batch list", &[]).contains(FAILED));
}
