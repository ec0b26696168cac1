//! Bearer tokens by WS-Trust 1.3, from a token site that takes a user name and a password: [`WsTrust`] is a
//! source of tokens for a [`Credential`].
//!
//! It is for services on premises whose tokens are issued so: Windows Azure Pack's, by its authentication site for tenants
//! or by AD FS. For these use the facade's `wap::ws_trust` (feature `wstrust`), which knows path and audience; this crate
//! knows no API. Where tokens come from elsewhere, `Credential::tokens` takes any source of them.
//!
//! | item | what |
//! |---|---|
//! | [`WsTrust::builder`] | the site, the user name and the password; the [`Builder`] has endpoint, audience, TLS, proxy and deadlines |
//! | [`WsTrust`] | the source: one request for each token, which the [`Credential`] caches and renews |
//! | [`TokenError`] | why there is no token: a wrong password, an unknown audience, clocks that differ, no answer |

use std::{error::Error as StdError, fmt, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use reqwest::{Body, Request};
use thumbprint_transport::{
    ATTEMPT, Clock, Credential, Deadline, Endpoint, Error, HttpSettings, Proxy, Route, Secret,
    SystemClock, Tls, Token, TokenSource, clock_skew, input, within,
};
use tracing::{Level, event};
use url::Url;
use zeroize::Zeroizing;

mod answer;
mod error;
mod request;

#[doc(hidden)]
pub use answer::{Answer, read_answer};
pub use error::TokenError;

/// Longest answer that is read, in bytes: the longest token that is taken, in base64 and an envelope, is half
/// as long.
const LIMIT: usize = 256 * 1024;
/// Longest user name, password or audience, in bytes.
const MAX_TEXT: usize = 1024;

const EXAMPLE: &str = "give the site's URL, such as https://auth.contoso.com:30071";

/// Bearer tokens from a token site that speaks WS-Trust 1.3 and takes a user name and a password.
///
/// Each token is one `POST`: an `Issue` request for a JWT with the key type *bearer*, in SOAP 1.2, with the
/// user name and the password as text in a WS-Security header. It goes by https, or by http on loopback where
/// that was allowed. No redirection is followed, and nothing is sent twice by itself, since sites lock users
/// out after a few wrong passwords. `Debug` shows neither the user name nor the password.
///
/// ```
/// use thumbprint_transport::Credential;
/// use thumbprint_wstrust::WsTrust;
///
/// # fn credential() -> Result<Credential, Box<dyn std::error::Error>> {
/// let source = WsTrust::builder("https://auth.contoso.com:30071", "ana@contoso.com", std::env::var("PASSWORD")?)
///     .path("/wstrust/issue/usernamemixed")
///     .applies_to("http://azureservices/TenantSite")
///     .build()?;
/// let credential = Credential::tokens(source);
/// # Ok(credential)
/// # }
/// ```
///
/// A call that gets no token ends with an error for which [`Error::is_credential`] is true, and nothing is
/// sent to the service. A [`TokenError`] among its sources says why.
///
/// Sources: the standards WS-Trust 1.3, WS-Security 1.1 with its `UsernameToken` Profile, WS-Addressing 1.0 and
/// SOAP 1.2; what goes into the request is what the vendor's SDK and other clients of such sites send.
#[derive(Clone)]
pub struct WsTrust {
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    endpoint: Endpoint,
    url: Url,
    applies_to: String,
    user: Secret,
    password: Secret,
    route: Arc<Route>,
    connect: Duration,
    attempt: Duration,
    clock: Arc<dyn Clock>,
}

/// Settings of a [`WsTrust`].
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint_transport::Tls;
/// use thumbprint_wstrust::WsTrust;
///
/// # fn source(password: String, pin: &str) -> Result<WsTrust, thumbprint_transport::Error> {
/// let source = WsTrust::builder("https://adfs.contoso.com", "ana@contoso.com", password)
///     .path("/adfs/services/trust/13/usernamemixed")
///     .applies_to("http://azureservices/TenantSite")
///     .tls(Tls::pinned(pin.parse()?))
///     .attempt_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok(source)
/// # }
/// ```
#[derive(Clone)]
pub struct Builder {
    site: String,
    path: String,
    applies_to: String,
    user: Secret,
    password: Secret,
    loopback_http: bool,
    http: HttpSettings,
    attempt: Duration,
    clock: Arc<dyn Clock>,
}

impl WsTrust {
    /// Starts with what every source needs: the token site's URL, such as `https://auth.contoso.com:30071`,
    /// and the user name and the password that it knows. [`applies_to`](Builder::applies_to) is needed too.
    pub fn builder(
        site: impl Into<String>,
        user: impl Into<Secret>,
        password: impl Into<Secret>,
    ) -> Builder {
        Builder {
            site: site.into(),
            path: String::new(),
            applies_to: String::new(),
            user: user.into(),
            password: password.into(),
            loopback_http: false,
            http: HttpSettings::default(),
            attempt: ATTEMPT,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Builder {
    /// The path of the endpoint below the site's URL, such as `/wstrust/issue/usernamemixed`, or
    /// `/adfs/services/trust/13/usernamemixed` of AD FS. Unless set, the site's URL is the endpoint's.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Whom the token is for: the identifier under which the site knows the service (its realm), such as
    /// `http://azureservices/TenantSite`. It is compared letter by letter and names no place.
    #[must_use]
    pub fn applies_to(mut self, audience: impl Into<String>) -> Self {
        self.applies_to = audience.into();
        self
    }

    /// Takes plain http for loopback addresses, for a sandbox on this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback_http = true;
        self
    }

    /// Which servers are trusted with the password. Those with certificates of the platform's roots unless
    /// set: installations of Windows Azure Pack with certificates of their own need a root or a pin.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.http.tls = tls;
        self
    }

    /// Which proxy is used. What the environment says unless set. Plain http never goes through one.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// Longest time for opening a connection. 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http.connect = limit;
        self
    }

    /// Longest time for a token, up to the answer's last byte. 35 seconds unless set. No fetch of a token
    /// takes longer than a minute, whatever is set here.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// Tells the time by another clock, for tests: its time of day goes into the request.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the source. Nothing is sent.
    ///
    /// Every error is one for which [`Error::is_invalid_input`] is true: a URL that is not https, a path that
    /// leaves it, no audience, a user name or a password that is empty, longer than 1024 bytes, or has a
    /// character that XML cannot carry. The message names the setting and the remedy.
    pub fn build(self) -> Result<WsTrust, Error> {
        input::limit("connect_timeout", self.http.connect)?;
        input::limit("attempt_timeout", self.attempt)?;
        let endpoint = Endpoint::parse_as("site", EXAMPLE, &self.site, self.loopback_http)?;
        let url = url(&endpoint, &self.path)?;
        check_text(
            "applies_to",
            &self.applies_to,
            "set it to the identifier under which the site knows the service, such as http://azureservices/TenantSite",
        )?;
        check_text(
            "user",
            self.user.expose(),
            "give the user's name as the site knows it",
        )?;
        check_text(
            "password",
            self.password.expose(),
            "give the user's password alone, without the line's end",
        )?;
        Ok(WsTrust {
            shared: Arc::new(Shared {
                http: self.http.client(&endpoint)?,
                route: self.http.route(&endpoint),
                endpoint,
                url,
                applies_to: self.applies_to,
                user: self.user,
                password: self.password,
                connect: self.http.connect,
                attempt: self.attempt,
                clock: self.clock,
            }),
        })
    }
}

/// The endpoint's URL: that of the site with the path behind it.
fn url(endpoint: &Endpoint, path: &str) -> Result<Url, Error> {
    let refused = || {
        Error::input(
            "path",
            "it is not a path below the site's URL",
            "give a path that starts with a slash, such as /wstrust/issue/usernamemixed",
        )
    };
    let url = Url::parse(&format!("{}{path}", endpoint.base())).map_err(|_| refused())?;
    let is_path = path.is_empty() || path.starts_with('/');
    if !is_path || path.contains(['?', '#']) || endpoint.path_of(&url).is_none() {
        return Err(refused());
    }
    Ok(url)
}

/// Refuses what XML cannot carry: XML 1.0 section 2.2 has no control characters other than tabs and the ends
/// of lines, and readers may change those.
fn check_text(field: &'static str, text: &str, remedy: &str) -> Result<(), Error> {
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > MAX_TEXT {
        "it is longer than 1024 bytes"
    } else if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    {
        "it has a control character, perhaps a line break at its end"
    } else {
        return Ok(());
    };
    Err(Error::input(field, problem, remedy))
}

impl WsTrust {
    async fn fetch(&self) -> Result<Token, TokenError> {
        let shared = &*self.shared;
        let began = shared.clock.now();
        let mut reader = ResponseReader::default();
        let reading = reader.read(&shared.http, self.request());
        let outcome = within(&*shared.clock, || shared.attempt, pin!(reading)).await;
        let status = reader.status;
        let took = shared.clock.now().saturating_duration_since(began);
        event!(
            Level::DEBUG,
            status = status.map(|status| status.as_u16()),
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "token request"
        );
        let no_answer = |mut error: Error| {
            error.on(&shared.route);
            Err(TokenError::no_answer(error))
        };
        let token = match outcome {
            Some(Ok(())) => reader.token(),
            Some(Err(ReadFailure::Refused(error))) => Err(error),
            Some(Err(ReadFailure::Broken(_))) if status.is_some() => Err(TokenError::lost()),
            Some(Err(ReadFailure::Broken(error))) => {
                no_answer(Error::no_answer(error, shared.connect))
            }
            None => no_answer(Error::timeout(Deadline::Attempt, shared.attempt)),
        };
        token.map_err(|error| {
            let error = error.without(&[shared.user.expose(), shared.password.expose()]);
            let error = error.with_clock_skew(clock_skew(&reader.headers, shared.clock.utc_now()));
            match status {
                Some(status) => error.with_status(status),
                None => error,
            }
        })
    }

    fn request(&self) -> Request {
        let shared = &*self.shared;
        let values = request::Values {
            to: shared.url.as_str(),
            applies_to: &shared.applies_to,
            user: shared.user.expose(),
            password: shared.password.expose(),
        };
        let body = request::envelope(&values, shared.clock.utc_now());
        let mut request = Request::new(Method::POST, shared.url.clone());
        let headers = request.headers_mut();
        // RFC 3902. Its parameter `action` is left out, as WS-Addressing's own header says it.
        let media_type = HeaderValue::from_static("application/soap+xml; charset=utf-8");
        headers.insert(CONTENT_TYPE, media_type);
        headers.insert(ACCEPT, HeaderValue::from_static("application/soap+xml"));
        // The bytes are overwritten when the last handle to them is dropped; what the connection copies of
        // them is not.
        *request.body_mut() = Some(Body::from(Bytes::from_owner(body)));
        request
    }
}

/// What has arrived of an answer. It can hold a token.
#[derive(Default)]
struct ResponseReader {
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
}

/// Why there is no whole answer.
enum ReadFailure {
    Broken(reqwest::Error),
    Refused(TokenError),
}

impl ResponseReader {
    async fn read(&mut self, http: &reqwest::Client, request: Request) -> Result<(), ReadFailure> {
        let mut response = http.execute(request).await.map_err(ReadFailure::Broken)?;
        self.status = Some(response.status());
        self.headers = std::mem::take(response.headers_mut());
        if response.status().is_redirection() {
            return Err(ReadFailure::Refused(TokenError::redirect()));
        }
        // We ask for no encoding, so an encoded body is a bomb or a broken proxy.
        let mut encodings = self.headers.get_all(CONTENT_ENCODING).iter();
        if encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(ReadFailure::Refused(TokenError::encoded()));
        }
        // A web page is not worth reading.
        self.check_content_type().map_err(ReadFailure::Refused)?;
        // Room at once where the length is known: a buffer that grows leaves parts of the token behind.
        let length = self.headers.get(CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
        self.body.reserve(LIMIT.min(length.unwrap_or(0)));
        while let Some(chunk) = response.chunk().await.map_err(ReadFailure::Broken)? {
            if chunk.len() > LIMIT - self.body.len() {
                return Err(ReadFailure::Refused(TokenError::too_large(LIMIT)));
            }
            self.body.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// SOAP 1.2 has a media type of its own (RFC 3902). Others that XML goes by are taken too, and an answer
    /// without one gets the benefit of the doubt: whether it is SOAP is seen when it is read.
    fn check_content_type(&self) -> Result<(), TokenError> {
        let Some(value) = self.headers.get(CONTENT_TYPE) else {
            return Ok(());
        };
        let text = value.to_str().unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim();
        let is = |other: &str| essence.eq_ignore_ascii_case(other);
        if ["application/soap+xml", "application/xml", "text/xml"]
            .into_iter()
            .any(is)
        {
            return Ok(());
        }
        Err(TokenError::not_soap(
            is("text/html") || is("application/xhtml+xml"),
        ))
    }

    fn token(&self) -> Result<Token, TokenError> {
        if self.body.trim_ascii().is_empty() {
            return Err(TokenError::empty());
        }
        let answer = read_answer(&self.body)?;
        if !self.status.is_some_and(|status| status.is_success()) {
            return Err(TokenError::answer("it has an error's status and no fault"));
        }
        let token = Token::new(answer.token);
        Ok(match answer.expires {
            Some(time) => token.expires_at(time),
            None => token,
        })
    }
}

impl TokenSource for WsTrust {
    async fn token(&self) -> Result<Token, Box<dyn StdError + Send + Sync>> {
        Ok(self.fetch().await?)
    }
}

impl From<WsTrust> for Credential {
    fn from(source: WsTrust) -> Self {
        Self::tokens(source)
    }
}

impl fmt::Debug for WsTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WsTrust")
            .field("site", &self.shared.endpoint)
            .field("connect", &self.shared.connect)
            .field("attempt", &self.shared.attempt)
            .finish_non_exhaustive()
    }
}

/// Without the site, which is not checked yet: a password may stand in it.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("loopback_http", &self.loopback_http)
            .field("http", &self.http)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
