//! What an operation asks for, and the part of a credential that is it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue};
use reqwest::Request;

use super::Authorizer;
use crate::{Error, Operation, Secret, cookie, operation::SecurityScheme};

impl Authorizer {
    /// The schemes of the first alternative of an operation that the credential is enough for. One that asks
    /// for nothing comes last.
    pub(crate) fn choose(
        &self,
        operation: &'static Operation,
    ) -> Result<&'static [SecurityScheme], Error> {
        const BEARER: &[SecurityScheme] = &[SecurityScheme::Bearer];
        let all = operation.security;
        if !operation.secured {
            return Ok(&[]);
        }
        let all = if all.is_empty() { &[BEARER] } else { all };
        let is_met = |schemes: &&&[SecurityScheme]| {
            !schemes.is_empty() && schemes.iter().all(|scheme| self.part(*scheme).is_some())
        };
        let found = all.iter().find(is_met);
        let found = found.or_else(|| all.iter().find(|schemes| schemes.is_empty()));
        found.copied().ok_or_else(|| {
            let wanted: Vec<_> = all.iter().map(|schemes| described(schemes)).collect();
            let given: Vec<_> = all.iter().map(|schemes| remedy(schemes)).collect();
            Error::input(
                "credential",
                format!(
                    "the operation asks for {}, which it is not",
                    wanted.join(", or ")
                ),
                format!("give {}", given.join(", or ")),
            )
        })
    }

    /// The part of a credential that a scheme asks for: a signature where there is nothing else.
    pub(super) fn part(&self, scheme: SecurityScheme) -> Option<&Self> {
        let parts = || match self {
            Self::All(all) => all.as_slice(),
            one => std::slice::from_ref(one),
        };
        let is_it = |part: &&Self| match (part, scheme) {
            (Self::Fixed(_) | Self::Tokens(_), SecurityScheme::Bearer)
            | (Self::Basic(..), SecurityScheme::Basic) => true,
            (Self::Key(name, _), SecurityScheme::Header(wanted)) => {
                name.eq_ignore_ascii_case(wanted)
            }
            (
                Self::Key(name, _),
                SecurityScheme::Query(wanted) | SecurityScheme::Cookie(wanted),
            ) => name == wanted,
            _ => false,
        };
        let is_signature = |part: &&Self| matches!(part, Self::Signature(_));
        parts()
            .iter()
            .find(is_it)
            .or_else(|| parts().iter().find(is_signature))
    }

    /// What is secret in what is sent beside tokens.
    pub(crate) fn secrets(&self) -> Vec<&HeaderValue> {
        match self {
            Self::Basic(value, [secret]) => vec![value, secret],
            Self::Key(_, [_, secret]) => vec![secret],
            Self::All(all) => all.iter().flat_map(Self::secrets).collect(),
            Self::Fixed(_) | Self::Tokens(_) | Self::Signature(_) => Vec::new(),
        }
    }
}

/// Puts a key where a scheme wants it.
pub(super) fn put(
    scheme: SecurityScheme,
    key: &HeaderValue,
    request: &mut Request,
) -> Result<(), Error> {
    let text = key.to_str().unwrap_or_default();
    match scheme {
        SecurityScheme::Header(name) => {
            let name = HeaderName::try_from(name)
                .map_err(|cause| Error::conversion("credential", cause, "mend the document"))?;
            request.headers_mut().insert(name, key.clone());
        }
        SecurityScheme::Query(name) => {
            request.url_mut().query_pairs_mut().append_pair(name, text);
        }
        SecurityScheme::Cookie(name) => {
            cookie::push(request.headers_mut(), "credential", name, text)?;
        }
        SecurityScheme::Bearer | SecurityScheme::Basic | SecurityScheme::Other(_) => {}
    }
    Ok(())
}

pub(super) fn basic(user: &Secret, password: &Secret) -> Result<Authorizer, Error> {
    if user.expose().contains(':') {
        return Err(Error::input(
            "credential",
            "the name of the user has a colon, which ends it (RFC 7617, section 2)",
            "give the name alone",
        ));
    }
    let pair = Secret::from(format!("{}:{}", user.expose(), password.expose()));
    let encoded = Secret::from(STANDARD.encode(pair.expose()));
    let value = secret_value("password", &format!("Basic {}", encoded.expose()))?;
    // As an `Authorization` is looked at: what follows the first word is secret.
    let plain = HeaderValue::try_from(format!("Basic {}", password.expose())).map_err(|_| {
        Error::input(
            "password",
            "it has a control character",
            "give it as it was set",
        )
    })?;
    Ok(Authorizer::Basic(value, [plain]))
}

pub(super) fn key(name: &str, key: &Secret) -> Result<Authorizer, Error> {
    if key.expose().is_empty() {
        return Err(Error::input(
            "key",
            "it is empty",
            "give the key as it was issued",
        ));
    }
    let secret = format!("Key {}", key.expose());
    let values = [
        secret_value("key", key.expose())?,
        secret_value("key", &secret)?,
    ];
    Ok(Authorizer::Key(name.to_owned(), values))
}

fn secret_value(field: &'static str, text: &str) -> Result<HeaderValue, Error> {
    let is_visible = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let value = HeaderValue::try_from(text).ok().filter(|_| is_visible);
    let mut value = value.ok_or_else(|| {
        let problem =
            "it has a character other than visible ASCII, perhaps a line break at its end";
        Error::input(field, problem, "give it as it was issued")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn described(schemes: &[SecurityScheme]) -> String {
    let each = schemes.iter().map(|scheme| match scheme {
        SecurityScheme::Bearer => "a bearer token".to_owned(),
        SecurityScheme::Basic => "a user and a password".to_owned(),
        SecurityScheme::Header(name) => format!("a key in the header `{name}`"),
        SecurityScheme::Query(name) => format!("a key in the query as `{name}`"),
        SecurityScheme::Cookie(name) => format!("a key in the cookie `{name}`"),
        SecurityScheme::Other(name) => format!("`{name}`"),
    });
    each.collect::<Vec<_>>().join(" and ")
}

fn remedy(schemes: &[SecurityScheme]) -> String {
    let each = schemes.iter().map(|scheme| match scheme {
        SecurityScheme::Bearer => "`Credential::bearer`".to_owned(),
        SecurityScheme::Basic => "`Credential::basic`".to_owned(),
        SecurityScheme::Header(name)
        | SecurityScheme::Query(name)
        | SecurityScheme::Cookie(name) => {
            format!("`Credential::key({name:?}, ..)`")
        }
        SecurityScheme::Other(_) => "`Credential::signed_by` with what speaks it".to_owned(),
    });
    let all: Vec<_> = each.collect();
    if all.len() == 1 {
        all.concat()
    } else {
        format!("`Credential::all` of {}", all.join(" and "))
    }
}
