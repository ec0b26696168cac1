//! Changes as Markdown, in the sections of a changelog.

use super::{
    Change, bump,
    rules::{Bump, Impact, Kind},
};

/// The sections of Keep a Changelog that a document's change can go to, and one for what no caller meets.
const SECTIONS: [&str; 5] = ["Added", "Changed", "Deprecated", "Removed", "Documentation"];

fn section(change: &Change) -> &'static str {
    let verdict = change.verdict();
    if verdict.bump() == Bump::Patch {
        return "Documentation";
    }
    let title = change.kind.title();
    match change.kind {
        Kind::OperationDeprecated | Kind::SchemaDeprecated => "Deprecated",
        _ if title.contains("removed") => "Removed",
        _ if title.contains("added") && verdict.callers != Impact::Breaks => "Added",
        _ => "Changed",
    }
}

/// The changes of one document since `revision`, with the bump that they ask for.
#[must_use]
pub fn report(name: &str, revision: &str, changes: &[Change]) -> String {
    let Some(bump) = bump(changes) else {
        return format!("## `{name}`: no change since {revision}\n\n");
    };
    let mut text = vec![
        format!("## `{name}`: changes since {revision}\n\n"),
        asks_for(bump),
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
        found.sort_by_key(|change| std::cmp::Reverse(change.verdict().bump()));
        text.push(format!("\n### {name}\n\n"));
        text.extend(found.into_iter().map(line));
    }
    text.push("\n".to_owned());
    text.concat()
}

/// The bump, and which component of the workspace's version it is.
fn asks_for(bump: Bump) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let next = bump
        .after(version)
        .map(|next| format!(": {version} -> {next}"));
    let zero = if version.starts_with("0.") {
        " (while the first component is 0, the second is the breaking one)"
    } else {
        ""
    };
    format!(
        "They ask for a **{}** bump{}{zero}.\n",
        bump.word(),
        next.unwrap_or_default()
    )
}

fn line(change: &Change) -> String {
    let verdict = change.verdict();
    let bump = verdict.bump();
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
    let reason = match bump {
        Bump::Patch => String::new(),
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
        bump.word()
    )
}
