//! The tables: as JSON, and from that as Markdown.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::measure::Figure;

/// What a row is held to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// The limit, and what is aimed at.
    Aim(f64, f64),
    /// It is shown, not held to anything.
    Shown,
}

impl Limit {
    fn is_kept(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtMost(limit) | Self::Aim(limit, _) => Some(figure <= limit),
            Self::AtLeast(limit) => Some(figure >= limit),
            Self::Shown => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtMost(limit) => format!("at most {}", text(limit)),
            Self::AtLeast(limit) => format!("at least {}", text(limit)),
            Self::Aim(limit, aim) => format!("at most {}, aim {}", text(limit), text(aim)),
            Self::Shown => String::new(),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    part: String,
    what: String,
    figure: Option<Figure>,
    limit: Limit,
    reached: Option<bool>,
    /// Why the limit is not kept where it is not, or why there is no figure.
    why: String,
}

/// All rows of one part of the bench, in the order in which they were measured.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    machine: String,
    part: String,
    rows: Vec<Row>,
    charts: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn new(machine: &str) -> Self {
        Self {
            machine: machine.to_owned(),
            part: String::new(),
            rows: Vec::new(),
            charts: Vec::new(),
        }
    }

    /// Starts a table.
    pub(crate) fn part(&mut self, part: &str) {
        eprintln!("measuring: {part}");
        part.clone_into(&mut self.part);
    }

    /// A figure that is shown beside others.
    pub(crate) fn show(&mut self, what: impl Into<String>, figure: Figure) {
        self.push(what.into(), Some(figure), Limit::Shown, "");
    }

    /// A figure with a limit.
    pub(crate) fn hold(&mut self, what: impl Into<String>, figure: Figure, limit: Limit) {
        self.push(what.into(), Some(figure), limit, "");
    }

    /// Why the last figure is beyond its limit, if it is.
    pub(crate) fn because(&mut self, why: &str) {
        let last = self
            .rows
            .last_mut()
            .filter(|row| row.reached == Some(false));
        if let Some(row) = last {
            why.clone_into(&mut row.why);
        }
    }

    /// A row that could not be measured, and why.
    pub(crate) fn skip(&mut self, what: impl Into<String>, why: &str) {
        self.push(what.into(), None, Limit::Shown, why);
    }

    /// A picture of this table's rows that end in `: COUNT`.
    pub(crate) fn chart(&mut self, count: &str) {
        self.charts.push((self.part.clone(), count.to_owned()));
    }

    fn push(&mut self, what: String, figure: Option<Figure>, limit: Limit, why: &str) {
        let reached = figure.and_then(|figure| limit.is_kept(figure.median));
        let row = Row {
            part: self.part.clone(),
            what,
            figure,
            limit,
            reached,
            why: why.to_owned(),
        };
        eprintln!("  {}", row.markdown());
        self.rows.push(row);
    }

    /// Its tables.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        for rows in self.rows.chunk_by(|one, next| one.part == next.part) {
            let part = &rows[0].part;
            let head = "| what | median | spread | limit | |\n|---|--:|--:|--:|---|";
            let _ = writeln!(text, "\n### {part}\n\n{head}");
            for row in rows {
                let _ = writeln!(text, "{}", row.markdown());
            }
            for (_, count) in self.charts.iter().filter(|(of, _)| of == part) {
                text += &picture(rows, count);
            }
        }
        text
    }
}

/// The table of all limits: the rows of some tables that have one. It is made of what is written, so that a page
/// keeps those of parts that were measured elsewhere.
pub(crate) fn limits(tables: &str) -> String {
    let mut rows = String::new();
    let mut part = "";
    for line in tables.lines() {
        part = line.strip_prefix("### ").unwrap_or(part);
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if let ["", what, figure, _, limit, reached, ""] = *cells.as_slice()
            && reached.contains("reached")
        {
            let _ = writeln!(rows, "| {part} | {what} | {figure} | {limit} | {reached} |");
        }
    }
    format!("| | what | figure | limit | |\n|---|---|--:|--:|---|\n{rows}")
}

impl Row {
    fn markdown(&self) -> String {
        let Some(figure) = self.figure else {
            return format!("| {} | | | | {} |", self.what, self.why);
        };
        format!(
            "| {} | {} | {} | {} | {} |",
            self.what,
            text(figure.median),
            spread(figure),
            self.limit.text(),
            self.reached()
        )
    }

    fn reached(&self) -> String {
        match self.reached {
            Some(true) => "reached".to_owned(),
            Some(false) if self.why.is_empty() => "**not reached**".to_owned(),
            Some(false) => format!("**not reached**: {}", self.why),
            None => String::new(),
        }
    }
}

/// Bars, one for each program that has this count.
fn picture(rows: &[Row], count: &str) -> String {
    let bars = rows.iter().filter_map(|row| {
        let (name, of) = row.what.split_once(": ")?;
        let figure = row.figure.filter(|_| of == count && !name.contains('/'))?;
        Some((format!("\"{name}\""), format!("{:.0}", figure.median)))
    });
    let (names, figures): (Vec<_>, Vec<_>) = bars.unzip();
    format!(
        "\n```mermaid\nxychart-beta\n    title \"{count}\"\n    x-axis [{}]\n    y-axis \"{count}\"\n    bar [{}]\n```\n",
        names.join(", "),
        figures.join(", ")
    )
}

fn spread(figure: Figure) -> String {
    if figure.most > figure.least {
        format!("{} to {}", text(figure.least), text(figure.most))
    } else {
        String::new()
    }
}

/// Four significant digits or whole numbers, with commas.
fn text(figure: f64) -> String {
    let decimals = match figure.abs() {
        size if size >= 100.0 || size.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 3,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{Limit, Report, limits, text};
    use crate::measure::Figure;

    #[test]
    fn figures_have_as_many_digits_as_can_be_read() {
        for (figure, written) in [
            (0.9876, "0.988"),
            (1.0, "1"),
            (57.04, "57.0"),
            (100.4, "100"),
            (84_123.6, "84,124"),
            (12_000_000.0, "12,000,000"),
        ] {
            assert_eq!(text(figure), written);
        }
    }

    #[test]
    fn a_row_beyond_its_limit_says_so_and_why_in_every_form() {
        let mut report = Report::new("machine");
        report.part("calls");
        for (median, kept) in [(1.0, true), (1.01, false)] {
            let figure = Figure::new(vec![median]).or_fail();
            report.hold("instructions", figure, Limit::Aim(1.0, 0.9));
            report.because("so it is");
            let json = serde_json::to_string(&report).or_fail();
            let report: Report = serde_json::from_str(&json).or_fail();
            assert_eq!(report.rows.last().or_fail().reached, Some(kept));
            for table in [report.markdown(), limits(&report.markdown())] {
                assert_eq!(table.contains("**not reached**: so it is"), !kept);
                assert!(table.contains("at most 1, aim 0.900"));
            }
        }
    }
}
