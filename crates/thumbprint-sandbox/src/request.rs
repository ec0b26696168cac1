//! A request as it was received, and what the documents say of it.

use std::{net::IpAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri, header, uri::Authority};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Incoming};
use percent_encoding::percent_decode_str;
use thumbprint_transport::operation::{Location, Operation, Parameter};
use tokio::time;
use url::form_urlencoded;

use crate::value_format;

/// Largest body that is read. The documents name no limit; this one only keeps the memory flat.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// How long a body may take to arrive. hyper's own limit is one on the head (hyperium/hyper#2457): a client
/// that stalls in a body would keep its connection for ever.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Headers that any HTTP client may send, declared or not. A [strict](crate::Builder::strict) sandbox refuses
/// whatever else is undeclared, which is its own choice: the live services take more, but a stray header can
/// be a client's mistake, such as a query parameter that ended up among the headers.
const STANDARD: [&str; 19] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "keep-alive",
    "pragma",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "via",
];

/// Likewise, for whole families: what proxies add.
const STANDARD_PREFIX: &str = "x-forwarded-";

/// How requests are read.
#[derive(Clone, Default)]
pub(crate) struct Reading {
    /// Whether headers that no document declares are refused.
    pub(crate) strict: bool,
    /// Names that the sandbox has beside those of this machine, in small letters.
    pub(crate) hosts: Vec<String>,
    /// Whether other machines may speak to it.
    pub(crate) remote: bool,
    pub(crate) tls: bool,
}

/// A request as it was received.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Scheme, host and port that the client spoke to, for the URLs of the answer; or why the request is not
    /// for this sandbox.
    pub(crate) origin: Result<String, &'static str>,
    pub(crate) strict: bool,
}

/// The body of a [`Request`].
pub(crate) enum Body {
    Whole(Bytes),
    /// Larger than [`MAX_BODY`]; the rest of it was not read.
    TooLarge,
    /// It ended early, its chunks were not framed as they must be, or it took more than [`BODY_TIMEOUT`].
    Broken,
}

impl Request {
    pub(crate) async fn receive(request: http::Request<Incoming>, reading: &Reading) -> Self {
        let (parts, body) = request.into_parts();
        let origin = reading.origin(&parts.uri, &parts.headers);
        Self {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            body: Body::read(body).await,
            origin,
            strict: reading.strict,
        }
    }

    /// The method by which its operation is found: HEAD is GET without the body (RFC 9110, 9.3.2).
    fn method(&self) -> &str {
        match &self.method {
            &Method::HEAD => "GET",
            other => other.as_str(),
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query's pairs, decoded. A plus sign is a space, as in the vendor's own signing code.
    fn query(&self) -> impl Iterator<Item = (String, String)> {
        form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes()).into_owned()
    }

    /// The scheme and the text of the `Authorization` header: `None` where there is no such header, or
    /// where it is not one scheme and one text.
    pub(crate) fn credential(&self) -> Option<(&str, &str)> {
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        let (scheme, text) = values.next()?.to_str().ok()?.split_once(' ')?;
        let text = text.trim();
        (values.next().is_none() && !text.is_empty() && !text.contains(' '))
            .then_some((scheme, text))
    }

    /// Whether the body is of a media type, parameters and case aside: the vendor's clients for Batch agree
    /// on `application/json`, and not on what follows it.
    pub(crate) fn is_of(&self, media_type: &str) -> bool {
        let essence = |text: &str| {
            let essence = text.split(';').next().unwrap_or_default();
            essence.trim().to_ascii_lowercase()
        };
        let mut values = self.headers.get_all(header::CONTENT_TYPE).iter();
        let sent = values.next().and_then(|value| value.to_str().ok());
        values.next().is_none() && sent.is_some_and(|sent| essence(sent) == essence(media_type))
    }

    /// Whether the request says how long its body is.
    pub(crate) fn has_length(&self) -> bool {
        self.headers.contains_key(header::CONTENT_LENGTH)
            || self.headers.contains_key(header::TRANSFER_ENCODING)
    }
}

impl Body {
    async fn read(body: Incoming) -> Self {
        if body.size_hint().lower() > MAX_BODY as u64 {
            return Self::TooLarge;
        }
        match time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
            Ok(Ok(whole)) => Self::Whole(whole.to_bytes()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Self::TooLarge,
            Ok(Err(_)) | Err(_) => Self::Broken,
        }
    }
}

impl Reading {
    /// The origin that a request for this sandbox was sent to, or what is wrong with it.
    ///
    /// A web page can have its own name resolve to 127.0.0.1, and its requests then are of its own origin, so
    /// that the browser lets it read the answers ("DNS rebinding"). The name is what gives it away: the browser
    /// sends the page's. Which port is named does not matter, since one can be forwarded to another.
    fn origin(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, &'static str> {
        let (named, host) = hosts(uri, headers)?;
        if ![&named, &host].into_iter().all(|host| self.is_meant(host)) {
            return Err("The request is for another host than this machine.");
        }
        let scheme = if self.tls { "https" } else { "http" };
        Ok(format!("{scheme}://{named}"))
    }

