//! What only a terminal is shown: a pseudo-terminal stands for it.

use std::{
    fs::File,
    io::{ErrorKind, Read as _, Write as _},
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use serde_json::json;
use test_support::{OrFail as _, Reply};

use crate::{
    interrupt::Holding,
    service::{Service, empty},
    support::{FAILED, PASSWORD, STORED, Sandbox, batch, json_lines, run, texts, wap},
};

/// A terminal of so many columns: what reads all that is shown on it, and what stands for it in a process.
fn terminal(columns: u16) -> (Screen, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).or_fail();
    grantpt(&master).or_fail();
    unlockpt(&master).or_fail();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let name = ptsname(&master, Vec::new()).or_fail();
    let path = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    let slave = File::options().read(true).write(true).open(path).or_fail();
    tcsetwinsize(&slave, size).or_fail();
    (Screen::new(master), slave)
}

struct Screen {
    master: File,
    shown: Vec<u8>,
}

impl Screen {
    fn new(master: OwnedFd) -> Self {
        Self {
            master: master.into(),
            shown: Vec::new(),
        }
    }

    /// Reads on. `false` after the last process has left the terminal.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.master.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.shown.extend(&buffer[..count]);
                true
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            // Linux has an error for the end.
            Err(_) => false,
        }
    }

    /// Types something once the terminal does not repeat it any more.
    #[cfg(target_os = "linux")]
    fn type_hidden(&mut self, text: &str) {
        let echoes = || {
            let modes = rustix::termios::tcgetattr(&self.master)
                .or_fail()
                .local_modes;
            modes.contains(rustix::termios::LocalModes::ECHO)
        };
        while echoes() {
            std::thread::yield_now();
        }
        std::io::Write::write_all(&mut self.master, text.as_bytes()).or_fail();
    }

    fn wait_for(&mut self, text: &str) {
        while !self.text().contains(text) {
            assert!(self.read(), "{text} is not in {}", self.text());
        }
    }

    /// All that was shown, when the last process has left the terminal.
    fn into_text(mut self) -> String {
        while self.read() {}
        self.text().replace("\r\n", "\n")
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }
}

/// The end of the input, as Ctrl-D types it.
pub(crate) const END: &str = "\u{4}";

/// Runs a command that asks, and types the answers: what is on stdout, what the terminal shows of stderr and of what
/// was typed, and the exit code.
pub(crate) fn answer(mut command: Command, typed: &str) -> (String, String, i32) {
    let (mut screen, terminal) = terminal(200);
    screen.master.write_all(typed.as_bytes()).or_fail();
    command
        .stdin(terminal.try_clone().or_fail())
        .stderr(terminal);
    command.stdout(Stdio::piped());
    let child = start(command);
    let shown = screen.into_text();
    let mut output = child.wait_with_output().or_fail();
    output.stderr = shown.into();
    texts(&output)
}

/// Starts a command, and keeps none of what it was given open.
fn start(mut command: Command) -> std::process::Child {
    command.spawn().or_fail()
}

