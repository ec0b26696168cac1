//! Values that have one of several forms. Meant for generated code.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::{Map, Value};

use crate::items;

/// Reads a value as one form.
pub type Form<T> = fn(Value) -> serde_json::Result<T>;

/// Reads the form that keeps most members of an object, the first of several. `other` takes an object whose
/// members only several forms together keep.
pub fn read<'de, D, T>(
    deserializer: D,
    forms: &[Form<T>],
    other: Option<Form<T>>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Serialize,
{
    let value = Value::deserialize(deserializer)?;
    let mut best: Option<(usize, T)> = None;
    let mut known = Map::new();
    let mut reason = None;
    for form in forms {
        // Each form is read as if it were the only one.
        let read = items::attempt(|| form(value.clone()));
        let form = match read {
            Ok(form) => form,
            Err(error) => {
                reason.get_or_insert(error);
                continue;
            }
        };
        let written = serde_json::to_value(&form).map_err(D::Error::custom)?;
        let kept = kept(&value, &written);
        if let Value::Object(members) = written {
            known.extend(
                members
                    .into_iter()
                    .filter(|(name, _)| value.get(name).is_some()),
            );
        }
        if best.as_ref().is_none_or(|(most, _)| kept > *most) {
            best = Some((kept, form));
        }
    }
    let Some((_, form)) = best else {
        return Err(D::Error::custom(match reason {
            Some(reason) => format!("it has none of the forms that are described: {reason}"),
            None => "it has none of the forms that are described".to_owned(),
        }));
    };
    if let Some(other) = other {
        let written = serde_json::to_value(&form).map_err(D::Error::custom)?;
        if known.keys().any(|name| written.get(name).is_none()) {
            return other(value).map_err(D::Error::custom);
        }
    }
    Ok(form)
}

/// How many members of a value another has as well.
fn kept(value: &Value, other: &Value) -> usize {
    match (value, other) {
        (Value::Object(members), Value::Object(others)) => members
            .iter()
            .filter_map(|(name, value)| Some(1 + kept(value, others.get(name)?)))
            .sum(),
        (Value::Array(items), Value::Array(others)) => {
            let pairs = items.iter().zip(others);
            pairs.map(|(value, other)| kept(value, other)).sum()
        }
        _ => 0,
    }
}

/// Reads the form that the value of the member `tag` stands for. `other` takes every other object.
pub fn read_tagged<'de, D, T>(
    deserializer: D,
    tag: &'static str,
    forms: &[(&[&str], Form<T>)],
    other: Option<Form<T>>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    let found = value.get(tag).and_then(Value::as_str);
    let mut all = forms.iter();
    let form = found.and_then(|found| all.find(|(values, _)| values.contains(&found)));
    match form.map(|(_, form)| *form).or(other) {
        Some(form) => form(value).map_err(D::Error::custom),
        None => Err(D::Error::custom(format_args!(
            "`{tag}` names none of the forms that are described"
        ))),
    }
}

/// Writes a form with a member `tag` that has one of `values`: the value's own, or the first.
pub fn write<S, T>(
    serializer: S,
    tag: &'static str,
    values: &[&str],
    form: &T,
) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize + ?Sized,
{
    let mut written = serde_json::to_value(form).map_err(S::Error::custom)?;
    if let (Value::Object(members), Some(first)) = (&mut written, values.first()) {
        let own = members.get(tag).and_then(Value::as_str);
        if !own.is_some_and(|own| values.contains(&own)) {
            members.insert(tag.to_owned(), Value::from(*first));
        }
    }
    written.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::{Form, read, read_tagged, write};

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Cat {
        #[serde(skip_serializing_if = "Option::is_none")]
        lives: Option<u8>,
    }

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Dog {
        #[serde(skip_serializing_if = "Option::is_none")]
        tricks: Option<Vec<String>>,
    }

    #[derive(Debug, PartialEq, Serialize)]
    #[serde(untagged)]
    enum Pet {
        Cat(Cat),
        Dog(Dog),
        Other(Value),
    }

    const CAT: Form<Pet> = |value| serde_json::from_value(value).map(Pet::Cat);
    const DOG: Form<Pet> = |value| serde_json::from_value(value).map(Pet::Dog);
    const OTHER: Form<Pet> = |value| Ok(Pet::Other(value));

    #[test]
    fn the_form_that_keeps_most_is_read() {
        for (value, expected) in [
            (json!({"lives": 9}), Pet::Cat(Cat { lives: Some(9) })),
            (
                json!({"tricks": []}),
                Pet::Dog(Dog {
                    tricks: Some(vec![]),
                }),
            ),
            // A member that no form knows is no reason for another form.
            (
                json!({"lives": 9, "new": 1}),
                Pet::Cat(Cat { lives: Some(9) }),
            ),
            (json!({}), Pet::Cat(Cat { lives: None })),
            (
                json!({"lives": 9, "tricks": []}),
                Pet::Other(json!({"lives": 9, "tricks": []})),
            ),
        ] {
            assert_eq!(
                read(&value, &[CAT, DOG], Some(OTHER)).or_fail(),
                expected,
                "{value}"
            );
        }
        let error = read(json!({"lives": "many", "tricks": 1}), &[CAT, DOG], None).err_or_fail();
        assert!(error.to_string().contains("none of the forms"), "{error}");
    }

    #[test]
    fn a_tag_decides_and_is_written() {
        let forms: [(&[&str], Form<Pet>); 2] = [(&["cat", "lion"], CAT), (&["dog"], DOG)];
        let value = json!({"kind": "dog", "lives": 9});
        let read = |value: Value, other| read_tagged(value, "kind", &forms, other);
        assert_eq!(read(value, None).or_fail(), Pet::Dog(Dog { tricks: None }));
        assert!(read(json!({"kind": "cow"}), None).is_err());
        assert_eq!(
            read(json!({}), Some(OTHER)).or_fail(),
            Pet::Other(json!({}))
        );

        for (form, expected) in [
            (json!(Cat { lives: None }), json!({"kind": "cat"})),
            (json!({"kind": "lion"}), json!({"kind": "lion"})),
            (json!({"kind": "dog"}), json!({"kind": "cat"})),
        ] {
            let json = serde_json::value::Serializer;
            let written = write(json, "kind", &["cat", "lion"], &form).or_fail();
            assert_eq!(written, expected, "{form}");
        }
    }
}
