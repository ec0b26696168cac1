//! Rows 9 to 13, 20 and 21: what leaves the machine, and what never does. Each submodule names its rows
//! and the mutation that it must notice.

mod connections;
mod document;
mod formats;
mod refusals;
mod table;

use conformance::{
    calls,
    wire::{Answer, Received, Recorder},
};
use thumbprint::{Error, Thumbprint, batch::CancelDeletion, wap::Delete};

/// The operations that have rows of their own in the request protocol table.
pub(crate) const OPERATIONS: [&str; table::ROWS.len()] = table::operations();

/// Sets options of a cancellation.
type OnCancelDeletion = fn(CancelDeletion<'_>) -> CancelDeletion<'_>;
/// Sets options of a deletion.
type OnDelete = fn(Delete<'_>) -> Delete<'_>;

/// An operation with some of its options set.
#[derive(Clone, Copy)]
enum Call {
    CancelDeletion(OnCancelDeletion),
    Delete(OnDelete),
}

/// Both operations without any option.
const PLAIN: [Call; 2] = [Call::CancelDeletion(|call| call), Call::Delete(|call| call)];

impl Call {
    /// The answer of success, as the source page has it.
    fn success(self) -> Answer {
        match self {
            Self::CancelDeletion(_) => Answer::new(204, &[], ""),
            Self::Delete(_) => Answer::new(200, &[("Content-Type", "application/json")], "{}"),
        }
    }

    async fn send(self, endpoint: &str, thumbprint: &Thumbprint) -> Result<(), Error> {
        match self {
            Self::CancelDeletion(set) => {
                let account = calls::account(endpoint);
                set(account.cancel_deletion(thumbprint)).await.map(drop)
            }
            Self::Delete(set) => {
                let tenant = calls::tenant(endpoint);
                set(tenant.delete(thumbprint)).await.map(drop)
            }
        }
    }

    /// Sends it to a server of its own and gives what that received.
    async fn record(self, thumbprint: &str) -> Received {
        let recorder = Recorder::start([self.success()]).await;
        let thumbprint = thumbprint.parse().unwrap();
        self.send(&recorder.base_url(), &thumbprint).await.unwrap();
        recorder.only()
    }
}

/// All values of a header. The name is given in lower case.
fn values<'a>(request: &'a Received, name: &str) -> Vec<&'a str> {
    let named = request.headers.iter().filter(|(other, _)| other == name);
    named.map(|(_, value)| value.as_str()).collect()
}

/// Checks that a call was refused because of `field`, before anything was sent.
#[track_caller]
fn assert_refused<T>(outcome: Result<T, Error>, field: &str, value: &str) {
    let Err(error) = outcome else {
        panic!("{field} = {value:?} was taken");
    };
    let message = error.to_string();
    assert!(error.is_invalid_input(), "{field} = {value:?}: {message}");
    // In a call's error the operation and the certificate stand before it.
    let named =
        message.starts_with(&format!("{field}: ")) || message.contains(&format!(": {field}: "));
    assert!(named, "{field} = {value:?}: {message}");
    assert!(
        !error.is_outcome_unknown() && !error.is_applied(),
        "{message}"
    );
}

/// Checks that the server received nothing so far. A good call comes last: it proves that the server
/// was there to receive something, and that nothing else was on its way.
async fn assert_silent(recorder: &Recorder) {
    let [call, _] = PLAIN;
    let thumbprint = calls::thumbprint();
    call.send(&recorder.base_url(), &thumbprint).await.unwrap();
    assert_eq!((recorder.received().len(), recorder.connections()), (1, 1));
}
