//! The last resort. What the steps do not foresee must neither stop the pipeline with a panic nor leave
//! its place untold: progenitor runs where its panics are caught, and a document that it does not take is
//! taken apart until the schemas that it stumbles over are found.

use std::{
    alloc::{Layout, handle_alloc_error},
    any::Any,
    collections::{BTreeMap, BTreeSet},
    panic,
    sync::Once,
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::Adapted;
use crate::{
    grammar::{self, Kind, component, members},
    problem::{Problem, plain},
    rust,
};

/// The thread's name, by which its panics are kept quiet.
const THREAD: &str = "progenitor";
/// typify follows schemas into their depth.
const STACK: usize = 256 * 1024 * 1024;

/// Runs something that may panic. A panic becomes an error that holds its message. Ends the process where there is no
/// memory for the stack: no document is the reason.
pub fn guarded<T: Send>(run: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                loud(info);
            }
        }));
    });
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name(THREAD.to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .unwrap_or_else(|_| handle_alloc_error(Layout::new::<[u8; STACK]>()));
        thread
            .join()
            .unwrap_or_else(|panic| Err(format!("panic: {}", message(&*panic))))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// How long the search for what is guilty may take. What was found by then is told.
const PATIENCE: Duration = Duration::from_secs(20);

/// Finds the schemas that `attempt` fails with, by halves: of a part that is taken, everything
/// is innocent at once. `whole` is what it said of the whole document.
pub fn blame(
    file: &str,
    adapted: &Adapted,
    whole: &str,
    attempt: &impl Fn(&Value) -> Result<(), String>,
) -> Vec<Problem> {
    let mut problems = malformed(file, adapted);
    if !problems.is_empty() {
        return problems;
    }
    let until = Instant::now() + PATIENCE;
    let problem = |pointer: &str, said: &str| Problem {
        file: file.to_owned(),
        pointer: pointer.to_owned(),
        line: None,
        what: unforeseen(said),
    };
    let graph = Graph::new(&adapted.document["components"]["schemas"]);
    // What is found stands for anything from then on, so that what refers to it is judged without it.
    let mut schemas = BTreeMap::new();
    guilty(&graph.by_depth(), &mut schemas, until, &|some, found| {
        let real = graph.closure(some);
        let mut part = json!({
            "openapi": "3.0.3",
            "info": { "title": "", "version": "" },
            "paths": {},
            "components": {},
        });
        part["components"]["schemas"] = Value::Object(graph.some(&real, found));
        attempt(&part).err()
    });
    for (at, said) in &schemas {
        let pointer = adapted.places.get(graph.names[*at]);
        problems.push(problem(
            pointer.map_or("/components/schemas", String::as_str),
            said,
        ));
    }
    if problems.is_empty() {
        problems.push(problem("", whole));
    }
    problems
}

/// Those of `all` that `fails` says something of, with what it says. It gets a part of them, and what is found
/// already.
fn guilty(
    all: &[usize],
    found: &mut BTreeMap<usize, String>,
    until: Instant,
    fails: &impl Fn(&[usize], &BTreeMap<usize, String>) -> Option<String>,
) {
    if all.is_empty() || Instant::now() > until {
        return;
    }
    let Some(said) = fails(all, found) else {
        return;
    };
    if let [one] = all {
        found.insert(*one, said);
        return;
    }
    let (left, right) = all.split_at(all.len() / 2);
    guilty(left, found, until, fails);
    guilty(right, found, until, fails);
}

/// The schemas, and which of them each refers to.
struct Graph<'v> {
    names: Vec<&'v str>,
    schemas: Vec<&'v Value>,
    references: Vec<Vec<usize>>,
}

