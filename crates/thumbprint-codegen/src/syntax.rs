//! YAML and JSON, read as values.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a description in YAML.
pub(crate) fn yaml_value(text: &str) -> Result<Value, serde_saphyr::Error> {
    yaml(text).map(|Unique(value)| value)
}

/// Reads YAML 1.2, in which `no`, `y` and `1_000` are texts.
pub(crate) fn yaml<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        // The library's own are for files of settings. With these it reads the largest documents that there are,
        // and what its aliases stand for stays within them.
        budget: serde_saphyr::budget! {
            max_nodes: 20_000_000,
            max_events: 60_000_000,
            max_depth: 128,
            max_total_scalar_bytes: 256 * 1024 * 1024,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// Reads JSON.
pub(crate) fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|Unique(value)| value)
}

/// From here on not every integer is a number of its own.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// JSON in which no name stands twice: of two members of one name a parser keeps the last, and a path or an
/// operation would be gone without a word.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueNames).map(Self)
    }
}

struct UniqueNames;

impl<'de> Visitor<'de> for UniqueNames {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                let problem =
                    format!("the name {name:?} stands twice in one object; keep one of them");
                return Err(A::Error::custom(problem));
            }
            members.insert(name, map.next_value::<Unique>()?.0);
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    /// `10.0` and YAML's `010` are the integer 10: to JSON Schema a number is what it amounts to.
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "it is whole, and small enough"
        )]
        let whole = (number.fract() == 0.0 && number.abs() < WHOLE).then_some(number as i64);
        Ok(whole.map_or_else(|| number.into(), Value::from))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
