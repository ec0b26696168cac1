//! What bytes and texts are that hold neither a certificate nor a key of a form that is taken.

use crate::refusal::Refusal;

/// How files of a binary form begin that is not taken.
const MAGIC: [(&[u8], &str, &str); 7] = [
    (b"\xfe\xed\xfe\xed", "a Java key store (JKS)", KEYTOOL),
    (b"\xce\xce\xce\xce", "a Java key store (JCEKS)", KEYTOOL),
    (
        b"PK\x03\x04",
        "a zip archive",
        "unpack it, and give the file in it",
    ),
    (
        b"\x1f\x8b",
        "a gzip archive",
        "unpack it, and give the file in it",
    ),
    (
        b"\0\0\0\0CERT",
        "a Microsoft serialized certificate store (SST)",
        EXPORT,
    ),
    (b"\x1e\xf1\xb5\xb0", "a Microsoft private key (PVK)", EXPORT),
    (b"%PDF", "a PDF document", "give the certificate itself"),
];

const KEYTOOL: &str = "convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.pfx \
                       -deststoretype PKCS12";
const EXPORT: &str = "export the certificate as DER, PEM or PFX";
const SSH: &str = "give an X.509 certificate; those of SSH are something else";
pub(crate) const FORMS: &str = "give a certificate as DER or PEM, or a PFX";

/// Whether these bytes are of a form that can be said, were they in base64.
pub(crate) fn is_magic(bytes: &[u8]) -> bool {
    MAGIC.iter().any(|(magic, ..)| bytes.starts_with(magic))
}

/// Refuses bytes that are neither DER nor text.
pub(crate) fn binary(bytes: &[u8]) -> Refusal {
    let known = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic));
    known.map_or_else(
        || Refusal::file("it is of no form that is known here", FORMS),
        |(_, what, remedy)| Refusal::file(format!("it is {what}"), *remedy),
    )
}

/// Refuses text that is neither PEM nor base64 of something known.
pub(crate) fn text(text: &str) -> Refusal {
    let text = text.trim();
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let is_digits = text
        .trim_start_matches("0x")
        .chars()
        .all(|c| c.is_ascii_hexdigit() || c.is_whitespace() || c == ':');
    let (what, remedy) = if text.contains("ManagementCertificate") {
        (
            "a publish settings file (XML)",
            "copy the value of its attribute ManagementCertificate alone into a file, and give that: it is a PFX \
             in base64",
        )
    } else if text.contains("<RSAKeyValue") {
        ("a key in XML", EXPORT)
    } else if begins(&["<"]) {
        ("XML or a web page", "give the certificate itself")
    } else if begins(&["{", "["]) && text.contains("\"kty\"") {
        ("a JSON web key", "give its certificate as DER, PEM or PFX")
    } else if begins(&["{", "["]) {
        (
            "JSON",
            "take the base64 text out of it, of Key Vault's answers with --query value (a secret) or --query cer (a \
             certificate) and --output tsv, and give that",
        )
    } else if begins(&["PuTTY-User-Key-File"]) {
        ("a key of PuTTY", SSH)
    } else if begins(&["---- BEGIN SSH2", "ssh-", "ecdsa-sha2-", "sk-"]) {
        ("a key of SSH", SSH)
    } else if is_digits && text.len() > 100 {
        ("hexadecimal digits", "convert it: xxd -r -p FILE NEW.der")
    } else if begins(&["MI"]) && !text.contains(' ') {
        (
            "base64 that is cut off or damaged",
            "copy the whole text again",
        )
    } else {
        ("plain text", FORMS)
    };
    Refusal::file(format!("it is {what}"), remedy)
}
