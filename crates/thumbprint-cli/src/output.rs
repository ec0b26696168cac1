//! How results are printed.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
    ops::ControlFlow,
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde::Serialize;

use crate::{
    failure::Failure,
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
        let fields = self.fields().into_iter();
        let fields: Vec<_> = fields
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let widths = fields.iter().map(|(name, _)| name.len());
        let width = widths.max().unwrap_or_default();
        let lines = fields.iter().map(|(name, value)| {
            let name = name.replace('_', " ");
            let mut lines = terminal::lines(value).into_iter();
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

/// Results below each other, a row each. They are printed as they come, so the widths are fixed beforehand.
pub(crate) struct Rows<T> {
    format: Format,
    columns: Vec<Column<T>>,
    begun: bool,
    diverted: bool,
}

impl<T: Row> Rows<T> {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            columns: T::columns(),
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

    /// Whether there was a result that stdout did not take.
    pub(crate) fn is_diverted(&self) -> bool {
        self.diverted
    }

    fn text(&mut self, result: &T) -> String {
        if self.format == Format::Json {
            return result.json();
        }
        let mut text = String::new();
        if !self.begun {
            text = self.line(Column::title);
            self.begun = true;
        }
        text.push_str(&self.line(|column| column.cell(result)));
        text
    }

    fn line(&self, cell: impl Fn(&Column<T>) -> String) -> String {
        let mut line = String::new();
        for column in &self.columns {
            // Writing to a String cannot fail.
            let _ = write!(line, "{:1$}  ", cell(column), column.width);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }
}

/// A name that a server gave, such as a request's. No real one is as long as JSON's other values may be.
pub(crate) fn name(text: Option<&str>) -> Option<String> {
    text.map(|text| terminal::line(text, terminal::NAME))
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
    io::stderr().write_all(text.as_bytes())
}

/// Writes a text to stdout, to the last byte.
fn write(text: &str) -> io::Result<()> {
    let mut stdout = stdout()?;
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
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
        let json: serde_json::Value = serde_json::from_str(&SAMPLE.json()).unwrap();
        let expected =
            serde_json::json!({ "long_name": "one\n\u{1b}[2Jtwo", "absent": null, "detail": 1 });
        assert_eq!(json, expected);
    }

    #[test]
    fn rows_are_as_wide_as_their_columns() {
        let line = |rows: &Rows<_>| rows.line(|column: &Column<_>| column.cell(&SAMPLE));
        let rows = Rows::new(Format::Table);
        assert_eq!(line(&rows), "active    -       one\n");
        let widths = rows.fit(&[SAMPLE]).columns.into_iter();
        assert_eq!(
            widths.map(|column| column.width).collect::<Vec<_>>(),
            [8, 6, 9]
        );
    }
}
