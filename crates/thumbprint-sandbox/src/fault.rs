//! Staged faults: which request one strikes, and how its answer goes out.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use thumbprint_admin::types::{Ending, Fault, FaultPlace};
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};

use crate::server::{Services, Socket};

/// Time between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_secs(1);

/// How long a chunk of an endless body is at least.
const CHUNK: usize = 16 * 1024;

/// How many faults are staged at most.
const MOST: usize = 1000;

/// The faults that are to come, first staged first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault, or says what is wrong with it: the field, the problem, the remedy.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), String> {
        check(&fault)?;
        if self.0.len() == MOST {
            return Err(format!(
                "{MOST} faults are staged already; clear them, or give one a count"
            ));
        }
        self.0.push(fault);
        Ok(())
    }

    pub(crate) fn all(&self) -> &[Fault] {
        &self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether the next connection is struck.
    pub(crate) fn strike_connection(&mut self) -> Option<Ending> {
        let at_connection = |fault: &Fault| fault.at == Some(FaultPlace::Connection);
        self.strike(at_connection)?.ending
    }

    /// The fault that strikes a request of an operation.
    pub(crate) fn strike_request(&mut self, operation: Option<&str>) -> Option<Fault> {
        self.strike(|fault| {
            let wanted = fault.operation.as_deref();
            fault.at != Some(FaultPlace::Connection) && (wanted.is_none() || wanted == operation)
        })
    }

    fn strike(&mut self, fits: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let index = self.0.iter().position(fits)?;
        let left = self.0[index].count.map_or(1, u64::from) - 1;
        match left.try_into() {
            Ok(left) => {
                self.0[index].count = Some(left);
                Some(self.0[index].clone())
            }
            Err(_) => Some(self.0.remove(index)),
        }
    }
}

/// What is wrong with a fault. Bounds are those of the document.
fn check(fault: &Fault) -> Result<(), String> {
    let refuse = |text: &str| Err(text.to_owned());
    if let Some(id) = &fault.operation
        && !crate::stageable().any(|known| known == id)
    {
        let known: Vec<_> = crate::stageable().collect();
        return Err(format!(
            "operation: there is no such operation; write one of {}",
            known.join(", ")
        ));
    }
    if fault.count.is_some_and(|count| count.get() > 1_000_000_000) {
        return refuse("count: at most 1000000000");
    }
    if fault
        .delay_seconds
        .is_some_and(|delay| !(0.0..=86_400.0).contains(&delay))
    {
        return refuse("delaySeconds: write a number of seconds from 0 to 86400");
    }
    let interim = fault.interim.as_deref().unwrap_or_default();
    if interim.len() > 1000 || interim.iter().any(|code| !(100..=199).contains(code)) {
        return refuse("interim: write at most 1000 statuses from 100 to 199");
    }
    if fault
        .status
        .is_some_and(|status| !(100..=999).contains(&status))
    {
        return refuse("status: write a status from 100 to 999");
    }
    for field in fault.headers.iter().flatten() {
        if field.name.parse::<HeaderName>().is_err() {
            return refuse(
                "headers: a name is no name of a header; write letters, digits and hyphens",
            );
        }
        if latin1(&field.value).is_none() {
            return Err(format!(
                "headers: the value of {} has a character that is not one byte, or that ends the line; leave it out",
                field.name
            ));
        }
    }
    if fault.body.is_some() && fault.body_base64.is_some() {
        return refuse("body: it stands beside bodyBase64; leave out one of them");
    }
    if fault
        .body_base64
        .as_ref()
        .is_some_and(|text| BASE64_STANDARD.decode(text).is_err())
    {
        return refuse("bodyBase64: not base64; write it with padding and without line breaks");
    }
    let cuts = matches!(
        fault.ending,
        Some(Ending::Close | Ending::Reset | Ending::Stall | Ending::Drip)
    );
    if fault.at.is_some() && !cuts {
        return refuse(
            "at: only the endings close, reset, stall and drip set in somewhere; name one, or leave it out",
        );
    }
    if fault.at == Some(FaultPlace::Connection) {
        let mut alone = Fault::default();
        (alone.at, alone.ending, alone.count) = (fault.at, fault.ending, fault.count);
        if *fault != alone || !matches!(fault.ending, Some(Ending::Close | Ending::Reset)) {
            return refuse(
                "at: a connection is closed or reset, and nothing but count and ending can stand beside it",
            );
        }
    }
    if fault.carry_out == Some(false) && fault.status.is_none() && !is_silent(fault) {
        return refuse(
            "carryOut: without it there is no answer to send; give a status, or leave it out",
        );
    }
    Ok(())
}

