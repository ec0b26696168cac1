//! What all programs of the bench share: `PROGRAM URL SCENARIO COUNT IN_FLIGHT`.
//!
//! `clients*` builds COUNT clients and makes one call with the first; every other scenario makes COUNT calls
//! with one client. What it took of memory is printed: resident, in kB, after the client was built, and at most.

use std::{error::Error, fs};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What is called in every program, with this token.
pub const THUMBPRINT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const TOKEN: &str = "token.of-the-bench";
pub const API_VERSION: &str = "2023-11-01.18.0";
/// How many certificates a page of the list has.
pub const PAGE: usize = 1000;

pub struct Arguments {
    pub base: String,
    pub scenario: String,
    pub count: usize,
    pub in_flight: usize,
}

pub fn run<C>(
    connect: impl AsyncFn(&Arguments) -> Outcome<C>,
    call: impl AsyncFn(&C, &Arguments) -> Outcome,
) -> Outcome {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("URL SCENARIO COUNT IN_FLIGHT");
    let arguments = Arguments {
        base: word()?,
        scenario: word()?,
        count: word()?.parse()?,
        in_flight: word()?.parse()?,
    };
    let (clients, calls) = match arguments.scenario.as_str() {
        scenario if scenario.starts_with("clients") => (arguments.count, arguments.count.min(1)),
        // One call, on so many certificates.
        "bulk" => (1, 1),
        _ => (1, arguments.count),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut built = Vec::with_capacity(clients);
        for _ in 0..clients {
            built.push(connect(&arguments).await?);
        }
        let idle = memory("VmRSS")?;
        let (call, arguments, client) = (&call, &arguments, built.first());
        stream::iter(0..calls)
            .map(|_| async move { call(client.ok_or("no client")?, arguments).await })
            .buffer_unordered(arguments.in_flight)
            .try_for_each(|()| async { Ok(()) })
            .await?;
        println!("{idle} {}", memory("VmHWM")?);
        Ok(())
    })
}

/// A line of what Linux says of this process, in kB.
fn memory(name: &str) -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(figure.ok_or("no such line")?.parse()?)
}
