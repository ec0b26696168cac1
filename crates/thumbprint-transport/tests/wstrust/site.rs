//! A token site that answers what a test wants, and source of its answers.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Utc};
use thumbprint_transport::{
    Clock, TokenSource,
    wstrust::{Builder, TokenError, WsTrust},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

pub(crate) const USER: &str = "canary-user@contoso.com";
pub(crate) const PASSWORD: &str = "canary-password";
pub(crate) const REALM: &str = "http://azureservices/TenantSite";
pub(crate) const PATH: &str = "/wstrust/issue/usernamemixed";

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    /// In small letters, names and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

pub(crate) struct Site {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Site {
    /// Answers every request with these bytes, then closes the connection.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start_with(move |_| Some(answer.clone())).await
    }

    /// Answers each request in its own way; with `None` not at all, and stays connected.
    pub(crate) async fn start_with(
        answer: impl Fn(&Received) -> Option<Vec<u8>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = received.clone();
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let request = read(&mut stream).await;
                log.lock().unwrap().push(request.clone());
                match answer(&request) {
                    // A client that has seen enough hangs up.
                    Some(answer) => drop(stream.write_all(&answer).await),
                    None => silent.push(stream),
                }
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn builder(&self) -> Builder {
        WsTrust::builder(&*self.url, USER, PASSWORD)
            .path(PATH)
            .applies_to(REALM)
            .allow_loopback_http()
    }
}

async fn read(stream: &mut BufReader<tokio::net::TcpStream>) -> Received {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let line = lines.remove(0);
    let headers: Vec<_> = lines
        .iter()
        .map(|line| line.to_ascii_lowercase())
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.unwrap().1.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    Received {
        line,
        headers,
        body: String::from_utf8(body).unwrap(),
    }
}

/// An answer as HTTP.
pub(crate) fn http(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} -\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub(crate) fn soap(status: u16, body: &str) -> Vec<u8> {
    http(status, "application/soap+xml; charset=utf-8", body)
}

/// Asks for a token.
pub(crate) async fn ask(source: &WsTrust) -> Result<(), TokenError> {
    match source.token().await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.downcast_ref::<TokenError>().unwrap().clone()),
    }
}

/// What comes of asking a site that answers with these bytes.
pub(crate) async fn refusal(answer: impl Into<Vec<u8>>) -> TokenError {
    let site = Site::start(answer).await;
    ask(&site.builder().build().unwrap()).await.unwrap_err()
}

/// A token with these claims.
pub(crate) fn jwt(claims: &str) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part(r#"{"typ":"JWT","alg":"RS256"}"#),
        part(claims),
        part("signature of chance")
    )
}

/// The part of an answer that carries a token.
pub(crate) fn binary(token: impl AsRef<[u8]>) -> String {
    let token = BASE64_STANDARD.encode(token);
    format!(
        "<o:BinarySecurityToken xmlns:o='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd' \
         xmlns:u='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd' u:Id='_1' \
         ValueType='urn:ietf:params:oauth:token-type:jwt' \
         EncodingType='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'>{token}</o:BinarySecurityToken>"
    )
}

/// A whole answer, as the vendor's stack writes it, around the part with the token.
pub(crate) fn answer(token: &str) -> String {
    envelope(&format!(
        "<trust:RequestSecurityTokenResponseCollection xmlns:trust=\"http://docs.oasis-open.org/ws-sx/ws-trust/200512\">\
         <trust:RequestSecurityTokenResponse><trust:Lifetime>\
         <wsu:Created xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\">2013-07-03T16:19:50.793Z</wsu:Created>\
         <wsu:Expires xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\">2013-07-04T00:19:50.793Z</wsu:Expires>\
         </trust:Lifetime><wsp:AppliesTo xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2004/09/policy\">\
         <wsa:EndpointReference xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><wsa:Address>{REALM}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>\
         <trust:RequestedSecurityToken>{token}</trust:RequestedSecurityToken>\
         <trust:TokenType>urn:ietf:params:oauth:token-type:jwt</trust:TokenType>\
         <trust:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</trust:RequestType>\
         <trust:KeyType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer</trust:KeyType>\
         </trust:RequestSecurityTokenResponse></trust:RequestSecurityTokenResponseCollection>"
    ))
}

pub(crate) fn envelope(body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://www.w3.org/2005/08/addressing\" \
         xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\"><s:Header>\
         <a:Action s:mustUnderstand=\"1\">http://docs.oasis-open.org/ws-sx/ws-trust/200512/RSTRC/IssueFinal</a:Action>\
         <a:RelatesTo>urn:uuid:9c4d50ee-2d56-4cd3-8152-34347dc9f2b0</a:RelatesTo>\
         <o:Security s:mustUnderstand=\"1\" xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">\
         <u:Timestamp u:Id=\"_0\"><u:Created>2013-07-03T16:19:50.793Z</u:Created><u:Expires>2013-07-03T16:24:50.793Z</u:Expires></u:Timestamp>\
         </o:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

/// A fault with this innermost code, of this namespace.
pub(crate) fn fault(namespace: &str, code: &str, reason: &str) -> String {
    envelope(&format!(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:x=\"{namespace}\">x:{code}</s:Value></s:Subcode></s:Code>\
         <s:Reason><s:Text xml:lang=\"en-US\">{reason}</s:Text></s:Reason></s:Fault>"
    ))
}

pub(crate) const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
pub(crate) const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";

/// A clock that stands still, and whose limits pass at once if that is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopped {
    pub(crate) impatient: bool,
}

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn utc_now(&self) -> DateTime<Utc> {
        "2013-07-03T16:19:50.7931234Z".parse().unwrap()
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if self.impatient {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }
}
