//! The sandbox's own API, of specs/admin.yaml.

#![expect(
    clippy::unnecessary_wraps,
    reason = "handlers are of one type, whether or not they can refuse"
)]

use bytes::Bytes;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use thumbprint_admin::{
    operations,
    types::{AdminError, Advance, Clock, Fault, Faults, Journal, Seed},
};
use thumbprint_transport::{
    Operation,
    operation::{Location, match_path},
};

use crate::{
    request::{self, Arguments, Body, Request, Route, check, route},
    seed,
    server::Services,
};

/// What all paths of the API start with.
pub(crate) const PREFIX: &str = "/__sandbox";

type Handler = fn(&Services, &Request, &Arguments) -> Result<Response<Bytes>, ErrorReply>;

static HANDLERS: &[(&Operation, Handler)] = &[
    (&operations::SANDBOX_RESET, reset),
    (&operations::SANDBOX_SEED, seed),
    (&operations::SANDBOX_GET_STATE, state),
    (&operations::JOURNAL_GET, journal),
    (&operations::JOURNAL_CLEAR, clear_journal),
    (&operations::CLOCK_GET, clock),
    (&operations::CLOCK_ADVANCE, advance),
    (&operations::FAULTS_GET, faults),
    (&operations::FAULTS_ADD, add_fault),
    (&operations::FAULTS_CLEAR, clear_faults),
];

/// Why a request is not carried out.
struct ErrorReply(StatusCode, String, Option<HeaderValue>);

