//! Reading an answer: how much of it, for how long, and what it comes to.

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use progenitor_client::ResponseValue;
use reqwest::{Request, Response};
use serde::de::DeserializeOwned;

use crate::{Error, ErrorBody, Operation, error::Captured, judgement::History};

/// Longest body of a success that is read, in bytes. A page of Batch's list has up to 1000 certificates,
/// each with its public data: 1 to 3 KB.
const SUCCESS_LIMIT: usize = 4 * 1024 * 1024;
/// Longest body of an error that is read, in bytes. What is longer is cut.
const ERROR_LIMIT: usize = 64 * 1024;

/// How reading an answer ended.
pub(crate) enum End {
    Whole,
    Broken(reqwest::Error),
    Late,
    TooLarge,
    Encoded,
}

/// What has arrived of an answer so far. It outlives the attempt, so that a deadline or a broken
/// connection cannot take a status away that was already seen.
#[derive(Default)]
pub(crate) struct Received {
    head: Option<(StatusCode, HeaderMap)>,
    body: BytesMut,
}

impl Received {
    pub(crate) async fn read(&mut self, http: &reqwest::Client, request: Request) -> End {
        let mut response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => return End::Broken(error),
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        // We ask for no encoding, so an encoded body is a bomb or a broken proxy.
        let encoded = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
        self.head = Some((status, headers));
        if encoded {
            return End::Encoded;
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
                    let room = limit - self.body.len();
                    let taken = chunk.len().min(room);
                    self.make_room(taken, announced, limit);
                    self.body.extend_from_slice(&chunk[..taken]);
                    if chunk.len() > room {
                        return End::TooLarge;
                    }
                }
                Ok(None) => return End::Whole,
                Err(error) => return End::Broken(error),
            }
        }
    }

    /// Makes room for `more` bytes: for what was announced, else for an ordinary body, else for the longest
    /// one. Left to itself the buffer would double, and hold three times the limit while it copies.
    fn make_room(&mut self, more: usize, announced: usize, limit: usize) {
        let needed = self.body.len() + more;
        if needed <= self.body.capacity() {
            return;
        }
        let steps = [announced, ERROR_LIMIT, limit];
        let room = steps.into_iter().find(|step| needed <= *step);
        let mut body = BytesMut::with_capacity(room.unwrap_or(needed));
        body.extend_from_slice(&self.body);
        self.body = body;
    }

    /// Makes an answer of what has arrived, or says why there is none.
    pub(crate) fn conclude(
        self,
        end: End,
        operation: &'static Operation,
        no_answer: impl FnOnce(End) -> Error,
    ) -> Result<Response, Error> {
        let Some((status, headers)) = self.head else {
            return Err(no_answer(end));
        };
        let body = self.body.freeze();
        let truncated = !matches!(end, End::Whole);
        let body_is_empty = body.is_empty() && !truncated;
        let declared = operation.answer(status.as_u16());
        let declared = declared.filter(|answer| status.is_success() && answer.status.is_some());
        if status.is_success() && matches!(end, End::Encoded) {
            return Err(Error::unsupported_encoding(status, headers));
        }
        let media_type = declared.and_then(|answer| answer.media_type);
        if media_type.is_some_and(is_json_type) && !is_json(&headers) && !body_is_empty {
            return Err(Error::unexpected_content_type(status, headers));
        }
        if status.is_success() && matches!(end, End::TooLarge) {
            return Err(Error::body_too_large(status, headers, SUCCESS_LIMIT));
        }
        // Where the document has no body, none can be lost: the status says all there is to say.
        if media_type.is_some() && truncated {
            return Err(Error::body_lost(status, headers, operation.is_read()));
        }
        let captured = Captured {
            body: body.clone(),
            truncated,
            is_read: operation.is_read(),
            history: History::default(),
        };
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.extensions_mut().insert(captured);
        Ok(response.into())
    }
}

/// Whether the content type is JSON. An answer without one gets the benefit of the doubt.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    is_json_type(value.to_str().unwrap_or_default())
}

fn is_json_type(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let (tree, name) = essence.split_once('/').unwrap_or_default();
    let suffix = name.rsplit_once('+').map_or(name, |(_, suffix)| suffix);
    tree.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
}

/// Reads a success's body. Generated code calls it in place of progenitor's own reading, which loses
/// the status and the headers of a body that does not decode.
#[doc(hidden)]
pub async fn success_body<T: DeserializeOwned, E>(
    response: Response,
) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
    let captured = response.extensions().get::<Captured>();
    let (is_read, history) = captured
        .map(|captured| (captured.is_read, captured.history))
        .unwrap_or_default();
    let (status, headers, body) = parts(response).await;
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    match serde_json::from_slice(json) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => {
            let error = Error::decode(status, headers, body, &error, is_read).after(history);
            Err(progenitor_client::Error::UnexpectedResponse(
                error.into_response(),
            ))
        }
    }
}

/// Reads an error's body. It never fails: a body that is not what the document says keeps the status,
/// the headers and its bytes.
#[doc(hidden)]
pub async fn error_body<E: DeserializeOwned>(response: Response) -> ResponseValue<ErrorBody<E>> {
    let captured = response.extensions().get::<Captured>();
    let (truncated, history) = captured
        .map(|captured| (captured.truncated, captured.history))
        .unwrap_or_default();
    let (status, headers, body) = parts(response).await;
    let body = ErrorBody::parse(body, truncated).after(history);
    ResponseValue::new(body, status, headers)
}

/// Takes an answer of [`Transport::exec`] apart. Its body is in memory already.
async fn parts(mut response: Response) -> (StatusCode, HeaderMap, Bytes) {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.unwrap_or_default();
    (status, headers, body)
}
