//! Times as Batch writes them.

use chrono::{DateTime, SubsecRound, Timelike, Utc};

/// A time to the last decimal that is ever printed, so that what a client has read it can ask for again:
/// `stateTransitionTime eq ...`.
pub(crate) fn ticks(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(7)
}

/// The service's times have seven decimals; chrono prints three, six or nine.
pub(super) fn seven_decimals(time: DateTime<Utc>) -> String {
    format!(
        "{}.{:07}Z",
        time.format("%Y-%m-%dT%H:%M:%S"),
        // A leap second counts on beyond a whole second.
        time.nanosecond() % 1_000_000_000 / 100
    )
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{seven_decimals, ticks};

    #[test]
    fn times_have_seven_decimals() {
        for (time, text) in [
            ("2023-11-20T10:11:12Z", "2023-11-20T10:11:12.0000000Z"),
            (
                "2023-11-20T10:11:12.001234567Z",
                "2023-11-20T10:11:12.0012345Z",
            ),
        ] {
            let time = time.parse().or_fail();
            assert_eq!(seven_decimals(time), text);
            assert_eq!(seven_decimals(ticks(time)).parse(), Ok(ticks(time)));
        }
    }
}