    /// Whether a host is an address of this machine's own, a name that is reserved for them (RFC 6761, 6.3), or
    /// one of the sandbox's names. No page has an address for its name, so that any will do where other
    /// machines may come in.
    fn is_meant(&self, authority: &Authority) -> bool {
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        if let Ok(address) = bare.unwrap_or(host).parse::<IpAddr>() {
            return self.remote || address.to_canonical().is_loopback();
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost") || self.hosts.contains(&name)
    }
}

/// The host that a request names, and the one of its `Host` header.
fn hosts(uri: &Uri, headers: &HeaderMap) -> Result<(Authority, Authority), &'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => return Err("The request has no Host header."),
        (_, Some(_)) => return Err("The request has more than one Host header."),
    };
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let host = host.ok_or("The Host header is not a host, or a host and a port.")?;
    // A target with a host of its own is the one that counts (RFC 9112, 3.2.2), but neither may be foreign.
    Ok((uri.authority().unwrap_or(&host).clone(), host))
}

/// Where a request belongs.
#[derive(Clone)]
pub(crate) enum Route {
    /// An operation, and the raw values in its path.
    Operation(&'static Operation, Vec<(&'static str, String)>),
    /// No operation of this method; `Allow` says which methods the path has.
    OtherMethod { allow: String },
    /// No operation has such a path.
    Nowhere,
}

