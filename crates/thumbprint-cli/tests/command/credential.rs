//! Where tokens and keys come from: which of several counts, and that none of them shows.

use std::process::Command;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use test_support::{OrFail as _, Reply};

use crate::{
    service::Service,
    support::{FAILED, Files, STORED, TOKEN, batch, run, thumbprint, wap},
};

fn service() -> Service {
    Service::start(|_| Reply::json(200, json!({ "thumbprint": FAILED })))
}

fn authorization(service: &Service) -> String {
    let request = service.received().pop().or_fail();
    request.header("authorization").or_fail().to_owned()
}

fn without_token(mut command: Command) -> Command {
    command
        .env_remove("THUMBPRINT_BATCH_TOKEN")
        .env_remove("THUMBPRINT_WAP_TOKEN");
    command
}

/// A command line that prints a text.
#[cfg(unix)]
fn prints(files: &Files, text: &str) -> String {
    format!("/bin/cat '{}'", files.write("printed", text))
}

#[test]
#[cfg(unix)]
fn an_argument_goes_before_the_variable_and_that_before_the_profile() {
    let (files, service) = (Files::new(), service());
    let key = BASE64_STANDARD.encode("canary-key");
    let printed = prints(&files, "canary-token-printed\n");
    let config = files.write(
        "config.toml",
        format!(
            "[command.batch]\ntoken-command = \"{printed}\"\n[key.batch]\naccount = \"ofprofile\"\n\
             [kind.batch]\ntoken-command = \"{printed}\"\naccount = \"ofprofile\"\ncredential = \"shared-key\"\n"
        ),
    );
    let profile = |name| vec!["--config", &config, "--profile", name];
    let token = format!("Bearer {TOKEN}");
    let of_profile = "SharedKey ofprofile:";
    for (arguments, variable, expected) in [
        (vec![], true, token.as_str()),
        (
            vec!["--token-command", &printed],
            true,
            "Bearer canary-token-printed",
        ),
        (
            vec!["--account", "ofargument"],
            true,
            "SharedKey ofargument:",
        ),
        (profile("command"), true, &token),
        (profile("command"), false, "Bearer canary-token-printed"),
        (profile("key"), false, of_profile),
        (profile("kind"), false, of_profile),
        (profile("kind"), true, &token),
        (
            [profile("kind"), vec!["--credential", "token-command"]].concat(),
            true,
            "Bearer canary-token-printed",
        ),
        (
            [profile("command"), vec!["--credential", "token"]].concat(),
            true,
            &token,
        ),
        (
            [profile("kind"), vec!["--account", "ofargument"]].concat(),
            true,
            "SharedKey ofargument:",
        ),
    ] {
        let mut command = batch(&service.endpoint, &["get", FAILED]);
        command.args(&arguments).env("THUMBPRINT_BATCH_KEY", &key);
        if !variable {
            command = without_token(command);
        }
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        // A token that is left over from another day would be used without a word.
        let overridden = expected == token && arguments.len() == 4;
        assert_eq!(
            stderr.contains("THUMBPRINT_BATCH_TOKEN goes before what the profile says"),
            overridden,
            "{arguments:?}: {stderr}"
        );
        let sent = authorization(&service);
        assert!(sent.starts_with(expected), "{arguments:?}: {sent}");
    }
    let mut command = wap(&service.endpoint, &["list", "--token-command", &printed]);
    run(&mut command);
    assert_eq!(authorization(&service), "Bearer canary-token-printed");
}

/// The JSON of `az account get-access-token`, and a token that the service does not accept any more.
#[test]
#[cfg(unix)]
fn a_commands_token_is_unwrapped_and_asked_for_anew() {
    let files = Files::new();
    let service = Service::start(|request| {
        let second = request.target.contains("skiptoken");
        match (second, request.header("authorization")) {
            (false, Some("Bearer canary-token-1")) => {
                let next = "/certificates?$skiptoken=1";
                Reply::json(200, json!({ "value": [], "odata.nextLink": next }))
            }
            (true, Some("Bearer canary-token-2")) => Reply::json(200, json!({ "value": [] })),
            _ => Reply::new(401, &[], ""),
        }
    });
    let calls = files.write("calls", "");
    let command = format!(
        "/bin/sh -c 'echo >> {calls}; echo noise >&2; \
         printf \"{{\\\"accessToken\\\":\\\"canary-token-%s\\\",\\\"expires_in\\\":3600}}\" $(grep -c ^ {calls})'"
    );
    let mut list = batch(
        &service.endpoint,
        &["list", "-ojson", "--token-command", &command],
    );
    let (_, stderr, code) = run(list.env("PATH", "/bin:/usr/bin"));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(service.received().len(), 3);
    // It is not asked for each request.
    assert_eq!(std::fs::read_to_string(calls).or_fail().lines().count(), 2);
}

