//! The sandbox beside a bare hyper server: both on one thread, called over one connection.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    Bench,
    measure::{Figure, Program, callgrind, cpu_of, resident},
    report::{Limit, Report},
};

const GET: &str = "/certificates(thumbprintAlgorithm=sha1,thumbprint=0000000000000000000000000000000000000001)?api-version=2023-11-01.18.0";
const LIST: &str = "/certificates?maxresults=100&api-version=2023-11-01.18.0";

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let program = bench.subject("serve")?;
    report.part("The sandbox");
    // Both are one thread, so calls per second of CPU are what a client gets of a server that is busy, whatever
    // else runs on the machine.
    let start = |arguments: &[&str]| Running::start(&program, &[], arguments);
    let rate = |arguments: &[&str]| {
        Figure::of(bench.rounds, || {
            Ok(20_000.0 / start(arguments)?.get(20_000)?)
        })
    };
    let [bare, own] = [rate(&["bare"])?, rate(&["sandbox", "1000"])?];
    report.show("bare hyper: calls per second of CPU", bare);
    report.show("sandbox: calls per second of CPU", own);
    report.hold(
        "sandbox / bare hyper: calls per second of CPU",
        own.over(bare),
        Limit::AtLeast(0.5),
    );

    let mut running = start(&["sandbox", "1000"])?;
    running.get(20_000)?;
    let before = resident(running.server.id())?;
    running.get(200_000)?;
    let after = resident(running.server.id())?;
    let grown = Figure::new(vec![after / before])?;
    report.hold(
        "memory after 200,000 calls / before",
        grown,
        Limit::AtMost(1.02),
    );

    // The time of a page grows with what the processor's caches do not hold. What the sandbox does for it is counted.
    let page = |certificates: &str| {
        let run = |pages| {
            callgrind(|wrapper| {
                let mut running = Running::start(&program, wrapper, &["sandbox", certificates])?;
                running.pages(pages)?;
                running.stop()
            })
        };
        Figure::of(bench.rounds, || Ok((run(220)? - run(20)?) / 200.0))
    };
    let time = |certificates: &str| {
        Figure::of(bench.rounds, || {
            Ok(start(&["sandbox", certificates])?.pages(1000)? * 1e3)
        })
    };
    let [few, many] = [page("1000")?, page("100000")?];
    report.show("a page of 100, of 1,000 certificates: instructions", few);
    report.show("a page of 100, of 100,000 certificates: instructions", many);
    report.hold(
        "at 100,000 / at 1,000: instructions",
        many.over(few),
        Limit::AtMost(1.5),
    );
    report.show(
        "a page of 100, of 1,000 certificates: microseconds of CPU",
        time("1000")?,
    );
    report.show(
        "a page of 100, of 100,000 certificates: microseconds of CPU",
        time("100000")?,
    );
    Ok(())
}

/// A server, and a connection to it.
struct Running {
    server: Child,
    stream: TcpStream,
    authority: String,
}

impl Running {
    fn start(program: &Program, wrapper: &[&str], arguments: &[&str]) -> Result<Self> {
        let arguments: Vec<_> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let mut command = program.command(wrapper, &arguments);
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(server.stdout.take().context("no output")?).read_line(&mut url)?;
        let authority = url.trim().trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&authority)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            server,
            stream,
            authority,
        })
    }

    /// Ends the server as it ends by itself, so that what watches it can say what it saw.
    fn stop(mut self) -> Result<()> {
        drop(self.server.stdin.take());
        let status = self.server.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Seconds of CPU that the server takes for so many calls.
    fn get(&mut self, calls: usize) -> Result<f64> {
        let before = cpu_of(self.server.id())?;
        for _ in 0..calls {
            self.call(GET)?;
        }
        Ok(cpu_of(self.server.id())? - before)
    }

    /// The same of so many pages: from the first to the last, and again.
    fn pages(&mut self, pages: usize) -> Result<f64> {
        let before = cpu_of(self.server.id())?;
        let mut path = LIST.to_owned();
        for _ in 0..pages {
            let page: serde_json::Value = serde_json::from_slice(&self.call(&path)?)?;
            let next = page["odata.nextLink"].as_str();
            let next = next.and_then(|link| link.split_once(&self.authority));
            next.map_or(LIST, |(_, path)| path).clone_into(&mut path);
        }
        Ok(cpu_of(self.server.id())? - before)
    }

    fn call(&mut self, path: &str) -> Result<Vec<u8>> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\nAuthorization: Bearer token.of-the-bench\r\n\r\n",
            self.authority
        );
        self.stream.write_all(request.as_bytes())?;
        let (mut head, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let length = self.stream.read(&mut buffer)?;
            ensure!(length > 0, "the server closed the connection");
            head.extend_from_slice(&buffer[..length]);
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                let mut body = head.split_off(end + 4);
                let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
                ensure!(
                    head.starts_with("http/1.1 200"),
                    "the server answered {head}"
                );
                let length = head.split_once("content-length: ").context("no length")?.1;
                let length: usize = length.split("\r\n").next().unwrap_or_default().parse()?;
                let start = body.len();
                body.resize(length, 0);
                self.stream.read_exact(&mut body[start..])?;
                return Ok(body);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
