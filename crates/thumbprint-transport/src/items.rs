//! Lists of an answer, within bounds. Meant for generated code.
//!
//! A body of 4 MiB can hold 1.4 million empty objects, and each becomes a struct of some hundred bytes. So all
//! lists of one answer share a budget, by the size of what they hold: a page of a thousand certificates takes
//! a fifth of it.

use std::{cell::Cell, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// How many bytes the items of all lists of an answer may take, without the texts that they point to: those
/// are no longer than the body.
pub(crate) const BUDGET: usize = 2 * 1024 * 1024;

thread_local! {
    /// What is left for the answer that this thread decodes. `None` where no answer is decoded: a value that a
    /// program reads by itself is its own business.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Decodes an answer. `Err(None)` where its lists hold too much.
pub(crate) fn within_budget<T>(
    decode: impl FnOnce() -> serde_json::Result<T>,
) -> Result<T, Option<serde_json::Error>> {
    LEFT.set(Some(BUDGET));
    let decoded = decode();
    let is_spent = LEFT.take() == Some(0);
    decoded.map_err(|error| (!is_spent).then_some(error))
}

/// Takes an item out of the budget. Whether there was enough left.
fn take<T>() -> bool {
    let Some(left) = LEFT.get() else {
        return true;
    };
    let rest = left.checked_sub(size_of::<T>().max(1));
    LEFT.set(Some(rest.unwrap_or(0)));
    rest.is_some_and(|rest| rest > 0)
}

/// Decodes what may turn out to have another form. Only what it is decoded as at last counts.
pub(crate) fn attempt<T>(decode: impl FnOnce() -> T) -> T {
    let left = LEFT.get();
    let decoded = decode();
    if LEFT.get() != Some(0) {
        LEFT.set(left);
    }
    decoded
}

/// Reads a list.
pub fn read<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(List(PhantomData))
}

/// Reads a list that may be `null`.
pub fn read_optional<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let items = Option::<Items<T>>::deserialize(deserializer)?;
    Ok(items.map(|Items(items)| items))
}

/// A list, where it is not the field of a struct.
#[derive(Debug)]
pub struct Items<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer).map(Self)
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if !take::<T>() {
                return Err(A::Error::custom("its lists hold too much"));
            }
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{BUDGET, Items, within_budget};

    type Pair = (u64, u64);

    fn pairs(number: usize) -> String {
        format!("[{}]", vec!["[1,2]"; number].join(","))
    }

    #[test]
    fn all_lists_of_an_answer_share_one_budget() {
        let most = BUDGET / size_of::<Pair>() - 1;
        let read = |body: &str| within_budget(|| serde_json::from_str::<Items<Pair>>(body));
        assert_eq!(read(&pairs(most)).or_fail().0.len(), most);
        assert!(read(&pairs(most + 1)).err_or_fail().is_none());
        // The budget is that of an answer, not of a thread.
        assert!(read(&pairs(most)).is_ok());

        let two = format!("[{},{}]", pairs(most / 2), pairs(most / 2 + 2));
        let read = |body: &str| within_budget(|| serde_json::from_str::<[Items<Pair>; 2]>(body));
        assert!(read(&two).err_or_fail().is_none());
    }

    #[test]
    fn what_is_no_answer_has_no_budget() {
        let number = BUDGET / size_of::<Pair>() + 1;
        let read: Items<Pair> = serde_json::from_str(&pairs(number)).or_fail();
        assert_eq!(read.0.len(), number);
    }

    #[test]
    fn another_fault_is_told_as_what_it_is() {
        let read = within_budget(|| serde_json::from_str::<Items<Pair>>("[7]"));
        assert!(read.err_or_fail().is_some());
    }
}
