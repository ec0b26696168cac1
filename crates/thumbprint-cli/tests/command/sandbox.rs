//! Whole stories against the sandbox, which keeps what it is given.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use serde_json::Value;
use test_support::OrFail as _;
use thumbprint_sandbox::{Builder, CertificateState, samples};
use tokio::runtime::Runtime;

use crate::support::{
    FAILED, Files, PASSWORD, STORED, Sandbox, TOKEN, batch, der, run, run_json, run_with,
    thumbprint, wap,
};

/// A sandbox in this process, whose deletions end at once, so that nobody waits for them.
pub(crate) struct Inside {
    pub(crate) sandbox: thumbprint_sandbox::Sandbox,
    // Dropped last: the sandbox runs on it.
    _runtime: Runtime,
}

impl Inside {
    pub(crate) fn start(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let runtime = Runtime::new().or_fail();
        let builder = thumbprint_sandbox::Sandbox::builder().deletion_time(Duration::ZERO);
        let sandbox = runtime.block_on(configure(builder).start()).or_fail();
        Self {
            sandbox,
            _runtime: runtime,
        }
    }
}

fn thumbprints(lines: &[Value]) -> Vec<String> {
    let of = |line: &Value| line["thumbprint"].as_str().or_fail().to_uppercase();
    lines.iter().map(of).collect()
}

