//! How results are printed.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Table,
    /// One JSON object a line
    Json,
}

/// One result: names and values, in the order in which people read them.
pub(crate) struct Record {
    title: String,
    fields: Vec<(&'static str, Value)>,
    details: Vec<(&'static str, Value)>,
}

impl Record {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            fields: Vec::new(),
            details: Vec::new(),
        }
    }

    /// Adds a value. One that is absent stays in JSON, as null, and is left out of tables.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Adds a value before all others.
    pub(crate) fn with_first(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.insert(0, (name, value.into()));
        self
    }

    /// Adds a value that is too long for a table: only JSON has it.
    pub(crate) fn with_detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// Prints the result to stdout. Whoever has closed it does not want it: that is no failure.
    pub(crate) fn print(&self, format: Format) -> Result<(), Failure> {
        let text = match format {
            Format::Table => self.table(),
            Format::Json => self.json(),
        };
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::System {
                doing: "writing the result",
                error,
            }),
            _ => Ok(()),
        }
    }

    fn table(&self) -> String {
        let shown = self.fields.iter().filter(|(_, value)| !value.is_null());
        let width = shown
            .clone()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or_default();
        let lines = shown.map(|(name, value)| {
            let name = name.replace('_', " ");
            format!("  {name:width$}  {}\n", plain(value))
        });
        format!("{}\n{}", self.title, lines.collect::<String>())
    }

    fn json(&self) -> String {
        let mut object = Map::new();
        object.insert("operation".to_owned(), self.title.clone().into());
        for (name, value) in self.fields.iter().chain(&self.details) {
            object.insert((*name).to_owned(), value.clone());
        }
        format!("{}\n", Value::Object(object))
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
