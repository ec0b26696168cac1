//! How results are printed.

use std::{
    fmt::{self, Write as _},
    io::{self, Write as _},
    ops::ControlFlow,
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::{failure::Failure, terminal};

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Table,
    /// One JSON object a line
    Json,
}

/// Where a value of a [`Record`] shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Everywhere,
    Table,
    Json,
}

/// One result: names and values, in the order in which people read them.
pub(crate) struct Record {
    title: String,
    fields: Vec<(&'static str, Value, Shown)>,
}

impl Record {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            fields: Vec::new(),
        }
    }

    /// Adds a value. One that is absent stays in JSON, as null, and is left out of tables.
    pub(crate) fn with(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.push(name, value.into(), Shown::Everywhere)
    }

    /// Adds a value before all others.
    pub(crate) fn with_first(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields
            .insert(0, (name, value.into(), Shown::Everywhere));
        self
    }

    /// Adds a value that is too long for a table: only JSON has it.
    pub(crate) fn with_detail(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.push(name, value.into(), Shown::Json)
    }

    /// Adds what tables show of a value that JSON has in another form.
    pub(crate) fn with_text(self, name: &'static str, value: impl Into<Value>) -> Self {
        self.push(name, value.into(), Shown::Table)
    }

    /// Adds whether a success was inferred. Tables are silent about the usual case.
    pub(crate) fn with_inferred(self, inferred: bool) -> Self {
        let told = inferred.then_some("its own answer was lost; that of a repetition tells");
        self.with_detail("inferred", inferred)
            .with_text("inferred", told)
    }

    fn push(mut self, name: &'static str, value: Value, shown: Shown) -> Self {
        self.fields.push((name, value, shown));
        self
    }

    /// Prints what was read to stdout. A reader that has closed it does not want it: that is not a failure.
    pub(crate) fn print(&self, format: Format) -> Result<(), Failure> {
        read(write(&self.text(format))).map(|_| ())
    }

    /// Prints the result of something that was done, which may be the only copy of it: where stdout does not
    /// take it, for whatever reason, it is not lost.
    pub(crate) fn print_done(&self, format: Format) -> Result<(), Failure> {
        write(&self.text(format)).map_err(|error| {
            // A table leaves out what is long, such as a certificate that the service has just forgotten.
            let result = match format {
                Format::Table => self.table() + &self.json(),
                Format::Json => self.json(),
            };
            let status = self.fields.iter().find(|(name, ..)| *name == "status");
            let done = status.map_or("done".to_owned(), |(_, status, _)| {
                format!("done (status {status})")
            });
            Failure::Unwritten {
                done,
                error,
                result,
            }
        })
    }

    fn text(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Json => self.json(),
        }
    }

    fn table(&self) -> String {
        let shown = self
            .fields
            .iter()
            .filter(|(_, value, shown)| !value.is_null() && *shown != Shown::Json);
        let width = shown
            .clone()
            .map(|(name, ..)| name.len())
            .max()
            .unwrap_or_default();
        let lines = shown.map(|(name, value, _)| {
            let name = name.replace('_', " ");
            let mut lines = terminal::lines(&plain(value)).into_iter();
            let first = lines.next().unwrap_or_default();
            let more = lines.map(|line| format!("  {:width$}  {line}\n", ""));
            format!("  {name:width$}  {first}\n{}", more.collect::<String>())
        });
        format!("{}\n{}", self.title, lines.collect::<String>())
    }

    fn json(&self) -> String {
        let mut object = Map::new();
        object.insert("operation".to_owned(), self.title.clone().into());
        for (name, value, shown) in &self.fields {
            if *shown != Shown::Table {
                object.insert((*name).to_owned(), value.clone());
            }
        }
        format!(
            "{}\n",
            terminal::escaped(&Value::Object(object).to_string())
        )
    }

    /// The first line of a value, as it stands in a table's row.
    fn cell(&self, column: &str) -> String {
        let value = self
            .fields
            .iter()
            .find(|(name, _, shown)| *name == column && *shown != Shown::Json)
            .map_or(&Value::Null, |(_, value, _)| value);
        if value.is_null() {
            return "-".to_owned();
        }
        let text = plain(value);
        terminal::line(text.lines().next().unwrap_or_default(), terminal::LINE)
    }
}

