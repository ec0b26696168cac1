//! What a cell of the table expects. Written from the specification: from a fault's class and from
//! what an operation is, and from nothing else.

use std::time::Duration;

use conformance::calls::Call;

use super::{Class, Nature, PAUSES, table::Fault};

/// What a cell expects.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// How many attempts are made.
    pub(super) attempts: usize,
    /// The pauses between them.
    pub(super) pauses: Vec<Duration>,
    /// The typed result, or the predicates of the error that are true.
    pub(super) end: Result<(), Vec<&'static str>>,
}

/// At a server that fails always.
pub(super) fn always(fault: &Fault, call: &Call, retry_ambiguous: bool) -> Expected {
    let (class, nature) = ((fault.class)(call), Nature::of(call));
    let attempts = if is_sent_again(class, nature, retry_ambiguous) {
        fault.attempts
    } else {
        1
    };
    Expected {
        attempts,
        pauses: pauses(fault, attempts),
        end: end(fault, class, nature, call),
    }
}

/// At a server that fails once.
pub(super) fn once(fault: &Fault, call: &Call, retry_ambiguous: bool) -> Expected {
    let always = always(fault, call, retry_ambiguous);
    if always.attempts == 1 {
        return always;
    }
    Expected {
        attempts: 2,
        pauses: pauses(fault, 2),
        end: Ok(()),
    }
}

fn is_sent_again(class: Class, nature: Nature, retry_ambiguous: bool) -> bool {
    match class {
        Class::N | Class::Asked => true,
        Class::U => nature != Nature::Ambiguous || retry_ambiguous,
        // What was changed is changed. A read has seen nothing, and is made again.
        Class::Broken => nature == Nature::Read,
        Class::F | Class::Doubt | Class::Unread | Class::Foreign | Class::Fine => false,
    }
}

fn pauses(fault: &Fault, attempts: usize) -> Vec<Duration> {
    match fault.pause {
        Some(pause) => vec![pause; attempts - 1],
        None => PAUSES[..attempts - 1].to_vec(),
    }
}

fn end(fault: &Fault, class: Class, nature: Nature, call: &Call) -> Result<(), Vec<&'static str>> {
    let mut says = fault.says.to_vec();
    // WAP has retired nothing.
    says.retain(|says| *says != "retired" || call.api() == "batch");
    match class {
        Class::Fine => return Ok(()),
        // Where no body is promised, none can be lost.
        Class::Broken | Class::Unread if !call.answers => return Ok(()),
        // It is deleted, and says so without the certificate.
        Class::Broken if nature == Nature::Idempotent => return Ok(()),
        Class::Unread if nature != Nature::Read => says.push("applied"),
        // A read changes nothing, so it leaves no doubt.
        Class::U | Class::Asked | Class::Doubt | Class::Foreign if nature != Nature::Read => {
            says.push("outcome_unknown");
        }
        // Where there was an answer, it was throttled.
        Class::N if fault.is_answered() => says.push("throttled"),
        _ => {}
    }
    says.sort_unstable();
    Err(says)
}
