//! Names: what the generated code calls the things of a document. progenitor and typify make an
//! identifier of each name and do not mind that two become one, or that one is taken; so the names are
//! settled here, before either sees them. What goes over the wire keeps the document's name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use heck::{ToPascalCase, ToSnakeCase};
use regex::{Captures, Regex};

/// Words that are no identifiers.
const KEYWORDS: [&str; 52] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods of a client that no operation may be called after. `all` is a name in `operations`.
const CLIENT_METHODS: [&str; 4] = ["all", "clone", "new", "transport"];

/// Types that the code of the operations' builders, of their headers and of their mocks goes by.
const BUILDER_TYPES: [&str; 10] = [
    "Answer",
    "Box",
    "CallOptions",
    "Error",
    "Into",
    "Option",
    "Result",
    "Send",
    "Sync",
    "TryInto",
];

/// Names that typify's code goes by without saying where they come from.
pub const PRELUDE: [&str; 8] = [
    "Default", "Err", "From", "Into", "None", "Ok", "Some", "TryFrom",
];

/// What a builder's methods and fields and the mocks' have names for already.
const BUILDER_NAMES: [&str; 11] = [
    "client",
    "confirm",
    "deadline",
    "exchange",
    "into_inner",
    "items",
    "new",
    "options",
    "pages",
    "retry_ambiguous",
    "send",
];

/// The identifier of a function, a field or a variable. Every identifier that this gives is one to
/// progenitor and to typify too, so that neither changes it again.
#[must_use]
pub fn snake(name: &str) -> String {
    let word = words(name).to_snake_case();
    let word = match word.chars().next() {
        None => "x".to_owned(),
        Some(first) if first.is_alphabetic() => word,
        Some(_) => format!("x{word}"),
    };
    if KEYWORDS.contains(&word.as_str()) {
        format!("{word}_")
    } else {
        word
    }
}

/// Whether progenitor makes the same identifier of a name as [`snake`] does.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let word = words(name).to_snake_case();
    word.starts_with(char::is_alphabetic)
}

/// The identifier of a type.
#[must_use]
pub fn pascal(name: &str) -> String {
    let word = words(name).to_pascal_case();
    match word.chars().next() {
        None => "X".to_owned(),
        Some(_) if word == "Self" => "Self_".to_owned(),
        Some(first) if first.is_alphabetic() => word,
        Some(_) => format!("X{word}"),
    }
}

fn words(name: &str) -> String {
    match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => name
            .replace('\'', "")
            .replace(|c: char| !c.is_alphanumeric() && c != '_', "-"),
    }
}

/// What a media type is called: `xml` for `application/xml`.
#[must_use]
pub fn of_media_type(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence.rsplit('/').next().unwrap_or_default() {
        "x-www-form-urlencoded" => "form".to_owned(),
        subtype => snake(subtype).trim_end_matches('_').to_owned(),
    }
}

/// Names in use. Each is given once.
#[derive(Clone, Debug, Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// Starts with some names in use.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }

    /// Takes `wanted`, or the first of `wanted2`, `wanted3` that is free.
    pub fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        for number in 2.. {
            if self.0.insert(name.clone()) {
                break;
            }
            name = format!("{wanted}{number}");
        }
        name
    }

    /// Whether a name is in use.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// The ids that operations get, given each one's method, path and id. An id that makes a name of its own
/// stays as it is; one that is missing is made of method and path.
///
/// progenitor stops at a missing id, and writes one method twice where two ids make one name.
#[must_use]
pub fn operation_ids(operations: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    // An id that somebody wrote goes before one that is made up.
    let mut ids = vec![String::new(); operations.len()];
    let mut taken = BTreeSet::new();
    let (given, missing): (Vec<usize>, Vec<usize>) =
        (0..operations.len()).partition(|index| operations[*index].2.is_some());
    for index in given.into_iter().chain(missing) {
        let (method, path, id) = operations[index];
        let id = id.filter(|id| id.contains(char::is_alphanumeric));
        let place = || {
            let path = path.replace(['{', '}'], "").replace('/', "-");
            snake(&format!("{method}{path}"))
        };
        let wanted = id.map_or_else(place, str::to_owned);
        let free = |name: &str, taken: &BTreeSet<String>| {
            let name = snake(name);
            !CLIENT_METHODS.contains(&name.as_str())
                && !BUILDER_TYPES.contains(&pascal(&name).as_str())
                && !taken.contains(&pascal(&name))
        };
        let plain = if snake(&wanted) == wanted.to_snake_case() {
            wanted
        } else {
            snake(&wanted)
        };
        let mut name = plain.clone();
        if !free(&name, &taken) {
            name = format!("{plain}_{}", if id.is_some() { "operation" } else { "2" });
        }
        for number in 2.. {
            if free(&name, &taken) {
                break;
            }
            name = format!("{plain}_{number}");
        }
        taken.insert(pascal(&snake(&name)));
        ids[index] = name;
    }
    ids
}

/// The identifiers of an operation's parameters, given each one's place and name, in their order: those of
/// a setter, a field and a variable.
#[must_use]
pub fn parameter_names(parameters: &[(&str, &str)], has_body: bool) -> Vec<String> {
    let mut taken = Taken::new(BUILDER_NAMES);
    if has_body {
        taken.take("body");
    }
    parameters
        .iter()
        .map(|(location, name)| {
            let name = snake(name);
            if taken.has(&name) {
                taken.take(&format!("{}_{location}", name.trim_end_matches('_')))
            } else {
                taken.take(&name)
            }
        })
        .collect()
}

