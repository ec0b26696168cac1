//! One call: its attempts, what each means, and how they end together.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::Request;
use tracing::{Instrument as _, Level, Span, event, field::Empty, field::debug};

use crate::{
    ByteStream, CallOptions, Deadline, Delivery, Error, HttpDate, Operation, Response, Semantics,
    ServiceError, Transport,
    answer::Body,
    classify::{RetryDecision, Verdict, clock_skew, delivery_of_success, retry_after},
    clock::within,
    error::{CallReport, Kind, Received},
    header, input,
    operation::ResponseSpec,
    reader::{ERROR_LIMIT, ReadOutcome, ResponseReader, SUCCESS_LIMIT},
    redaction::{Secrets, Sensitive, Shown},
    retry::pause,
    service_error,
};

/// Makes the request of one attempt.
type Build<'a> = &'a (dyn Fn() -> Result<Request, Error> + Send + Sync);

impl Transport {
    /// Sends a request until it is answered for good. `build` makes it anew for each attempt. An answer
    /// that is no success is an error.
    pub async fn send(
        &self,
        build: Build<'_>,
        operation: &'static Operation,
        semantics: &'static Semantics,
        options: &CallOptions<'_>,
    ) -> Result<Response, Error> {
        let limit = options.deadline.unwrap_or(self.shared.total);
        input::limit("deadline", limit)?;
        // Refused values are told before anything else happens.
        let mut first = build()?;
        let client_request_id = self.client_request_id(&mut first, operation, semantics);
        let mut call = Call {
            transport: self,
            build,
            first: Some(first),
            operation,
            semantics,
            options,
            limit,
            client_request_id,
            began: self.shared.clock.now(),
        };
        call.run().await
    }

    /// The caller's name for the request: the one that it has, or one that is made for it and that it is given.
    fn client_request_id(
        &self,
        request: &mut Request,
        operation: &Operation,
        semantics: &Semantics,
    ) -> Option<(&'static HeaderName, HeaderValue)> {
        let headers = request.headers();
        let mut names = semantics.client_request_id.iter();
        if let Some(given) = names.find_map(|name| Some((name, headers.get(name)?.clone()))) {
            return Some(given);
        }
        let name = semantics.client_request_id_header(operation)?;
        if !self.shared.client_request_ids {
            return None;
        }
        // It has to differ from others, and not to be hard to guess.
        let id = uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid();
        let mut text = uuid::Uuid::encode_buffer();
        let value = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).ok()?;
        request.headers_mut().insert(name, value.clone());
        Some((name, value))
    }
}

/// What the attempts of a call share.
struct Call<'a, 'o> {
    transport: &'a Transport,
    build: Build<'a>,
    /// The request of the first attempt, until it is made.
    first: Option<Request>,
    operation: &'static Operation,
    semantics: &'static Semantics,
    options: &'a CallOptions<'o>,
    limit: Duration,
    client_request_id: Option<(&'static HeaderName, HeaderValue)>,
    began: Instant,
}

/// What the attempts so far have left behind.
#[derive(Default)]
struct Progress {
    attempts: u32,
    retries: u32,
    /// Whether an attempt before the last may have been carried out.
    ambiguous: bool,
    /// Whether another attempt was made because the TLS handshake was cut.
    handshake_cut: bool,
    /// Whether the credential was renewed.
    renewed: bool,
    /// The `Authorization` of the last attempt, if it came out of a cache.
    cached: Option<HeaderValue>,
    /// What must not be shown if an answer repeats it.
    sensitive: Sensitive,
    /// The parameter that tells the service how long it may take, if it is sent.
    timeout: Option<&'static str>,
}

/// How an attempt ended: classified, once.
struct Attempt {
    outcome: Result<Response, Error>,
    verdict: Verdict,
}

impl Call<'_, '_> {
    async fn run(&mut self) -> Result<Response, Error> {
        let timeout = self.timeout()?;
        let span = tracing::debug_span!(
            "call",
            operation = self.operation.id,
            method = self.operation.method,
            path = self.operation.path,
            client_request_id = self.name(),
            status = Empty,
            request_id = Empty,
            attempts = Empty,
            delivery = Empty,
            milliseconds = Empty,
        );
        if span.is_disabled() {
            return self.attempts(timeout, &span).await;
        }
        let attempts = self.attempts(timeout, &span);
        let outcome = attempts.instrument(span.clone()).await;
        span.record("status", status(&outcome));
        span.record("request_id", self.request_id(&outcome));
        span.record("milliseconds", self.milliseconds_since(self.began));
        outcome
    }