/// Text whose characters are bytes, of a header.
fn latin1(text: &str) -> Option<Vec<u8>> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes.filter(|bytes| !bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)))
}

/// Whether the operation is carried out although the fault strikes.
pub(crate) fn carries_out(fault: &Fault) -> bool {
    fault
        .carry_out
        .unwrap_or(fault.status.is_none() && !is_silent(fault))
}

/// Whether not one byte of an answer goes out.
fn is_silent(fault: &Fault) -> bool {
    fault.at == Some(FaultPlace::Start) && fault.ending != Some(Ending::Drip)
}

/// How an answer goes out.
pub(crate) enum Reply {
    /// As HTTP has it.
    Plain(Response<Bytes>),
    /// As somebody wants it to go wrong.
    Staged(Script),
}

/// The bytes of an answer, and how they end.
pub(crate) struct Script {
    /// What comes before the answer, and the answer's head.
    head: Vec<u8>,
    body: Bytes,
    /// How much of it goes out before the ending.
    cut: usize,
    ending: Ending,
}

/// What a fault makes of the service's answer. `None` where there is neither this nor one of its own.
pub(crate) fn response(fault: &Fault, answer: Option<Response<Bytes>>) -> Option<Response<Bytes>> {
    let mut response = match fault.status {
        None => answer?,
        Some(code) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status(code);
            response
        }
    };
    for field in fault.headers.iter().flatten() {
        let name = field.name.parse::<HeaderName>();
        let value = HeaderValue::from_bytes(&latin1(&field.value).unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    if let Some(body) = body(fault) {
        *response.body_mut() = body;
    }
    Some(response)
}

/// How a fault has an answer go out.
pub(crate) fn reply(fault: &Fault, method: &Method, response: Option<Response<Bytes>>) -> Reply {
    let framed = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ];
    match response {
        Some(response)
            if matches!(fault.ending, None | Some(Ending::Complete))
                && fault.interim.iter().flatten().next().is_none()
                && !is_bodiless(response.status())
                && !framed
                    .iter()
                    .any(|name| response.headers().contains_key(name)) =>
        {
            Reply::Plain(response)
        }
        response => Reply::Staged(Script::new(fault, method, response)),
    }
}

