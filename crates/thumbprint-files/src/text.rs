//! Text in and out of its wrappings: marks, UTF-16, base64, PEM.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use crate::{Encoding, refusal::Refusal};

/// With padding or without, since tools differ, and with the last bits as they are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What every PEM block begins with (RFC 7468, 3).
const BEGIN: &str = "-----BEGIN ";

/// Leaves out the mark that Windows' editors put before UTF-8 text.
///
/// ```
/// assert_eq!(thumbprint_files::without_mark("\u{feff}secret"), "secret");
/// assert_eq!(thumbprint_files::without_mark("secret"), "secret");
/// ```
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The text of a file, in UTF-8 or UTF-16, with a byte order mark or without; `None` where it is neither.
///
/// ```
/// let text = thumbprint_files::text(b"\xff\xfes\0e\0c\0r\0e\0t\0");
/// assert_eq!(text.as_deref().map(String::as_str), Some("secret"));
/// ```
#[must_use]
pub fn text(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let text = match utf16(bytes) {
        Some(units) => Zeroizing::new(String::from_utf16(&units).ok()?),
        None => Zeroizing::new(str::from_utf8(bytes).ok()?.to_owned()),
    };
    Some(Zeroizing::new(without_mark(&text).to_owned()))
}

/// The same for a file of which it is not known whether it is text, and how it was encoded.
///
/// PEM is looked for in what is no UTF-8 too: a subject before it may be in an older encoding.
pub(crate) fn decode(bytes: &[u8], encodings: &mut Vec<Encoding>) -> Option<Zeroizing<String>> {
    let is_plain = |c: char| !c.is_control() || c.is_whitespace();
    let text = text(bytes).filter(|text| is_pem(text) || text.chars().all(is_plain));
    let text = text.or_else(|| {
        let lossy = || Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
        contains(bytes, BEGIN).then(lossy)
    })?;
    if utf16(bytes).is_some() {
        encodings.push(Encoding::Utf16);
    } else if bytes.starts_with("\u{feff}".as_bytes()) {
        encodings.push(Encoding::Marked);
    }
    Some(text)
}

/// Whether bytes that were base64 are text in their turn, of a kind that is read.
pub(crate) fn is_layered(bytes: &[u8]) -> bool {
    contains(bytes, BEGIN) || bytes.starts_with(b"MI")
}

/// The text with `\n` at all its lines' ends, also where a tool has written them as two characters: as JSON and shells
/// have PEM.
pub(crate) fn with_line_ends(text: &str) -> Zeroizing<String> {
    let text = Zeroizing::new(text.replace("\\r", ""));
    let text = Zeroizing::new(text.replace("\\n", "\n"));
    Zeroizing::new(text.replace('\r', "\n"))
}

pub(crate) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// The units of UTF-16, by its mark, or by the zeros in what would otherwise be ASCII.
fn utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u16>>> {
    let zeros = |odd| {
        let places = bytes.iter().take(64).skip(odd).step_by(2);
        bytes.len() >= 8 && places.clone().all(|byte| *byte == 0)
    };
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ if zeros(1) => u16::from_le_bytes,
        _ if zeros(0) => u16::from_be_bytes,
        _ => return None,
    };
    let pairs = bytes.chunks_exact(2);
    let units: Vec<_> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    let text_begins = usize::from(units.first() == Some(&0xfeff));
    Some(Zeroizing::new(units[text_begins..].to_vec()))
}

/// The bytes of base64, however it is laid out: on one line or many, in quotes, of either alphabet (RFC 4648, 4
/// and 5).
pub(crate) fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut packed = Zeroizing::new(String::with_capacity(text.len()));
    let unquoted = text.trim().trim_matches('"');
    packed.extend(
        unquoted
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                '-' => '+',
                '_' => '/',
                c => c,
            }),
    );
    BASE64.decode(packed.as_bytes()).ok().map(Zeroizing::new)
}

/// A block of PEM.
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Bytes(Zeroizing<Vec<u8>>),
    /// A key that OpenSSL encrypted in its own way (RFC 1421's `Proc-Type`).
    EncryptedKey,
    /// A form that has PEM's lines, and is not PEM: of `OpenSSH` or PGP.
    Foreign,
}

/// The blocks of PEM in a text, whatever stands around them.
pub(crate) fn pem(text: &str) -> Result<Vec<Block<'_>>, Refusal> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, begun)) = rest.split_once(BEGIN) {
        let number = blocks.len() + 1;
        let damaged = |problem: &str| {
            let problem = format!("block {number} of its PEM {problem}");
            Refusal::file(problem, "take the file from its source again")
        };
        let (label, begun) = begun
            .split_once("-----")
            .filter(|(label, _)| label.len() <= 64 && !label.contains('\n'))
            .ok_or_else(|| damaged("has no whole first line"))?;
        let end = format!("-----END {label}-----");
        let (body, after) = begun
            .split_once(&end)
            .ok_or_else(|| damaged("has no end of the same name"))?;
        rest = after;
        let content = if body.contains("Proc-Type:") && body.contains("ENCRYPTED") {
            Content::EncryptedKey
        } else if ["OPENSSH", "PGP"]
            .iter()
            .any(|name| label.starts_with(name))
        {
            Content::Foreign
        } else {
            // Headers as RFC 1421 has them hold a colon, which base64 does not.
            let lines = body.lines().filter(|line| !line.contains(':'));
            let body: Zeroizing<String> = Zeroizing::new(lines.collect());
            Content::Bytes(base64(&body).ok_or_else(|| damaged("is not base64"))?)
        };
        blocks.push(Block { label, content });
    }
    Ok(blocks)
}
