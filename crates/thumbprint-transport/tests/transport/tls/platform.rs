//! The platform's roots. Where they are is up to the environment, which a test cannot change for itself:
//! each of these runs once more, in a process of its own.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use test_support::OrFail as _;
use thumbprint_transport::{Tls, TlsFailure, Transport};

use crate::tls::{
    certificates::{self, pem},
    client::{call, client},
    server::{self, ANY},
};

const IN_CHILD: &str = "THUMBPRINT_TEST_IN_CHILD";

/// Runs the body of a test in a process in which these are the variables.
pub(crate) fn in_child(test: &str, variables: &[(&str, &Path)], body: impl FnOnce()) {
    if env::var_os(IN_CHILD).is_some() {
        return body();
    }
    let mut command = Command::new(env::current_exe().or_fail());
    command
        .args([test, "--exact", "--nocapture"])
        .env(IN_CHILD, "1")
        .env_remove("SSL_CERT_DIR")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .stdin(Stdio::null());
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().or_fail();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    println!("{printed}");
    assert!(output.status.success(), "{test}");
    assert!(printed.contains("1 passed"), "{test} has no such name");
}

/// The same, where this certificate is the platform's only root (on Unix).
pub(crate) fn with_platform_roots(test: &str, root: &[u8], body: impl FnOnce()) {
    let directory = tempfile::tempdir().or_fail();
    let file = directory.path().join("roots.pem");
    std::fs::write(&file, pem("CERTIFICATE", root)).or_fail();
    in_child(test, &[("SSL_CERT_FILE", &file)], body);
}

#[test]
#[cfg(target_os = "linux")]
fn the_platforms_roots_are_asked() {
    let identity = certificates::good();
    // Parent and child make one each, and have to mean the same: it goes along in the environment.
    let directory = tempfile::tempdir().or_fail();
    let file = directory.path().join("roots.pem");
    std::fs::write(&file, "").or_fail();
    in_child(
        "tls::platform::the_platforms_roots_are_asked",
        &[("SSL_CERT_FILE", &file)],
        || {
            let file = env::var_os("SSL_CERT_FILE").or_fail();
            std::fs::write(file, pem("CERTIFICATE", &identity.root)).or_fail();
            let (other, _) = certificates::authority("Fabrikam");
            let choices = [
                Tls::platform(),
                Tls::with_added_roots([other.der()]).or_fail(),
                #[cfg(feature = "native-tls")]
                Tls::native(),
                #[cfg(feature = "native-tls")]
                Tls::with_added_roots([other.der()]).or_fail().with_native(),
            ];
            for tls in choices {
                let server = server::tls(&identity, ANY);
                call(client(server.address()).tls(tls.clone()))
                    .unwrap_or_else(|error| panic!("{tls:?}: {error}"));
                server::finish(server);
            }
            // They are not, where others are the only ones.
            let only = Tls::only_roots([other.der()]).or_fail();
            #[cfg(feature = "native-tls")]
            let only = [only.clone(), only.with_native()];
            #[cfg(not(feature = "native-tls"))]
            let only = [only];
            for tls in only {
                let server = server::tls(&identity, ANY);
                let refusal = call(client(server.address()).tls(tls)).err_or_fail();
                server::finish(server);
                assert_eq!(refusal.tls_failure(), Some(&TlsFailure::UnknownIssuer));
            }
        },
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_roots_says_so() {
    let nowhere = Path::new("/nonexistent/roots.pem");
    in_child(
        "tls::platform::a_machine_without_roots_says_so",
        &[("SSL_CERT_FILE", nowhere)],
        || {
            let build = |tls| {
                Transport::builder("https://a.example", "token")
                    .tls(tls)
                    .build()
            };
            // Twice: the failure of the first time must not be taken for the roots.
            for _ in 0..2 {
                let refusal = build(Tls::platform()).err_or_fail();
                assert!(refusal.is_invalid_input());
                let refusal = refusal.to_string();
                assert!(
                    refusal.starts_with("tls: this machine has no root"),
                    "{refusal}"
                );
                assert!(refusal.contains("ca-certificates"), "{refusal}");
            }
            // Who brings roots along, or speaks http, does not miss them.
            let root = certificates::good().root;
            assert!(build(Tls::with_added_roots([&root]).or_fail()).is_ok());
            assert!(build(Tls::only_roots([&root]).or_fail()).is_ok());
            assert!(build(Tls::pinned([0; 32].into())).is_ok());
            let http = Transport::builder("http://127.0.0.1:1", "token").allow_loopback_http();
            assert!(http.build().is_ok());
        },
    );
}
