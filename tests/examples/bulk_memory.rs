//! How much memory one bulk cancellation takes, by the number of certificates:
//!
//! ```text
//! cargo run --release -p conformance --example bulk_memory
//! ```
//!
//! The sandbox and the client run in processes of their own, so that the figure is the client's: its peak
//! resident memory (`VmHWM`), as Linux counts it.

#![allow(clippy::panic, reason = "a measurement")]

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    pin::pin,
    process::{Command, Stdio},
};

use futures_util::StreamExt as _;
use test_support::OrFail as _;
use thumbprint::batch::{CancelOutcome, Client};
use thumbprint_sandbox::{CertificateState, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", number] => serve(number.parse().or_fail()).await,
        ["cancel", url] => cancel(url).await,
        _ => {
            for number in [16, 1_000, 10_000] {
                measure(number);
            }
        }
    }
}

async fn serve(number: usize) {
    let failed = (0..number).map(|n| (format!("{n:040x}"), CertificateState::DeleteFailed));
    let sandbox = Sandbox::builder()
        .strict(true)
        .empty()
        .batch_certificates(failed)
        .start()
        .await
        .or_fail();
    println!("{}", sandbox.base_url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .or_fail()
        .or_fail();
    println!("{}", sandbox.batch_count(CertificateState::Active));
}

async fn cancel(url: &str) {
    let client = Client::builder(url, "token")
        .allow_loopback_http()
        .build()
        .or_fail();
    let mut outcomes = pin!(client.cancel_failed_deletions(16));
    let mut done = 0;
    while let Some(outcome) = outcomes.next().await {
        match outcome.or_fail().outcome {
            CancelOutcome::Canceled => done += 1,
            other => panic!("{other:?}"),
        }
    }
    let status = fs::read_to_string("/proc/self/status").or_fail();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .or_fail()
        .trim();
    println!("{done} canceled, peak memory of the client {peak}");
}

fn measure(number: usize) {
    let this = env::current_exe().or_fail();
    let mut server = Command::new(&this)
        .args(["serve", &number.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .or_fail();
    let mut lines = BufReader::new(server.stdout.take().or_fail()).lines();
    let url = lines.next().or_fail().or_fail();
    let client = Command::new(&this)
        .args(["cancel", &url])
        .status()
        .or_fail();
    assert!(client.success());
    drop(server.stdin.take());
    let active = lines.next().or_fail().or_fail();
    assert_eq!(
        active,
        number.to_string(),
        "active afterwards, by the sandbox"
    );
    server.wait().or_fail();
}
