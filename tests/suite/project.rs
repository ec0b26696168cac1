//! What the project runs of others: the workflows name actions by commit, may read and no more, and check
//! every lock for advisories, also without a change. Must notice a tag in place of a commit, since a tag can
//! be moved (tj-actions/changed-files#2463: all tags of an action were moved to a commit that printed
//! secrets), and a permission that is more than reading.

use std::fs;

use xtask::root;

/// The workflows, each with its name.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join(".github/workflows")).unwrap();
    let mut found: Vec<_> = folder
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    assert!(found.len() > 1, "{found:?}");
    found
}

/// What a line has after a key.
fn values<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().map(str::trim_start);
    let lines = lines.map(|line| line.strip_prefix("- ").unwrap_or(line));
    lines.filter_map(move |line| line.strip_prefix(key)?.strip_prefix(':').map(str::trim))
}

#[test]
fn every_action_is_named_by_a_commit_with_its_release_beside_it() {
    for (name, text) in workflows() {
        let mut checkouts = 0;
        for used in values(&text, "uses") {
            let commit = used.split_once('@').map(|(_, rest)| rest);
            let (commit, release) = commit.and_then(|rest| rest.split_once(" # v")).unwrap();
            let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(is_commit && release.contains('.'), "{name}: {used}");
            checkouts += usize::from(used.starts_with("actions/checkout@"));
        }
        // The token of the job stays out of what the job builds.
        let kept: Vec<_> = values(&text, "persist-credentials").collect();
        assert_eq!(kept, vec!["false"; checkouts], "{name}");
    }
}

#[test]
fn workflows_may_read_the_repository_and_no_more() {
    for (name, text) in workflows() {
        assert!(
            text.contains("\npermissions:\n  contents: read\njobs:\n"),
            "{name}"
        );
        assert_eq!(values(&text, "permissions").count(), 1, "{name}");
        assert!(
            !text.contains("pull_request_target") && !text.contains("secrets."),
            "{name}"
        );
        let jobs = values(&text, "runs-on").count();
        assert_eq!(values(&text, "timeout-minutes").count(), jobs, "{name}");
    }
}

#[test]
fn advisories_are_looked_up_for_both_locks_with_every_change_and_without_one() {
    let (_, deny) = workflows()
        .into_iter()
        .find(|(_, text)| text.contains("cargo-deny-action"))
        .unwrap();
    for expected in [
        "schedule:",
        "pull_request:",
        "manifest: [./Cargo.toml, ./tests/fuzz/Cargo.toml]",
        "manifest-path: ${{ matrix.manifest }}",
        "command: check bans licenses sources advisories",
    ] {
        assert!(deny.contains(expected), "{expected}");
    }
}