/// Finds the operation. `matches` is [`match_path`](thumbprint_transport::operation::match_path), or what
/// the API makes of it.
pub(crate) fn route(
    operations: &[&'static Operation],
    request: &Request,
    matches: impl Fn(&'static str, &str) -> Option<Vec<(&'static str, String)>>,
) -> Route {
    let mut allowed = Vec::new();
    for operation in operations {
        if let Some(values) = matches(operation.path, request.path()) {
            if operation.method == request.method() {
                return Route::Operation(operation, values);
            }
            allowed.push(operation.method);
            allowed.extend((operation.method == "GET").then_some("HEAD"));
        }
    }
    if allowed.is_empty() {
        Route::Nowhere
    } else {
        Route::OtherMethod {
            allow: allowed.join(", "),
        }
    }
}

/// What a request has, or lacks, against its operation's document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A required parameter is not there.
    Missing(Location, &'static str),
    /// The document has no such parameter.
    Undeclared(Location, String),
    /// A parameter was sent more than once.
    Repeated(Location, &'static str),
    /// A value has not the form that the document asks for.
    Malformed {
        location: Location,
        name: &'static str,
        value: String,
        reason: String,
    },
    /// A body where the document has none.
    UnexpectedBody,
    /// A body larger than [`MAX_BODY`].
    LargeBody,
    /// A body that could not be read to its end.
    BrokenBody,
}

/// The parameters of a request, decoded.
pub(crate) struct Arguments(Vec<(&'static Parameter, String)>);

impl Arguments {
    pub(crate) fn get(&self, location: Location, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(parameter, _)| parameter.location == location && parameter.name == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Holds a request against its operation: query, headers, path, body, in this order, and gives the first
/// fault. The order is the sandbox's own. `undeclared` are parameters that the operation takes although its
/// document has them not; the case of their names does not matter.
pub(crate) fn check(
    operation: &'static Operation,
    undeclared: &'static [Parameter],
    path: Vec<(&'static str, String)>,
    request: &Request,
) -> Result<Arguments, Fault> {
    let query = request
        .query()
        .map(|(name, value)| (name, Some(value)))
        .collect();
    // A value that is no visible ASCII is `None`: no form takes it.
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().ok().map(str::to_owned)))
        .filter(|(name, _)| {
            find(operation, &[], Location::Header, name).is_some()
                || (request.strict && !standard(name))
        })
        .collect();
    let path = path
        .into_iter()
        .map(|(name, raw)| {
            let value = percent_decode_str(&raw).decode_utf8().ok();
            (name.to_owned(), value.map(std::borrow::Cow::into_owned))
        })
        .collect();
    let mut arguments = Vec::new();
    for (location, pairs) in [
        (Location::Query, query),
        (Location::Header, headers),
        (Location::Path, path),
    ] {
        let known = |name: &str| find(operation, undeclared, location, name);
        check_location(operation, location, known, pairs, &mut arguments)?;
    }
    check_body(operation, request)?;
    Ok(Arguments(arguments))
}

fn check_body(operation: &Operation, request: &Request) -> Result<(), Fault> {
    const NAME: &str = "Content-Type";
    match (&request.body, operation.content_type) {
        (Body::Broken, _) => Err(Fault::BrokenBody),
        (Body::Whole(body), None) if body.is_empty() => Ok(()),
        (Body::Whole(_) | Body::TooLarge, None) => Err(Fault::UnexpectedBody),
        (_, Some(_)) if !request.headers.contains_key(header::CONTENT_TYPE) => {
            Err(Fault::Missing(Location::Header, NAME))
        }
        (_, Some(expected)) if !request.is_of(expected) => Err(Fault::Malformed {
            location: Location::Header,
            name: NAME,
            // What was sent is in no answer.
            value: String::new(),
            reason: format!("The body must be sent as {expected}"),
        }),
        (Body::TooLarge, Some(_)) => Err(Fault::LargeBody),
        (Body::Whole(_), Some(_)) => Ok(()),
    }
}

fn check_location(
    operation: &'static Operation,
    location: Location,
    known: impl Fn(&str) -> Option<&'static Parameter>,
    pairs: Vec<(String, Option<String>)>,
    arguments: &mut Vec<(&'static Parameter, String)>,
) -> Result<(), Fault> {
    let before = arguments.len();
    for (name, value) in pairs {
        let Some(parameter) = known(&name) else {
            return Err(Fault::Undeclared(location, name));
        };
        if arguments[before..]
            .iter()
            .any(|(other, _)| *other == parameter)
        {
            return Err(Fault::Repeated(location, parameter.name));
        }
        let complaint = match &value {
            // The documents leave no room for an empty required value, even where any text will do.
            Some(value) if value.is_empty() && parameter.required => {
                return Err(Fault::Missing(location, parameter.name));
            }
            Some(value) => value_format::complaint(parameter.format, value),
            None => Some("The value has characters that cannot stand there".to_owned()),
        };
        let value = value.unwrap_or_default();
        if let Some(reason) = complaint {
            return Err(Fault::Malformed {
                location,
                name: parameter.name,
                value,
                reason,
            });
        }
        arguments.push((parameter, value));
    }
    let missing = operation.parameters.iter().find(|parameter| {
        parameter.location == location
            && parameter.required
            && !arguments.iter().any(|(other, _)| other == parameter)
    });
    match missing {
        Some(parameter) => Err(Fault::Missing(location, parameter.name)),
        None => Ok(()),
    }
}

fn find(
    operation: &'static Operation,
    undeclared: &'static [Parameter],
    location: Location,
    name: &str,
) -> Option<&'static Parameter> {
    let declared = operation.parameters.iter().find(|parameter| {
        parameter.location == location
            && match location {
                Location::Header => parameter.name.eq_ignore_ascii_case(name),
                Location::Path | Location::Query | Location::Cookie => parameter.name == name,
            }
    });
    declared.or_else(|| {
        undeclared.iter().find(|parameter| {
            parameter.location == location && parameter.name.eq_ignore_ascii_case(name)
        })
    })
}

fn standard(name: &str) -> bool {
    STANDARD.contains(&name) || name.starts_with(STANDARD_PREFIX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Method, Uri};
    use thumbprint_transport::operation::{Location, Operation, Parameter, ValueFormat};

    use super::{Body, Fault, Request, check};

    static PARAMETERS: [Parameter; 2] = [
        Parameter::new("X-Mixed", Location::Header, true, ValueFormat::Text),
        Parameter::new("Mixed", Location::Query, false, ValueFormat::Text),
    ];
    static OPERATION: Operation = Operation::new(
        "Test",
        "test",
        "GET",
        "/",
        None,
        None,
        &PARAMETERS,
        &[],
        false,
        false,
    );

    fn request(uri: &'static str, header: Option<&'static str>) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(name) = header {
            headers.insert(name, HeaderValue::from_static("value"));
        }
        Request {
            method: Method::GET,
            uri: Uri::from_static(uri),
            headers,
            body: Body::Whole(Bytes::new()),
            origin: Ok(String::new()),
            strict: true,
        }
    }

    #[test]
    fn the_case_of_a_name_matters_in_a_query_and_not_among_headers() {
        let arguments = check(
            &OPERATION,
            &[],
            Vec::new(),
            &request("/?Mixed=", Some("x-mixed")),
        );
        let arguments = arguments.unwrap_or_else(|fault| panic!("{fault:?}"));
        assert_eq!(arguments.get(Location::Header, "X-Mixed"), Some("value"));
        assert_eq!(arguments.get(Location::Query, "Mixed"), Some(""));

        let fault = |uri, header| check(&OPERATION, &[], Vec::new(), &request(uri, header)).err();
        assert_eq!(
            fault("/?mixed=", Some("x-mixed")),
            Some(Fault::Undeclared(Location::Query, "mixed".to_owned()))
        );
        assert_eq!(
            fault("/", None),
            Some(Fault::Missing(Location::Header, "X-Mixed"))
        );
    }
}
