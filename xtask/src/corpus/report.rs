//! The rows of a corpus as Markdown.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Built, Limits, Outcome, Peer, Reached, Row};

/// How many of the slowest documents and of the largest are named.
const NAMED: usize = 10;

/// All rows in figures, and by name those that somebody should look at.
pub(super) fn markdown(rows: &[Row], limits: Limits) -> String {
    let of = |outcome| rows.iter().filter(move |row| row.outcome == outcome);
    let mut text = format!("| of {} documents | |\n|---|---|\n", rows.len());
    let over_time = format!("timed out ({} s)", limits.seconds);
    let over_memory = format!("out of memory ({} MiB)", limits.mebibytes);
    for (outcome, word) in [
        (Outcome::Taken, "taken"),
        (Outcome::Refused, "refused"),
        (Outcome::Failed, "failed"),
        (Outcome::TimedOut, &over_time),
        (Outcome::OutOfMemory, &over_memory),
        (Outcome::Crashed, "crashed"),
    ] {
        line(&mut text, &[word, &of(outcome).count().to_string()]);
    }
    let taken: Vec<_> = of(Outcome::Taken).collect();
    let operations: usize = taken.iter().map(|row| row.operations).sum();
    let lines: usize = taken.iter().map(|row| row.lines).sum();
    line(&mut text, &["operations", &operations.to_string()]);
    line(&mut text, &["lines of code", &lines.to_string()]);
    let unsampled: usize = taken.iter().map(|row| row.unsampled).sum();
    line(
        &mut text,
        &["places without a sample value", &unsampled.to_string()],
    );
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    line(&mut text, &["seconds in all", &format!("{seconds:.0}")]);

    text += "\n| of what is taken | median | 99 % | most |\n|---|---|---|---|\n";
    let per_operation = |row: &&Row| Some(row.seconds * 1e3 / count(row.operations.max(1)));
    for (name, figures) in [
        ("ms", figures(&taken, |row| Some(row.seconds * 1e3))),
        ("ms per operation", figures(&taken, per_operation)),
        ("MiB", figures(&taken, |row| mebibytes(row))),
    ] {
        if let Some([median, most_of, most]) = figures {
            line(&mut text, &[name, &median, &most_of, &most]);
        }
    }

    text += &built(rows);
    text += &beside(rows);
    text += &refusals(rows);
    text += &named(rows, "Slowest", "s", |row| Some(row.seconds));
    text += &named(rows, "Most memory", "MiB", mebibytes);
    for outcome in [
        Outcome::Failed,
        Outcome::TimedOut,
        Outcome::OutOfMemory,
        Outcome::Crashed,
    ] {
        for row in of(outcome) {
            let said = row.reasons.join(" ");
            let said: String = said.chars().take(300).collect();
            let _ = write!(text, "\n{outcome:?}: {}: {}\n", row.file, cell(&said));
        }
    }
    text
}

/// What the code of the sample does.
fn built(rows: &[Row]) -> String {
    let of = |built| rows.iter().filter(move |row| row.built == Some(built));
    let count = rows.iter().filter(|row| row.built.is_some()).count();
    if count == 0 {
        return String::new();
    }
    let mut text = format!("\n| built, of a random {count} of what is taken | |\n|---|---|\n");
    let (failing, broken) = (of(Built::CasesFail), of(Built::DoesNotCompile));
    let compiled = count - of(Built::DoesNotCompile).count();
    line(&mut text, &["compile with mocks", &compiled.to_string()]);
    let passed = of(Built::Passed).count();
    line(&mut text, &["pass their cases", &passed.to_string()]);
    for row in failing.chain(broken) {
        let said: String = row.reasons.join(" ").chars().take(300).collect();
        let _ = write!(text, "\n{:?}: {}: {}\n", row.built, row.file, cell(&said));
    }
    text
}

