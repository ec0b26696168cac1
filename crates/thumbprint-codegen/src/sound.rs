//! What of a document can be read. The rest is refused by its place and taken out, so that what lies behind it is
//! looked at all the same: who mends a document wants to know at once all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    bounds,
    grammar::{self, Dialect, Kind, join, members},
    problem::Problem,
    structure,
};

/// Why parts of a document cannot be read, and what else is wrong with its structure.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    /// Why.
    pub refusals: Vec<Problem>,
    /// What has another structure than its specification gives it, without being in the way.
    pub warnings: Vec<Problem>,
}

/// Takes out of a document what cannot be read.
pub(crate) fn take(document: &mut Value) -> Sound {
    let violations = structure::violations(document).into_iter();
    let (broken, told): (Vec<_>, Vec<_>) = violations.partition(|violation| violation.breaks);
    let broken = broken.into_iter().map(|one| one.problem);
    let empty = told.iter().filter(|one| one.is_empty);
    let beyond = bounds::problems(document).into_iter();
    let mut places: BTreeSet<_> = empty.map(|one| one.problem.pointer.clone()).collect();
    let mut refusals = Vec::new();
    let further = nameless(document).into_iter().chain(circles(document));
    for problem in broken.chain(beyond).chain(further) {
        places.insert(problem.pointer.clone());
        refusals.push(problem);
    }
    for (problem, all) in lost(document) {
        places.extend(all);
        refusals.push(problem);
    }
    // What is within something comes before it.
    let places: Vec<_> = places.into_iter().rev().collect();
    for place in places {
        take_out(document, &place);
    }
    let warnings = told.into_iter().map(|one| one.problem).collect();
    Sound { refusals, warnings }
}

/// Takes something out. Where something has to stand, the least that can be read takes its place.
fn take_out(document: &mut Value, pointer: &str) {
    let least = match Kind::at(document, pointer) {
        Kind::Path | Kind::Operation | Kind::Response | Kind::Header | Kind::Schema => json!({}),
        // In the words of every dialect.
        Kind::Parameter => {
            json!({ "name": "unread", "in": "query", "type": "string", "schema": {} })
        }
        Kind::Body => json!({ "content": {} }),
        _ => {
            let (holder, key) = pointer.rsplit_once('/').unwrap_or_default();
            let holder = document.pointer_mut(holder).and_then(Value::as_object_mut);
            holder.and_then(|holder| holder.remove(key));
            return;
        }
    };
    if let Some(place) = document.pointer_mut(pointer) {
        *place = least;
    }
}

/// The refusals of two stages, in the order of their places. Of the later one those are left out that may come of what
/// was taken out for the earlier.
#[must_use]
pub(crate) fn joined(mut refusals: Vec<Problem>, later: Vec<Problem>) -> Vec<Problem> {
    let within = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let follows = |one: &Problem| {
        let scopes = refusals
            .iter()
            .flat_map(|taken| [taken.pointer.as_str(), scope(&taken.pointer)]);
        let mut scopes = scopes.map(|scope| (one.pointer.as_str(), scope));
        scopes.any(|(at, scope)| within(at, scope) || within(scope, at))
    };
    let further: Vec<_> = later.into_iter().filter(|one| !follows(one)).collect();
    refusals.extend(further);
    refusals.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    refusals.dedup();
    refusals
}

/// What is judged by what stands at a place: a whole path by any of its parameters, and all of them by a shared one.
fn scope(pointer: &str) -> &str {
    let mut slashes = pointer.match_indices('/').map(|(at, _)| at);
    let group = &pointer[..slashes.nth(1).unwrap_or(pointer.len())];
    match group {
        "/paths" | "/x-ms-paths" => &pointer[..slashes.next().unwrap_or(pointer.len())],
        "/components" if pointer.starts_with("/components/schemas/") => pointer,
        "/components" | "/parameters" | "/responses" | "/securityDefinitions" => "/paths",
        _ => pointer,
    }
}

/// Parameters without a name or a place, which no schema minds.
fn nameless(document: &Value) -> Vec<Problem> {
    let mut found = Vec::new();
    grammar::walk(document, "", Kind::Root, &mut |value, pointer, kind| {
        let empty = ["name", "in"].into_iter().find(|key| value[*key] == "");
        if let (Kind::Parameter, Some(key)) = (kind, empty) {
            found.push(Problem::new(pointer, format!("`{key}` is empty; write it")));
        }
        kind != Kind::Data
    });
    found
}

/// References that lead nowhere or into another file: each target once, with all places that refer to it.
fn lost(document: &Value) -> Vec<(Problem, Vec<String>)> {
    let mut targets: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    grammar::walk(document, "", Kind::Root, &mut |value, pointer, kind| {
        let reference = grammar::reference(value).filter(|_| kind.has_words());
        if let Some(reference) = reference
            && grammar::resolve(document, value).is_none()
        {
            targets
                .entry(reference)
                .or_default()
                .push(pointer.to_owned());
        }
        reference.is_none() && kind != Kind::Data
    });
    let told = targets.into_iter().map(|(target, places)| {
        let more = match places.len() {
            1 => String::new(),
            count => format!(" ({count} places refer to it)"),
        };
        let why = if target.starts_with('#') {
            "leads nowhere; write what it should lead to, or mend the name"
        } else {
            "leaves the document; copy what it leads to into this file, or into one beside it, and refer to it there"
        };
        let what = format!("the reference `{target}`{more} {why}");
        (Problem::new(&places[0], what), places)
    });
    told.collect()
}

/// Schemas that are made of nothing but themselves. typify does not come back from them.
fn circles(document: &Value) -> Vec<Problem> {
    let group = Kind::Schema
        .shared(Dialect::of(document))
        .unwrap_or_default();
    let shared = members(document.pointer(group).unwrap_or(&Value::Null));
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for (name, schema) in shared {
        // Whatever is open leads to what follows it; a document may have more of them than a stack takes.
        let start = join(group, name);
        let mut depths = BTreeMap::from([(start.clone(), 0)]);
        let mut open = vec![(start, made_of(schema))];
        while let Some((place, targets)) = open.last_mut() {
            let Some(target) = targets.pop() else {
                depths.remove(place);
                open.pop();
                continue;
            };
            if let Some(depth) = depths.get(target) {
                found.extend(open[*depth..].iter().map(|(place, _)| place.clone()));
            } else if let Some(schema) = document.pointer(target).filter(|_| seen.insert(target)) {
                depths.insert(target.to_owned(), open.len());
                open.push((target.to_owned(), made_of(schema)));
            }
        }
    }
    let what = "a schema that is made of itself alone has no values; take it out of its own `allOf`, `oneOf`, `anyOf` or `$ref`";
    found.iter().map(|at| Problem::new(at, what)).collect()
}

/// What a schema refers to in its own place, or in its parts.
fn made_of(schema: &Value) -> Vec<&str> {
    let (mut open, mut found) = (vec![schema], Vec::new());
    while let Some(schema) = open.pop() {
        found.extend(grammar::target(schema));
        let parts = ["allOf", "oneOf", "anyOf"].map(|key| schema[key].as_array());
        open.extend(parts.into_iter().flatten().flatten());
    }
    found
}
