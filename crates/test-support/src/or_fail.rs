use std::{fmt::Debug, fs, panic::Location, path::Path};

/// What a test cannot go on without. Where it is not there, the test fails in the place that asks for it, and says what
/// there is instead, and in which piece of its code.
///
/// ```text
/// expected a value, got Err(ParseIntError { kind: InvalidDigit }) from
///     let port: u16 = words
///         .next()
///         .or_fail()
///         .parse()
///         .or_fail();
/// ```
pub trait OrFail {
    /// What there is if all goes well.
    type Value;
    /// What there is otherwise.
    type Error;

    /// The value.
    #[track_caller]
    fn or_fail(self) -> Self::Value;

    /// The error, where that is what a test is about.
    #[track_caller]
    fn err_or_fail(self) -> Self::Error
    where
        Self::Value: Debug;
}

impl<T, E: Debug> OrFail for Result<T, E> {
    type Value = T;
    type Error = E;

    #[track_caller]
    fn or_fail(self) -> T {
        match self {
            Ok(value) => value,
            Err(error) => fail("a value", &format!("Err({error:?})")),
        }
    }

    #[track_caller]
    fn err_or_fail(self) -> E
    where
        T: Debug,
    {
        match self {
            Ok(value) => fail("an error", &format!("Ok({value:?})")),
            Err(error) => error,
        }
    }
}

impl<T> OrFail for Option<T> {
    type Value = T;
    type Error = ();

    #[track_caller]
    fn or_fail(self) -> T {
        match self {
            Some(value) => value,
            None => fail("a value", "None"),
        }
    }

    #[track_caller]
    fn err_or_fail(self)
    where
        T: Debug,
    {
        if let Some(value) = self {
            fail("None", &format!("Some({value:?})"))
        }
    }
}

#[track_caller]
fn fail(expected: &str, got: &str) -> ! {
    let code = statement(Location::caller());
    panic!("expected {expected}, got {got} from\n{code}")
}

/// The statement that ends in this place, as rustfmt has laid it out: what goes on with it stands deeper than its first
/// line, or begins with a sign.
fn statement(at: &Location<'_>) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let source = fs::read_to_string(root.join(at.file())).unwrap_or_default();
    let mut lines: Vec<_> = source.lines().take(at.line() as usize).collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let last = lines.last().map_or(0, |line| depth(line));
    let goes_on =
        |line: &&str| depth(line) > last || line.trim_start().starts_with(['.', ')', ']', '}']);
    let first = lines
        .iter()
        .rposition(|line| !goes_on(line))
        .unwrap_or_default();
    lines.drain(..first);
    lines.join("\n")
}