#[test]
fn a_batch_certificate_comes_and_goes() {
    let (files, inside) = (Files::new(), Inside::start(|builder| builder));
    let endpoint = inside.sandbox.base_url();
    let command = |arguments: &[&str]| batch(&endpoint, arguments);
    let file = files.write("ana.cer", der());

    let (lines, stderr, code) = run_json(&mut command(&["add", &file]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(lines[0]["status"], 201);
    let (_, stderr, code) = run(&mut command(&["add", &file]));
    assert_eq!(code, 1);
    assert!(stderr.contains("409"), "{stderr}");

    let (lines, _, code) = run_json(&mut command(&[
        "list",
        "--state",
        "active",
        "--max-results",
        "1",
    ]));
    assert_eq!(code, 0);
    assert!(
        thumbprints(&lines).contains(&STORED.to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line["state"] == "active"),
        "{lines:?}"
    );
    let (lines, _, code) = run_json(&mut command(&["get", STORED]));
    assert_eq!((code, &lines[0]["state"]), (0, &"active".into()));

    let (_, stderr, code) = run_json(&mut command(&["delete", STORED, "--wait"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (stdout, stderr, code) = run(&mut command(&["get", STORED]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("404 CertificateNotFound"), "{stderr}");
}

#[test]
fn failed_deletions_are_found_and_rescued() {
    let sandbox = Sandbox::start(&[]);
    let command = |arguments: &[&str]| batch(&sandbox.endpoint, arguments);
    let (lines, _, code) = run_json(&mut command(&["list", "--state", "deletefailed"]));
    assert_eq!(
        (code, thumbprints(&lines)),
        (0, vec![FAILED.to_uppercase()])
    );

    let (lines, stderr, code) = run_json(&mut command(&["cancel-deletion", "--all-failed"]));
    assert_eq!((code, stderr.as_str()), (0, "thumbprint: 1 canceled\n"));
    assert_eq!(lines[0]["outcome"], "canceled");
    let (_, stderr, code) = run_json(&mut command(&["cancel-deletion", "--all-failed"]));
    assert_eq!((code, stderr.as_str()), (0, "thumbprint: nothing to do\n"));
}

#[test]
fn what_a_pool_uses_is_not_deleted() {
    let used = "00112233445566778899aabbccddeeff00112233";
    let inside = Inside::start(|builder| {
        builder
            .batch_certificate(used, CertificateState::Active)
            .batch_pool(used, "render-pool")
    });
    let endpoint = inside.sandbox.base_url();
    let command = |arguments: &[&str]| batch(&endpoint, arguments);
    let (stdout, stderr, code) = run(&mut command(&["delete", used, "--wait"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stdout.contains("delete failed") && stdout.contains("render-pool"),
        "{stdout}"
    );
    let both = ["delete", samples::BATCH_ACTIVE, used, "--wait"];
    let (lines, stderr, code) = run_json(&mut command(&both));
    assert_eq!((code, lines.len()), (1, 2));
    assert!(
        stderr.contains("1 gone") && stderr.contains("1 delete failed"),
        "{stderr}"
    );
    let state = |thumbprint| inside.sandbox.batch_state(thumbprint);
    assert_eq!(state(used), Some(CertificateState::DeleteFailed));
    assert_eq!(state(samples::BATCH_ACTIVE), None);
    let (stdout, _, code) = run(&mut command(&["get", used]));
    assert_eq!(code, 0);
    assert!(stdout.contains("render-pool"), "{stdout}");
}

#[test]
fn a_management_certificate_goes_and_comes_back() {
    let sandbox = Sandbox::start(&[]);
    let command = |arguments: &[&str]| wap(&sandbox.endpoint, arguments);
    let (lines, _, code) = run_json(&mut command(&["list"]));
    assert_eq!((code, thumbprints(&lines)), (0, vec![STORED.to_owned()]));
    let (_, _, code) = run(&mut command(&["delete", STORED]));
    assert_eq!(code, 0);
    let (stdout, stderr, code) = run(&mut command(&["list"]));
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(stderr.contains("the list is empty"), "{stderr}");
    let (lines, stderr, code) = run_json(&mut command(&["list"]));
    assert_eq!((code, lines.len(), stderr.as_str()), (0, 0, ""));

    let (_, stderr, code) = run_with(&mut command(&["add", "-"]), &der());
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (lines, _, code) = run_json(&mut command(&["get", STORED]));
    assert_eq!((code, &lines[0]["subject"]), (0, &"CN=KatalTest".into()));
    let (_, stderr, code) = run_with(&mut command(&["add", "-"]), &der());
    assert_eq!(code, 1, "{stderr}");
}

/// A request without a client, and the status and the body that come back.
fn request(endpoint: &str, method: &str, path: &str, body: &str) -> (u16, String) {
    let address = endpoint.strip_prefix("http://").or_fail();
    let mut stream = TcpStream::connect(address).or_fail();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .or_fail();
    let mut text = String::new();
    stream.read_to_string(&mut text).or_fail();
    let (head, body) = text.split_once("\r\n\r\n").or_fail();
    (head[9..12].parse().or_fail(), body.to_owned())
}

const SEEDED: &str = "00112233445566778899aabbccddeeff00112233";

#[test]
fn a_seed_file_is_json_or_yaml_and_says_what_the_services_hold() {
    let files = Files::new();
    let json = files.write(
        "seed.json",
        format!(r#"{{"batch": {{"certificates": [{{"thumbprint": "{SEEDED}", "state": "deletefailed"}}]}}}}"#),
    );
    let yaml = files.write(
        "seed.yaml",
        format!("batch:\n  certificates:\n    - thumbprint: {SEEDED}\n      state: deletefailed\n"),
    );
    for file in [&json, &yaml] {
        let sandbox = Sandbox::start(&["--seed", file, "--in-use", SEEDED]);
        let (lines, _, code) = run_json(&mut batch(&sandbox.endpoint, &["list"]));
        assert_eq!(
            (code, thumbprints(&lines)),
            (0, vec![SEEDED.to_uppercase()])
        );
    }
    let sandbox = Sandbox::start(&["--empty"]);
    let (lines, _, code) = run_json(&mut batch(&sandbox.endpoint, &["list"]));
    assert_eq!((code, lines.len()), (0, 0));
}

#[test]
fn what_is_wrong_with_the_settings_is_told_before_anything_listens() {
    let files = Files::new();
    let unknown = files.write("unknown.yaml", "batch:\n  certificats: []\n");
    let short = files.write(
        "short.json",
        r#"{"batch": {"certificates": [{"thumbprint": "0123"}]}}"#,
    );
    let bytes = files.write("bytes.json", b"\xff");
    let none = files.write("none", "") + "/none";
    for (arguments, expected) in [
        (&["--seed", &unknown][..], "certificats"),
        (&["--seed", &short], "thumbprint"),
        (&["--seed", &bytes], "UTF-8"),
        (&["--seed", &none], "--seed"),
        (&["--seed", &short, "--empty"], "--empty"),
        (&["--listen", "0.0.0.0:0"], "--allow-remote"),
        (&["--admin-listen", "[::]:0"], "--allow-remote"),
        (&["--in-use", "0123"], "--in-use"),
        (&["--in-use", SEEDED], "the certificate of a pool"),
        (&["--deletion-time=-1"], "--deletion-time"),
        (&["--tokens", "strict"], "--wap-user"),
        (&["--retired", "Pool_List"], "Certificate_Add"),
        (&["--host", "http://sandbox:80"], "without scheme and port"),
        (&["--ca-out", &none], "--tls"),
        (&["--log", &none], "--log"),
    ] {
        let arguments = [&["sandbox"], arguments].concat();
        let (stdout, stderr, code) = run(&mut thumbprint(&arguments));
        assert_eq!((stdout.as_str(), code), ("", 2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn retirement_reaches_every_operation_or_those_that_are_named() {
    let list = "/certificates?api-version=2023-11-01.18.0";
    for (arguments, listed, got) in [
        (&["--retired"][..], 400, 400),
        (&["--retired", "Certificate_Get"], 200, 400),
        (
            &["--retired=Certificate_List", "--retired=Certificate_Add"],
            400,
            200,
        ),
    ] {
        let sandbox = Sandbox::start(arguments);
        let get = format!(
            "/certificates(thumbprintAlgorithm=sha1,thumbprint={FAILED})?api-version=2023-11-01.18.0"
        );
        assert_eq!(
            request(&sandbox.endpoint, "GET", list, "").0,
            listed,
            "{arguments:?}"
        );
        assert_eq!(
            request(&sandbox.endpoint, "GET", &get, "").0,
            got,
            "{arguments:?}"
        );
    }
}

#[test]
fn a_program_seeds_faults_and_resets_it_from_outside() {
    let sandbox = Sandbox::start(&["--admin"]);
    let admin = |method: &str, path: &str, body: &str| {
        request(
            &sandbox.endpoint,
            method,
            &format!("/__sandbox/{path}"),
            body,
        )
    };
    let seed = format!(r#"{{"batch": {{"certificates": [{{"thumbprint": "{SEEDED}"}}]}}}}"#);
    assert_eq!(admin("PUT", "seed", &seed).0, 204);
    let fault = r#"{"operation": "Certificate_Delete", "status": 403}"#;
    assert_eq!(admin("POST", "faults", fault).0, 204);
    let (_, stderr, code) = run(&mut batch(&sandbox.endpoint, &["delete", SEEDED]));
    assert_eq!(code, 1, "{stderr}");
    let (lines, stderr, code) = run_json(&mut batch(&sandbox.endpoint, &["delete", SEEDED]));
    assert_eq!((code, &lines[0]["status"]), (0, &202.into()), "{stderr}");
    assert_eq!(admin("POST", "clock/advance", r#"{"seconds": 60}"#).0, 200);
    let (status, state) = admin("GET", "state", "");
    let state: Value = serde_json::from_str(&state).or_fail();
    assert_eq!(
        (status, &state["holds"]["batch"]),
        (200, &serde_json::json!({"certificates": []}))
    );
    assert_eq!(admin("POST", "reset", "").0, 204);
    let (lines, _, _) = run_json(&mut batch(&sandbox.endpoint, &["list"]));
    assert_eq!(lines.len(), 3);

    let without = Sandbox::start(&[]);
    assert_eq!(
        request(&without.endpoint, "GET", "/__sandbox/state", "").0,
        501
    );
}

#[test]
fn the_log_has_a_line_for_each_request_and_no_secret() {
    let files = Files::new();
    let log = files.write("log", "");
    let sandbox = Sandbox::start(&["--log", &log, "--admin"]);
    let hostile = format!("{}?api-version=2023-11-01.18.0&x=%1b%5b2J", "/certificates");
    request(&sandbox.endpoint, "GET", &hostile, "");
    run(&mut wap(&sandbox.endpoint, &["list"]));
    let text = std::fs::read_to_string(&log).or_fail();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).or_fail())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(
        (&lines[0]["status"], &lines[0]["operation"]),
        (&400.into(), &"Certificate_List".into())
    );
    assert_eq!(lines[1]["operation"], "ManagementCertificate_List");
    for secret in [TOKEN, "ana@contoso.com", "\u{1b}"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn the_settings_are_printed_without_secrets_and_make_another_sandbox() {
    let arguments = [
        "sandbox",
        "--print-config",
        "--wap-user",
        "ana@contoso.com",
        "--retired=Certificate_Add",
        "--deletion-time",
        "0.5",
    ];
    let mut command = thumbprint(&arguments);
    let (stdout, stderr, code) = run(command.env("THUMBPRINT_WAP_PASSWORD", PASSWORD));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(!stdout.contains("ana@contoso.com"), "{stdout}");
    let config: Value = serde_json::from_str(&stdout).or_fail();
    assert_eq!(config["tokens"], "strict");
    assert_eq!(config["retired"], serde_json::json!(["Certificate_Add"]));
    assert_eq!(config["deletion_seconds"], 0.5);
    let files = Files::new();
    let seed = files.write("seed.json", config["seed"].to_string());
    let sandbox = Sandbox::start(&["--seed", &seed]);
    let (lines, _, _) = run_json(&mut wap(&sandbox.endpoint, &["list"]));
    assert_eq!(thumbprints(&lines), [STORED]);
}

#[test]
fn tls_is_trusted_by_its_authority_or_its_pin_and_by_nothing_else() {
    let files = Files::new();
    let ca = files.write("ca.pem", "");
    let mut sandbox = Sandbox::start(&["--tls", "--ca-out", &ca]);
    assert!(sandbox.endpoint.starts_with("https://127.0.0.1:"));
    let line = sandbox.line();
    let pin = line.trim().strip_prefix("certificate pin").or_fail().trim();
    let by_name = sandbox.endpoint.replace("127.0.0.1", "localhost");
    for endpoint in [&sandbox.endpoint, &by_name] {
        for trust in [&["--ca", &ca, "--only-ca"][..], &["--pin", pin]] {
            // The links to further pages lead below TLS as well.
            let arguments = [&["list", "--max-results", "1"], trust].concat();
            let (lines, stderr, code) = run_json(&mut batch(endpoint, &arguments));
            assert_eq!((code, lines.len()), (0, 3), "{stderr}");
        }
    }
    let wrong = "0".repeat(64);
    for trust in [&[][..], &["--pin", &wrong]] {
        let arguments = [&["list"], trust].concat();
        let (_, stderr, code) = run(&mut batch(&sandbox.endpoint, &arguments));
        assert_eq!(code, 1, "{stderr}");
    }
    // Another has another: keys are never written down.
    let other = Sandbox::start(&["--tls"]);
    let arguments = ["list", "--ca", &ca, "--only-ca"];
    let (_, stderr, code) = run(&mut batch(&other.endpoint, &arguments));
    assert_eq!(code, 1, "{stderr}");
}

/// As docs/testing says. Of names below localhost, which are this machine too (RFC 6761, section 6.3), each is a host: what
/// checks certificates takes no wildcard right below a name of one label.
#[test]
fn its_certificate_is_for_its_hosts() {
    let files = Files::new();
    let ca = files.write("ca.pem", "");
    let hosts = ["--host", "sandbox", "--host", "wap.localhost"];
    let sandbox = Sandbox::start(&[&["--tls", "--ca-out", &ca], &hosts[..]].concat());
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(&ca).or_fail();
    roots.add(authority).or_fail();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .or_fail()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let address = sandbox.endpoint.strip_prefix("https://").or_fail();
    for (name, is_taken) in [
        ("localhost", true),
        ("sandbox", true),
        ("wap.localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("batch.localhost", false),
        ("127.0.0.2", false),
    ] {
        let server = ServerName::try_from(name).or_fail();
        let mut client = ClientConnection::new(config.clone(), server).or_fail();
        let mut stream = TcpStream::connect(address).or_fail();
        let outcome = client.complete_io(&mut stream);
        assert_eq!(outcome.is_ok(), is_taken, "{name}: {outcome:?}");
    }
}

/// A reset that was staged reaches the client, below TLS as well: where none came, clients of another emulator
/// waited for their timeouts (wiremock/wiremock#2033).
#[test]
fn a_reset_is_one_below_tls_too() {
    let files = Files::new();
    let ca = files.write("ca.pem", "");
    let mut sandbox = Sandbox::start(&["--tls", "--ca-out", &ca, "--admin-listen", "127.0.0.1:0"]);
    let line = sandbox.line();
    let admin = line.trim().strip_prefix("administration").or_fail().trim();
    let admin = admin.strip_suffix("/__sandbox").or_fail();
    for fault in [
        r#"{"ending": "reset", "at": "start", "count": 100}"#,
        r#"{"ending": "reset", "at": "connection", "count": 100}"#,
    ] {
        assert_eq!(request(admin, "POST", "/__sandbox/faults", fault).0, 204);
        let arguments = ["get", FAILED, "--ca", &ca, "--only-ca"];
        let (_, stderr, code) = run(&mut batch(&sandbox.endpoint, &arguments));
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("reset"), "{stderr}");
        assert_eq!(request(admin, "POST", "/__sandbox/reset", "").0, 204);
    }
}

/// The file may be another one than was meant, such as a key.
#[test]
fn what_is_no_seed_is_refused_without_being_shown() {
    let files = Files::new();
    for text in [
        "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n",
        "batch:\n  password: canary\n",
        "batch:\n  certificates: [canary\n",
    ] {
        let file = files.write("seed.yaml", text);
        let (_, stderr, code) = run(&mut thumbprint(&["sandbox", "--seed", &file]));
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("--seed: ") && stderr.contains("line "),
            "{stderr}"
        );
        assert!(
            !stderr.contains("canary") && stderr.lines().count() == 1,
            "{stderr}"
        );
    }
}
