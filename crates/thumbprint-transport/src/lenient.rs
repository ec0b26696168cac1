//! Values of an answer that nobody needs to act on: one of another form costs itself and not its neighbours.
//! Meant for generated code, which reads each optional member of an answer so.
//!
//! An answer is read as fast as it comes. Only where a value was left out is it read once more, slowly, to tell
//! which one: so an answer as the document says it costs nothing.

use std::{
    cell::{Cell, RefCell},
    fmt,
    marker::PhantomData,
};

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, EnumAccess, Error, IgnoredAny, IntoDeserializer,
        MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, Error as Unfit, MapAccessDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::items;

/// A value of an answer that was left out, because it has not the form that the document gives it. What it was
/// is not shown.
///
/// ```
/// use thumbprint_transport::Answer;
///
/// fn has_its_times<T, H>(answer: &Answer<T, H>) -> bool {
///     !answer.warnings().iter().any(|warning| warning.path.ends_with("Time"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AnswerWarning {
    /// Where it stands in the answer's JSON, such as `value[2].stateTransitionTime`.
    pub path: String,
    /// What it is in JSON, such as `text`.
    pub found: &'static str,
}

impl fmt::Display for AnswerWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found } = self;
        write!(
            f,
            "{path} is left out: the {found} has not the form that the document gives it"
        )
    }
}

thread_local! {
    /// How many values were left out of the answer that this thread reads. `None` where no answer is read: a
    /// value that a program reads by itself is its own business.
    static LEFT_OUT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Where the slow reader is, and what it has left out.
    static PATH: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static WARNINGS: RefCell<Vec<AnswerWarning>> = const { RefCell::new(Vec::new()) };
}

/// Reads an answer, and says what was left out of it. `Err(None)` where its lists hold too much.
pub(crate) fn read_answer<T: DeserializeOwned>(
    body: &[u8],
) -> Result<(T, Vec<AnswerWarning>), Option<serde_json::Error>> {
    let read = |read: &dyn Fn() -> serde_json::Result<T>| {
        LEFT_OUT.set(Some(0));
        let value = items::within_budget(read);
        (value, LEFT_OUT.take().unwrap_or_default())
    };
    let (value, left_out) = read(&|| serde_json::from_slice(body));
    let value = value?;
    if left_out > 0 {
        let slow = || {
            T::deserialize(Tracked::new(&mut serde_json::Deserializer::from_slice(
                body,
            )))
        };
        // What it reads is the same once more.
        let _ = read(&slow);
        PATH.take();
    }
    Ok((value, WARNINGS.take()))
}

fn leave_out(found: &'static str) {
    LEFT_OUT.set(LEFT_OUT.get().map(|count| count + 1));
    let path = PATH.with_borrow(|path| path.concat());
    // The quick reader knows no place.
    if !path.is_empty() {
        let path = path.trim_start_matches('.').to_owned();
        WARNINGS.with_borrow_mut(|warnings| warnings.push(AnswerWarning { path, found }));
    }
}

/// Reads a text, a number or a truth value, also in a form that others give it: a number as text and the other
/// way round, a time with another zone or with none (it is UTC then), without seconds, or as `/Date(..)/`.
pub fn scalar<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    if LEFT_OUT.get().is_none() {
        return Option::deserialize(deserializer);
    }
    deserializer.deserialize_any(Scalar(PhantomData))
}

/// Reads an object.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    if LEFT_OUT.get().is_none() {
        return Option::deserialize(deserializer);
    }
    deserializer.deserialize_any(Object(PhantomData))
}

struct Scalar<T>(PhantomData<T>);

/// A value as `T`, or as the `T` that one of its other forms is.
fn fit<'de, T: Deserialize<'de>>(
    value: impl IntoDeserializer<'de, Unfit>,
    others: impl FnOnce() -> Option<T>,
    found: &'static str,
) -> Option<T> {
    let fitting = T::deserialize(value.into_deserializer()).ok();
    let fitting = fitting.or_else(others);
    if fitting.is_none() {
        leave_out(found);
    }
    fitting
}

fn of<'de, T: Deserialize<'de>>(value: impl IntoDeserializer<'de, Unfit>) -> Option<T> {
    T::deserialize(value.into_deserializer()).ok()
}

