//! One call: its attempts, what each came to, and what they come to together.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
};
use reqwest::{Request, Response};
use tracing::{Instrument as _, Level, Span, event, field::Empty, field::debug};

use crate::{
    Deadline, Delivery, Error, HttpDate, Operation, ServiceError, Transport,
    answer::{End, Received},
    clock::within,
    error::Captured,
    header,
    judgement::{Again, Class, History, Rules, skew},
    operation::match_path,
    retry::{pause, retry_after},
};

/// What the attempts of a call share.
pub(crate) struct Call<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) operation: &'static Operation,
    pub(crate) rules: Rules,
    /// Reads an error's body in the words that all services share.
    pub(crate) read: &'a (dyn Fn(Bytes, bool) -> ServiceError + Sync),
}

/// What the attempts so far have left behind.
struct Progress {
    /// The time at which the call has to be over. `None` for one that lies beyond all clocks.
    end: Option<Instant>,
    attempts: u32,
    retries: u32,
    /// Whether an attempt before the last may have been carried out.
    unknown: bool,
    /// Whether another attempt was made because the TLS handshake was cut.
    handshake_cut: bool,
    /// Whether the credential was renewed.
    renewed: bool,
    /// What the last attempt proved who is calling with, if it came out of a cache.
    cached: Option<HeaderValue>,
}

/// What an attempt came to.
struct Judged {
    class: Class,
    history: History,
}

