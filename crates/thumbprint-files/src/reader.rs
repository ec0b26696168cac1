//! From bytes to [`Contents`].

use der::asn1::ObjectIdentifier;

use crate::{
    About, Certificate, Contents, Encoding, Format, MAX_CERTIFICATES, Pfx, PrivateKey, Refusal,
    element::{
        BIT_STRING, CONTEXT_0, Element, GENERALIZED_TIME, INTEGER, OID, SEQUENCE, UTC_TIME, first,
        tags,
    },
    pfx, recognise,
    text::{self, Block, Content},
};

/// How often base64 may be in base64: as secrets of build systems hold PEM.
const MAX_DEPTH: usize = 2;

/// Kinds of DER.
enum Kind {
    Certificate(Box<Certificate>),
    Key(PrivateKey),
    Pfx,
    Pkcs7,
    /// Something else, by its name.
    Other(&'static str),
    Unknown,
}

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// How a PFX begins: version 3, and a SEQUENCE. Its content may be BER, which is not looked into here.
const PFX: [u8; 4] = [INTEGER, 1, 3, SEQUENCE];

fn kind(whole: &Element<'_>) -> Kind {
    if whole.tag != SEQUENCE {
        return Kind::Unknown;
    }
    if whole.value.starts_with(&PFX) {
        return Kind::Pfx;
    }
    if let Some(certificate) = Certificate::read(whole) {
        return Kind::Certificate(Box::new(certificate));
    }
    let parts = whole.inner().unwrap_or_default();
    if let Some(key) = PrivateKey::read(&parts) {
        return Kind::Key(key);
    }
    let body = parts.first().and_then(|body| body.inner().ok());
    let body = tags(&body.unwrap_or_default());
    match (&tags(&parts)[..], &body[..]) {
        ([OID, CONTEXT_0], _) if parts[0].oid() == Some(SIGNED_DATA) => Kind::Pkcs7,
        ([SEQUENCE, BIT_STRING], [OID, ..]) | ([INTEGER, INTEGER], _) => {
            Kind::Other("a public key")
        }
        ([SEQUENCE, SEQUENCE, BIT_STRING], body)
            if body.contains(&UTC_TIME) || body.contains(&GENERALIZED_TIME) =>
        {
            Kind::Other("a list of revoked certificates (CRL)")
        }
        ([SEQUENCE, SEQUENCE, BIT_STRING], [INTEGER, SEQUENCE, SEQUENCE, ..]) => {
            Kind::Other("a certificate signing request")
        }
        _ => Kind::Unknown,
    }
}

/// Whether bytes are meant as DER, or BER, damaged or not: no text begins like that.
fn is_der(bytes: &[u8]) -> bool {
    let is_whole = || first(bytes).is_ok_and(|(_, after)| after == 0);
    matches!(bytes, [SEQUENCE, 0x80..=0x84, ..]) || bytes.first() == Some(&SEQUENCE) && is_whole()
}

fn other(what: &str) -> Refusal {
    Refusal::file(format!("it is {what}"), "give the certificate")
}

impl Contents {
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        password: Option<&str>,
        depth: usize,
    ) -> Result<(), Refusal> {
        if is_der(bytes) {
            return self.read_der(bytes, password);
        }
        let Some(text) = text::decode(bytes, &mut self.encodings) else {
            return Err(recognise::binary(bytes));
        };
        if text.trim().is_empty() {
            return Err(Refusal::file("it is empty", "give the file's contents"));
        }
        if text::is_pem(&text) {
            return self.read_pem(&text, password);
        }
        if depth < MAX_DEPTH
            && let Some(decoded) = text::base64(&text)
            && (is_der(&decoded) || recognise::is_magic(&decoded) || text::is_layered(&decoded))
        {
            self.encodings.push(Encoding::Base64);
            return self.read(&decoded, password, depth + 1);
        }
        Err(recognise::text(&text))
    }

    fn read_der(&mut self, bytes: &[u8], password: Option<&str>) -> Result<(), Refusal> {
        if let [_, 0x80, content @ ..] = bytes {
            if content.starts_with(&PFX) {
                return self.read_pfx(bytes, password);
            }
            let remedy = "convert it: openssl asn1parse -inform DER -in FILE tells what it is; for PKCS #7, \
                          openssl pkcs7 -inform DER -in FILE -print_certs -out NEW.pem";
            return Err(Refusal::file("it is BER of indefinite length", remedy));
        }
        let Ok((whole, after)) = first(bytes) else {
            let problem = "its DER is cut off or damaged";
            return Err(Refusal::file(
                problem,
                "take the file from its source again",
            ));
        };
        if after > 0 {
            let problem = format!("{after} bytes follow the end of its DER");
            return Err(Refusal::file(
                problem,
                "take the file from its source again",
            ));
        }
        match kind(&whole) {
            Kind::Certificate(certificate) => self.add(*certificate)?,
            Kind::Key(key) => {
                self.format = Format::Key;
                self.keys.push(key);
            }
            Kind::Pfx => self.read_pfx(bytes, password)?,
            Kind::Pkcs7 => self.read_pkcs7(&whole)?,
            Kind::Other(what) => return Err(other(what)),
            Kind::Unknown => {
                let problem = "it is DER of something unknown";
                return Err(Refusal::file(problem, recognise::FORMS));
            }
        }
        Ok(())
    }