#[test]
#[cfg(unix)]
fn a_command_that_fails_is_explained_by_its_own_words() {
    let (files, service) = (Files::new(), service());
    let empty = prints(&files, "\n");
    for (command, expected) in [
        (
            "/bin/sh -c 'echo canary-token; echo please sign in: az login >&2; exit 7'",
            "command /bin/sh ended with exit status: 7: please sign in: az login",
        ),
        (
            "/nowhere/az account",
            "command /nowhere/az could not be run: ",
        ),
        (&empty, "command /bin/cat printed has no token in it"),
    ] {
        let arguments = ["delete", FAILED, "--token-command", command];
        let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &arguments));
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(
            stderr.contains("nothing was sent") && stderr.contains(expected),
            "{stderr}"
        );
    }
    let arguments = ["get", FAILED, "--token-command", "az 'account"];
    let (_, stderr, code) = run(&mut batch(&service.endpoint, &arguments));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--token-command: it is not a command"),
        "{stderr}"
    );
    assert!(service.received().is_empty());
}

#[test]
fn what_is_missing_names_every_way_to_say_it() {
    let endpoint = "http://127.0.0.1:1";
    let (_, stderr, code) = run(&mut without_token(batch(endpoint, &["get", FAILED])));
    assert_eq!(code, 2);
    for part in [
        "THUMBPRINT_BATCH_TOKEN is not set",
        "az account get-access-token --resource https://batch.core.windows.net/",
        "--token-command",
        "--account NAME",
        "THUMBPRINT_BATCH_KEY",
        "--credential",
        "--profile NAME",
    ] {
        assert!(stderr.contains(part), "{part} is not in {stderr}");
    }
    let (_, stderr, code) = run(&mut without_token(wap(endpoint, &["get", STORED])));
    assert_eq!(code, 2);
    for part in [
        "THUMBPRINT_WAP_TOKEN is not set",
        "--auth-site",
        "--token-command",
        "--profile NAME",
    ] {
        assert!(stderr.contains(part), "{part} is not in {stderr}");
    }
    for (kind, expected) in [
        ("shared-key", "--account: it is missing"),
        ("token-command", "--token-command: it is missing"),
    ] {
        let arguments = ["get", FAILED, "--credential", kind];
        let (_, stderr, code) = run(&mut batch(endpoint, &arguments));
        assert_eq!(code, 2);
        assert!(stderr.contains(expected), "{stderr}");
    }
    let (_, stderr, code) = run(&mut thumbprint(&[
        "batch",
        "list",
        "--endpoint",
        endpoint,
        "--account",
        "a",
    ]));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("THUMBPRINT_BATCH_KEY is not set"),
        "{stderr}"
    );
}

#[test]
#[cfg(not(feature = "azure-identity"))]
fn a_build_without_sign_ins_says_so() {
    let arguments = ["get", FAILED, "--credential", "azure-cli"];
    let (_, stderr, code) = run(&mut batch("http://127.0.0.1:1", &arguments));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--features azure-identity") && stderr.contains("--token-command"),
        "{stderr}"
    );
}

/// A sign-in of the Azure CLI, which is a program that prints JSON, and of a managed identity, which a server on this
/// machine gives out tokens for: App Service says by variables where.
#[test]
#[cfg(all(unix, feature = "azure-identity"))]
fn sign_ins_of_azure_are_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let (files, service) = (Files::new(), service());
    let az = files.write(
        "az",
        "#!/bin/sh\necho '{\"accessToken\":\"canary-token-of-az\",\"tokenType\":\"Bearer\",\"expires_on\":4000000000,\
         \"expiresOn\":\"2096-10-02 07:06:40.000000\"}'\n",
    );
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o700)).or_fail();
    let path = format!("{}:/bin:/usr/bin", files.path().display());
    let mut command = batch(
        &service.endpoint,
        &["get", FAILED, "--credential", "azure-cli"],
    );
    let (_, stderr, code) = run(command.env("PATH", path));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(authorization(&service), "Bearer canary-token-of-az");

    let identity = Service::start(|_| {
        Reply::json(
            200,
            json!({ "access_token": "canary-token-of-identity", "expires_on": "4000000000", "token_type": "Bearer",
                "resource": "https://batch.core.windows.net/" }),
        )
    });
    let mut command = batch(
        &service.endpoint,
        &["get", FAILED, "--credential", "managed-identity"],
    );
    command
        .env("IDENTITY_ENDPOINT", format!("{}/token", identity.endpoint))
        .env("IDENTITY_HEADER", "canary-password");
    let (_, stderr, code) = run(command.env("AZURE_CLIENT_ID", "of-variable"));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(authorization(&service), "Bearer canary-token-of-identity");
    let asked = &identity.received()[0].target;
    assert!(
        asked.contains("of-variable") && asked.contains("batch.core.windows.net"),
        "{asked}"
    );
}