/// What a text says that is no text.
fn of_text<'de, T: Deserialize<'de>>(text: &str) -> Option<T> {
    let text = text.trim();
    let whole = || of(text.parse::<i64>().ok()?);
    let number = || {
        of(text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())?)
    };
    let truth = || of(text.to_ascii_lowercase().parse::<bool>().ok()?);
    let moment = || {
        let utc = time(text)?;
        let zoned = utc.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true);
        of(zoned.clone()).or_else(|| of(zoned.trim_end_matches('Z').to_owned()))
    };
    whole().or_else(number).or_else(truth).or_else(moment)
}

/// A time in one of the forms that .NET gives it, in UTC: ISO 8601 with a zone or with none, with seconds or
/// without, and `/Date(..)/`, whose milliseconds are those of UTC whatever zone follows them.
fn time(text: &str) -> Option<NaiveDateTime> {
    if let Some(date) = text.strip_prefix("/Date(") {
        let date = date.strip_suffix(")/")?;
        let zone = date.rfind(['+', '-']).filter(|at| *at > 0);
        let (milliseconds, zone) = date.split_at(zone.unwrap_or(date.len()));
        let is_zone = zone.is_empty() || offset(zone).is_some();
        let time = DateTime::from_timestamp_millis(milliseconds.parse().ok()?)?;
        return is_zone.then(|| time.naive_utc());
    }
    // Behind the date, whose hyphens are none of a zone.
    let at = text.get(10..)?.find(['Z', 'z', '+', '-']);
    let (local, zone) = text.split_at(at.map_or(text.len(), |at| at + 10));
    let offset = offset(zone)?;
    let local = local.trim_end();
    let forms = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ];
    let mut read = forms
        .iter()
        .map(|form| NaiveDateTime::parse_from_str(local, form));
    read.find_map(Result::ok)?.checked_sub_offset(offset)
}