    /// The caller's name for the request.
    fn name(&self) -> Option<&str> {
        self.client_request_id.as_ref()?.1.to_str().ok()
    }

    /// The request of the next attempt, with the caller's name for it.
    fn request(&mut self) -> Result<Request, Error> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let mut request = (self.build)()?;
        if let Some((name, value)) = &self.client_request_id {
            request.headers_mut().insert(*name, value.clone());
        }
        Ok(request)
    }

    fn report(&self, progress: &Progress) -> CallReport {
        let client_request_id = self.client_request_id.as_ref();
        CallReport {
            client_request_id: client_request_id.map(|(_, value)| value.clone()),
            attempts: progress.attempts,
            ..CallReport::default()
        }
    }

    async fn attempts(
        &mut self,
        timeout: Option<&'static str>,
        span: &Span,
    ) -> Result<Response, Error> {
        let shared = &self.transport.shared;
        let mut sensitive = shared.sensitive.clone();
        if let Some(first) = &self.first {
            sensitive.add(first, self.operation, &shared.endpoint);
        }
        let mut progress = Progress {
            sensitive,
            timeout,
            ..Progress::default()
        };
        loop {
            let began = self.now();
            let mut attempt = match self.attempt(&mut progress).await {
                Ok((reader, end)) => self.classify(reader, end, &progress),
                Err(error) => Attempt {
                    verdict: Verdict::of_error(&error, self.operation.is_read()),
                    outcome: Err(error),
                },
            };
            self.redact(&mut attempt.outcome, &progress);
            let wait = self.wait(&attempt, &mut progress);
            event!(
                Level::DEBUG,
                operation = self.operation.id,
                method = self.operation.method,
                path = self.operation.path,
                attempt = progress.attempts,
                status = status(&attempt.outcome),
                delivery = attempt
                    .outcome
                    .is_err()
                    .then_some(debug(attempt.verdict.delivery)),
                client_request_id = self.name(),
                request_id = self.request_id(&attempt.outcome),
                milliseconds = self.milliseconds_since(began),
                retry_in_milliseconds = wait.map(milliseconds),
                "attempt"
            );
            let Some(wait) = wait else {
                self.confirm(&mut attempt, &progress).await;
                return self.conclude(attempt, &progress, span);
            };
            if let Err(error) = &attempt.outcome {
                event!(
                    target: "thumbprint_transport::retry",
                    Level::INFO,
                    operation = self.operation.id,
                    host = error.host(),
                    attempt = progress.attempts,
                    wait_ms = milliseconds(wait),
                    reason = %error.reason(),
                    "trying again"
                );
            }
            if !wait.is_zero() {
                self.transport.shared.clock.sleep(wait).await;
            }
        }
    }

    async fn attempt(
        &mut self,
        progress: &mut Progress,
    ) -> Result<(ResponseReader, ReadOutcome), Error> {
        let shared = &self.transport.shared;
        let request = self.authorized(progress).await?;
        let left = self.left();
        if left.is_zero() {
            return Err(Error::too_late(self.limit));
        }
        progress.attempts += 1;
        let mut reader = ResponseReader::default();
        let limit = left.min(shared.attempt);
        let reading = reader.read(&shared.http, request, self.operation);
        let end = within(&*shared.clock, || limit, pin!(reading)).await;
        Ok(match end {
            Some(end) => (reader, end),
            None if reader.head.is_some() => (reader, ReadOutcome::TimedOut),
            None if left <= shared.attempt => {
                return Err(Error::timeout(Deadline::Total, self.limit));
            }
            None => return Err(Error::timeout(Deadline::Attempt, shared.attempt)),
        })
    }