#[test]
fn what_is_tried_again_shows_on_a_terminal_and_nowhere_else() {
    let busy = || {
        let asked = AtomicBool::new(false);
        Service::start(move |_| {
            if asked.swap(true, Ordering::SeqCst) {
                Reply::json(200, json!({ "thumbprint": FAILED }))
            } else {
                let headers = [
                    ("Content-Type", "application/json"),
                    ("retry-after-ms", "1"),
                ];
                Reply::new(503, &headers, r#"{"code":"ServerBusy"}"#)
            }
        })
    };
    let service = busy();
    let (screen, stderr) = terminal(80);
    let mut command = batch(&service.endpoint, &["get", FAILED]);
    command.stdout(Stdio::null()).stderr(stderr);
    let mut child = start(command);
    let shown = screen.into_text();
    assert_eq!(child.wait().or_fail().code(), Some(0), "{shown}");
    assert!(
        shown.contains("503 ServerBusy") && shown.contains(", trying again in 0.0 s\n"),
        "{shown}"
    );
    let (_, stderr, code) = run(&mut batch(&busy().endpoint, &["get", FAILED]));
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn rows_are_as_wide_as_the_terminal() {
    let service = Service::start(|_| {
        let error = json!({ "code": "PoolsReferencingCertificate", "message": "word ".repeat(40) });
        let item = json!({ "thumbprint": FAILED, "state": "deletefailed", "deleteCertificateError": error });
        Reply::json(200, json!({ "value": [item] }))
    });
    for columns in [60, 80, 120] {
        let (screen, stdout) = terminal(columns);
        let mut command = batch(&service.endpoint, &["list"]);
        command.stdout(stdout).stderr(Stdio::null());
        let mut child = start(command);
        let shown = screen.into_text();
        assert_eq!(child.wait().or_fail().code(), Some(0), "{shown}");
        let width = shown.lines().map(|line| line.chars().count()).max();
        assert!(width <= Some(columns.into()), "{shown}");
        assert_eq!(shown.matches("word").count(), 40, "{shown}");
        assert!(shown.contains(FAILED), "{shown}");
    }
}

/// The service keeps its answers from the second on, until the terminal shows how far the first one got.
#[test]
fn a_terminal_shows_how_far_the_work_is_and_stdout_does_not() {
    let thumbprints = ["a", "b", "c"].map(|digit| digit.repeat(40));
    let items = thumbprints.map(|thumbprint| json!({ "thumbprint": thumbprint }));
    let started = AtomicUsize::new(0);
    let holding = Holding::start(
        move |request| request.method != "GET" && started.fetch_add(1, Ordering::SeqCst) > 0,
        move |request| match request.method.as_str() {
            "GET" => Reply::json(200, json!({ "value": items })),
            _ => empty(204),
        },
    );
    let (mut screen, stderr) = terminal(80);
    let all = [
        "cancel-deletion",
        "--all-failed",
        "--concurrency",
        "1",
        "-ojson",
    ];
    let mut command = batch(&holding.endpoint, &all);
    command
        .stdout(Stdio::piped())
        .stderr(stderr)
        .env("TERM", "xterm");
    let child = start(command);
    screen.wait_for(" 1 of 3, none failed, ");
    holding.release();
    let shown = screen.into_text();
    let output = child.wait_with_output().or_fail();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert_eq!(
        json_lines(&String::from_utf8(output.stdout).or_fail()).len(),
        3
    );
    // Nothing of it is left before the summary.
    assert!(
        shown.contains("\r\u{1b}[2Kthumbprint: 3 canceled\n"),
        "{shown:?}"
    );
}

/// `setsid` makes the terminal the process's own: a password is read from that, wherever stdin comes from.
#[test]
#[cfg(target_os = "linux")]
fn a_password_is_asked_for_and_not_shown() {
    let user = "ana@contoso.com";
    let sandbox = Sandbox::start(&["--wap-user", user]);
    for (typed, exit) in [(PASSWORD, 0), ("another", 1)] {
        let (mut screen, line) = terminal(80);
        let list = wap(
            &sandbox.endpoint,
            &["list", "-ojson", "--auth-site", &sandbox.endpoint],
        );
        let mut command = Command::new("setsid");
        command
            .args(["--ctty", "--wait"])
            .arg(list.get_program())
            .args(list.get_args());
        command.env("THUMBPRINT_WAP_ENDPOINT", &sandbox.endpoint);
        for variable in ["THUMBPRINT_WAP_TOKEN", "THUMBPRINT_WAP_PASSWORD"] {
            command.env_remove(variable);
        }
        command
            .stdin(line.try_clone().or_fail())
            .stderr(line)
            .stdout(Stdio::piped());
        let child = start(command);
        screen.wait_for(&format!("Password of {user}: "));
        screen.type_hidden(&format!("{typed}\n"));
        let shown = screen.into_text();
        let output = child.wait_with_output().or_fail();
        assert_eq!(output.status.code(), Some(exit), "{shown}");
        assert!(!shown.contains(typed), "{shown}");
        let lines = json_lines(&String::from_utf8(output.stdout).or_fail());
        assert_eq!(
            lines.first().map(|line| &line["thumbprint"]),
            (exit == 0).then_some(&STORED.into())
        );
    }
}