impl Call<'_> {
    /// Sends the request until it is answered for good, and says what is known of the whole.
    pub(crate) async fn run(self, mut request: Request) -> Result<Response, Error> {
        self.prepare(&mut request)?;
        let operation = self.operation;
        let span = tracing::debug_span!(
            "call",
            operation = operation.id,
            method = operation.method,
            path = operation.path,
            client_request_id = client_request_id(request.headers()),
            status = Empty,
            request_id = Empty,
            attempts = Empty,
            delivery = Empty,
            milliseconds = Empty,
        );
        let began = self.now();
        let attempts = self.attempts(request, &span);
        let outcome = attempts.instrument(span.clone()).await;
        let (status, request_id) = seen(&outcome);
        span.record("status", status);
        span.record("request_id", request_id);
        span.record("milliseconds", self.milliseconds_since(began));
        outcome
    }

    async fn attempts(&self, request: Request, span: &Span) -> Result<Response, Error> {
        let limit = self.transport.total;
        let mut progress = Progress {
            end: self.now().checked_add(limit),
            attempts: 0,
            retries: 0,
            unknown: false,
            handshake_cut: false,
            renewed: false,
            cached: None,
        };
        loop {
            let began = self.now();
            let copy = request.try_clone().ok_or_else(|| {
                let problem = "it is a stream, and a second attempt would have nothing to send";
                Error::input("body", problem, "give it as bytes")
            })?;
            let outcome = self.attempt(copy, &mut progress).await;
            let judged = self.judge(&outcome, &progress);
            let wait = self.wait(&judged, &mut progress);
            let (status, request_id) = seen(&outcome);
            event!(
                Level::DEBUG,
                operation = self.operation.id,
                method = self.operation.method,
                path = self.operation.path,
                attempt = progress.attempts,
                status,
                delivery = (!is_success(&outcome)).then_some(debug(judged.class.delivery)),
                client_request_id = client_request_id(request.headers()),
                request_id,
                milliseconds = self.milliseconds_since(began),
                retry_in_milliseconds = wait.map(milliseconds),
                "attempt"
            );
            let Some(wait) = wait else {
                return self.conclude(outcome, judged.history, &progress, span);
            };
            if !wait.is_zero() {
                self.transport.shared.clock.sleep(wait).await;
            }
        }
    }

    /// Puts in what every request of the operation carries, and checks that it goes where it should.
    fn prepare(&self, request: &mut Request) -> Result<(), Error> {
        let operation = self.operation;
        let path = self.transport.shared.endpoint.path_of(request.url());
        let shape = path.and_then(|path| match_path(operation.path, path));
        if request.method().as_str() != operation.method || shape.is_none() {
            return Err(Error::path());
        }
        let bodiless = request.body().is_none();
        let takes_body = matches!(
            *request.method(),
            Method::POST | Method::PUT | Method::PATCH
        );
        let headers = request.headers_mut();
        if let Some(accept) = operation.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if bodiless && takes_body {
            // Batch answers 411 MissingContentLengthHeader to an empty POST without it, and hyper
            // leaves it out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        } else if let (false, Some(media_type)) = (bodiless, operation.content_type) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        Ok(())
    }

    async fn attempt(
        &self,
        mut request: Request,
        progress: &mut Progress,
    ) -> Result<Response, Error> {
        let shared = &self.transport.shared;
        progress.cached = None;
        let refresh = |request: &mut Request| self.refresh(request, progress);
        if self.operation.secured {
            let clock = &shared.clock;
            let authorizing = shared.authorizer.authorize(&mut request, clock, refresh);
            let authorized = within(&**clock, self.left(progress), authorizing).await;
            progress.cached = authorized.ok_or_else(|| Error::too_late(self.transport.total))??;
        } else {
            refresh(&mut request);
        }
        let left = self.left(progress);
        if left.is_zero() {
            return Err(Error::too_late(self.transport.total));
        }
        progress.attempts += 1;
        let (deadline, limit, most) = if left <= shared.attempt {
            (Deadline::Total, self.transport.total, left)
        } else {
            (Deadline::Attempt, shared.attempt, shared.attempt)
        };
        let mut received = Received::default();
        let sending = received.read(&shared.http, request);
        let end = within(&*shared.clock, most, sending).await;
        received.conclude(end.unwrap_or(End::Late), self.operation, |end| match end {
            End::Broken(error) => Error::no_answer(error, shared.connect),
            _ => Error::timeout(deadline, limit),
        })
    }

    /// Brings up to date what tells the service about time.
    fn refresh(&self, request: &mut Request, progress: &Progress) {
        if let Some(name) = self.rules.timeout_query {
            shorten(request, name, self.left(progress));
        }
        if progress.attempts > 0
            && let Some(name) = self.rules.date_header
            && request.headers().contains_key(name)
        {
            let now = HttpDate::from(self.transport.shared.clock.utc_now());
            if let Ok(value) = HeaderValue::try_from(now.to_string()) {
                request.headers_mut().insert(name, value);
            }
        }
    }

    fn judge(&self, outcome: &Result<Response, Error>, progress: &Progress) -> Judged {
        let mut history = History {
            attempts: progress.attempts,
            ..History::default()
        };
        let class = match outcome {
            Err(error) => error.class(self.operation.is_read()),
            Ok(response) if self.is_declared_success(response) => {
                return Judged {
                    class: Class::FINAL,
                    history,
                };
            }
            Ok(response) => self.judge_refusal(response, progress, &mut history),
        };
        let spoiled = progress.unknown && !self.operation.is_read();
        history.delivery = Some(match class.delivery {
            Delivery::NotSent | Delivery::Final if spoiled => Delivery::Unknown,
            delivery => delivery,
        });
        Judged { class, history }
    }

    fn judge_refusal(
        &self,
        response: &Response,
        progress: &Progress,
        history: &mut History,
    ) -> Class {
        let (status, headers) = (response.status(), response.headers());
        let now = self.transport.shared.clock.utc_now();
        let captured = response.extensions().get::<Captured>();
        let service = captured
            .map(|captured| (self.read)(captured.body.clone(), captured.truncated))
            .unwrap_or_default();
        history.retry_after = retry_after(headers, now);
        let class = self
            .rules
            .of_answer(status, &service, history.retry_after.is_some());
        if class.again == Again::Renewed {
            history.skew = skew(headers, now);
        }
        history.confirmed =
            progress.unknown && self.rules.is_done(self.operation, status, &service);
        if history.confirmed {
            Class::new(Delivery::Applied, Again::Never)
        } else {
            class
        }
    }

    /// How long to wait before another attempt. `None` if there is to be none.
    fn wait(&self, judged: &Judged, progress: &mut Progress) -> Option<Duration> {
        let shared = &self.transport.shared;
        let is_first_cut = !progress.handshake_cut;
        let allowed = match judged.class.again {
            Again::Never => false,
            Again::Always => true,
            Again::Once => is_first_cut,
            Again::Ambiguous => self
                .rules
                .is_repeatable(self.operation, self.transport.retry_ambiguous),
            Again::Renewed => {
                let renew = |sent| shared.authorizer.renew(sent, &*shared.clock);
                if progress.renewed || !progress.cached.as_ref().is_some_and(renew) {
                    return None;
                }
                progress.renewed = true;
                return Some(Duration::ZERO);
            }
        };
        if !allowed || progress.retries >= shared.retries {
            return None;
        }
        let wait = pause(
            progress.retries,
            judged.history.retry_after,
            &*shared.random,
        );
        if wait >= self.left(progress) || !shared.bucket.take() {
            return None;
        }
        progress.retries += 1;
        progress.handshake_cut |= judged.class.again == Again::Once;
        progress.unknown |= judged.class.delivery == Delivery::Unknown;
        Some(wait)
    }

    /// Hands the last outcome on, with what is known of the whole call.
    fn conclude(
        &self,
        outcome: Result<Response, Error>,
        history: History,
        progress: &Progress,
        // Not the current one: that is the caller's, where nobody listens to ours.
        span: &Span,
    ) -> Result<Response, Error> {
        span.record("attempts", progress.attempts);
        if let Some(delivery) = history.delivery {
            span.record("delivery", debug(delivery));
        }
        match outcome {
            Ok(mut response) => {
                // Declared or not: the service is up.
                if response.status().is_success() {
                    self.transport.shared.bucket.refill(progress.retries > 0);
                }
                if let Some(captured) = response.extensions_mut().get_mut::<Captured>() {
                    captured.history = history;
                }
                Ok(response)
            }
            Err(error) => Err(error.after(history)),
        }
    }

    fn is_declared_success(&self, response: &Response) -> bool {
        let status = response.status();
        let declared = self.operation.answer(status.as_u16());
        status.is_success() && declared.is_some_and(|answer| answer.status.is_some())
    }

    fn now(&self) -> Instant {
        self.transport.shared.clock.now()
    }

    /// How long the call may still take.
    fn left(&self, progress: &Progress) -> Duration {
        progress.end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(self.now())
        })
    }

    fn milliseconds_since(&self, began: Instant) -> u64 {
        milliseconds(self.now().saturating_duration_since(began))
    }
}