/// The offset of a zone: of `Z`, of `+02:00`, `+0200` and `+02`, and of none.
fn offset(zone: &str) -> Option<FixedOffset> {
    let digits = zone.get(1..).unwrap_or_default();
    let (hours, minutes) = match zone {
        "" | "Z" | "z" => ("00", "00"),
        _ if digits.len() == 2 => (digits, "00"),
        _ => digits
            .split_once(':')
            .or_else(|| digits.split_at_checked(2))?,
    };
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|_| is_number)
    };
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    FixedOffset::east_opt(if zone.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Scalar<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Option<T>, E> {
        Ok(fit(
            BorrowedStrDeserializer::new(text),
            || of_text(text),
            "text",
        ))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        Ok(fit(text, || of_text(text), "text"))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Option<T>, E> {
        Ok(fit(truth, || of(truth.to_string()), "truth value"))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<T>, E> {
        Ok(fit(number, || of(number.to_string()), "number"))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<T>, E> {
        Ok(fit(number, || of(number.to_string()), "number"))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<T>, E> {
        // `2.0` is the whole number that it looks like.
        let text = || number.to_string();
        let whole = || of(text().parse::<i64>().ok()?);
        Ok(fit(number, || whole().or_else(|| of(text())), "number"))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<T>, A::Error> {
        leave_out("list");
        IgnoredAny.visit_seq(list).map(|_| None)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Option<T>, A::Error> {
        leave_out("object");
        IgnoredAny.visit_map(object).map(|_| None)
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Some)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Option<T>, E> {
        leave_out("text");
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<T>, E> {
        leave_out("truth value");
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Option<T>, E> {
        leave_out("number");
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Option<T>, E> {
        leave_out("number");
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Option<T>, E> {
        leave_out("number");
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<T>, A::Error> {
        leave_out("list");
        IgnoredAny.visit_seq(list).map(|_| None)
    }
}

/// A deserializer that gives a struct the members of an object, and nothing else.
#[derive(Debug)]
pub struct Members<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Members<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Members(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Members(visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Members(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(members)
    }
}

/// A deserializer, a visitor or a seed that notes where it is.
struct Tracked<T> {
    inner: T,
    /// Whether the names of an object's members are told. Those that the document does not know are not: a
    /// server can write into them what it was sent.
    is_named: bool,
}

impl<T> Tracked<T> {
    fn new(inner: T) -> Self {
        let is_named = true;
        Self { inner, is_named }
    }
}

/// Where a reader is in a list or an object.
struct Steps<A> {
    access: A,
    is_named: bool,
    index: usize,
    name: String,
}

fn within<T>(step: String, read: impl FnOnce() -> T) -> T {
    PATH.with_borrow_mut(|path| path.push(step));
    let read = read();
    PATH.with_borrow_mut(Vec::pop);
    read
}

macro_rules! deserialize {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* Tracked::new(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tracked<D> {
    type Error = D::Error;

    deserialize! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32()
        deserialize_i64() deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
        deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_seq() deserialize_identifier()
        deserialize_ignored_any() deserialize_tuple(length: usize)
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = Tracked {
            inner: visitor,
            is_named: false,
        };
        self.inner.deserialize_map(visitor)
    }
}

macro_rules! visit {
    ($($method:ident($type:ty))*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Tracked<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_i64(i64) visit_i128(i128) visit_u64(u64) visit_u128(u128) visit_f64(f64)
        visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Tracked::new(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Tracked::new(deserializer))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(access)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Steps::new(access, true))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Steps::new(access, self.is_named))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Tracked<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Tracked::new(deserializer))
    }
}

impl<A> Steps<A> {
    fn new(access: A, is_named: bool) -> Self {
        Self {
            access,
            is_named,
            index: 0,
            name: "*".to_owned(),
        }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Steps<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let step = format!("[{}]", self.index);
        self.index += 1;
        within(step, || self.access.next_element_seed(Tracked::new(seed)))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Steps<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        if !self.is_named {
            return self.access.next_key_seed(seed);
        }
        let Some(name) = self.access.next_key()? else {
            return Ok(None);
        };
        self.name = name;
        seed.deserialize(self.name.as_str().into_deserializer())
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let step = format!(".{}", self.name);
        within(step, || self.access.next_value_seed(Tracked::new(seed)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDateTime, Utc};
    use serde::Deserialize;
    use test_support::OrFail as _;

    use super::{read_answer, scalar};

    /// As the text has it, by Rust's own reading; that of `serde_json` by itself is one digit off for some.
    #[test]
    fn a_number_keeps_its_last_digit() {
        for text in [
            "10.592537251772889",
            "2.939334162588793e-8",
            "88.78101130985423",
            "5e-324",
        ] {
            let (read, _) = read_answer::<f64>(text.as_bytes()).or_fail();
            assert_eq!(Some(read), text.parse().ok(), "{text}");
        }
        for step in 0..2_000_u32 {
            let number = f64::from(step).sqrt() / 7.0;
            let text = number.to_string();
            let (read, _) = read_answer::<f64>(text.as_bytes()).or_fail();
            assert_eq!(read.to_bits(), number.to_bits(), "{text}");
        }
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Thing {
        #[serde(deserialize_with = "scalar")]
        zoned: Option<DateTime<Utc>>,
        #[serde(deserialize_with = "scalar")]
        local: Option<NaiveDateTime>,
        #[serde(deserialize_with = "scalar")]
        number: Option<i32>,
        #[serde(deserialize_with = "scalar")]
        share: Option<f64>,
        #[serde(deserialize_with = "scalar")]
        truth: Option<bool>,
        #[serde(deserialize_with = "scalar")]
        text: Option<String>,
        #[serde(deserialize_with = "super::object")]
        inner: Option<Box<Thing>>,
    }

    fn read(json: &str) -> (Thing, Vec<String>) {
        let (thing, warnings) = read_answer(json.as_bytes()).or_fail();
        (thing, warnings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_time_is_read_in_every_form_that_dotnet_gives_it() {
        for (text, expected) in [
            ("2013-07-03T16:19:50.793", "2013-07-03T16:19:50.793"),
            ("2013-07-03T16:19:50.793Z", "2013-07-03T16:19:50.793"),
            ("2013-07-03T16:19:50.7930000z", "2013-07-03T16:19:50.793"),
            ("2013-07-03T18:19:50+02:00", "2013-07-03T16:19:50"),
            ("2013-07-03T11:49:50-0430", "2013-07-03T16:19:50"),
            ("2013-07-03T18:19:50+02", "2013-07-03T16:19:50"),
            ("2013-07-03 16:19:50Z", "2013-07-03T16:19:50"),
            (" 2013-07-03T16:19 ", "2013-07-03T16:19:00"),
            ("2013-07-03T16:19Z", "2013-07-03T16:19:00"),
            ("/Date(1372868390793)/", "2013-07-03T16:19:50.793"),
            ("/Date(1372868390793+0200)/", "2013-07-03T16:19:50.793"),
            ("/Date(-1000-0330)/", "1969-12-31T23:59:59"),
            // Times that are none, as .NET writes them west of Greenwich.
            ("/Date(-62135575200000-0600)/", "0001-01-01T06:00:00"),
            ("0000-12-31 16:00:00 -08:00", "0001-01-01T00:00:00"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
        ] {
            let expected: NaiveDateTime = expected.parse().or_fail();
            let (thing, warnings) = read(&format!(r#"{{"zoned":"{text}","local":"{text}"}}"#));
            assert_eq!(thing.local, Some(expected), "{text}");
            assert_eq!(thing.zoned, Some(expected.and_utc()), "{text}");
            assert!(warnings.is_empty(), "{warnings:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_left_out_with_its_place() {
        for text in [
            "",
            "soon",
            "2013-07-03",
            "03.07.2013 16:19",
            "2013-13-03T16:19:50",
            "2013-07-03T25:00:00",
            "2013-07-03T16:19:50+",
            "2013-07-03T16:19:50+99:00",
            "2013-07-03T16:19:50+1:2",
            "/Date()/",
            "/Date(soon)/",
            "/Date(1372868390793",
            "/Date(99999999999999999999)/",
            "/Date(1+)/",
            "/Date(-)/",
            "2013-07-03T16:19:50+\u{e9}\u{e9}",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            let (thing, warnings) = read(&format!(r#"{{"text":"t","local":"{text}"}}"#));
            assert_eq!(
                (thing.local, thing.text.as_deref()),
                (None, Some("t")),
                "{text}"
            );
            let expected =
                "local is left out: the text has not the form that the document gives it";
            assert_eq!(warnings, [expected], "{text}");
        }
    }

    #[test]
    fn a_scalar_is_read_in_another_form_if_it_says_the_same() {
        let (thing, warnings) = read(
            r#"{"number":"7","share":"0.5","truth":"True","text":7,"inner":{"number":7.0,"share":1,"text":true}}"#,
        );
        let inner = Thing {
            number: Some(7),
            share: Some(1.0),
            text: Some("true".into()),
            ..Thing::default()
        };
        let expected = Thing {
            number: Some(7),
            share: Some(0.5),
            truth: Some(true),
            text: Some("7".into()),
            inner: Some(Box::new(inner)),
            ..Thing::default()
        };
        assert_eq!(thing, expected);
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    /// Whatever JSON has instead of an object (RFC 8259, section 3), but for what is absent, is told.
    #[test]
    fn what_is_no_object_is_left_out_and_told_by_what_it_is() {
        for (text, found) in [
            ("\"text\"", "text"),
            ("true", "truth value"),
            ("-1", "number"),
            ("1", "number"),
            ("0.5", "number"),
            ("[{}]", "list"),
        ] {
            let (thing, warnings) = read(&format!(r#"{{"text":"t","inner":{text}}}"#));
            assert_eq!((thing.inner, thing.text.as_deref()), (None, Some("t")));
            let expected = format!(
                "inner is left out: the {found} has not the form that the document gives it"
            );
            assert_eq!(warnings, [expected], "{text}");
        }
    }

    #[test]
    fn any_other_form_is_left_out_and_null_is_absent() {
        let json = r#"{"number":"x","share":"NaN","truth":2,"text":{"canary":[1]},"zoned":[{}],"local":null,
            "inner":{"number":7.5,"truth":"yes","inner":"canary"}}"#;
        let (thing, warnings) = read(json);
        assert_eq!(
            thing,
            Thing {
                inner: Some(Box::default()),
                ..Thing::default()
            }
        );
        let expected = [
            ("number", "text"),
            ("share", "text"),
            ("truth", "number"),
            ("text", "object"),
            ("zoned", "list"),
            ("inner.number", "number"),
            ("inner.truth", "text"),
            ("inner.inner", "text"),
        ];
        let expected = expected.map(|(path, found)| {
            format!("{path} is left out: the {found} has not the form that the document gives it")
        });
        assert_eq!(warnings, expected);
    }

    #[test]
    fn a_path_names_items_and_no_name_that_the_document_does_not_know() {
        type Things = std::collections::BTreeMap<String, Vec<Thing>>;
        let json = br#"{"canary":[{},{"truth":[]}]}"#;
        let (_, warnings) = read_answer::<Things>(json).or_fail();
        assert_eq!(warnings[0].path, "*[1].truth");
    }

    #[test]
    fn what_is_no_answer_is_read_as_it_is_written() {
        for json in [
            r#"{"number":"7"}"#,
            r#"{"local":"2013-07-03T16:19:50Z"}"#,
            r#"{"inner":7}"#,
        ] {
            assert!(serde_json::from_str::<Thing>(json).is_err(), "{json}");
        }
        assert_eq!(
            serde_json::from_str::<Thing>(r#"{"number":null}"#).or_fail(),
            Thing::default()
        );
    }
}