impl<'v> Graph<'v> {
    fn new(all: &'v Value) -> Self {
        let (names, schemas): (Vec<_>, Vec<_>) = members(all)
            .map(|(name, schema)| (name.as_str(), schema))
            .unzip();
        let places: BTreeMap<_, _> = names
            .iter()
            .zip(0..)
            .map(|(name, at)| (*name, at))
            .collect();
        let of = |schema: &&'v Value| {
            let mut used = BTreeSet::new();
            grammar::walk(schema, "", Kind::Schema, &mut |value, _, kind| {
                let target = grammar::reference(value).filter(|_| kind.has_words());
                used.extend(target.and_then(component).and_then(|name| places.get(name)));
                kind != Kind::Data
            });
            used.into_iter().copied().collect()
        };
        Self {
            references: schemas.iter().map(of).collect(),
            names,
            schemas,
        }
    }

    /// Some schemas, and all that they need.
    fn closure(&self, some: &[usize]) -> Vec<bool> {
        let mut all = vec![false; self.names.len()];
        let mut open = some.to_vec();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut all[at], true) {
                open.extend(&self.references[at]);
            }
        }
        all
    }

    /// All of them, each behind those that it needs: it needs what they need, and more.
    fn by_depth(&self) -> Vec<usize> {
        let mut all: Vec<_> = (0..self.names.len()).collect();
        all.sort_by_cached_key(|at| {
            let needed = self.closure(&[*at]);
            needed.iter().filter(|needed| **needed).count()
        });
        all
    }

    fn some(&self, real: &[bool], found: &BTreeMap<usize, String>) -> Map<String, Value> {
        let of = |at: usize| match found.get(&at) {
            Some(_) => json!({}),
            None => self.schemas[at].clone(),
        };
        (0..self.names.len())
            .filter(|at| real[*at])
            .map(|at| (self.names[at].to_owned(), of(at)))
            .collect()
    }
}

/// What is told of something that no step foresees. What the generator says of it is for those who mend the steps.
fn unforeseen(said: &str) -> String {
    if said.starts_with(rust::TWO_TYPES) {
        return format!("{said}; rename one of them, or give it another `title`");
    }
    eprintln!("the generator said: {}", plain(said));
    "this does not become a type, and no step foresees why; take out what is unusual in it, in an overlay, and report it"
        .to_owned()
}

/// What is no OpenAPI, by its place. openapiv3 tells no place, and of a schema only that it "did not match
/// any variant"; so each piece is read alone.
pub(super) fn malformed(file: &str, adapted: &Adapted) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |pointer: &str, error: &serde_json::Error| {
        problems.push(Problem {
            file: file.to_owned(),
            pointer: pointer.to_owned(),
            line: None,
            what: format!(
                "not OpenAPI 3.0: {error}; compare it with the specification's section of it"
            ),
        });
    };
    for (name, schema) in members(&adapted.document["components"]["schemas"]) {
        let mut signatures = adapted.signatures.iter();
        if let Some(signature) = signatures.find(|signature| signature.name == *name) {
            for (slot, pointer) in &signature.properties {
                malformed_schema(&schema["properties"][slot], pointer, &mut report);
            }
            continue;
        }
        let pointer = adapted
            .places
            .get(name)
            .map_or("/components/schemas", String::as_str);
        malformed_schema(schema, pointer, &mut report);
    }
    problems
}

fn malformed_schema(
    schema: &Value,
    pointer: &str,
    report: &mut impl FnMut(&str, &serde_json::Error),
) {
    let mut found: Vec<(String, serde_json::Error)> = Vec::new();
    grammar::walk(schema, pointer, Kind::Schema, &mut |value, at, kind| {
        if kind == Kind::Schema && value.is_object() {
            let read = openapiv3::ReferenceOr::<openapiv3::Schema>::deserialize(value);
            let Err(error) = read else { return false };
            // What is wrong within something is what is wrong with it.
            found.retain(|(outer, _)| !at.starts_with(outer.as_str()));
            found.push((at.to_owned(), error));
        }
        kind != Kind::Data
    });
    for (at, error) in found {
        report(&at, &error);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        collections::BTreeMap,
        time::{Duration, Instant},
    };

    use super::guilty;

    /// Of a thousand schemas three are guilty: some sixty attempts find them, where a thousand were made before.
    #[test]
    fn the_guilty_are_found_by_halves() {
        let all: Vec<usize> = (0..1000).collect();
        let (mut found, attempts) = (BTreeMap::new(), Cell::new(0));
        let until = Instant::now() + Duration::from_secs(600);
        guilty(&all, &mut found, until, &|some, _| {
            attempts.set(attempts.get() + 1);
            let bad = some.iter().find(|one| [3, 500, 999].contains(*one))?;
            Some(bad.to_string())
        });
        let found: Vec<_> = found.into_keys().collect();
        assert_eq!(found, [3, 500, 999]);
        assert!(attempts.get() < 80, "{}", attempts.get());
    }

    /// What is found stands for anything, so that what needs it is innocent.
    #[test]
    fn what_only_needs_something_guilty_is_innocent() {
        let mut found = BTreeMap::new();
        let until = Instant::now() + Duration::from_secs(600);
        // Each needs all before it, and the second is guilty.
        guilty(&[0, 1, 2, 3], &mut found, until, &|some, found| {
            let most = some.iter().max()?;
            (*most >= 1 && !found.contains_key(&1)).then(|| "guilty".to_owned())
        });
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [1]);
    }
}