/// Gives the service no more seconds than there are left: what it does after that, nobody waits for.
fn shorten(request: &mut Request, name: &str, left: Duration) {
    // Rounded up, as a limit of nothing would be a limit of its own kind.
    let left = left
        .as_secs()
        .saturating_add(u64::from(left.subsec_nanos() > 0));
    let url = request.url_mut();
    let over = |(key, value): (_, std::borrow::Cow<'_, str>)| {
        key == name && value.parse().is_ok_and(|asked: u64| asked > left)
    };
    let Some(query) = url.query().filter(|_| url.query_pairs().any(over)) else {
        return;
    };
    // Part by part, so that nothing else is spelled otherwise than before.
    let parts: Vec<_> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((key, _)) if key == name => format!("{name}={left}"),
            _ => part.to_owned(),
        })
        .collect();
    url.set_query(Some(&parts.join("&")));
}

fn client_request_id(headers: &HeaderMap) -> Option<&str> {
    ["client-request-id", "x-ms-client-request-id"]
        .iter()
        .find_map(|name| header::text(headers, name))
}

/// The status and the service's name for the request, for those who watch.
fn seen(outcome: &Result<Response, Error>) -> (Option<u16>, Option<&str>) {
    let (status, request_id) = match outcome {
        Ok(response) => (
            Some(response.status()),
            header::request_id(response.headers()),
        ),
        Err(error) => (error.status(), error.request_id()),
    };
    (status.map(|status| status.as_u16()), request_id)
}

fn is_success(outcome: &Result<Response, Error>) -> bool {
    outcome
        .as_ref()
        .is_ok_and(|response| response.status().is_success())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use reqwest::{Body, Method, Request};
    use serde_json::Value;

    use crate::{Judgement, Operation, ServiceError, Transport, judgement::Rules};

    static SEND: Operation =
        Operation::new("Send", "POST", "/x", None, None, &[], &[], false, false);

    const JUDGEMENT: Judgement<Value> = Judgement {
        describe: |_| ServiceError::default(),
        rules: Rules::NONE,
    };

    /// A stream could be sent once and never again, so it is refused before it is touched.
    #[tokio::test]
    async fn a_body_that_is_a_stream_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        // Nobody listens there, and nobody is asked.
        let url = "http://127.0.0.1:9";
        let transport = Transport::builder(url, "token");
        let transport = transport.allow_loopback_http().build()?;
        let mut request = Request::new(Method::POST, format!("{url}/x").parse()?);
        *request.body_mut() = Some(Body::wrap(Body::from("all of it")));
        let response = transport.exec(request, Some(&SEND), &JUDGEMENT).await;
        let error = crate::Error::in_response(&response).ok_or("it was sent")?;
        assert!(error.is_invalid_input(), "{error}");
        assert!(
            error.to_string().starts_with("body: it is a stream"),
            "{error}"
        );
        assert_eq!(error.attempts(), 0);
        Ok(())
    }
}