/// Names that differ between code and wire. typify knows one name for both; where they have to differ, it
/// gets the identifier with a mark behind it that no identifier keeps, and in the code that comes out,
/// identifier and mark become the name on the wire.
#[derive(Clone, Debug, Default)]
pub struct WireNames {
    /// The names on the wire, by those in memory.
    names: BTreeMap<String, String>,
    /// The names in memory, by identifier and name on the wire.
    known: BTreeMap<(String, String), String>,
}

/// The marks: characters of Unicode's private use, which no document has a meaning for.
const MARKS: [char; 16] = [
    '\u{e100}', '\u{e101}', '\u{e102}', '\u{e103}', '\u{e104}', '\u{e105}', '\u{e106}', '\u{e107}',
    '\u{e108}', '\u{e109}', '\u{e10a}', '\u{e10b}', '\u{e10c}', '\u{e10d}', '\u{e10e}', '\u{e10f}',
];

/// An identifier with its mark, as a text or as an escape.
#[allow(clippy::expect_used, reason = "a constant that a test compiles")]
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    let marked = r"([[:word:]]*?)((?:\\u\{e10[0-9a-f]\}|[\u{e100}-\u{e10f}])+)";
    Regex::new(marked).expect("a regular expression")
});

impl WireNames {
    /// A name that becomes `identifier` in the code and `wire` in its texts.
    pub fn replace(&mut self, identifier: &str, wire: &str) -> String {
        let pair = (identifier.to_owned(), wire.to_owned());
        if let Some(name) = self.known.get(&pair) {
            return name.clone();
        }
        let mut number = self.names.len();
        let mut mark = String::new();
        loop {
            mark.push(MARKS[number % 16]);
            number /= 16;
            if number == 0 {
                break;
            }
        }
        let name = format!("{identifier}{mark}");
        self.names.insert(name.clone(), wire.to_owned());
        self.known.insert(pair, name.clone());
        name
    }

    /// What a name in memory is on the wire.
    pub fn wire<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// Puts the names on the wire back into a text of Rust.
    #[must_use]
    pub fn restore(&self, code: String) -> String {
        if self.names.is_empty() {
            return code;
        }
        let restored = MARKED.replace_all(&code, |found: &Captures<'_>| {
            let mark: String = found[2]
                .replace("\\u{", "")
                .replace('}', "")
                .split("e10")
                .filter_map(|digit| u32::from_str_radix(digit, 16).ok())
                .filter_map(|digit| MARKS.get(digit as usize))
                .collect();
            let mark = if mark.is_empty() {
                found[2].to_owned()
            } else {
                mark
            };
            let name = format!("{}{mark}", &found[1]);
            match self.names.get(&name) {
                Some(wire) => wire.escape_default().to_string(),
                None => found[1].to_owned(),
            }
        });
        restored.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{WireNames, operation_ids, parameter_names, pascal, snake};

    #[test]
    fn every_name_becomes_an_identifier() {
        for (name, expected) in [
            ("petId", "pet_id"),
            ("X-Rate-Limit", "x_rate_limit"),
            ("filter[name]", "filter_name"),
            ("type", "type_"),
            ("$type", "type_"),
            ("2fa", "x2fa"),
            ("", "x"),
            ("+1", "plus1"),
            ("größe", "größe"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
            assert!(syn::parse_str::<syn::Ident>(expected).is_ok(), "{expected}");
        }
        assert_eq!(pascal("self"), "Self_");
        assert_eq!(pascal("pet.Status-v1"), "PetStatusV1");
    }

    #[test]
    fn operations_get_names_of_their_own() {
        let ids = operation_ids(&[
            ("get", "/pets", Some("listPets")),
            ("post", "/pets", Some("list_pets")),
            ("get", "/pets/{petId}", None),
            ("get", "/new", Some("new")),
            ("get", "/error", Some("error")),
            ("get", "/x", Some("!!")),
        ]);
        assert_eq!(
            ids,
            [
                "listPets",
                "list_pets_operation",
                "get_pets_pet_id",
                "new_operation",
                "error_operation",
                "get_x",
            ]
        );
    }

    #[test]
    fn parameters_get_names_of_their_own() {
        let names = parameter_names(
            &[
                ("query", "body"),
                ("header", "send"),
                ("query", "id"),
                ("path", "ID"),
                ("query", "options"),
            ],
            true,
        );
        let expected = [
            "body_query",
            "send_header",
            "id",
            "id_path",
            "options_query",
        ];
        assert_eq!(names, expected);
        assert_eq!(parameter_names(&[("query", "body")], false), ["body"]);
    }

    #[test]
    fn names_on_the_wire_are_restored_in_literals_and_comments() {
        let mut wire_names = WireNames::default();
        for number in 0..20 {
            wire_names.replace(&format!("other{number}"), "other");
        }
        let name = wire_names.replace("body_query", "bo\"dy");
        assert_eq!(snake(&name), "body_query");
        let code = format!("/// {name}\nlet a = \"{}\";", name.escape_default());
        assert_eq!(
            wire_names.restore(code),
            "/// bo\\\"dy\nlet a = \"bo\\\"dy\";"
        );
    }
}
