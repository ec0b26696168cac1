//! The table: printed, as Markdown and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::measure::Figure;

/// What a row is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// It is shown, not held to anything.
    Shown,
}

impl Limit {
    fn is_kept(self, figure: f64) -> Option<bool> {
        match self {
            Self::AtMost(limit) => Some(figure <= limit),
            Self::AtLeast(limit) => Some(figure >= limit),
            Self::Shown => None,
        }
    }
}

#[derive(Debug)]
struct Row {
    part: &'static str,
    what: String,
    figure: Option<Figure>,
    limit: Limit,
    /// What is to be known beside the figure, such as why there is none.
    note: String,
}

/// All rows, in the order in which they were measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    part: &'static str,
    rows: Vec<Row>,
    charts: Vec<(&'static str, &'static str)>,
}

impl Report {
    /// Starts a part.
    pub(crate) fn part(&mut self, part: &'static str) {
        eprintln!("measuring: {part}");
        self.part = part;
    }

    pub(crate) fn add(
        &mut self,
        what: impl Into<String>,
        figure: Figure,
        limit: Limit,
        note: impl Into<String>,
    ) {
        self.push(what.into(), Some(figure), limit, note.into());
    }

    /// A picture of this part's rows that end in `: COUNT`.
    pub(crate) fn chart(&mut self, count: &'static str) {
        self.charts.push((self.part, count));
    }

    /// A row that could not be measured, and why.
    pub(crate) fn skip(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.push(what.into(), None, Limit::Shown, why.into());
    }

    fn push(&mut self, what: String, figure: Option<Figure>, limit: Limit, note: String) {
        let row = Row {
            part: self.part,
            what,
            figure,
            limit,
            note,
        };
        eprintln!(
            "  {}: {} {}",
            row.what,
            row.figure
                .map_or("-".to_owned(), |figure| text(figure.median)),
            row.note
        );
        self.rows.push(row);
    }

    /// One table for each part.
    pub(crate) fn markdown(&self, machine: &str) -> String {
        let mut text = format!("{machine}\n");
        for rows in self.rows.chunk_by(|one, next| one.part == next.part) {
            let part = rows[0].part;
            let head = "| what | median | spread | limit | |\n|---|--:|--:|--:|---|";
            let _ = writeln!(text, "\n### {part}\n\n{head}");
            for row in rows {
                let _ = writeln!(text, "{}", row.markdown());
            }
            for (_, count) in self.charts.iter().filter(|(of, _)| *of == part) {
                text += &picture(rows, count);
            }
        }
        text
    }

    pub(crate) fn json(&self, machine: &str) -> Value {
        let rows: Vec<_> = self.rows.iter().map(Row::json).collect();
        json!({ "machine": machine, "rows": rows })
    }
}

impl Row {
    fn markdown(&self) -> String {
        let Some(figure) = self.figure else {
            return format!("| {} | | | | {} |", self.what, self.note);
        };
        let limit = match self.limit {
            Limit::AtMost(limit) => format!("at most {}", text(limit)),
            Limit::AtLeast(limit) => format!("at least {}", text(limit)),
            Limit::Shown => String::new(),
        };
        let kept = match self.limit.is_kept(figure.median) {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "",
        };
        let note = [kept, &self.note]
            .into_iter()
            .filter(|part| !part.is_empty());
        format!(
            "| {} | {} | {} | {limit} | {} |",
            self.what,
            text(figure.median),
            spread(figure),
            note.collect::<Vec<_>>().join("; ")
        )
    }

    fn json(&self) -> Value {
        let (relation, limit) = match self.limit {
            Limit::AtMost(limit) => (Some("at most"), Some(limit)),
            Limit::AtLeast(limit) => (Some("at least"), Some(limit)),
            Limit::Shown => (None, None),
        };
        json!({
            "part": self.part,
            "what": self.what,
            "median": self.figure.map(|figure| figure.median),
            "least": self.figure.map(|figure| figure.least),
            "most": self.figure.map(|figure| figure.most),
            "relation": relation,
            "limit": limit,
            "reached": self.figure.and_then(|figure| self.limit.is_kept(figure.median)),
            "note": self.note,
        })
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
    use super::{Limit, Report, text};
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
    fn a_row_beyond_its_limit_says_so_in_both_forms() {
        let mut report = Report::default();
        report.part("calls");
        for (median, kept) in [(1.0, true), (1.01, false)] {
            let figure = Figure::new(vec![median]).unwrap();
            report.add("instructions", figure, Limit::AtMost(1.0), "");
            let row = report.json("machine")["rows"]
                .as_array()
                .unwrap()
                .last()
                .cloned()
                .unwrap();
            assert_eq!(row["reached"], kept);
            let table = report.markdown("machine");
            assert_eq!(table.contains("**not reached**"), !kept);
        }
    }
}
