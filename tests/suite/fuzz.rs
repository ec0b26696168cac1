//! The fuzz targets without a fuzzer: over their corpora, and over inputs that grow out of these by
//! chance from a fixed seed. Must notice a reader that panics, and a target that cannot be started.

use std::{collections::BTreeSet, fs, path::PathBuf};

use test_support::{OrFail as _, is_long};
use xtask::root;

#[path = "../fuzz/targets.rs"]
mod targets;

use targets::{TARGETS, Target};

/// What the readers look for. Chance alone would hardly write it.
#[rustfmt::skip]
const WORDS: [&[u8]; 38] = [
    b"\"code\"", b"\"message\"", b"{\"value\":", b"\"values\":[", b"<Code>", b"</Code>", b"<Message>",
    b"&amp;", b"\\u0000", b"\xef\xbb\xbf", b"https://", b"//", b"..", b"%2e", b"@", b"/certificates", b"\\",
    b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----", b"\x30\x80", b"\x30\x84\x7f\xff\xff\xff",
    b"\xa0\x03\x02\x01\x02", b" GMT", b"9999999999999999999", b"<s:Body>", b"</t:RequestedSecurityToken>",
    b" xmlns:t=\"", b"<![CDATA[", b"&#x41;", b"<!--", b"state", b"stateTransitionTime", b" eq ", b" or ", b"'active'", b"DateTime'",
    b"2023-11-20T10:11:12Z", b"-----BEGIN PRIVATE KEY-----",
];

fn folder() -> PathBuf {
    root().join("tests/fuzz")
}

/// The names of a folder's entries, sorted.
fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(self::folder().join(folder)).or_fail();
    let mut names: Vec<_> = entries
        .map(|entry| entry.or_fail().file_name().into_string().or_fail())
        .collect();
    names.sort();
    names
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let read = |name: &String| fs::read(folder().join("corpus").join(target).join(name)).or_fail();
    names(&format!("corpus/{target}"))
        .iter()
        .map(read)
        .collect()
}

#[test]
fn every_target_can_be_started_and_has_a_corpus() {
    let of_targets: BTreeSet<_> = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(of_targets, names("corpus").into_iter().collect());
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).or_fail();
    for name in &of_targets {
        assert!(corpus(name).len() >= 5, "{name}");
        let path = format!("fuzz_targets/{name}.rs");
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"{path}\"")));
        let source = fs::read_to_string(folder().join(path)).or_fail();
        assert!(
            source.contains(&format!("targets::{name}(data)")),
            "{source}"
        );
    }
    assert_eq!(names("fuzz_targets").len(), of_targets.len());
}

/// One step away from an input, in the ways in which fuzzers go.
fn mutate(input: &mut Vec<u8>, other: &[u8], chance: &mut fastrand::Rng) {
    let at = chance.usize(..=input.len());
    let end = chance.usize(at..=input.len().min(at + 16));
    match chance.u8(..8) {
        0 if at < input.len() => input[at] ^= 1 << chance.u8(..8),
        1 if at < input.len() => {
            input[at] = *chance
                .choice(&[0, 1, 0x7f, 0x80, 0xff, b'\n', b'"'])
                .or_fail();
        }
        2 => input.insert(at, chance.u8(..)),
        3 => drop(input.drain(at..end)),
        4 => input.truncate(at),
        5 => {
            let piece = input[at..end].to_vec();
            input.splice(at..at, piece);
        }
        6 => {
            let from = chance.usize(..=other.len());
            input.splice(at.., other[from..].iter().copied());
        }
        _ => {
            let word = chance.choice(WORDS).or_fail();
            input.splice(at..end, word.iter().copied());
        }
    }
    input.truncate(4096);
}

fn run(target: Target) {
    let Target { name, run, .. } = target;
    let mut inputs = corpus(name);
    let seeds = inputs.len();
    for input in &inputs {
        run(input);
    }
    let mut chance = fastrand::Rng::with_seed(0x7468_756d_6270_7269);
    let executions = if is_long() { 20_000 } else { 2_000 };
    for execution in 0..executions / target.cost {
        let mut input = inputs[chance.usize(..inputs.len())].clone();
        let other = inputs[chance.usize(..inputs.len())].clone();
        for _ in 0..chance.usize(1..=4) {
            // Now and then by bytes all the same.
            let by_bytes = chance.u8(..16) == 0;
            match (target.edit)(&input, &mut chance) {
                Some(edited) if !by_bytes => input = edited,
                _ => mutate(&mut input, &other, &mut chance),
            }
        }
        // The input is what it takes to repeat a failure.
        let outcome = std::panic::catch_unwind(|| run(&input));
        assert!(outcome.is_ok(), "{name}: {}", input.escape_ascii());
        // Some are kept, so that inputs get further away from the corpus.
        if execution % 16 == 0 {
            let place = seeds + chance.usize(..64);
            if place < inputs.len() {
                inputs[place] = input;
            } else {
                inputs.push(input);
            }
        }
    }
}

/// A test for each target, so that they run side by side.
macro_rules! holds {
    ($($target:ident),+) => {
        $(
            #[test]
            fn $target() {
                let name = stringify!($target);
                run(*TARGETS.iter().find(|target| target.name == name).or_fail());
            }
        )+

        #[test]
        fn every_target_is_run() {
            let run = [$(stringify!($target)),+];
            assert_eq!(TARGETS.map(|target| target.name), run);
        }
    };
}
holds!(
    error_body,
    next_link,
    retry_after,
    der,
    pem,
    pfx,
    ws_trust,
    filter,
    document
);