/// Records below each other, a row each. They are printed as they come, so the widths are fixed
/// beforehand.
pub(crate) struct Rows {
    format: Format,
    columns: Vec<(&'static str, usize)>,
    begun: bool,
    diverted: bool,
}

impl Rows {
    /// `columns` are names of values and widths. What is wider than its column is printed all the same.
    pub(crate) fn new(
        format: Format,
        columns: impl IntoIterator<Item = (&'static str, usize)>,
    ) -> Self {
        Self {
            format,
            columns: columns.into_iter().collect(),
            begun: false,
            diverted: false,
        }
    }

    /// Makes the columns as wide as these records need.
    pub(crate) fn fit(mut self, records: &[Record]) -> Self {
        for (name, width) in &mut self.columns {
            let widths = records
                .iter()
                .map(|record| record.cell(name).chars().count());
            *width = widths.chain([*width, name.len()]).max().unwrap_or_default();
        }
        self
    }

    /// Prints a record that was read, and the columns' names before the first one. Breaks where stdout is
    /// not read any more.
    pub(crate) fn print(&mut self, record: &Record) -> Result<ControlFlow<()>, Failure> {
        read(write(&self.text(record)))
    }

    /// Prints the record of something that was done: on stderr once stdout does not take it.
    pub(crate) fn print_done(&mut self, record: &Record) {
        if !self.diverted {
            let Err(error) = write(&self.text(record)) else {
                return;
            };
            self.diverted = true;
            self.begun = false;
            // The exit code tells it in any case.
            let _ = message(format_args!(
                "the results could not be written: {error}; they follow here"
            ));
        }
        let _ = complain(&self.text(record));
    }

    /// Whether there was a record that stdout did not take.
    pub(crate) fn is_diverted(&self) -> bool {
        self.diverted
    }

    fn text(&mut self, record: &Record) -> String {
        if self.format == Format::Json {
            return record.json();
        }
        let mut text = String::new();
        if !self.begun {
            text = self.line(|name| name.replace('_', " ").to_uppercase());
            self.begun = true;
        }
        text.push_str(&self.line(|name| record.cell(name)));
        text
    }

    fn line(&self, cell: impl Fn(&str) -> String) -> String {
        let mut line = String::new();
        for (name, width) in &self.columns {
            let cell = cell(name);
            // Writing to a String cannot fail.
            let _ = write!(line, "{cell:width$}  ");
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
pub(crate) fn report(failure: &Failure) {
    // The exit code tells it in any case.
    let _ = message(failure);
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

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Record, Rows};

    fn record() -> Record {
        Record::new("title")
            .with("state", "active")
            .with("long_name", "one\n\u{1b}[2Jtwo")
            .with("absent", None::<String>)
            .with_detail("detail", 1)
            .with_text("text", "shown")
    }

    #[test]
    fn tables_show_lines_without_control_characters() {
        assert_eq!(
            record().table(),
            "title\n  state      active\n  long name  one\n             \u{fffd}[2Jtwo\n  text       shown\n"
        );
    }

    #[test]
    fn json_has_details_and_absent_values() {
        let json: serde_json::Value = serde_json::from_str(&record().json()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "operation": "title", "state": "active", "long_name": "one\n\u{1b}[2Jtwo",
                "absent": null, "detail": 1,
            })
        );
    }

    #[test]
    fn rows_are_as_wide_as_their_columns() {
        let columns = [("state", 8), ("absent", 6), ("long_name", 0)];
        let rows = Rows::new(Format::Table, columns);
        let line = |rows: &Rows| rows.line(|name| record().cell(name));
        assert_eq!(line(&rows), "active    -       one\n");
        assert_eq!(
            line(&Rows::new(Format::Table, [("state", 2), ("text", 0)])),
            "active  shown\n"
        );
        let fitting = Rows::new(Format::Table, [("state", 2), ("text", 0)]).fit(&[record()]);
        assert_eq!(fitting.columns, [("state", 6), ("text", 5)]);
    }
}