/// How far all generators come with the sample of the others.
fn beside(rows: &[Row]) -> String {
    let rows: Vec<_> = rows.iter().filter(|row| !row.beside.is_empty()).collect();
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n| of a random {} of all | generates | that compiles |\n|---|---|---|\n",
        rows.len()
    );
    let taken = rows.iter().filter(|row| row.outcome == Outcome::Taken);
    let is_built = |row: &&&Row| {
        row.built
            .is_some_and(|built| built != Built::DoesNotCompile)
    };
    let built = rows.iter().filter(is_built).count();
    let ours = "thumbprint, with mocks and cases";
    line(
        &mut text,
        &[ours, &taken.count().to_string(), &built.to_string()],
    );
    for peer in Peer::ALL {
        let of = |least| {
            let reached = rows.iter().filter_map(|row| row.beside.get(&peer));
            reached
                .filter(|reached| **reached >= least)
                .count()
                .to_string()
        };
        line(
            &mut text,
            &[peer.name(), &of(Reached::Code), &of(Reached::Compiled)],
        );
    }
    text
}

/// How many documents each reason keeps out, and how many of them would be taken without it.
fn refusals(rows: &[Row]) -> String {
    let mut reasons: BTreeMap<String, (usize, usize, &str)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.outcome == Outcome::Refused) {
        let mut all: Vec<_> = row.reasons.iter().map(|reason| kind(reason)).collect();
        all.sort();
        all.dedup();
        let alone = usize::from(all.len() == 1);
        for reason in all {
            let (documents, only, _) = reasons.entry(reason).or_insert((0, 0, &row.file));
            *documents += 1;
            *only += alone;
        }
    }
    let mut sorted: Vec<_> = reasons.into_iter().collect();
    sorted.sort_by_key(|(_, (documents, ..))| std::cmp::Reverse(*documents));
    let mut text = String::from(
        "\n| refused because | documents | for this alone | such as |\n|---|---|---|---|\n",
    );
    for (reason, (documents, only, file)) in sorted {
        line(
            &mut text,
            &[&reason, &documents.to_string(), &only.to_string(), file],
        );
    }
    text
}

/// A reason without its place and without what differs from document to document.
fn kind(reason: &str) -> String {
    // A pointer has no space, and ends with a colon.
    let what = reason.split_once(": ").map_or(reason, |(_, what)| what);
    let mut kind = String::new();
    let mut quote = None;
    for c in what.chars() {
        match quote {
            Some(end) if c == end => {
                kind.push(c);
                quote = None;
            }
            Some(_) => {}
            None if c == '`' || c == '"' => {
                kind.push(c);
                quote = Some(c);
            }
            None if c.is_ascii_digit() => {
                if !kind.ends_with('N') {
                    kind.push('N');
                }
            }
            None => kind.push(c),
        }
    }
    kind.chars().take(160).collect()
}

fn named(rows: &[Row], title: &str, unit: &str, figure: impl Fn(&Row) -> Option<f64>) -> String {
    let mut all: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((figure(row)?, row)))
        .collect();
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut text = format!("\n| {title} | {unit} | MB | operations | |\n|---|---|---|---|---|\n");
    for (value, row) in all.into_iter().take(NAMED) {
        let size = format!("{:.1}", bytes(row.size) / 1e6);
        let (value, operations) = (format!("{value:.1}"), row.operations.to_string());
        let outcome = format!("{:?}", row.outcome).to_lowercase();
        line(
            &mut text,
            &[&row.file, &value, &size, &operations, &outcome],
        );
    }
    text
}

/// The median, the figure that 99 of 100 keep under, and the greatest.
fn figures<'a>(
    rows: &'a [&'a Row],
    figure: impl Fn(&&'a Row) -> Option<f64>,
) -> Option<[String; 3]> {
    let mut all: Vec<f64> = rows.iter().filter_map(figure).collect();
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    Some([last / 2, last * 99 / 100, last].map(|index| format!("{:.1}", all[index])))
}

fn mebibytes(row: &Row) -> Option<f64> {
    row.peak.map(|peak| bytes(peak) / f64::from(1 << 20))
}

#[allow(clippy::cast_precision_loss, reason = "it is printed with one decimal")]
fn bytes(bytes: u64) -> f64 {
    bytes as f64
}

#[allow(clippy::cast_precision_loss, reason = "it is printed with one decimal")]
fn count(count: usize) -> f64 {
    count as f64
}

fn line(text: &mut String, cells: &[&str]) {
    for value in cells {
        *text += "| ";
        *text += &cell(value);
        text.push(' ');
    }
    *text += "|\n";
}

/// A text as a cell of a table holds it.
fn cell(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = one_line.chars().filter(|c| !c.is_control()).collect();
    shown.replace('|', "\\|")
}
