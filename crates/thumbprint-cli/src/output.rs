//! How results are printed.

use std::{
    fmt::{self, Write as _},
    io::{self, IsTerminal as _, Write as _},
    ops::ControlFlow,
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serialize;

use crate::{
    failure::Failure,
    progress,
    results::{Change, Operation},
    terminal,
};

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Table,
    /// One JSON object a line
    Json,
}

/// Names and values in the order in which people read them. Those that are absent are left out.
pub(crate) type Fields = Vec<(&'static str, Option<String>)>;

/// One result: its serialization is what JSON has of it, this is what people see.
pub(crate) trait Show: Serialize {
    /// The line above the values.
    fn title(&self) -> String;

    /// The values.
    fn fields(&self) -> Fields;

    /// Prints what was read to stdout. A reader that has closed it does not want it: that is not a failure.
    fn print(&self, format: Format) -> Result<(), Failure> {
        print(&self.text(format))
    }

    fn text(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Json => self.json(),
        }
    }

    fn table(&self) -> String {
        self.table_of(terminal::width())
    }

    /// A table for a terminal of so many columns: longer values go on in the next line.
    fn table_of(&self, columns: Option<usize>) -> String {
        let fields = self.fields().into_iter();
        let fields: Vec<_> = fields
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let widths = fields.iter().map(|(name, _)| name.len());
        let width = widths.max().unwrap_or_default();
        let lines = fields.iter().map(|(name, value)| {
            let name = name.replace('_', " ");
            let lines = terminal::lines(value);
            let mut lines = match columns {
                None => lines,
                Some(columns) => {
                    let left = columns.saturating_sub(width + 4).max(NARROW);
                    let lines = lines.iter();
                    lines
                        .flat_map(|line| terminal::wrap(line, left, false))
                        .collect()
                }
            }
            .into_iter();
            let first = lines.next().unwrap_or_default();
            let more = lines.map(|line| format!("  {:width$}  {line}\n", ""));
            format!("  {name:width$}  {first}\n{}", more.collect::<String>())
        });
        format!("{}\n{}", self.title(), lines.collect::<String>())
    }

    fn json(&self) -> String {
        // Nothing that is printed can fail to serialize: its keys are text.
        let json = serde_json::to_string(self).unwrap_or_default();
        terminal::escaped(&json) + "\n"
    }
}

/// Prints a text to stdout, as [`Show::print`] does.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    read(write(text)).map(|_| ())
}

/// A result of which there are several, a row each.
pub(crate) trait Row: Show + Sized {
    fn columns() -> Vec<Column<Self>>;
}

/// What stands below each other of several results.
pub(crate) struct Column<T> {
    name: &'static str,
    width: usize,
    value: fn(&T) -> Option<String>,
}

impl<T> Column<T> {
    /// What is wider than its column is printed all the same.
    pub(crate) fn new(name: &'static str, width: usize, value: fn(&T) -> Option<String>) -> Self {
        Self { name, width, value }
    }

    fn title(&self) -> String {
        self.name.replace('_', " ").to_uppercase()
    }

    /// The first line of the value.
    fn cell(&self, of: &T) -> String {
        let value = (self.value)(of).unwrap_or_else(|| "-".to_owned());
        terminal::line(value.lines().next().unwrap_or_default(), terminal::LINE)
    }
}

/// Prints the result of a change that was made, which may be the only copy of it: where stdout does not take it, for
/// whatever reason, it is not lost.
pub(crate) fn print_done(change: &Change, format: Format) -> Result<(), Failure> {
    write(&change.text(format)).map_err(|error| {
        // A table leaves out what is long, such as a certificate that the service has just forgotten.
        let result = match format {
            Format::Table => change.table() + &change.json(),
            Format::Json => change.json(),
        };
        let status = change.response.status;
        let done = status.map_or("done".to_owned(), |status| {
            format!("done (status {status})")
        });
        Failure::Unwritten {
            done,
            error,
            result,
        }
    })
}

/// The least width of a column that text is wrapped in.
const NARROW: usize = 16;

/// Results below each other, a row each. They are printed as they come, so the widths are fixed beforehand.
///
/// On a terminal a column that does not fit is moved: its values stand below the row, with its name.
pub(crate) struct Rows<T> {
    format: Format,
    width: Option<usize>,
    columns: Vec<Column<T>>,
    any: bool,
    begun: bool,
    diverted: bool,
}

