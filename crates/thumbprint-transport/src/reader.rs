//! Reading an answer: how much of it, and for how long.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};
use reqwest::Request;

use crate::operation::{Operation, ResponseSpec};

/// Longest body of a success that is read, in bytes, unless the document calls it bytes. A page of a list
/// has up to 1000 certificates, each with its public data: 1 to 3 KB.
pub(crate) const SUCCESS_LIMIT: usize = 4 * 1024 * 1024;
/// Longest body of an error that is read, in bytes. What is longer is cut.
pub(crate) const ERROR_LIMIT: usize = 64 * 1024;

/// How reading an answer ended.
#[derive(Debug)]
pub(crate) enum ReadOutcome {
    Whole,
    /// The head is there; the body is to be handed on as it comes.
    Streaming(reqwest::Response),
    Broken(reqwest::Error),
    TimedOut,
    TooLarge,
    UnexpectedEncoding,
}

/// What has arrived of an answer so far. It outlives the attempt, so that a deadline or a broken
/// connection cannot take a status away that was already seen.
#[derive(Default)]
pub(crate) struct ResponseReader {
    pub(crate) head: Option<(StatusCode, HeaderMap)>,
    /// The first chunk, as it came. Most bodies have no other.
    first: Bytes,
    /// All chunks, once there are several.
    all: BytesMut,
}

impl ResponseReader {
    /// Sends a request and reads its answer. The future that comes of it does not hold the request, which is large.
    pub(crate) fn read(
        &mut self,
        http: &reqwest::Client,
        request: Request,
        operation: &Operation,
    ) -> impl Future<Output = ReadOutcome> {
        self.receive(http.execute(request), operation)
    }

    async fn receive(
        &mut self,
        answer: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
        operation: &Operation,
    ) -> ReadOutcome {
        let mut response = match answer.await {
            Ok(response) => response,
            Err(error) => return ReadOutcome::Broken(error),
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        // No encoding is asked for, so an encoded body is a bomb or a broken proxy.
        let encoded = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
        self.head = Some((status, headers));
        if encoded {
            return ReadOutcome::UnexpectedEncoding;
        }
        if operation
            .success(status)
            .is_some_and(ResponseSpec::is_streamed)
        {
            return ReadOutcome::Streaming(response);
        }
        let limit = if status.is_success() {
            SUCCESS_LIMIT
        } else {
            ERROR_LIMIT
        };
        let announced = response.content_length().unwrap_or(0);
        let announced = usize::try_from(announced).map_or(limit, |length| length.min(limit));
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    if !self.take(&chunk, announced, limit) {
                        return ReadOutcome::TooLarge;
                    }
                }
                Ok(None) => return ReadOutcome::Whole,
                Err(error) => return ReadOutcome::Broken(error),
            }
        }
    }

    /// Keeps a chunk, as far as the limit allows. Whether it was kept whole.
    fn take(&mut self, chunk: &Bytes, announced: usize, limit: usize) -> bool {
        let held = self.first.len() + self.all.len();
        let taken = chunk.len().min(limit - held);
        let whole = taken == chunk.len();
        if held == 0 {
            self.first = chunk.slice(..taken);
            return whole;
        }
        // Room for what was announced, else for an ordinary body, else for the longest one. Left to itself
        // the buffer would double, and hold three times the limit while it copies.
        if held + taken > self.all.capacity() {
            let steps = [announced, ERROR_LIMIT, limit];
            let room = steps.into_iter().find(|step| held + taken <= *step);
            let mut all = BytesMut::with_capacity(room.unwrap_or(held + taken));
            all.extend_from_slice(&self.first);
            all.extend_from_slice(&self.all);
            self.first = Bytes::new();
            self.all = all;
        }
        self.all.extend_from_slice(&chunk[..taken]);
        whole
    }

    /// The body, as far as it has arrived.
    pub(crate) fn body(&mut self) -> Bytes {
        if self.all.is_empty() {
            std::mem::take(&mut self.first)
        } else {
            self.all.split().freeze()
        }
    }
}
