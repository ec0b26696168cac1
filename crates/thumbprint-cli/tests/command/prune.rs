//! `thumbprint wap prune`, and the copies of what Windows Azure Pack forgets.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{TimeDelta, Utc};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};
use thumbprint::Thumbprint;
use thumbprint_sandbox::samples;

use crate::{
    sandbox::Inside,
    screen::answer,
    service::{Service, empty, hang_up},
    support::{FAILED, STORED, SUBSCRIPTION, der, run, run_json, wap},
};

fn stored() -> Value {
    serde_json::to_value(samples::wap_certificate()).or_fail()
}

/// A certificate that is valid until the first day of a year, and was stored so many days ago.
fn certificate(name: &str, until: i32, days: i64) -> (String, Value) {
    let mut params = CertificateParams::new(Vec::new()).or_fail();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().or_fail();
    let der = params.self_signed(&key).or_fail().der().to_vec();
    let thumbprint = Thumbprint::of_der(&der).to_string();
    let created = (Utc::now() - TimeDelta::days(days)).naive_utc();
    let value = json!({
        "SubscriptionCertificateThumbprint": thumbprint,
        "SubscriptionCertificateData": BASE64_STANDARD.encode(der),
        "TimeCreated": created.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
    });
    (thumbprint, value)
}

fn subscription(certificates: &[&Value]) -> Inside {
    Inside::start(|builder| {
        certificates
            .iter()
            .fold(builder.empty(), |builder, certificate| {
                let certificate = serde_json::from_value((*certificate).clone()).or_fail();
                builder.wap_certificate(SUBSCRIPTION, certificate)
            })
    })
}

fn has(inside: &Inside, thumbprint: &str) -> bool {
    inside
        .sandbox
        .wap_certificate(SUBSCRIPTION, thumbprint)
        .is_some()
}

fn outcomes(lines: &[Value]) -> Vec<(&str, &str)> {
    let mut all: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["thumbprint"].as_str().or_fail(),
                line["outcome"].as_str().or_fail(),
            )
        })
        .collect();
    all.sort_unstable();
    all
}

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().or_fail())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(path: &Path) -> Vec<String> {
        let names = fs::read_dir(path).or_fail();
        let names = names.map(|entry| entry.or_fail().file_name().into_string().or_fail());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }
}

#[test]
fn the_expired_go_with_copies_and_the_others_stay() {
    let directory = Directory::new();
    let (old, old_value) = certificate("old", 2020, 10);
    let (good, good_value) = certificate("good", 2090, 400);
    let inside = subscription(&[&old_value, &good_value]);
    let command = &mut wap(&inside.sandbox.base_url(), &["prune", "--expired", "--yes"]);
    // Copies go to a directory here, unless another is named.
    let (lines, stderr, code) = run_json(command.current_dir(directory.path("")));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(outcomes(&lines), [(&*old, "deleted")]);
    let kept = directory.path("thumbprint-kept");
    let kept = kept.canonicalize().or_fail();
    assert!(
        stderr.contains(&format!("copies go to {}\n", kept.display())),
        "{stderr}"
    );
    assert_eq!(
        Directory::names(&kept),
        [format!("{old}.cer"), format!("{old}.json")]
    );
    assert!(!has(&inside, &old) && has(&inside, &good));
}