impl<T: Row> Rows<T> {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            width: terminal::width(),
            columns: T::columns(),
            any: false,
            begun: false,
            diverted: false,
        }
    }

    /// Makes the columns as wide as these results need.
    pub(crate) fn fit(mut self, results: &[T]) -> Self {
        for column in &mut self.columns {
            let widths = results
                .iter()
                .map(|result| column.cell(result).chars().count());
            let widths = widths.chain([column.width, column.name.len()]);
            column.width = widths.max().unwrap_or_default();
        }
        self
    }

    /// Prints a result that was read, and the columns' names before the first one. Breaks where stdout is not read
    /// any more.
    pub(crate) fn print(&mut self, result: &T) -> Result<ControlFlow<()>, Failure> {
        read(write(&self.text(result)))
    }

    /// Prints the result of something that was done: on stderr once stdout does not take it.
    pub(crate) fn print_done(&mut self, result: &T) {
        if !self.diverted {
            let Err(error) = write(&self.text(result)) else {
                return;
            };
            self.diverted = true;
            self.begun = false;
            // The exit code tells it in any case.
            let _ = message(format_args!(
                "the results could not be written: {error}; they follow here"
            ));
        }
        let _ = complain(&self.text(result));
    }

    /// Says so if there was nothing to print: to people, who would wonder.
    pub(crate) fn end(&self, nothing: &str) {
        if !self.any && self.format == Format::Table {
            // The exit code tells that it was no failure.
            let _ = message(nothing);
        }
    }

    /// Whether there was a result that stdout did not take.
    pub(crate) fn is_diverted(&self) -> bool {
        self.diverted
    }

    fn text(&mut self, result: &T) -> String {
        self.any = true;
        if self.format == Format::Json {
            return result.json();
        }
        let (columns, moved) = self.columns.split_at(self.fitting());
        let mut text = String::new();
        if !self.begun {
            let titles = columns.iter().map(|column| (column.title(), column.width));
            text.push_str(&line(titles));
            self.begun = true;
        }
        let Some(width) = self.width else {
            let cells = columns
                .iter()
                .map(|column| (column.cell(result), column.width));
            return text + &line(cells);
        };
        let cells = columns.iter().enumerate().map(|(index, column)| {
            let cell = column.cell(result);
            match column.width {
                // A thumbprint stays whole, for whoever has to copy it.
                _ if index == 0 => vec![cell],
                0 => terminal::wrap(&cell, width - self.taken(index), true),
                own => terminal::wrap(&cell, own, true),
            }
        });
        let cells: Vec<_> = cells.collect();
        for row in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
            let part = |cell: &Vec<String>| cell.get(row).cloned().unwrap_or_default();
            let parts = cells.iter().zip(columns);
            text.push_str(&line(
                parts.map(|(cell, column)| (part(cell), column.width)),
            ));
        }
        for column in moved
            .iter()
            .filter(|column| (column.value)(result).is_some())
        {
            let value = format!("{}: {}", column.name.replace('_', " "), column.cell(result));
            for (row, part) in terminal::wrap(&value, width.saturating_sub(4), false)
                .iter()
                .enumerate()
            {
                let indent = if row == 0 { 2 } else { 4 };
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{:indent$}{part}", "");
            }
        }
        text
    }

    /// How many columns stand beside each other. The first always does.
    fn fitting(&self) -> usize {
        let Some(width) = self.width else {
            return self.columns.len();
        };
        let fits = |index: &usize| {
            let own = match self.columns[*index].width {
                0 => NARROW,
                own => own,
            };
            self.taken(*index) + own <= width
        };
        1 + (1..self.columns.len()).take_while(fits).count()
    }

    /// How much of a line the columns before this one take.
    fn taken(&self, index: usize) -> usize {
        self.columns[..index]
            .iter()
            .map(|column| column.width + 2)
            .sum()
    }
}

