//! A token site that answers what a test wants, and source of its answers.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use test_support::{OrFail as _, RawServer, Reply};
use thumbprint_transport::TokenSource;
use thumbprint_wstrust::{Builder, TokenError, WsTrust};

pub(crate) const USER: &str = "canary-user@contoso.com";
pub(crate) const PASSWORD: &str = "canary-password";
pub(crate) const REALM: &str = "http://azureservices/TenantSite";
pub(crate) const PATH: &str = "/wstrust/issue/usernamemixed";

pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) server: RawServer,
}

impl Site {
    /// Answers every request with these bytes, then closes the connection.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> Self {
        Self::of(RawServer::start([Reply::Close(answer.into())]).await)
    }

    pub(crate) fn of(server: RawServer) -> Self {
        let url = server.base_url();
        Self { url, server }
    }

    pub(crate) fn builder(&self) -> Builder {
        WsTrust::builder(&*self.url, USER, PASSWORD)
            .path(PATH)
            .applies_to(REALM)
            .allow_loopback_http()
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
        Err(error) => Err(error.downcast_ref::<TokenError>().or_fail().clone()),
    }
}

/// The error of asking a site that answers with these bytes.
pub(crate) async fn refusal(answer: impl Into<Vec<u8>>) -> TokenError {
    let site = Site::start(answer).await;
    ask(&site.builder().build().or_fail()).await.err_or_fail()
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
