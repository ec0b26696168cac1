use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::raw::types::{CertificateAddParameter, CertificateFormat, ThumbprintAlgorithm};
use crate::{
    Error, Secret, Thumbprint, chosen,
    files::{Contents, Pfx, Unopened},
};

/// Longest data that the service takes, in base64: 10 KB.
const MAX_DATA: usize = 10 * 1024;

/// A certificate to add.
///
/// ```
/// use thumbprint::{batch::NewCertificate, files};
///
/// # fn example(password: &str) -> Result<NewCertificate, Box<dyn std::error::Error>> {
/// let contents = files::read(&std::fs::read("ana.pfx")?, Some(password))?;
/// for certificate in &contents.certificates {
///     println!("{certificate}, key: {:?}", certificate.has_key);
/// }
/// // The file goes whole, under the thumbprint of the one that is meant.
/// let meant = "0123456789abcdef0123456789abcdef01234567".parse()?;
/// let new = NewCertificate::from_contents(&contents, Some(&meant))?;
/// # Ok(new)
/// # }
/// ```
#[derive(Clone)]
pub struct NewCertificate {
    thumbprint: Thumbprint,
    data: Secret,
    format: CertificateFormat,
    password: Option<Secret>,
}

impl NewCertificate {
    /// The certificate in a file without private keys, in any form that [`files::read`](crate::files::read)
    /// takes. Its thumbprint is computed.
    ///
    /// # Errors
    ///
    /// The file has no certificate, or several: then [`from_contents`](Self::from_contents) takes the thumbprint of the
    /// one that is meant. It has a private key, which is sent in a PFX or not at all. It is longer than 10 KB in base64.
    pub fn cer(bytes: &[u8]) -> Result<Self, Error> {
        let contents = chosen::read(bytes, None)?;
        if contents.pfx.is_some() {
            let remedy = "add it with its password, as a PFX";
            return Err(Error::input("certificate", "it is a PFX", remedy));
        }
        Self::from_contents(&contents, None)
    }

    /// A certificate with its key, as a PFX (PKCS #12) with this password, an empty one if it has none. The PFX is
    /// opened: the password is checked, and the thumbprint is that of the certificate with the key.
    ///
    /// # Errors
    ///
    /// It is no PFX, or the password is wrong. It cannot be opened ([which are][files]; none without the feature
    /// `pkcs12`): then
    /// [`pfx_with_thumbprint`](Self::pfx_with_thumbprint) takes it. It has several certificates with a key, or several
    /// without: [`from_contents`](Self::from_contents) takes the thumbprint. It is longer than 10 KB in base64.
    ///
    /// [files]: crate::files#which-pfx-files-are-opened
    pub fn pfx(bytes: &[u8], password: impl Into<Secret>) -> Result<Self, Error> {
        let password = password.into();
        let password = Some(password.expose()).filter(|password| !password.is_empty());
        let contents = chosen::read(bytes, password)?;
        pfx_of(&contents)?;
        Self::from_contents(&contents, None)
    }

    /// A PFX that cannot be opened, or is not to be: its thumbprint and its [`password`](Self::password) are sent as
    /// they are given. No more is checked than that it is a PFX, and that a certificate with this thumbprint is in
    /// it where it is open to see.
    ///
    /// # Errors
    ///
    /// It is no PFX, or longer than 10 KB in base64.
    pub fn pfx_with_thumbprint(bytes: &[u8], thumbprint: Thumbprint) -> Result<Self, Error> {
        let contents = chosen::read(bytes, None)?;
        let pfx = pfx_of(&contents)?;
        if pfx.unopened().is_none() {
            chosen::choose(&contents, Some(&thumbprint))?;
        }
        Self::new(pfx.der(), thumbprint, CertificateFormat::Pfx)
    }