impl ErrorReply {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self(status, message.into(), None)
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

pub(crate) fn owns(path: &str) -> bool {
    let rest = path.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request.
pub(crate) fn answer(services: &Services, request: &Request) -> Response<Bytes> {
    serve(services, request).unwrap_or_else(|ErrorReply(status, message, allow)| {
        let mut response = json(status, &AdminError::new(message));
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    })
}

fn serve(services: &Services, request: &Request) -> Result<Response<Bytes>, ErrorReply> {
    // A page of any site can have a browser post to this machine, without a look at the answer.
    if request.headers.contains_key(header::ORIGIN) {
        return Err(ErrorReply::new(
            StatusCode::FORBIDDEN,
            "The request has an Origin header, as those of web pages have. Administer the sandbox from a program.",
        ));
    }
    let find = |template, path: &str| {
        let values = match_path(template, path)?.into_iter();
        Some(values.map(|(name, raw)| (name, raw.to_owned())).collect())
    };
    let (operation, path) = match route(operations::ALL, request, find) {
        Route::Operation(operation, path) => (operation, path),
        Route::OtherMethod { allow } => {
            let message = format!("The resource does not have this method. It has {allow}.");
            let allow = HeaderValue::try_from(allow).ok();
            return Err(ErrorReply(StatusCode::METHOD_NOT_ALLOWED, message, allow));
        }
        Route::Nowhere => {
            let known = HANDLERS.iter().map(|(operation, _)| *operation);
            let message = format!(
                "There is no such resource. There are: {}.",
                crate::list(known)
            );
            return Err(ErrorReply::new(StatusCode::NOT_FOUND, message));
        }
    };
    let arguments = check(operation, &[], path, request)?;
    let handler = HANDLERS.iter().find(|(handled, _)| *handled == operation);
    let handler = handler.map(|(_, handler)| handler).ok_or_else(|| {
        ErrorReply::new(
            StatusCode::NOT_IMPLEMENTED,
            "The sandbox does not carry this out yet.",
        )
    })?;
    handler(services, request, &arguments)
}

fn reset(services: &Services, _: &Request, _: &Arguments) -> Result<Response<Bytes>, ErrorReply> {
    services.reset().map_err(ErrorReply::bad)?;
    Ok(done())
}

fn seed(
    services: &Services,
    request: &Request,
    _: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let seed: Seed = read(request)?;
    services.seed(&seed).map_err(ErrorReply::bad)?;
    Ok(done())
}

fn state(services: &Services, _: &Request, _: &Arguments) -> Result<Response<Bytes>, ErrorReply> {
    let state = services.state();
    let holds = seed::of(&state.batch, &state.wap);
    let faults = state.faults.all().to_vec();
    let told = thumbprint_admin::types::State::new(faults, holds, state.now);
    drop(state);
    Ok(json(StatusCode::OK, &told))
}

fn journal(
    services: &Services,
    _: &Request,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    const LAST: &str = "last";
    let exchanges = services.journal.exchanges();
    let last = match arguments.get(Location::Query, LAST) {
        None => exchanges.len(),
        Some(text) => match text.parse() {
            Ok(last @ 1..=10_000) => last,
            _ => return Err(ErrorReply::bad("last: write a number from 1 to 10000")),
        },
    };
    let newest = &exchanges[exchanges.len().saturating_sub(last)..];
    let journal = Journal::new(newest.iter().map(Into::into).collect());
    Ok(json(StatusCode::OK, &journal))
}

fn clear_journal(
    services: &Services,
    _: &Request,
    _: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    services.journal.clear();
    Ok(done())
}

fn clock(services: &Services, _: &Request, _: &Arguments) -> Result<Response<Bytes>, ErrorReply> {
    let now = services.state().now;
    Ok(json(StatusCode::OK, &Clock::new(now)))
}

fn advance(
    services: &Services,
    request: &Request,
    _: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let Advance { seconds, .. } = read(request)?;
    if !(0.0..=3_153_600_000.0).contains(&seconds) {
        return Err(ErrorReply::bad(
            "seconds: write a number from 0 to 3153600000",
        ));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is far below the limit")]
    let time = TimeDelta::microseconds((seconds * 1e6) as i64);
    let mut state = services.state();
    // What the services print has a year of four digits.
    let fits = |now: &DateTime<Utc>| now.year() <= 9999;
    let now = state
        .now
        .checked_add_signed(time)
        .filter(fits)
        .ok_or_else(|| {
            ErrorReply::bad("seconds: the clock would pass the year 9999; reset it first")
        })?;
    state.advanced += time;
    drop(state);
    Ok(json(StatusCode::OK, &Clock::new(now)))
}

fn faults(services: &Services, _: &Request, _: &Arguments) -> Result<Response<Bytes>, ErrorReply> {
    let faults = Faults::new(services.state().faults.all().to_vec());
    Ok(json(StatusCode::OK, &faults))
}

fn add_fault(
    services: &Services,
    request: &Request,
    _: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let fault: Fault = read(request)?;
    services
        .state()
        .faults
        .add(fault)
        .map_err(ErrorReply::bad)?;
    Ok(done())
}

fn clear_faults(
    services: &Services,
    _: &Request,
    _: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    services.state().faults.clear();
    Ok(done())
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, ErrorReply> {
    let Body::Whole(body) = &request.body else {
        return Err(ErrorReply::bad("The request body could not be read."));
    };
    let json = &mut serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut *json).map_err(|error| {
        let (path, problem) = (error.path().to_string(), error.into_inner());
        ErrorReply::bad(format!(
            "{path}: {problem}; specs/admin.yaml says what stands there"
        ))
    })?;
    json.end().map_err(|error| {
        ErrorReply::bad(format!("The request body is not one JSON value: {error}"))
    })?;
    Ok(read)
}

fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    crate::wap::json(status, body)
}

impl From<request::Fault> for ErrorReply {
    fn from(fault: request::Fault) -> Self {
        use request::Fault::{
            BrokenBody, LargeBody, Malformed, Missing, Repeated, Undeclared, UnexpectedBody,
        };
        Self::bad(match fault {
            Missing(_, name) => format!("{name}: it is missing; send it"),
            Undeclared(_, name) => format!("{name}: the operation does not have it; leave it out"),
            Repeated(_, name) => format!("{name}: it was sent twice; send it once"),
            Malformed { name, reason, .. } => format!("{name}: {reason}"),
            UnexpectedBody => "The operation takes no request body; leave it out.".to_owned(),
            LargeBody => format!(
                "The request body is larger than {} bytes.",
                request::MAX_BODY
            ),
            BrokenBody => "The request body could not be read to its end.".to_owned(),
        })
    }
}