    /// The request of the next attempt as it is sent.
    async fn authorized(&mut self, progress: &mut Progress) -> Result<Request, Error> {
        let mut request = self.request()?;
        let shared = &self.transport.shared;
        progress.cached = None;
        if self.operation.secured {
            let schemes = shared.authorizer.choose(self.operation)?;
            let token = pin!(shared.authorizer.token(schemes, &shared.clock));
            let token = within(&*shared.clock, || self.left(), token).await;
            let token = token.ok_or_else(|| Error::too_late(self.limit))??;
            // After the wait for a token, as it tells the time, and before it is signed.
            self.refresh(&mut request, progress);
            let now = || shared.clock.utc_now();
            progress.cached = shared
                .authorizer
                .authorize(schemes, &mut request, token, now)?;
            let sent = request.headers().get(AUTHORIZATION);
            progress.sensitive.authorized(sent);
        } else {
            self.refresh(&mut request, progress);
        }
        Ok(request)
    }

    /// The parameter that tells the service how long it may take, if it is sent. A budget of no time would be used
    /// up before the service begins.
    fn timeout(&self) -> Result<Option<&'static str>, Error> {
        let query = self.first.as_ref().and_then(|first| first.url().query());
        let Some((name, query)) = self.semantics.timeout_query.zip(query) else {
            return Ok(None);
        };
        let mut sent = None;
        for value in values(query, name) {
            if value.parse().is_ok_and(|value: i64| value <= 0) {
                return Err(Error::input(name, "it is no time at all", "give 1 or more"));
            }
            sent = Some(name);
        }
        Ok(sent)
    }

    /// Brings up to date what tells the service about time.
    fn refresh(&self, request: &mut Request, progress: &Progress) {
        if let Some(name) = progress.timeout {
            cap(request, name, self.left());
        }
        if progress.attempts > 0
            && let Some(name) = self.semantics.date_header
            && request.headers().contains_key(name)
        {
            let now = HttpDate::try_from(self.transport.shared.clock.utc_now());
            let value = now.map(|now| HeaderValue::try_from(now.to_string()));
            if let Ok(Ok(value)) = value {
                request.headers_mut().insert(name, value);
            }
        }
    }

    /// What an attempt means that was answered, at least in part.
    fn classify(
        &self,
        mut reader: ResponseReader,
        end: ReadOutcome,
        progress: &Progress,
    ) -> Attempt {
        let is_read = self.operation.is_read();
        let Some((status, headers)) = reader.head.take() else {
            let error = match end {
                ReadOutcome::Broken(error) => {
                    Error::no_answer(error, self.transport.shared.connect)
                }
                _ => Error::timeout(Deadline::Attempt, self.transport.shared.attempt),
            };
            return Attempt {
                verdict: Verdict::of_error(&error, is_read),
                outcome: Err(error),
            };
        };
        let answer = Received {
            status,
            headers,
            body: reader.body(),
            truncated: !matches!(end, ReadOutcome::Whole),
        };
        let declared = self.operation.success(status);
        let row = self.semantics.of(self.operation);
        let members = row.map_or(&[][..], |row| row.answer_members);
        match declared.and_then(|declared| unreadable(declared, &answer, &end, members)) {
            // The service did carry it out, whether or not its answer can be read to the end.
            Some(kind) if !is_read && !kind.is_foreign() => {
                self.success(answer, Body::Unreadable(kind), false)
            }
            Some(kind) => {
                let page = &answer.body[..answer.body.len().min(ERROR_LIMIT)];
                let said = (self.semantics.read_error)(page);
                let error = Error::of_answer(kind, Delivery::Unknown, answer);
                let error = error.with_service(said, false);
                Attempt {
                    verdict: Verdict::of_error(&error, is_read),
                    outcome: Err(error),
                }
            }
            None if declared.is_some() || self.is_tolerated(&answer) => {
                let body = if let ReadOutcome::Streaming(response) = end {
                    Body::Stream(self.stream(response, &answer, progress))
                } else {
                    Body::Whole(answer.body.clone())
                };
                self.success(answer, body, false)
            }
            None => self.refusal(answer, progress),
        }
    }

    /// A success that the document does not have, and that the API's servers are known to answer with:
    /// without a body, as one with a page or an error in it says something else.
    fn is_tolerated(&self, answer: &Received) -> bool {
        answer.status.is_success()
            && answer.body.is_empty()
            && !answer.truncated
            && self.semantics.is_tolerated(self.operation, answer.status)
    }

    fn success(&self, answer: Received, body: Body, inferred: bool) -> Attempt {
        Attempt {
            outcome: Ok(Response {
                status: answer.status,
                headers: answer.headers,
                body,
                inferred,
                shown: None,
                report: CallReport::default(),
                operation: self.operation,
                semantics: self.semantics,
            }),
            verdict: Verdict::FINAL,
        }
    }

    /// An answer that is no success, or one that the operation does not have.
    fn refusal(&self, answer: Received, progress: &Progress) -> Attempt {
        let status = answer.status;
        let service = (self.semantics.read_error)(&answer.body);
        let evidence = self
            .semantics
            .of(self.operation)
            .filter(|_| progress.ambiguous);
        let evidence = evidence.map_or(&[][..], |row| row.already_applied);
        if self.semantics.is_evidence(evidence, status, &service) {
            return self.success(answer, Body::Absent, true);
        }
        let kind = if status.is_redirection() {
            Kind::Redirect
        } else if status.is_client_error() || status.is_server_error() {
            Kind::Service
        } else {
            Kind::UnexpectedStatus
        };
        let asks = self.retry_after(&answer.headers).is_some();
        let verdict = Verdict::of_answer(self.semantics, status, &service, asks);
        let throttled = verdict.delivery == Delivery::NotSent;
        let error = Error::of_answer(kind, verdict.delivery, answer);
        Attempt {
            outcome: Err(error.with_service(service, throttled)),
            verdict,
        }
    }

    /// How long to wait before another attempt. `None` if there is to be none.
    fn wait(&self, attempt: &Attempt, progress: &mut Progress) -> Option<Duration> {
        let Err(error) = &attempt.outcome else {
            return None;
        };
        let shared = &self.transport.shared;
        let Verdict { delivery, decision } = attempt.verdict;
        let allowed = match decision {
            RetryDecision::Never => false,
            RetryDecision::Always => true,
            RetryDecision::Once => !progress.handshake_cut,
            RetryDecision::Ambiguous => self
                .semantics
                .is_repeatable(self.operation, self.options.retry_ambiguous),
            RetryDecision::Renewed => {
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
        let asked = error
            .headers()
            .and_then(|headers| self.retry_after(headers));
        let wait = pause(progress.retries, asked, &*shared.jitter);
        if wait >= self.left() || !shared.budget.take() {
            return None;
        }
        progress.retries += 1;
        progress.handshake_cut |= decision == RetryDecision::Once;
        progress.ambiguous |= delivery == Delivery::Unknown;
        Some(wait)
    }

    /// Whether a repetition was refused because of what an earlier attempt made: the caller finds out.
    async fn confirm(&self, attempt: &mut Attempt, progress: &Progress) {
        let (Err(error), Some(confirm)) = (&attempt.outcome, &self.options.confirm) else {
            return;
        };
        let row = self
            .semantics
            .of(self.operation)
            .filter(|_| progress.ambiguous);
        let exists = row.map_or(&[][..], |row| row.exists);
        let (Some(status), Some(service)) = (error.status(), error.said()) else {
            return;
        };
        let left = self.left();
        if left.is_zero()
            || !self.semantics.is_evidence(exists, status, service)
            || !confirm(left).await
        {
            return;
        }
        let headers = error.headers().cloned().unwrap_or_default();
        let answer = Received {
            status,
            headers,
            body: bytes::Bytes::new(),
            truncated: false,
        };
        *attempt = self.success(answer, Body::Absent, true);
        self.redact(&mut attempt.outcome, progress);
    }

    /// Keeps a secret that the answer repeats from being shown.
    fn redact(&self, outcome: &mut Result<Response, Error>, progress: &Progress) {
        match outcome {
            Ok(response) => {
                let name = match &response.body {
                    Body::Unreadable(kind) => kind.shown_header(),
                    _ => None,
                };
                response.shown = self.shown(&response.headers, name, None, progress);
            }
            Err(error) => {
                let shown = error.headers().and_then(|headers| {
                    self.shown(headers, error.shown_header(), error.said(), progress)
                });
                error.show(shown);
                error.on(&self.transport.shared.route);
            }
        }
    }

    fn shown(
        &self,
        headers: &HeaderMap,
        name: Option<HeaderName>,
        service: Option<&ServiceError>,
        progress: &Progress,
    ) -> Option<Arc<Shown>> {
        let endpoint = &self.transport.shared.endpoint;
        let other = name.and_then(|name| headers.get(name)?.to_str().ok());
        let texts = [self.semantics.request_id(headers), other];
        progress.sensitive.shown(headers, texts, service, |sent| {
            // As it was built before, it can be built again.
            let request = (self.build)().ok();
            Secrets::of(request.as_ref(), self.operation, endpoint, sent)
        })
    }

    /// Hands the last outcome on, with what is known of the whole call.
    fn conclude(
        &self,
        attempt: Attempt,
        progress: &Progress,
        // Not the current one: that is the caller's, where nothing listens to ours.
        span: &Span,
    ) -> Result<Response, Error> {
        span.record("attempts", progress.attempts);
        match attempt.outcome {
            Ok(mut response) => {
                // A success of any kind says that the service is up. An inferred one is a refusal.
                if response.status.is_success() {
                    self.transport.shared.budget.refill(progress.retries > 0);
                }
                response.report = self.report(progress);
                Ok(response)
            }
            Err(error) => {
                if error.status().is_some_and(|status| status.is_success()) {
                    self.transport.shared.budget.refill(progress.retries > 0);
                }
                let delivery = match error.delivery() {
                    // Nothing was to be changed, so there is nothing to be in doubt about.
                    Delivery::Unknown if self.operation.is_read() => Delivery::Final,
                    Delivery::NotSent | Delivery::Final if self.is_ambiguous(progress) => {
                        Delivery::Unknown
                    }
                    delivery => delivery,
                };
                span.record("delivery", debug(delivery));
                let decision = attempt.verdict.decision;
                let mut report = self.report(progress);
                report.passing = !matches!(decision, RetryDecision::Never | RetryDecision::Renewed);
                if let Some(headers) = error.headers().filter(|_| error.is_refusal()) {
                    report.retry_after = self.retry_after(headers);
                    if decision == RetryDecision::Renewed {
                        let now = self.transport.shared.clock.utc_now();
                        report.clock_skew = clock_skew(headers, now);
                    }
                }
                Err(error.concluded(delivery, report, self.operation, self.semantics))
            }
        }
    }

    /// Whether an attempt before the last may have changed something.
    fn is_ambiguous(&self, progress: &Progress) -> bool {
        progress.ambiguous && !self.operation.is_read()
    }

    fn stream(
        &self,
        response: reqwest::Response,
        answer: &Received,
        progress: &Progress,
    ) -> ByteStream {
        let (operation, semantics) = (self.operation, self.semantics);
        let shared = &self.transport.shared;
        let (status, headers) = (answer.status, answer.headers.clone());
        let route = Arc::clone(&shared.route);
        let shown = self.shown(&headers, None, None, progress);
        let report = self.report(progress);
        let fail = move |mut error: Error| {
            let answer = Received {
                status,
                headers: headers.clone(),
                body: bytes::Bytes::new(),
                truncated: true,
            };
            let delivery = delivery_of_success(operation.is_read());
            error.show(shown.clone());
            error.on(&route);
            error
                .with_answer(answer)
                .concluded(delivery, report.clone(), operation, semantics)
        };
        ByteStream::new(response, shared.clock.clone(), shared.attempt, fail)
    }

    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let now = || self.transport.shared.clock.utc_now();
        retry_after(headers, self.semantics.retry_after_ms, now)
    }

    fn request_id<'o>(&self, outcome: &'o Result<Response, Error>) -> Option<&'o str> {
        match outcome {
            Ok(response) => response.request_id(),
            Err(error) => error.shown_request_id(self.semantics),
        }
    }

    fn now(&self) -> Instant {
        self.transport.shared.clock.now()
    }

    /// How long the call may still take.
    fn left(&self) -> Duration {
        let spent = self.now().saturating_duration_since(self.began);
        self.limit.saturating_sub(spent)
    }

    fn milliseconds_since(&self, began: Instant) -> u64 {
        milliseconds(self.now().saturating_duration_since(began))
    }
}

