//! Profiles: an argument goes before its variable, and that before the profile. A file has no secrets.

use std::process::Command;

use serde_json::json;
use test_support::{OrFail as _, Reply};

use crate::{
    service::Service,
    support::{FAILED, Files, STORED, SUBSCRIPTION, TOKEN, run, thumbprint},
};

fn service() -> Service {
    Service::start(|request| {
        if request.target.starts_with("/certificates") {
            Reply::json(200, json!({ "thumbprint": FAILED }))
        } else {
            Reply::json(200, json!({ "SubscriptionCertificateThumbprint": STORED }))
        }
    })
}

/// The command with a profile `prod` of this text.
fn with_profile(files: &Files, text: &str, arguments: &[&str]) -> Command {
    let config = files.write("config.toml", text);
    let mut command = thumbprint(arguments);
    command.args(["--config", &config, "--profile", "prod"]);
    command
}

#[test]
fn an_argument_goes_before_its_variable_and_that_before_the_profile() {
    let files = Files::new();
    let other = "11111111-2222-3333-4444-555555555555";
    let third = "21111111-2222-3333-4444-555555555555";
    let rows = [
        (vec![], vec![], [SUBSCRIPTION, "of-profile"]),
        (
            vec![],
            vec![
                ("THUMBPRINT_WAP_SUBSCRIPTION", other),
                ("THUMBPRINT_WAP_PRINCIPAL", "of-variable"),
            ],
            [other, "of-variable"],
        ),
        (
            vec!["--subscription", third, "--principal", "of-argument"],
            vec![
                ("THUMBPRINT_WAP_SUBSCRIPTION", other),
                ("THUMBPRINT_WAP_PRINCIPAL", "of-variable"),
            ],
            [third, "of-argument"],
        ),
    ];
    for (arguments, variables, [subscription, principal]) in rows {
        let service = service();
        let text = format!(
            "[prod.wap]\nendpoint = \"{}\"\nsubscription = \"{SUBSCRIPTION}\"\nprincipal = \"of-profile\"\n",
            service.endpoint
        );
        let mut command = with_profile(&files, &text, &["wap", "get", STORED]);
        let (_, stderr, code) = run(command.args(&arguments).envs(variables));
        assert_eq!(code, 0, "{stderr}");
        // A variable may be left over from another day, so it is told that it goes before the profile.
        let told = stderr.matches("goes before what the profile says").count();
        assert_eq!(
            told,
            if principal == "of-variable" { 2 } else { 0 },
            "{stderr}"
        );
        let request = &service.received()[0];
        assert!(request.target.contains(subscription), "{}", request.target);
        assert_eq!(request.header("x-ms-principal-id"), Some(principal));
    }

    let endpoints = [(); 3].map(|()| service());
    let [profile, variable, argument] = [0, 1, 2].map(|index| endpoints[index].endpoint.clone());
    let text =
        format!("[prod.batch]\nendpoint = \"{profile}\"\napi-version = \"2024-07-01.20.0\"\n");
    let get = ["batch", "get", FAILED];
    let received = || [0, 1, 2].map(|index| endpoints[index].received().len());
    let (_, stderr, code) = run(&mut with_profile(&files, &text, &get));
    assert_eq!((code, stderr.as_str(), received()), (0, "", [1, 0, 0]));
    let mut command = with_profile(&files, &text, &get);
    let (_, stderr, code) = run(command.env("THUMBPRINT_BATCH_ENDPOINT", &variable));
    assert_eq!((code, received()), (0, [1, 1, 0]));
    let told = "thumbprint: THUMBPRINT_BATCH_ENDPOINT goes before what the profile says\n";
    assert_eq!(stderr, told);
    let (_, _, code) = run(command.args(["--endpoint", &argument]));
    assert_eq!((code, received()), (0, [1, 1, 1]));
    let target = &endpoints[0].received()[0].target;
    assert!(target.contains("api-version=2024-07-01.20.0"), "{target}");

    // Which profile, and where, can be said by variables too; a profile that is not named does not count.
    let mut command = thumbprint(&get);
    let config = files.write("other.toml", &text);
    command.env("THUMBPRINT_CONFIG", &config);
    let (_, stderr, code) = run(&mut command);
    assert_eq!((code, received()), (2, [1, 1, 1]), "{stderr}");
    let (_, stderr, code) = run(command.env("THUMBPRINT_PROFILE", "prod"));
    assert_eq!((code, received()), (0, [2, 1, 1]), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_file_is_looked_for_in_the_users_configuration() {
    let files = Files::new();
    let service = service();
    let text = format!("[prod.batch]\nendpoint = \"{}\"\n", service.endpoint);
    for (variable, place) in [
        ("XDG_CONFIG_HOME", "thumbprint"),
        ("HOME", ".config/thumbprint"),
    ] {
        let directory = files.directory(place);
        std::fs::write(directory.join("config.toml"), &text).or_fail();
        let mut command = thumbprint(&["batch", "get", FAILED, "--profile", "prod"]);
        let (_, stderr, code) = run(command.env(variable, files.path()));
        assert_eq!((code, stderr.as_str()), (0, ""), "{variable}");
    }
}

#[test]
fn trust_and_proxy_follow_the_same_order() {
    let files = Files::new();
    let service = service();
    let batch = format!("[prod.batch]\nendpoint = \"{}\"\n", service.endpoint);
    let proxy = format!("[prod]\nproxy = \"ftp://a\"\n{batch}");
    let none = ("THUMBPRINT_PROXY", "none");
    let get = ["batch", "get", FAILED];
    for (arguments, variables, expected) in [
        (
            vec![],
            vec![],
            "proxy in the profile: its scheme is neither",
        ),
        (
            vec![],
            vec![("THUMBPRINT_PROXY", "gopher://a")],
            "THUMBPRINT_PROXY: its scheme is neither",
        ),
        (
            vec!["--proxy", "none"],
            vec![("THUMBPRINT_PROXY", "gopher://a")],
            "",
        ),
        (vec![], vec![none], ""),
    ] {
        let mut command = with_profile(&files, &proxy, &get);
        let (_, stderr, code) = run(command.args(&arguments).envs(variables));
        assert_eq!(code, if expected.is_empty() { 0 } else { 2 }, "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
    let with_user = format!("[prod]\nproxy = \"http://ana:canary-password@a\"\n{batch}");
    let (_, stderr, code) = run(&mut with_profile(&files, &with_user, &get));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("proxy in the profile: it holds a user name"),
        "{stderr}"
    );

    let pin = "00".repeat(32);
    for (text, expected) in [
        ("pin = [\"00\"]", "pin in the profile: it has 2 digits"),
        ("ca = [\"nowhere.pem\"]", "ca in the profile: "),
    ] {
        let text = format!("[prod]\n{text}\n{batch}");
        let (_, stderr, code) = run(&mut with_profile(&files, &text, &get));
        assert_eq!(code, 2);
        assert!(stderr.contains(expected), "{stderr}");
        // A path in a profile is one beside its file.
        assert_eq!(
            stderr.contains("nowhere.pem"),
            text.contains("nowhere"),
            "{stderr}"
        );
        assert!(!stderr.contains(" nowhere.pem"), "{stderr}");
        // What an argument says of trust takes the place of all that the profile says.
        let mut command = with_profile(&files, &text, &get);
        let (_, stderr, code) = run(command.args(["--pin", &pin]));
        assert_eq!((code, stderr.as_str()), (0, ""));
    }
}

#[test]
fn what_is_missing_names_every_way_to_say_it() {
    let files = Files::new();
    for (arguments, expected) in [
        (
            vec!["batch", "list"],
            vec![
                "--endpoint URL",
                "THUMBPRINT_BATCH_ENDPOINT",
                "[NAME.batch]",
                "--profile NAME",
            ],
        ),
        (
            vec!["wap", "list"],
            vec!["--endpoint URL", "THUMBPRINT_WAP_ENDPOINT", "[NAME.wap]"],
        ),
        (
            vec!["wap", "list", "--endpoint", "http://127.0.0.1:1"],
            vec![
                "--subscription ID",
                "THUMBPRINT_WAP_SUBSCRIPTION",
                "`subscription`",
            ],
        ),
        (
            vec![
                "wap",
                "list",
                "--endpoint",
                "http://127.0.0.1:1",
                "--subscription",
                SUBSCRIPTION,
            ],
            vec![
                "--principal NAME",
                "THUMBPRINT_WAP_PRINCIPAL",
                "`principal`",
            ],
        ),
    ] {
        for profile in ["", "[prod]\n"] {
            let mut command = if profile.is_empty() {
                thumbprint(&arguments)
            } else {
                with_profile(&files, profile, &arguments)
            };
            let (stdout, stderr, code) = run(&mut command);
            assert_eq!((code, stdout.as_str()), (2, ""));
            for part in &expected {
                assert!(stderr.contains(part), "{part} is not in {stderr}");
            }
        }
    }
}

#[test]
fn a_file_that_cannot_be_used_is_refused_by_its_place() {
    let files = Files::new();
    let get = ["batch", "get", FAILED];
    for (text, expected) in [
        (
            format!("[prod.batch]\ntoken = \"{TOKEN}\"\n"),
            "config.toml: line 2: `token` looks like a secret",
        ),
        (
            "[prod.batch]\nendpiont = \"x\"\n".to_owned(),
            "config.toml: line 2: unknown field `endpiont`",
        ),
        (
            format!("[prod]\nproxy = {TOKEN}\n"),
            "config.toml: line 2: it is not TOML",
        ),
        (
            "[test]\n[dev]\n".to_owned(),
            "config.toml has no `prod`; it has these: dev, test",
        ),
    ] {
        let (_, stderr, code) = run(&mut with_profile(&files, &text, &get));
        assert_eq!(code, 2);
        assert!(stderr.contains(expected), "{stderr}");
    }
    let mut command = thumbprint(&get);
    let (_, stderr, code) = run(command.args(["--config", "/nowhere", "--profile", "prod"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("--config: /nowhere: "), "{stderr}");
}