/// Cells in columns of these widths.
fn line(cells: impl Iterator<Item = (String, usize)>) -> String {
    let mut line = String::new();
    for (cell, width) in cells {
        // Writing to a String cannot fail.
        let _ = write!(line, "{cell:width$}  ");
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// A name that a server gave, such as a request's. No real one is as long as JSON's other values may be.
pub(crate) fn name(text: Option<&str>) -> Option<String> {
    text.map(|text| terminal::line(text, terminal::NAME))
}

/// A URL that a server gave: there is a thumbprint in it, which must stay whole.
pub(crate) fn link(text: Option<&str>) -> Option<String> {
    text.map(|text| terminal::line(text, 4 * terminal::NAME))
}

/// A time as tables and JSON have it.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A time to the second, for columns.
pub(crate) fn second(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// How long a message may be: an error has several parts.
const MESSAGE: usize = 4 * terminal::LINE;

/// Says something to people, on stderr, on one line.
pub(crate) fn message(text: impl fmt::Display) -> io::Result<()> {
    let text = terminal::line(&text.to_string(), MESSAGE);
    complain(&format!("thumbprint: {text}\n"))
}

/// Says what is odd, whatever the results' form: JSON has it too.
pub(crate) fn warn(warnings: &[String]) {
    for warning in warnings {
        // It stands in the result, too.
        let _ = message(format_args!("warning: {warning}"));
    }
}

/// Says why the command did not do what it should, and the result that stdout did not take.
pub(crate) fn report(failure: &Failure, operation: Option<Operation>, format: Format) {
    // The exit code tells it in any case.
    let _ = match format {
        Format::Table => message(failure),
        Format::Json => complain(&failure.problem(operation).json()),
    };
    if let Some(result) = failure.result() {
        let _ = complain(result);
    }
}

/// Writes a text to stderr as it stands.
pub(crate) fn complain(text: &str) -> io::Result<()> {
    progress::suspended(|| io::stderr().write_all(text.as_bytes()))
}

/// Writes a text to stdout, to the last byte.
fn write(text: &str) -> io::Result<()> {
    let write = || {
        let mut stdout = stdout()?;
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    };
    if io::stdout().is_terminal() {
        progress::suspended(write)
    } else {
        write()
    }
}

/// Stdout. The standard library takes an error of a descriptor that cannot be written to for success
/// (<https://github.com/rust-lang/rust/issues/47271>).
#[cfg(unix)]
fn stdout() -> io::Result<impl io::Write> {
    use std::os::fd::AsFd as _;
    let stdout = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(std::fs::File::from(stdout))
}

/// Stdout.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn stdout() -> io::Result<impl io::Write> {
    Ok(io::stdout().lock())
}

/// How writing what was only read ended. A closed pipe is the end of the interest in it.
fn read(written: io::Result<()>) -> Result<ControlFlow<()>, Failure> {
    match written {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Failure::System {
            doing: "writing the result",
            error,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use test_support::OrFail as _;

    use super::{Column, Fields, Format, Row, Rows, Show};

    #[derive(Serialize)]
    struct Sample {
        long_name: &'static str,
        absent: Option<String>,
        detail: u8,
    }

    const SAMPLE: Sample = Sample {
        long_name: "one\n\u{1b}[2Jtwo",
        absent: None,
        detail: 1,
    };

    impl Show for Sample {
        fn title(&self) -> String {
            "title".to_owned()
        }

        fn fields(&self) -> Fields {
            vec![
                ("state", Some("active".to_owned())),
                ("long_name", Some(self.long_name.to_owned())),
                ("absent", self.absent.clone()),
            ]
        }
    }

    impl Row for Sample {
        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::new("state", 8, |_| Some("active".to_owned())),
                Column::new("absent", 6, |this| this.absent.clone()),
                Column::new("long_name", 0, |this| Some(this.long_name.to_owned())),
            ]
        }
    }

    #[test]
    fn tables_show_lines_without_control_characters() {
        assert_eq!(
            SAMPLE.table(),
            "title\n  state      active\n  long name  one\n             \u{fffd}[2Jtwo\n"
        );
    }

    #[test]
    fn json_has_details_and_absent_values() {
        let json: serde_json::Value = serde_json::from_str(&SAMPLE.json()).or_fail();
        let expected =
            serde_json::json!({ "long_name": "one\n\u{1b}[2Jtwo", "absent": null, "detail": 1 });
        assert_eq!(json, expected);
    }

    fn rows(width: Option<usize>) -> Rows<Sample> {
        let rows = Rows::new(Format::Table);
        Rows { width, ..rows }
    }

    #[test]
    fn rows_are_as_wide_as_their_columns() {
        let mut rows = rows(None);
        let titles = "STATE     ABSENT  LONG NAME\n";
        assert_eq!(
            rows.text(&SAMPLE),
            format!("{titles}active    -       one\n")
        );
        assert_eq!(rows.text(&SAMPLE), "active    -       one\n");
        let widths = rows.fit(&[SAMPLE]).columns.into_iter();
        let widths: Vec<_> = widths.map(|column| column.width).collect();
        assert_eq!(widths, [8, 6, 9]);
    }

    const LONG: Sample = Sample {
        long_name: "one two three four five six seven",
        absent: None,
        detail: 1,
    };

    #[test]
    fn a_column_that_fits_wraps_its_values() {
        let titles = "STATE     ABSENT  LONG NAME\n";
        let row = "active    -       one two three\n\
                   \u{20}                 four five six\n\
                   \u{20}                 seven\n";
        assert_eq!(rows(Some(34)).text(&LONG), format!("{titles}{row}"));
    }

    #[test]
    fn a_column_that_does_not_fit_is_moved_below_the_row() {
        let titles = "STATE     ABSENT\n";
        let row = "active    -\n  long name: one two three four\n    five six seven\n";
        assert_eq!(rows(Some(33)).text(&LONG), format!("{titles}{row}"));
        // The first column stays whole, however narrow the terminal is.
        assert!(rows(Some(3)).text(&LONG).contains("\nactive\n  long\n"));
    }

    #[test]
    fn a_value_goes_on_in_the_next_line() {
        let table = LONG.table_of(Some(34));
        let expected = "title\n  state      active\n  long name  one two three four\n             five six seven\n";
        assert_eq!(table, expected);
    }
}