    fn read_pem(&mut self, text: &str, password: Option<&str>) -> Result<(), Refusal> {
        let text = text::with_line_ends(text);
        let blocks = text::pem(&text)?;
        if let [
            Block {
                content: Content::Bytes(der),
                ..
            },
        ] = &blocks[..]
            && let Ok((whole, 0)) = first(der)
            && matches!(kind(&whole), Kind::Pfx | Kind::Pkcs7)
        {
            // `certutil -encode` puts the label of a certificate around anything.
            return self.read_der(der, password);
        }
        self.format = Format::Pem;
        let mut passed_over = None;
        for (number, block) in (1..).zip(&blocks) {
            match &block.content {
                Content::EncryptedKey => self.keys.push(PrivateKey::ENCRYPTED),
                Content::Foreign => {
                    let what = format!("it is {}", block.label.escape_debug());
                    let refusal = Refusal::file(what, "give an X.509 certificate");
                    passed_over.get_or_insert(refusal);
                }
                Content::Bytes(der) => {
                    if let Some(what) = self.read_block(block.label, der, number)? {
                        passed_over.get_or_insert(other(what));
                    }
                }
            }
            if self.keys.len() > MAX_CERTIFICATES {
                return Err(too_many());
            }
        }
        match passed_over {
            Some(refusal) if self.certificates.is_empty() && self.keys.is_empty() => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Reads a block by what it holds. Gives the name of what is of no use here.
    fn read_block(
        &mut self,
        label: &str,
        der: &[u8],
        number: usize,
    ) -> Result<Option<&'static str>, Refusal> {
        // OpenSSL puts its own notes behind a certificate that is trusted, and nothing behind others.
        let whole = first(der).ok();
        let whole = whole.filter(|(_, after)| *after == 0 || label == "TRUSTED CERTIFICATE");
        let kind = whole.map_or(Kind::Unknown, |(whole, _)| kind(&whole));
        match kind {
            Kind::Key(key) => self.keys.push(key),
            Kind::Certificate(certificate) if !label.ends_with("PRIVATE KEY") => {
                self.add(*certificate)?;
            }
            Kind::Other(what) => return Ok(Some(what)),
            _ if label.ends_with("PARAMETERS") => return Ok(Some("parameters of a key")),
            _ => {
                let label = label.escape_debug();
                let problem =
                    format!("block {number} of its PEM, {label}, does not hold one alone");
                return Err(Refusal::file(
                    problem,
                    "take the file from its source again",
                ));
            }
        }
        Ok(None)
    }

    fn read_pkcs7(&mut self, whole: &Element<'_>) -> Result<(), Refusal> {
        self.format = Format::Pkcs7;
        // ContentInfo, [0], SignedData, of which `certificates` is the only field with the tag [0] (RFC 2315, 9.1).
        let certificates = || {
            let content = whole.inner()?.get(1).map(Element::inner).transpose()?;
            let signed = content.unwrap_or_default();
            let fields = signed.first().map(Element::inner).transpose()?;
            let fields = fields.unwrap_or_default();
            let all = fields.iter().find(|field| field.tag == CONTEXT_0);
            all.map(Element::inner).transpose()
        };
        let certificates = certificates().map_err(|_: der::Error| {
            let remedy = "convert it: openssl pkcs7 -inform DER -in FILE -print_certs -out NEW.pem";
            Refusal::file("it is PKCS #7 that cannot be read", remedy)
        })?;
        for certificate in certificates.iter().flatten().filter_map(Certificate::read) {
            self.add(certificate)?;
        }
        Ok(())
    }

    fn read_pfx(&mut self, bytes: &[u8], password: Option<&str>) -> Result<(), Refusal> {
        self.format = Format::Pfx;
        let opened = pfx::open(bytes, password);
        let unopened = match opened {
            Ok(bags) => {
                self.keys = bags.keys;
                for certificate in bags.certificates {
                    self.add(certificate)?;
                }
                None
            }
            Err(pfx::Closed::WrongPassword) => {
                let problem = "it does not open the PFX";
                return Err(Refusal::new(
                    About::Password,
                    problem,
                    "give the PFX's own password",
                ));
            }
            Err(pfx::Closed::Damaged) => {
                let problem = "it is a PFX that is damaged";
                return Err(Refusal::file(
                    problem,
                    "take the file from its source again",
                ));
            }
            Err(pfx::Closed::TooMany) => return Err(too_many()),
            Err(pfx::Closed::Unopened(unopened)) => Some(unopened),
        };
        self.pfx = Some(Pfx::new(bytes, password, unopened));
        Ok(())
    }

    fn add(&mut self, certificate: Certificate) -> Result<(), Refusal> {
        if self.certificates.len() == MAX_CERTIFICATES {
            return Err(too_many());
        }
        if self
            .certificates
            .iter()
            .all(|other| other.der != certificate.der)
        {
            self.certificates.push(certificate);
        }
        Ok(())
    }
}

fn too_many() -> Refusal {
    let problem = format!("it has more than {MAX_CERTIFICATES} certificates or keys");
    Refusal::file(problem, "give the one that is meant")
}
