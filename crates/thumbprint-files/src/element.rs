//! DER, taken apart one level at a time. Nothing here recurses, so depth costs nothing.

use der::{Header, Reader as _, SliceReader, asn1::ObjectIdentifier};

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;

/// A value with its tag.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    /// The first octet: class, whether it is constructed, and number.
    pub(crate) tag: u8,
    /// What it holds.
    pub(crate) value: &'a [u8],
    /// The same with tag and length before it.
    pub(crate) whole: &'a [u8],
}

/// The elements that follow each other in `bytes`, to their end.
pub(crate) fn elements(bytes: &[u8]) -> der::Result<Vec<Element<'_>>> {
    let mut reader = SliceReader::new(bytes)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(element(&mut reader)?);
    }
    Ok(elements)
}

/// The first element in `bytes`, and how many bytes follow it.
pub(crate) fn first(bytes: &[u8]) -> der::Result<(Element<'_>, usize)> {
    let mut reader = SliceReader::new(bytes)?;
    let element = element(&mut reader)?;
    Ok((element, bytes.len() - element.whole.len()))
}

fn element<'a>(reader: &mut SliceReader<'a>) -> der::Result<Element<'a>> {
    let whole = reader.tlv_bytes()?;
    let header = Header::peek(&SliceReader::new(whole)?)?;
    let start = whole.len() - usize::try_from(header.length())?;
    Ok(Element {
        tag: whole[0],
        value: &whole[start..],
        whole,
    })
}

impl<'a> Element<'a> {
    /// The elements in it.
    pub(crate) fn inner(&self) -> der::Result<Vec<Element<'a>>> {
        elements(self.value)
    }

    pub(crate) fn oid(&self) -> Option<ObjectIdentifier> {
        (self.tag == OID)
            .then(|| ObjectIdentifier::from_bytes(self.value).ok())
            .flatten()
    }

    /// The bytes of a BIT STRING that ends with a whole byte.
    pub(crate) fn bits(&self) -> Option<&'a [u8]> {
        match self.value {
            [0, bits @ ..] if self.tag == BIT_STRING => Some(bits),
            _ => None,
        }
    }

    /// An INTEGER that is not negative and fits.
    #[cfg(feature = "pkcs12")]
    pub(crate) fn integer(&self) -> Option<u32> {
        use der::Decode as _;

        u32::from_der(self.whole).ok()
    }
}

/// The tags of elements, to match on.
pub(crate) fn tags(elements: &[Element<'_>]) -> Vec<u8> {
    elements.iter().map(|element| element.tag).collect()
}