#[test]
fn those_that_were_stored_long_ago_go() {
    let (young, young_value) = certificate("young", 2020, 89);
    let (old, old_value) = certificate("old", 2090, 91);
    for age in ["90d", "12weeks 6d", "2160h"] {
        let inside = subscription(&[&young_value, &old_value]);
        let arguments = ["prune", "--older-than", age, "--yes", "--no-keep"];
        let (lines, stderr, code) = run_json(&mut wap(&inside.sandbox.base_url(), &arguments));
        assert_eq!((code, &*stderr), (0, "thumbprint: 1 deleted\n"), "{age}");
        assert_eq!(outcomes(&lines), [(&*old, "deleted")]);
        assert!(has(&inside, &young));
    }
    for (age, expected) in [
        ("90", "--older-than"),
        ("tomorrow", "--older-than"),
        ("9999999y", "no certificate can be so old"),
    ] {
        let arguments = ["prune", "--older-than", age];
        let (_, stderr, code) = run(&mut wap("http://127.0.0.1:1", &arguments));
        assert_eq!(code, 2, "{age}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

/// Nothing is guessed: 18F/identity-pki#329, where a first run deleted everything.
#[test]
fn what_cannot_be_read_stays_and_is_named() {
    let (good, good_value) = certificate("good", 2090, 1);
    let (old, mut of_another) = certificate("old", 2020, 1);
    of_another["SubscriptionCertificateThumbprint"] = FAILED.into();
    let list = json!([
        good_value,
        of_another,
        { "SubscriptionCertificateThumbprint": STORED, "SubscriptionCertificateData": "AAAA" },
        { "SubscriptionCertificateThumbprint": "not one" },
        {},
    ]);
    let service = Service::start(move |_| Reply::json(200, &list));
    let arguments = ["prune", "--expired", "--yes", "--no-keep"];
    let (lines, stderr, code) = run_json(&mut wap(&service.endpoint, &arguments));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        outcomes(&lines),
        [
            ("-", "left"),
            (FAILED, "left"),
            (STORED, "left"),
            ("not one", "left")
        ]
    );
    assert!(
        !lines
            .iter()
            .any(|line| line["thumbprint"] == *good || line["thumbprint"] == *old)
    );
    assert_eq!(
        lines[0]["why"],
        "its thumbprint is that of another certificate"
    );
    assert_eq!(lines[1]["why"], "its time cannot be read");
    assert_eq!(service.received().len(), 1);
}

/// spiffe/spire#371: a pruner that refuses to prune the full set.
#[test]
fn the_last_certificate_goes_only_if_that_is_said() {
    let (old, value) = certificate("old", 2020, 1);
    let inside = subscription(&[&value]);
    let endpoint = inside.sandbox.base_url();
    let prune = |more: &[&str]| {
        let arguments = [&["prune", "--expired", "--no-keep"], more].concat();
        run(&mut wap(&endpoint, &arguments))
    };
    let warning = "no certificate of the subscription would be left";
    for (more, exit) in [
        (&["--yes"][..], 2),
        (&["--dry-run"], 0),
        (&["--dry-run", "--even-the-last"], 0),
    ] {
        let (_, stderr, code) = prune(more);
        assert_eq!(code, exit, "{stderr}");
        assert!(stderr.contains(warning), "{stderr}");
        assert!(has(&inside, &old));
    }
    let (_, stderr, code) = prune(&["--yes", "--even-the-last"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains(warning) && !has(&inside, &old), "{stderr}");
}

/// What cannot be read may be of no use to anybody.
#[test]
fn what_cannot_be_read_is_no_certificate_that_is_left() {
    let (_, old_value) = certificate("old", 2020, 1);
    let list = json!([old_value, { "SubscriptionCertificateThumbprint": STORED }]);
    let service = Service::start(move |_| Reply::json(200, &list));
    let arguments = ["prune", "--expired", "--yes", "--no-keep"];
    let (_, stderr, code) = run(&mut wap(&service.endpoint, &arguments));
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("would be left, apart from what cannot be read"),
        "{stderr}"
    );
    assert_eq!(service.received().len(), 1);
}

#[test]
fn prune_asks_what_it_is_about_to_do() {
    let (old, old_value) = certificate("old", 2020, 1);
    let (_, good_value) = certificate("good", 2090, 1);
    for (typed, exit) in [("n\n", 1), ("\n", 1), ("y\n", 0)] {
        let inside = subscription(&[&old_value, &good_value]);
        let arguments = ["prune", "--expired", "--no-keep"];
        let command = wap(&inside.sandbox.base_url(), &arguments);
        let (_, screen, code) = answer(command, typed);
        assert_eq!(code, exit, "{screen}");
        let question = "delete 1 of the subscription's 2 certificates, without copies? [y/N]";
        assert!(screen.contains(question), "{screen}");
        assert!(
            screen.contains(&old) && screen.contains("CN=old"),
            "{screen}"
        );
        assert_eq!(has(&inside, &old), exit == 1);
    }
    let inside = subscription(&[&old_value, &good_value]);
    let (_, stderr, code) = run(&mut wap(
        &inside.sandbox.base_url(),
        &["prune", "--expired"],
    ));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--yes: no one can be asked here"),
        "{stderr}"
    );
    assert!(has(&inside, &old));
}

#[test]
fn a_copy_is_on_the_disk_before_anything_is_deleted_and_restores_it() {
    let directory = Directory::new();
    let kept = directory.path("deep/kept");
    // The deletion's answer is lost, and the copies are there all the same.
    let lost = Service::start(|request| match &*request.method {
        "GET" => Reply::json(200, stored()),
        _ => hang_up(),
    });
    let keep = ["delete", STORED, "--keep", kept.to_str().or_fail()];
    let (_, stderr, code) = run(&mut wap(&lost.endpoint, &keep));
    assert_eq!(code, 3, "{stderr}");
    let file = kept.join(format!("{STORED}.cer"));
    let json = kept.join(format!("{STORED}.json"));
    assert_eq!(fs::read(&file).or_fail(), der());
    let read: Value = serde_json::from_slice(&fs::read(&json).or_fail()).or_fail();
    assert_eq!(read, stored());
    for path in [&file, &json] {
        assert_eq!(
            fs::metadata(path).or_fail().permissions().mode() & 0o777,
            0o600
        );
    }

    let inside = Inside::start(|builder| builder);
    let endpoint = inside.sandbox.base_url();
    let (lines, stderr, code) = run_json(&mut wap(&endpoint, &keep));
    assert_eq!((code, &*stderr), (0, ""));
    let names = json!([&file, &json]);
    assert_eq!(lines[0]["kept"], names, "the same copies serve again");
    assert_eq!(Directory::names(&kept).len(), 2);
    for copy in [&file, &json] {
        let (_, stderr, code) = run(&mut wap(&endpoint, &["add", copy.to_str().or_fail()]));
        assert_eq!((code, &*stderr), (0, ""));
        assert!(has(&inside, STORED));
        run(&mut wap(&endpoint, &["delete", STORED]));
        assert!(!has(&inside, STORED));
    }
}

#[test]
fn what_stands_in_the_directory_stays_as_it_is() {
    let directory = Directory::new();
    let kept = directory.path("");
    let outside = directory.path("outside");
    fs::write(kept.join(format!("{STORED}.json")), "mine").or_fail();
    symlink(&outside, kept.join(format!("{STORED}.cer"))).or_fail();
    let inside = Inside::start(|builder| builder);
    let keep = ["delete", STORED, "--keep", kept.to_str().or_fail()];
    let (lines, stderr, code) = run_json(&mut wap(&inside.sandbox.base_url(), &keep));
    assert_eq!(code, 0, "{stderr}");
    for (index, name) in [format!("{STORED}-2.cer"), format!("{STORED}-2.json")]
        .iter()
        .enumerate()
    {
        assert!(
            lines[0]["kept"][index].as_str().or_fail().ends_with(name),
            "{lines:?}"
        );
    }
    assert_eq!(
        fs::read(kept.join(format!("{STORED}-2.cer"))).or_fail(),
        der()
    );
    assert_eq!(
        fs::read_to_string(kept.join(format!("{STORED}.json"))).or_fail(),
        "mine"
    );
    assert!(!outside.exists());
}

#[test]
fn without_a_copy_nothing_is_deleted() {
    let directory = Directory::new();
    let file = directory.path("file");
    fs::write(&file, "").or_fail();
    let kept = directory.path("kept");
    let (_, of_another) = certificate("another", 2090, 1);
    let gets = [
        (empty(403), "403"),
        (
            Reply::json(200, json!({ "SubscriptionCertificateThumbprint": STORED })),
            "holds no certificate",
        ),
        (
            Reply::json(
                200,
                json!({
                    "SubscriptionCertificateThumbprint": STORED,
                    "SubscriptionCertificateData": of_another["SubscriptionCertificateData"],
                }),
            ),
            "holds another certificate",
        ),
    ];
    for (get, expected) in gets {
        for named in [&[STORED][..], &[STORED, FAILED]] {
            let get = get.clone();
            let service = Service::start(move |_| get.clone());
            let keep = ["--keep", kept.to_str().or_fail()];
            let arguments = [&["delete"], named, &keep].concat();
            let (stdout, stderr, code) = run(&mut wap(&service.endpoint, &arguments));
            assert_eq!(code, 1, "{stderr}");
            assert!(
                stdout.contains(expected) || stderr.contains(expected),
                "{stdout}{stderr}"
            );
            assert_eq!(stdout.contains("not kept"), named.len() == 2, "{stdout}");
            assert!(
                service
                    .received()
                    .iter()
                    .all(|request| request.method == "GET")
            );
        }
    }
    assert!(Directory::names(&kept).is_empty());
    let service = Service::start(|_| hang_up());
    for arguments in [
        &["delete", STORED][..],
        &["delete", STORED, "--dry-run"],
        &["prune", "--expired", "--yes"],
    ] {
        let arguments = [arguments, &["--keep", file.to_str().or_fail()]].concat();
        let (_, stderr, code) = run(&mut wap(&service.endpoint, &arguments));
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("--keep: ") && stderr.contains("give a directory"),
            "{stderr}"
        );
    }
    assert!(service.received().is_empty());
}