/// Why an answer with the status of a declared success cannot be taken as it came.
fn unreadable(
    declared: &ResponseSpec,
    answer: &Received,
    end: &ReadOutcome,
    members: &[&str],
) -> Option<Kind> {
    let is_empty = answer.body.is_empty() && !answer.truncated;
    if !is_empty && let Some(kind) = other_content(declared, answer) {
        return Some(kind);
    }
    if !members.is_empty() && service_error::has_none_of(members, &answer.body) {
        return Some(Kind::Foreign);
    }
    // Where the document has no body, none can be lost: the status says all there is to say.
    declared.media_type?;
    match end {
        ReadOutcome::UnexpectedEncoding => Some(Kind::UnexpectedEncoding),
        ReadOutcome::TooLarge => Some(Kind::BodyTooLarge {
            limit: SUCCESS_LIMIT,
        }),
        ReadOutcome::Broken(_) | ReadOutcome::TimedOut => Some(Kind::BodyLost),
        ReadOutcome::Whole | ReadOutcome::Streaming(_) => None,
    }
}

/// Why a body is not what the document promises.
fn other_content(declared: &ResponseSpec, answer: &Received) -> Option<Kind> {
    // One that is no text is another one. Without one there is the benefit of the doubt.
    let content_type = answer.headers.get(CONTENT_TYPE);
    let content_type = content_type.map(|value| value.to_str().unwrap_or_default());
    // The document can promise a page, or anything.
    let is_page_promised = declared
        .media_type
        .is_some_and(|promised| header::is_html(promised) || promised.contains('*'));
    let is_page = match content_type {
        Some(content_type) => header::is_html(content_type),
        None => service_error::is_page(&answer.body),
    };
    // Bytes are what they are: services say `application/json` of files that they send as they find them.
    let is_json_promised = declared.media_type.is_some_and(header::is_json) && !declared.bytes;
    let is_other = is_json_promised && content_type.is_some_and(|other| !header::is_json(other));
    // A captive portal's page, or a proxy's: the service may never have seen the request.
    (is_other || is_page && !is_page_promised).then_some(match content_type {
        Some(_) => Kind::UnexpectedContentType,
        None => Kind::Foreign,
    })
}

