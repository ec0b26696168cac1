//! `thumbprint wap --auth-site`: tokens that the command fetches itself.

use std::process::Command;

use crate::{
    service::{Service, error, hang_up},
    support::{PASSWORD, STORED, Sandbox, run, run_json, thumbprint, wap},
};

const USER: &str = "ana@contoso.com";

/// `thumbprint wap` with a token of that site, and none in the environment.
fn with_site(endpoint: &str, site: &str, arguments: &[&str]) -> Command {
    let mut command = wap(endpoint, arguments);
    command
        .args(["--auth-site", site])
        .env_remove("THUMBPRINT_WAP_TOKEN")
        .env("THUMBPRINT_WAP_PASSWORD", PASSWORD);
    command
}

#[test]
fn a_token_is_fetched_and_used() {
    let sandbox = Sandbox::start(&["--wap-user", USER]);
    let site = &sandbox.endpoint;
    let (lines, stderr, code) = run_json(&mut with_site(site, site, &["list"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(lines[0]["thumbprint"], STORED);
    let mut marked = with_site(site, site, &["list"]);
    marked.env("THUMBPRINT_WAP_PASSWORD", format!("\u{feff}{PASSWORD}"));
    let (_, stderr, code) = run(&mut marked);
    assert_eq!((code, stderr.as_str()), (0, ""));
    // The site's token goes before one that is left over; the user can be another than the principal.
    let mut command = with_site(site, site, &["get", STORED, "--user", USER]);
    let (_, stderr, code) = run(command.env("THUMBPRINT_WAP_TOKEN", "left-over"));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let path = ["--auth-path", "/WSTrust/Issue/UsernameMixed"];
    let mut command = with_site(site, site, &["delete", STORED]);
    let (_, stderr, code) = run(command.args(path));
    assert_eq!((code, stderr.as_str()), (0, ""));

    // Other tokens it does not take.
    let (_, stderr, code) = run(&mut wap(site, &["list"]));
    assert_eq!(code, 1);
    assert!(stderr.contains("401 Unauthorized"), "{stderr}");
}

#[test]
fn a_wrong_password_is_told_and_nothing_is_sent() {
    let sandbox = Sandbox::start(&["--wap-user", USER]);
    let service = Service::start(|_| hang_up());
    let (service_url, site) = (&service.endpoint, &sandbox.endpoint);
    let mut wrong_password = with_site(service_url, site, &["delete", STORED]);
    wrong_password.env("THUMBPRINT_WAP_PASSWORD", "canary-password of another");
    let wrong_user = with_site(service_url, site, &["list", "--user", "bob"]);
    for mut command in [wrong_password, wrong_user] {
        let (stdout, stderr, code) = run(&mut command);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(
            stderr.contains("nothing was sent")
                && stderr.contains(
                    "does not accept the user name or the password: FailedAuthentication"
                ),
            "{stderr}"
        );
    }
    assert!(service.received().is_empty());
}

#[test]
fn a_site_that_is_none_is_told() {
    let service = Service::start(|_| hang_up());
    let page = Service::start(|_| error(404, "NotFound"));
    let (_, stderr, code) = run(&mut with_site(&service.endpoint, &page.endpoint, &["list"]));
    assert_eq!(code, 1);
    assert!(
        stderr.contains("that is not SOAP; check its URL and the path (status 404)"),
        "{stderr}"
    );
    let (_, stderr, code) = run(&mut with_site(
        &service.endpoint,
        &service.endpoint,
        &["list"],
    ));
    assert_eq!(code, 1);
    assert!(stderr.contains(" broke before an answer came"), "{stderr}");
    // The one request is that for the token.
    assert_eq!(service.received().len(), 1);
    assert_eq!(service.received()[0].target, "/wstrust/issue/usernamemixed");
}

#[test]
fn wrong_usage_exits_with_2() {
    let endpoint = "http://127.0.0.1:1";
    let rows = [
        (
            with_site(endpoint, "http://auth.contoso.com", &["list"]),
            "site: it is http",
        ),
        (
            with_site(endpoint, "nowhere", &["list"]),
            "site: it is not a URL",
        ),
        (
            with_site(endpoint, endpoint, &["list", "--auth-path", "x"]),
            "path: it is not a path",
        ),
        (
            with_site(endpoint, endpoint, &["list", "--user", ""]),
            "user: it is empty",
        ),
        (wap(endpoint, &["list", "--user", USER]), "--auth-site"),
        (wap(endpoint, &["list", "--auth-path", "/x"]), "--auth-site"),
        (
            with_site(endpoint, endpoint, &["list", "--password", "x"]),
            "--password",
        ),
    ];
    for (mut command, expected) in rows {
        let (stdout, stderr, code) = run(&mut command);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(expected), "{expected} is not in {stderr}");
    }
    for (password, expected) in [
        (
            None,
            "THUMBPRINT_WAP_PASSWORD is not set; set it to the user's password",
        ),
        (
            Some(""),
            "THUMBPRINT_WAP_PASSWORD is empty; set it to the user's password",
        ),
        (
            Some("canary-password\n"),
            "password: it has a control character",
        ),
    ] {
        let mut command = with_site(endpoint, endpoint, &["list"]);
        match password {
            Some(password) => command.env("THUMBPRINT_WAP_PASSWORD", password),
            None => command.env_remove("THUMBPRINT_WAP_PASSWORD"),
        };
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(expected), "{expected} is not in {stderr}");
    }
    let (_, stderr, code) = run(&mut thumbprint(&["sandbox", "--wap-user", USER]));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("THUMBPRINT_WAP_PASSWORD is not set"),
        "{stderr}"
    );
}
