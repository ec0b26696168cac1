//! Members that may be absent, and that may be null. Meant for generated code.

use serde::{Deserialize, Deserializer};

use crate::items;

/// Reads a member that is there: `null`, or a value. An absent one is `None` by serde's `default`.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// The same for a list.
pub fn nullable_list<'de, D, T>(deserializer: D) -> Result<Option<Option<Vec<T>>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    items::read_optional(deserializer).map(Some)
}
