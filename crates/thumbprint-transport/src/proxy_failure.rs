//! What goes wrong at a proxy.

use std::{error::Error as StdError, fmt, io};

use crate::{
    TlsFailure,
    sources::{chain, io_kind},
};

/// What went wrong at a proxy.
#[derive(Clone, Debug)]
pub(crate) enum ProxyFailure {
    NotReached(&'static str),
    Tls(TlsFailure),
    Credentials,
    Refused,
    Broken,
}

impl ProxyFailure {
    /// What went wrong at the proxy, if it was there. hyper-util does not give the type of its error away,
    /// only its words; the tests in `tests/transport/tls/proxy.rs` notice if they change.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let tunnel = chain(error).find_map(|error| {
            let text = error.to_string();
            Some((error, text.strip_prefix("tunnel error: ")?.to_owned()))
        });
        let (error, words) = tunnel?;
        Some(match words.as_str() {
            "failed to create underlying connection" => match TlsFailure::of_connect(error) {
                Some(failure) => Self::Tls(failure),
                None if io_kind(error) == Some(io::ErrorKind::ConnectionRefused) => {
                    Self::NotReached("nothing listens there")
                }
                None => Self::NotReached("it was not found or not reached"),
            },
            "proxy authorization required" => Self::Credentials,
            "unsuccessful" => Self::Refused,
            _ => Self::Broken,
        })
    }

    /// Whether it comes again with every attempt.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Credentials => true,
            Self::Tls(failure) => !failure.is_handshake_cut(),
            Self::NotReached(_) | Self::Refused | Self::Broken => false,
        }
    }
}

/// The end of a sentence that names the proxy.
impl fmt::Display for ProxyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReached(reason) => write!(f, "{reason}; check the proxy's address"),
            Self::Tls(failure) => write!(f, "{failure}"),
            Self::Credentials => f.write_str(
                "it asks for a user name and a password, or does not take those that it got (407); give \
                 them in the proxy's URL",
            ),
            Self::Refused => f.write_str(
                "it did not open a way to the service; check that it is an HTTP proxy and may reach the \
                 service's host and port",
            ),
            Self::Broken => f.write_str("it broke off before it had answered"),
        }
    }
}
