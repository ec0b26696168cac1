use std::fmt;

use zeroize::Zeroizing;

#[cfg(feature = "pkcs12")]
pub(crate) use crate::pkcs12::open;
use crate::{certificate::Certificate, key::PrivateKey};

/// A PFX as it is sent: its own bytes, out of whatever they were wrapped in, and the password that it was read with.
///
/// ```
/// use thumbprint_files::{Pfx, Unopened, read};
///
/// # fn example(bytes: &[u8]) -> Result<(), thumbprint_files::Refusal> {
/// let contents = read(bytes, None)?;
/// match contents.pfx.as_ref().and_then(Pfx::unopened) {
///     Some(Unopened::Locked) => println!("read it again, with its password"),
///     Some(unopened) => println!("it stays closed: {unopened}"),
///     None => println!("{} certificates", contents.certificates.len()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pfx {
    der: Zeroizing<Vec<u8>>,
    password: Option<Zeroizing<String>>,
    unopened: Option<Unopened>,
}

/// Why a PFX was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unopened {
    /// It has a password, and none was given.
    Locked,
    /// It asks for something that is not done here; the text says for what.
    Unsupported(String),
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.write_str("it has a password"),
            Self::Unsupported(what) => f.write_str(what),
        }
    }
}

impl Pfx {
    pub(crate) fn new(der: &[u8], password: Option<&str>, unopened: Option<Unopened>) -> Self {
        Self {
            der: Zeroizing::new(der.to_vec()),
            password: password.map(|password| Zeroizing::new(password.to_owned())),
            unopened,
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The password that it was read with: it has been checked where the PFX is open.
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_ref().map(|password| password.as_str())
    }

    /// Why it was not opened, if it was not.
    #[must_use]
    pub fn unopened(&self) -> Option<&Unopened> {
        self.unopened.as_ref()
    }
}

impl fmt::Debug for Pfx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pfx")
            .field("unopened", &self.unopened)
            .finish_non_exhaustive()
    }
}

/// What is in an opened PFX.
#[derive(Default)]
pub(crate) struct Bags {
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) keys: Vec<PrivateKey>,
}

/// Why a PFX gives nothing.
#[cfg_attr(
    not(feature = "pkcs12"),
    expect(dead_code, reason = "nothing is opened")
)]
pub(crate) enum Closed {
    WrongPassword,
    Damaged,
    TooMany,
    Unopened(Unopened),
}

#[cfg(not(feature = "pkcs12"))]
pub(crate) fn open(_: &[u8], _: Option<&str>) -> Result<Bags, Closed> {
    let why = "this build opens none; one with the feature pkcs12 does";
    Err(Closed::Unopened(Unopened::Unsupported(why.to_owned())))
}
