//! Changes as Markdown, in the sections of a changelog.

use super::{
    Change,
    rules::{Impact, Kind, Step},
    step,
};

/// The sections of Keep a Changelog that a document's change can go to, and one for what nobody meets.
const SECTIONS: [&str; 5] = ["Added", "Changed", "Deprecated", "Removed", "Documentation"];

fn section(change: &Change) -> &'static str {
    let verdict = change.verdict();
    if verdict.step() == Step::Patch {
        return "Documentation";
    }
    let title = change.kind.title();
    match change.kind {
        Kind::OperationDeprecated => "Deprecated",
        _ if title.contains("removed") => "Removed",
        _ if title.contains("added") && verdict.callers != Impact::Breaks => "Added",
        _ => "Changed",
    }
}

/// The changes of one document since `revision`, with the step that they ask for.
#[must_use]
pub fn report(name: &str, revision: &str, changes: &[Change]) -> String {
    let Some(step) = step(changes) else {
        return format!("## `{name}`: no change since {revision}\n\n");
    };
    let mut text = vec![
        format!("## `{name}`: changes since {revision}\n\n"),
        asks_for(step),
    ];
    for name in SECTIONS {
        let mut found: Vec<_> = changes
            .iter()
            .filter(|change| section(change) == name)
            .collect();
        if found.is_empty() {
            continue;
        }
        // What asks most of the reader stands first.
        found.sort_by_key(|change| std::cmp::Reverse(change.verdict().step()));
        text.push(format!("\n### {name}\n\n"));
        text.extend(found.into_iter().map(line));
    }
    text.push("\n".to_owned());
    text.concat()
}

/// The step, and which component of the workspace's version it is.
fn asks_for(step: Step) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let next = step
        .after(version)
        .map(|next| format!(": {version} -> {next}"));
    let zero = if version.starts_with("0.") {
        " (while the first component is 0, the second is the breaking one)"
    } else {
        ""
    };
    format!(
        "They ask for a **{}** step{}{zero}.\n",
        step.word(),
        next.unwrap_or_default()
    )
}

fn line(change: &Change) -> String {
    let verdict = change.verdict();
    let step = verdict.step();
    let flag = match (verdict.callers, verdict.wire) {
        (Impact::Breaks, Impact::Breaks) => "**breaks callers and the wire:** ",
        (Impact::Breaks, _) => "**breaks callers:** ",
        (_, Impact::Breaks) => "**breaks the wire:** ",
        _ => "",
    };
    let detail = match change.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({detail})"),
    };
    let reason = match step {
        Step::Patch => String::new(),
        _ => format!(", because {}", change.kind.reason()),
    };
    let met: Vec<_> = change
        .operations
        .iter()
        .map(|operation| format!("`{operation}`"))
        .collect();
    // An operation's own change names it already.
    let met = if met
        .iter()
        .all(|operation| change.subject.starts_with(operation))
    {
        String::new()
    } else {
        format!(" Met by {}.", met.join(", "))
    };
    let (subject, title) = (&change.subject, change.kind.title());
    format!(
        "- {flag}{subject}: {title}{detail}. {}{reason}.{met}\n",
        step.word()
    )
}
