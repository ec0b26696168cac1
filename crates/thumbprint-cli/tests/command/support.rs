//! Running the command.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::LazyLock,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jsonschema::Validator;
use serde_json::Value;
use tempfile::TempDir;
use test_support::OrFail as _;
use thumbprint_sandbox::samples;

pub(crate) const FAILED: &str = samples::BATCH_DELETE_FAILED;
pub(crate) const STORED: &str = samples::WAP_THUMBPRINT;
pub(crate) const SUBSCRIPTION: &str = samples::WAP_SUBSCRIPTION;
pub(crate) const TOKEN: &str = "canary-token";
pub(crate) const PASSWORD: &str = "canary-password";

pub(crate) fn thumbprint(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thumbprint"));
    command
        .args(arguments)
        .env_clear()
        .env("THUMBPRINT_BATCH_TOKEN", TOKEN)
        .env("THUMBPRINT_WAP_TOKEN", TOKEN);
    command
}

/// `thumbprint batch` against an endpoint.
pub(crate) fn batch(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = thumbprint(&["batch"]);
    command
        .args(arguments)
        .env("THUMBPRINT_BATCH_ENDPOINT", endpoint);
    command
}

/// `thumbprint wap` against an endpoint, about the sample subscription.
pub(crate) fn wap(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = thumbprint(&["wap"]);
    command
        .args(arguments)
        .args([
            "--subscription",
            SUBSCRIPTION,
            "--principal",
            "ana@contoso.com",
        ])
        .env("THUMBPRINT_WAP_ENDPOINT", endpoint);
    command
}

/// What the command printed, and its exit code. No secret is ever in it, and nothing that a terminal obeys.
pub(crate) fn run(command: &mut Command) -> (String, String, i32) {
    texts(&command.output().or_fail())
}

/// The same, with something on stdin.
pub(crate) fn run_with(command: &mut Command, stdin: &[u8]) -> (String, String, i32) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .or_fail();
    child.stdin.take().or_fail().write_all(stdin).or_fail();
    texts(&child.wait_with_output().or_fail())
}

pub(crate) fn texts(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).or_fail();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    for secret in [TOKEN, PASSWORD] {
        assert!(
            !stdout.contains(secret) && !stderr.contains(secret),
            "{stdout}{stderr}"
        );
    }
    for text in [&stdout, &stderr] {
        assert!(!text.contains(moves_a_terminal), "{text:?}");
    }
    (stdout, stderr, output.status.code().or_fail())
}

/// Whether a terminal obeys a character or orders others by it: of the ones that the tests send.
fn moves_a_terminal(c: char) -> bool {
    c != '\n' && c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The JSON lines that the command printed, and its exit code.
pub(crate) fn run_json(command: &mut Command) -> (Vec<Value>, String, i32) {
    let (stdout, stderr, code) = run(command.args(["--output", "json"]));
    let lines = json_lines(&stdout);
    for line in stderr.lines().filter(|line| line.starts_with('{')) {
        json_lines(line);
    }
    (lines, stderr, code)
}

/// Lines of JSON, which are as the command's own schema says.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        let schema = serde_json::from_str(include_str!("../../schema.json")).or_fail();
        jsonschema::validator_for(&schema).or_fail()
    });
    let lines = text.lines().map(|line| {
        let value = serde_json::from_str(line).or_fail();
        assert!(SCHEMA.is_valid(&value), "{value:#}");
        value
    });
    lines.collect()
}

/// What is said on stderr of a failure, in JSON.
pub(crate) fn problem(stderr: &str) -> Value {
    json_lines(stderr.lines().last().or_fail()).remove(0)
}

/// A sandbox in a process of its own, killed when dropped.
pub(crate) struct Sandbox {
    process: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) endpoint: String,
}

impl Sandbox {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = thumbprint(&["sandbox"]);
        let mut process = command
            .args(arguments)
            .env("THUMBPRINT_WAP_PASSWORD", PASSWORD)
            .stdout(Stdio::piped())
            .spawn()
            .or_fail();
        let stdout = BufReader::new(process.stdout.take().or_fail());
        let mut sandbox = Self {
            process,
            stdout,
            endpoint: String::new(),
        };
        let line = sandbox.line();
        let endpoint = line.trim().strip_prefix("listening on ").or_fail();
        endpoint.clone_into(&mut sandbox.endpoint);
        sandbox
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).or_fail();
        line
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Files for the command to read, removed when dropped.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().or_fail())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A directory, made.
    pub(crate) fn directory(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(&path).or_fail();
        path
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        fs::write(&path, bytes).or_fail();
        path.into_os_string().into_string().or_fail()
    }
}

/// A certificate in DER form, whose thumbprint is [`STORED`].
pub(crate) fn der() -> Vec<u8> {
    let data = samples::wap_certificate().subscription_certificate_data;
    BASE64_STANDARD.decode(data.or_fail()).or_fail()
}

/// The same certificate as PEM.
pub(crate) fn pem() -> String {
    let data = BASE64_STANDARD.encode(der());
    format!("-----BEGIN CERTIFICATE-----\n{data}\n-----END CERTIFICATE-----\n")
}