/// A status that was [checked](check).
fn status(code: i32) -> StatusCode {
    let code = u16::try_from(code).ok();
    let status = code.and_then(|code| StatusCode::from_u16(code).ok());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn line(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Staged");
    format!("HTTP/1.1 {} {reason}\r\n", status.as_str())
}

fn body(fault: &Fault) -> Option<Bytes> {
    let decoded = || {
        Some(
            BASE64_STANDARD
                .decode(fault.body_base64.as_ref()?)
                .ok()?
                .into(),
        )
    };
    fault.body.clone().map(Bytes::from).or_else(decoded)
}

/// Whether HTTP has no body for a status (RFC 9110, 6.4.1).
fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

impl Script {
    fn new(fault: &Fault, method: &Method, response: Option<Response<Bytes>>) -> Self {
        let ending = fault.ending.unwrap_or(Ending::Complete);
        let Some(response) = response else {
            return Self {
                head: Vec::new(),
                body: Bytes::new(),
                cut: 0,
                ending,
            };
        };
        let at = fault.at.unwrap_or(FaultPlace::Body);
        let (parts, body) = response.into_parts();
        let interim = fault.interim.iter().flatten();
        let mut head: String = interim.map(|code| line(status(*code)) + "\r\n").collect();
        head += &line(parts.status);
        let mut head = head.into_bytes();
        let mut field =
            |name: &[u8], value: &[u8]| head.extend([name, b": ", value, b"\r\n"].concat());
        for (name, value) in &parts.headers {
            field(name.as_str().as_bytes(), value.as_bytes());
        }
        let framed = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
        if ending == Ending::Endless {
            field(b"transfer-encoding", b"chunked");
        } else if !is_bodiless(parts.status)
            && !framed.iter().any(|name| parts.headers.contains_key(name))
        {
            // Of an answer that breaks off in its body something has to be missing.
            let promised = match (ending, at) {
                (Ending::Complete | Ending::Drip, _) | (_, FaultPlace::End) => body.len(),
                _ => body.len().max(1),
            };
            field(b"content-length", promised.to_string().as_bytes());
        }
        let ends = matches!(ending, Ending::Complete | Ending::Drip);
        if ends && !parts.headers.contains_key(header::CONNECTION) {
            field(b"connection", b"close");
        }
        head.extend(b"\r\n");
        let body = if *method == Method::HEAD {
            Bytes::new()
        } else {
            body
        };
        let cut = match (ending, at) {
            (Ending::Complete, _) => head.len() + body.len(),
            (Ending::Endless, _) => head.len(),
            (_, FaultPlace::Connection | FaultPlace::Start) => 0,
            (_, FaultPlace::Head) => head.len() / 2,
            (_, FaultPlace::Body) => head.len() + body.len() / 2,
            (_, FaultPlace::End) => head.len() + body.len(),
        };
        Self {
            head,
            body,
            cut,
            ending,
        }
    }

    /// Whether its end is a reset.
    pub(crate) fn resets(&self) -> bool {
        self.ending == Ending::Reset
    }

    /// Sends it. Ends when it is at its end or the client leaves.
    pub(crate) async fn play(self, stream: &mut dyn Socket, services: &Services) -> io::Result<()> {
        let whole = [&self.head[..], &self.body].concat();
        let (before, after) = whole.split_at(self.cut);
        stream.write_all(before).await?;
        stream.flush().await?;
        match self.ending {
            Ending::Complete | Ending::Close => {}
            // What is sent with this set is a reset, when the socket is dropped.
            Ending::Reset => return stream.tcp().set_zero_linger(),
            Ending::Stall => {
                let mut rest = [0; 1024];
                while stream.read(&mut rest).await? > 0 {}
            }
            Ending::Drip => {
                for byte in after {
                    services.wait(DRIP).await;
                    stream.write_all(&[*byte]).await?;
                    stream.flush().await?;
                }
            }
            Ending::Endless => {
                let piece = if self.body.is_empty() {
                    b" "
                } else {
                    &self.body[..]
                };
                let times = CHUNK.div_ceil(piece.len());
                let piece = piece.repeat(times);
                let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
                loop {
                    stream.write_all(&chunk).await?;
                }
            }
        }
        stream.shutdown().await
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Method, Response};
    use test_support::OrFail as _;
    use thumbprint_admin::types::{Ending, Fault};

    use super::Script;

    /// What drips is whole in the end; what breaks off lacks something, if only a byte that was promised.
    #[test]
    fn an_answer_promises_more_than_it_has_only_if_it_breaks_off() {
        for (ending, promised) in [
            (Ending::Complete, 0),
            (Ending::Drip, 0),
            (Ending::Close, 1),
            (Ending::Reset, 1),
            (Ending::Stall, 1),
        ] {
            let mut fault = Fault::default();
            fault.ending = Some(ending);
            let script = Script::new(&fault, &Method::GET, Some(Response::new(Bytes::new())));
            let head = String::from_utf8(script.head).or_fail();
            let expected = format!("content-length: {promised}\r\n");
            assert!(head.contains(&expected), "{ending:?}: {head}");
        }
    }
}
