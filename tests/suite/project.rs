//! What the project runs of others: the workflows name actions by commit, may read and no more, and check
//! every lock for advisories, also without a change; and where the links of its pages lead. Must notice a tag in
//! place of a commit, since a tag can be moved (tj-actions/changed-files#2463: all tags of an action were moved to
//! a commit that printed secrets), a permission that is more than reading, and a file that pages name and that is gone.

use std::fs;

use test_support::OrFail as _;
use xtask::root;

/// The workflows, each with its name.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join(".github/workflows")).or_fail();
    let mut found: Vec<_> = folder
        .map(|entry| entry.or_fail().path())
        .map(|path| {
            let name = path.file_name().or_fail().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).or_fail())
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
            let (commit, release) = commit.and_then(|rest| rest.split_once(" # v")).or_fail();
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
        .or_fail();
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

/// Whether a link of a page leads out of the repository, or into the page itself.
fn is_elsewhere(link: &str) -> bool {
    link.contains("://") || link.starts_with(['#', '<']) || link.starts_with("crate::")
}

#[test]
fn links_of_pages_lead_to_files() {
    let mut pages = vec![root()];
    let mut checked = 0;
    while let Some(path) = pages.pop() {
        if path.is_dir() {
            let is_left_out =
                |name: &str| name == "target" || name == "node_modules" || name.starts_with('.');
            let entries = fs::read_dir(&path).or_fail().map(|entry| entry.or_fail());
            let entries =
                entries.filter(|entry| !is_left_out(&entry.file_name().to_string_lossy()));
            pages.extend(entries.map(|entry| entry.path()));
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).or_fail();
        let inline = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let defined = text
            .lines()
            .filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
        for link in inline.chain(defined.map(|(_, link)| link)) {
            let file = link.split(['#', ' ']).next().unwrap_or_default();
            if !is_elsewhere(link) {
                let found = path.parent().or_fail().join(file);
                assert!(found.exists(), "{}: {link}", path.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked}");
}