    /// A certificate out of a file that was read: the one with this thumbprint, or by the rules of
    /// [`Contents::choose`]. A PFX is sent whole, with the password that it was read with; where it could not be opened,
    /// under the thumbprint that is given.
    ///
    /// # Errors
    ///
    /// As those of [`cer`](Self::cer) and [`pfx`](Self::pfx).
    pub fn from_contents(
        contents: &Contents,
        thumbprint: Option<&Thumbprint>,
    ) -> Result<Self, Error> {
        let pfx = contents.pfx.as_ref();
        let given = match (pfx.and_then(Pfx::unopened), thumbprint) {
            (Some(Unopened::Unsupported(_)), Some(given)) => given.clone(),
            _ => Thumbprint::of_der(&chosen::choose(contents, thumbprint)?.der),
        };
        if let Some(pfx) = pfx {
            let new = Self::new(pfx.der(), given, CertificateFormat::Pfx)?;
            let password = pfx.password().filter(|password| !password.is_empty());
            return Ok(Self {
                password: password.map(Secret::from),
                ..new
            });
        }
        if !contents.keys.is_empty() {
            let remedy = "make a PFX of it: openssl pkcs12 -export -in FILE -out NEW.pfx, or leave the key out: openssl \
                          x509 -in FILE -out NEW.pem";
            let problem = "the file has a private key, which is sent in a PFX or not at all";
            return Err(Error::input("certificate", problem, remedy));
        }
        let certificate = chosen::choose(contents, thumbprint)?;
        Self::new(&certificate.der, given, CertificateFormat::Cer)
    }

    /// The page limits "the base64-encoded contents" to 10 KB, and does not say which side of the encoding
    /// it means; what passes here passes either way.
    fn new(bytes: &[u8], thumbprint: Thumbprint, format: CertificateFormat) -> Result<Self, Error> {
        let data = BASE64_STANDARD.encode(bytes);
        if data.len() > MAX_DATA {
            let problem = format!("it has {} bytes in base64", data.len());
            let remedy = "the service takes 10 KB; leave out what the certificate's chain adds";
            return Err(Error::input("data", problem, remedy));
        }
        Ok(Self {
            thumbprint,
            data: data.into(),
            format,
            password: None,
        })
    }

    /// The password of a PFX. A `.cer` has none, and is refused with one when it is added.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The thumbprint under which it is added.
    #[must_use]
    pub fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    /// What the service shows of the certificate once it has it. Of a PFX it does not tell whether the key is there
    /// too.
    pub(super) fn public_data(&self) -> Option<Vec<u8>> {
        match self.format {
            CertificateFormat::Cer => BASE64_STANDARD.decode(self.data.expose()).ok(),
            CertificateFormat::Pfx => None,
        }
    }
}

fn pfx_of(contents: &Contents) -> Result<&Pfx, Error> {
    contents.pfx.as_ref().ok_or_else(|| {
        let problem = format!("it is no PFX, but {}", contents.format.as_str());
        Error::input(
            "certificate",
            problem,
            "give a PFX, or add it as a certificate",
        )
    })
}

impl TryFrom<NewCertificate> for CertificateAddParameter {
    type Error = Error;

    fn try_from(certificate: NewCertificate) -> Result<Self, Error> {
        if certificate.format == CertificateFormat::Cer && certificate.password.is_some() {
            let problem = "a certificate without its key has no password";
            return Err(Error::input(
                "password",
                problem,
                "leave it out, or add a PFX",
            ));
        }
        let data = certificate.data.expose().parse();
        let data =
            data.map_err(|error| Error::conversion("data", error, "give the file's bytes"))?;
        let thumbprint = certificate.thumbprint.as_str().parse();
        let thumbprint = thumbprint.map_err(|error| {
            Error::conversion("thumbprint", error, "give 40 hexadecimal digits")
        })?;
        let mut parameter = Self::new(data, thumbprint, ThumbprintAlgorithm::Sha1);
        parameter.certificate_format = Some(certificate.format);
        parameter.password = certificate
            .password
            .map(|password| password.expose().to_owned().into());
        Ok(parameter)
    }
}

impl fmt::Debug for NewCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCertificate")
            .field("thumbprint", &self.thumbprint)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