/// Gives the service no more seconds than there are left: what it does after that comes too late.
fn cap(request: &mut Request, name: &str, left: Duration) {
    let Some(query) = request.url().query() else {
        return;
    };
    // Rounded up, as a limit of nothing would be a limit of its own kind.
    let left = left
        .as_secs()
        .saturating_add(u64::from(left.subsec_nanos() > 0));
    let exceeds = |value: &str| value.parse().is_ok_and(|asked: u64| asked > left);
    if !values(query, name).any(exceeds) {
        return;
    }
    // Part by part, so that nothing else is spelled otherwise than before.
    let parts: Vec<_> = query
        .split('&')
        .map(|part| match value_of(part, name) {
            Some(_) => format!("{name}={left}"),
            None => part.to_owned(),
        })
        .collect();
    request.url_mut().set_query(Some(&parts.join("&")));
}

/// The values of one parameter of a query, as they are spelled.
fn values<'q>(query: &'q str, name: &str) -> impl Iterator<Item = &'q str> {
    query
        .split('&')
        .filter_map(move |part| value_of(part, name))
}

fn value_of<'q>(part: &'q str, name: &str) -> Option<&'q str> {
    part.strip_prefix(name)?.strip_prefix('=')
}

fn status(outcome: &Result<Response, Error>) -> Option<u16> {
    let status = match outcome {
        Ok(response) => Some(response.status),
        Err(error) => error.status(),
    };
    status.map(|status| status.as_u16())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
