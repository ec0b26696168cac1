//! A small XML document, read whole: names by their namespaces' URIs, nothing that could expand, and
//! limits on everything that an attacker could choose.

use quick_xml::{
    NsReader,
    events::{BytesRef, BytesStart, Event},
    name::{Namespace, QName, ResolveResult},
};
use zeroize::Zeroizing;

/// How deep elements may lie in each other. An answer with a signed assertion has about fifteen levels.
const DEPTH: usize = 64;
/// How many elements a document may have. Real ones have fewer than a hundred; each costs memory.
const ELEMENTS: usize = 2_000;
/// How many attributes an element may have. Looking for repeated ones takes the square of it.
const ATTRIBUTES: usize = 64;

/// An element, with what is in it.
#[derive(Default)]
pub struct Element {
    name: Name,
    /// Attributes without a prefix, which belong to the element alone.
    attributes: Vec<(String, String)>,
    /// The element's own text. It can be a token.
    text: Zeroizing<String>,
    /// The text as a qualified name, where it can be one: its prefix means something only in its place.
    qualified: Option<Name>,
    children: Vec<Self>,
}

/// A name and the URI of its namespace, which is empty where it has none.
#[derive(Clone, Default, PartialEq, Eq)]
struct Name {
    namespace: String,
    local: String,
}

/// Why a text is not a document that is read here: never with a part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: &'static str,
    /// How many bytes before it were read.
    pub at: u64,
}

impl Element {
    /// Reads a document. Refuses document types, entities other than XML's own five, and whatever is too
    /// deep or too much.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let mut reader = NsReader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        let mut elements = 0;
        loop {
            let at = reader.buffer_position();
            let problem = |what| Problem { what, at };
            // The parser's own words can quote the document.
            let event = reader
                .read_event()
                .map_err(|_| problem("it is not well-formed"))?;
            let ends = match event {
                Event::Start(ref start) | Event::Empty(ref start) => {
                    elements += 1;
                    if open.len() == DEPTH {
                        return Err(problem("its elements lie too deep in each other"));
                    }
                    if elements > ELEMENTS {
                        return Err(problem("it has too many elements"));
                    }
                    if root.is_some() {
                        return Err(problem("something follows its end"));
                    }
                    open.push(Self::start(&reader, start).map_err(problem)?);
                    matches!(event, Event::Empty(_))
                }
                Event::End(_) => true,
                Event::Text(text) => {
                    append(&mut open, &text.xml10_content()).map_err(problem)?;
                    false
                }
                Event::CData(text) => {
                    append(&mut open, &text.xml10_content()).map_err(problem)?;
                    false
                }
                Event::GeneralRef(reference) => {
                    let character = resolve(&reference).map_err(problem)?;
                    append(&mut open, character.encode_utf8(&mut [0; 4])).map_err(problem)?;
                    false
                }
                // SOAP 1.2 part 1, section 5: a message has no document type declaration. Without one
                // there are no entities that could expand or be fetched.
                Event::DocType(_) => return Err(problem("it has a document type declaration")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => false,
                // The root is there when it is closed, and nothing is opened after it.
                Event::Eof => return root.ok_or(problem("it ends too early")),
            };
            if ends && let Some(mut element) = open.pop() {
                element.qualified = qualified(&reader, element.text.trim());
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => root = Some(element),
                }
            }
        }
    }

    fn start(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Self, &'static str> {
        let name = name(reader, start.name()).ok_or("it has a prefix that is not declared")?;
        let mut attributes = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count == ATTRIBUTES {
                return Err("an element has too many attributes");
            }
            let attribute = attribute.map_err(|_| "it is not well-formed")?;
            if attribute.key.prefix().is_none() {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                    .map_err(|_| "an attribute has an entity that XML does not know")?;
                attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into()));
            }
        }
        Ok(Self {
            name,
            attributes,
            ..Self::default()
        })
    }

    /// Whether it has this name, in the namespace of this URI.
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.namespace == namespace && self.name.local == local
    }

    /// Its name without the namespace.
    #[must_use]
    pub fn local_name(&self) -> &str {
        &self.name.local
    }

    /// The URI of its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.name.namespace
    }

    /// The elements in it, in the document's order.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// The elements in it that have this name.
    pub fn all<'a>(
        &'a self,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a Self> + 'a {
        self.children
            .iter()
            .filter(move |child| child.is(namespace, local))
    }

    /// The first element in it that has this name.
    #[must_use]
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Self> {
        self.children
            .iter()
            .find(|child| child.is(namespace, local))
    }

    /// Its own text, without the white space around it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.trim()
    }

    /// Its own text as it stands, white space and all.
    #[must_use]
    pub fn whole_text(&self) -> &str {
        &self.text
    }

    /// Its text, which is a qualified name: the URI of the namespace, and the name.
    #[must_use]
    pub fn qualified_name(&self) -> Option<(&str, &str)> {
        let name = self.qualified.as_ref()?;
        Some((&name.namespace, &name.local))
    }

    /// The value of an attribute that has no prefix.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Adds text to the innermost element. Outside of all there is only white space.
fn append(open: &mut [Element], text: &str) -> Result<(), &'static str> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
        None => return Err("it has text outside of its elements"),
    }
    Ok(())
}

/// The character that a reference stands for: by its number, or one of XML's own five.
fn resolve(reference: &BytesRef<'_>) -> Result<char, &'static str> {
    let unknown = "it has an entity that XML does not know";
    if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown)? {
        return Ok(character);
    }
    Ok(match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(unknown),
    })
}

/// An element's name with its namespace's URI. `None` where the prefix is not declared.
fn name(reader: &NsReader<&[u8]>, name: QName<'_>) -> Option<Name> {
    let (namespace, local) = reader.resolver().resolve_element(name);
    let namespace = match namespace {
        ResolveResult::Bound(Namespace(uri)) => uri,
        ResolveResult::Unbound => "",
        ResolveResult::Unknown(_) => return None,
    };
    Some(Name {
        namespace: namespace.to_owned(),
        local: local.as_ref().to_owned(),
    })
}

/// A text as a qualified name: letters, digits, hyphens, dots and underlines, and perhaps one colon. Fault
/// codes that standards name are no longer than forty characters.
fn qualified(reader: &NsReader<&[u8]>, text: &str) -> Option<Name> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let is_name = text.len() <= 128 && text.splitn(2, ':').all(part);
    is_name.then(|| name(reader, QName(text)))?
}
