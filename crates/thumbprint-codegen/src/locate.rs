//! Where in a file the places are that JSON pointers name.
//!
//! The YAML library tells where it read each value, and reads JSON as well; so there is no scanner of ours
//! that could be of another mind about the text.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A document's text. It is read when the first line is asked for: most documents have nothing to tell of.
#[derive(Clone)]
pub struct Lines(Arc<Text>);

struct Text {
    text: String,
    /// What stands where in it; none if it is neither YAML nor JSON.
    root: OnceLock<Option<Node>>,
}

enum Node {
    /// Members, each with the line of its name.
    Mapping(Box<[(Box<str>, u64, Node)]>),
    /// Elements, each with its line.
    List(Box<[(u64, Node)]>),
    Scalar,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Lines {
    /// Those of a text of YAML or JSON.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (text, root) = (text.to_owned(), OnceLock::new());
        Self(Arc::new(Text { text, root }))
    }

    /// The line that a pointer leads to, counted from 1: where the last name of the pointer stands. A
    /// pointer to something that is not there leads to the nearest thing that would hold it. `None` if the text
    /// is neither YAML nor JSON.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let Text { text, root } = &*self.0;
        let root = root.get_or_init(|| crate::syntax::yaml(text).ok());
        let (mut node, mut line) = (root.as_ref()?, 1);
        for key in pointer.split('/').skip(1) {
            let key = key.replace("~1", "/").replace("~0", "~");
            let found = match node {
                Node::Mapping(members) => members
                    .iter()
                    .find(|(name, ..)| **name == *key)
                    .map(|(_, line, node)| (*line, node)),
                Node::List(items) => key
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                    .map(|(line, node)| (*line, node)),
                Node::Scalar => None,
            };
            let Some((at, within)) = found else { break };
            line = usize::try_from(at).unwrap_or(line);
            node = within;
        }
        Some(line)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nodes;

        impl<'de> Visitor<'de> for Nodes {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("YAML")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<Spanned<String>>()? {
                    let line = name.referenced.line();
                    members.push((name.value.into(), line, map.next_value()?));
                }
                Ok(Node::Mapping(members.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element::<Spanned<Node>>()? {
                    items.push((item.referenced.line(), item.value));
                }
                Ok(Node::List(items.into()))
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Node, D::Error> {
                Node::deserialize(value)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_str<E>(self, _: &str) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar)
            }

            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
        }

        deserializer.deserialize_any(Nodes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use test_support::OrFail as _;

    use super::Lines;
    use crate::document::{Document, join, members};

    fn line(text: &str, pointer: &str) -> Option<usize> {
        Lines::of(text).line(pointer)
    }

    const YAML: &str = "# A comment.
openapi: 3.0.3
paths:
  /a/{b}:   # another
    get:
      tags: [x,
        y]
      \"200\":
        text: |-
          one: two
          three
      parameters:
        - $ref: '#/a'
        - name: n
          in: query
    put: { a: 1,
      b~c: 2 }
    404: gone
  empty:
";

    #[test]
    fn lines_of_yaml() {
        for (pointer, expected) in [
            ("", 1),
            ("/openapi", 2),
            ("/paths", 3),
            ("/paths/~1a~1{b}", 4),
            ("/paths/~1a~1{b}/get", 5),
            ("/paths/~1a~1{b}/get/tags", 6),
            ("/paths/~1a~1{b}/get/tags/1", 7),
            ("/paths/~1a~1{b}/get/200", 8),
            ("/paths/~1a~1{b}/get/200/text", 9),
            ("/paths/~1a~1{b}/get/parameters", 12),
            ("/paths/~1a~1{b}/get/parameters/0", 13),
            ("/paths/~1a~1{b}/get/parameters/1", 14),
            ("/paths/~1a~1{b}/get/parameters/1/in", 15),
            ("/paths/~1a~1{b}/put/b~0c", 17),
            ("/paths/~1a~1{b}/404", 18),
            ("/paths/empty", 19),
            // What is not there would be in this.
            ("/paths/~1a~1{b}/get/summary", 5),
            ("/paths/~1a~1{b}/get/parameters/7/name", 12),
            ("/openapi/deeper", 2),
        ] {
            assert_eq!(line(YAML, pointer), Some(expected), "{pointer}");
        }
    }

    #[test]
    fn lines_of_json() {
        let text = "{\n\t\"a\": {\"b\\/c\": [1,\n 2], \"n\": null},\n\"d\": 1.5e3\n}\n";
        for (pointer, expected) in [
            ("", 1),
            ("/a", 2),
            ("/a/b~1c", 2),
            ("/a/b~1c/1", 3),
            ("/a/n", 3),
            ("/d", 4),
        ] {
            assert_eq!(line(text, pointer), Some(expected), "{pointer}");
        }
        assert_eq!(line("a: [", "/a"), None);
    }

    /// Of a document of somebody's there may be thousands of things to tell, or none. A validator that read its text
    /// for each of them took minutes (readmeio/openapi-parser#180).
    #[test]
    fn a_text_is_read_once_for_all_its_lines_and_not_before_one_is_asked_for() {
        let lines = Lines::of(YAML);
        let other = lines.clone();
        assert!(lines.0.root.get().is_none());
        assert_eq!(other.line("/paths/empty"), Some(19));
        assert!(lines.0.root.get().is_some());
    }

    /// In each of our documents the line of a member has its name, for every member.
    #[test]
    fn every_line_has_the_name() {
        fn check(value: &Value, at: &str, lines: &Lines, text: &[&str]) {
            for (key, value) in members(value) {
                let at = join(at, key);
                let line = lines.line(&at).or_fail();
                assert!(
                    text[line - 1].contains(key.as_str()),
                    "{at}: line {line} is {:?}",
                    text[line - 1]
                );
                check(value, &at, lines, text);
            }
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                check(value, &format!("{at}/{index}"), lines, text);
            }
        }
        for name in ["batch", "wap"] {
            let document = Document::load(&crate::root(), name).or_fail();
            let text = std::fs::read_to_string(crate::root().join(&document.file)).or_fail();
            let lines = Lines::of(&text);
            check(
                &document.value,
                "",
                &lines,
                &text.lines().collect::<Vec<_>>(),
            );
        }
    }
}
