//! The table: one row per fault, with the names of the specification.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use conformance::calls::{ALL, Call, Clients, Outcome, TOKEN};
use futures_util::FutureExt as _;
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock, Unreachable};
use thumbprint::Credential;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::{
    Class, bare, builders, clients,
    expected::{self, Expected},
    run,
};
use crate::responses::{REQUEST_ID, predicates, status};

mod answers;
mod bodies;
mod connections;

/// A row.
pub(super) struct Fault {
    /// What the specification calls it.
    name: &'static str,
    /// What it means for an operation's attempt.
    pub(super) class: fn(&Call) -> Class,
    /// The predicates that are true of the error, besides those that follow from the class.
    pub(super) says: &'static [&'static str],
    /// What happens.
    wire: Wire,
    /// How many attempts are made where it is sent again: the first and three, unless time runs out.
    pub(super) attempts: usize,
    /// The pause before each, where the service asks for one.
    pub(super) pause: Option<Duration>,
    /// What `retry_after()` says.
    retry_after: Option<Duration>,
    /// What `code()` says.
    code: Option<&'static str>,
}

/// What happens to a request.
enum Wire {
    /// It is answered like this. `ELSEWHERE` stands for the address of a server that must not be asked, and
    /// `HERE` for the server's own.
    Reply(fn(&Call) -> Reply),
    /// The same, over a connection that has served another request before, like this.
    Pooled(fn(&Call) -> Reply, fn(&Call) -> Reply),
    /// Nothing listens.
    NoServer,
    /// The server takes no more connections.
    Full,
    /// There is no token.
    NoToken,
    /// What is asked for is refused by the client itself.
    Refused,
}

impl Fault {
    const fn new(
        name: &'static str,
        class: fn(&Call) -> Class,
        says: &'static [&'static str],
        wire: Wire,
    ) -> Self {
        Self {
            name,
            class,
            says,
            wire,
            attempts: 4,
            pause: None,
            retry_after: None,
            code: None,
        }
    }

    /// Whether a server gets to answer.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self.wire, Wire::Reply(_) | Wire::Pooled(..))
    }

    /// Time runs out after so many attempts.
    const fn at_most(self, attempts: usize) -> Self {
        Self { attempts, ..self }
    }

    /// The service asks for this pause, and gets it.
    const fn pausing(self, pause: Duration) -> Self {
        Self {
            pause: Some(pause),
            retry_after: Some(pause),
            ..self
        }
    }

    /// The error shows this `Retry-After`, and no pause follows from it.
    const fn retry_after(self, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..self
        }
    }

    /// The error has this code.
    const fn code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }
}

/// A cell: a row, an operation, with or without `retry_ambiguous`, and whether the fault passes.
#[derive(Clone, Copy)]
struct Cell {
    fault: &'static Fault,
    call: &'static Call,
    retry_ambiguous: bool,
    once: bool,
}

fn cells(rows: &'static [Fault]) -> impl Iterator<Item = Cell> {
    rows.iter().flat_map(|fault| {
        ALL.iter().flat_map(move |call| {
            let retry_ambiguous: &[bool] = if call.retry_ambiguous.is_some() {
                &[false, true]
            } else {
                &[false]
            };
            // What is no server's doing cannot pass with its next answer.
            let once: &[bool] = if fault.is_answered() {
                &[false, true]
            } else {
                &[false]
            };
            retry_ambiguous.iter().flat_map(move |&retry_ambiguous| {
                once.iter().map(move |&once| Cell {
                    fault,
                    call,
                    retry_ambiguous,
                    once,
                })
            })
        })
    })
}

#[test]
fn the_table_is_as_long_as_its_note_says() {
    let tables = [connections::ROWS, answers::ROWS, bodies::ROWS];
    let rows: usize = tables.iter().map(|rows| rows.len()).sum();
    let cells: usize = tables.iter().map(|rows| cells(rows).count()).sum();
    assert_eq!((rows, cells), (138, 3264));
    let mut names: Vec<_> = tables.iter().flat_map(|rows| *rows).collect();
    names.sort_unstable_by_key(|fault| fault.name);
    names.dedup_by_key(|fault| fault.name);
    assert_eq!(names.len(), rows, "two rows have one name");
}

#[tokio::test]
async fn connections() {
    check(connections::ROWS).await;
}

#[tokio::test]
async fn answers() {
    check(answers::ROWS).await;
}

#[tokio::test]
async fn bodies() {
    check(bodies::ROWS).await;
}

/// Checks all cells of these rows, so that one that fails does not hide the others.
async fn check(rows: &'static [Fault]) {
    let mut failed = Vec::new();
    let elsewhere = RawServer::start([bare(404, &[])]).await;
    for cell in cells(rows) {
        if AssertUnwindSafe(cell.check(&elsewhere))
            .catch_unwind()
            .await
            .is_err()
        {
            failed.push(cell.to_string());
        }
    }
    assert!(failed.is_empty(), "{} failed: {failed:#?}", failed.len());
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.fault.name, self.call.operation)?;
        f.write_str(if self.retry_ambiguous {
            ", retry_ambiguous"
        } else {
            ""
        })?;
        f.write_str(if self.once { ", once" } else { "" })
    }
}

/// What was seen of a cell.
struct Seen {
    outcome: Outcome,
    received: Vec<Received>,
    /// The answer that the fault consists of.
    answer: Option<Reply>,
}

impl Cell {
    fn expected(self) -> Expected {
        let Self {
            fault,
            call,
            retry_ambiguous,
            once,
        } = self;
        if once {
            expected::once(fault, call, retry_ambiguous)
        } else {
            expected::always(fault, call, retry_ambiguous)
        }
    }

    async fn check(self, elsewhere: &RawServer) {
        let row = self.to_string();
        let clock = TestClock::start();
        let expected = self.expected();
        let seen = self.act(&clock, elsewhere).await;

        let sent = if self.fault.is_answered() {
            expected.attempts
        } else {
            0
        };
        assert_eq!(seen.received.len(), sent, "{row}: requests");
        assert_eq!(clock.pauses(), expected.pauses, "{row}: pauses");
        assert_eq!(elsewhere.connections(), 0, "{row}: asked elsewhere");
        for request in &seen.received {
            assert_eq!(request.head, seen.received[0].head, "{row}: changed");
            assert_eq!(request.body, seen.received[0].body, "{row}: changed");
            let credentials = request.headers.iter();
            let credentials: Vec<_> = credentials
                .filter(|(name, _)| name == "authorization")
                .map(|(_, value)| value.as_str())
                .collect();
            assert_eq!(credentials, [format!("Bearer {TOKEN}")], "{row}");
        }
        let error = match (seen.outcome, expected.end) {
            (Ok((_, shown)), Ok(())) => {
                assert!(!shown.contains("inferred: true"), "{row}: {shown}");
                return;
            }
            (Ok(success), Err(_)) => panic!("{row} was taken for {success:?}"),
            (Err(error), Ok(())) => panic!("{row} was taken for a failure: {error}"),
            (Err(error), Err(says)) => {
                assert_eq!(predicates(&error), says, "{row}: {error}");
                error
            }
        };
        let attempts = match self.fault.wire {
            Wire::NoToken | Wire::Refused => 0,
            _ => expected.attempts,
        };
        assert_eq!(error.attempts() as usize, attempts, "{row}: attempts");
        assert_eq!(
            error.retry_after(),
            self.fault.retry_after,
            "{row}: retry_after"
        );
        assert_eq!(error.code(), self.fault.code, "{row}: code");
        let (number, request_id) = seen.answer.as_ref().map_or((None, None), told);
        assert_eq!(status(&error), number, "{row}: status");
        assert_eq!(error.request_id(), request_id, "{row}: request id");
    }

    async fn act(self, clock: &Arc<TestClock>, elsewhere: &RawServer) -> Seen {
        let Self {
            fault,
            call,
            retry_ambiguous,
            once,
        } = self;
        let answer = match fault.wire {
            Wire::Reply(answer) | Wire::Pooled(_, answer) => answer(call),
            _ => {
                let outcome = self.act_alone(clock, elsewhere).await;
                return Seen {
                    outcome,
                    received: Vec::new(),
                    answer: None,
                };
            }
        };
        let server = RawServer::listening().await.with_clock(clock);
        let answer = placed(&answer, &server, elsewhere);
        let clients = clients(&server.base_url(), clock);
        let mut before = 0;
        if let Wire::Pooled(first, _) = fault.wire {
            let first = first(call);
            let closes = matches!(first, Reply::Close(_));
            server.answer([first]);
            let outcome = run(call, clients.clone(), false).await;
            assert!(outcome.is_ok(), "{}: {outcome:?}", fault.name);
            if closes {
                server.hung_up(1).await;
            }
            before = 1;
        }
        let mut answers = vec![answer.clone()];
        answers.extend(once.then(|| call.good()));
        server.answer(answers);
        let outcome = run(call, clients, retry_ambiguous).await;
        let received = server.received().split_off(before);
        Seen {
            outcome,
            received,
            answer: Some(answer),
        }
    }

    /// What ends without a server.
    async fn act_alone(self, clock: &Arc<TestClock>, elsewhere: &RawServer) -> Outcome {
        let Self {
            fault,
            call,
            retry_ambiguous,
            ..
        } = self;
        match fault.wire {
            Wire::NoServer => {
                let unreachable = Unreachable::new();
                let url = format!("http://{}", unreachable.address);
                run(call, clients(&url, clock), retry_ambiguous).await
            }
            Wire::Full => {
                let (listener, _waiting) = full().await;
                let url = format!("http://{}", listener.local_addr().or_fail());
                let (batch, wap) = builders(&url, clock);
                // The one deadline that is the HTTP client's own, by a clock that no test turns.
                let limit = Duration::from_millis(3);
                let clients = Clients {
                    batch: batch.connect_timeout(limit).build().or_fail(),
                    wap: wap.connect_timeout(limit).build().or_fail(),
                };
                run(call, clients, retry_ambiguous).await
            }
            Wire::NoToken | Wire::Refused => {
                let (batch, wap) = sourced(elsewhere, clock);
                let clients = Clients { batch, wap };
                if matches!(fault.wire, Wire::Refused) {
                    (call.run)(clients, Some(Duration::ZERO)).await
                } else {
                    run(call, clients, retry_ambiguous).await
                }
            }
            Wire::Reply(_) | Wire::Pooled(..) => unreachable!("these need a server"),
        }
    }
}

/// Clients whose tokens come from a source that fails.
fn sourced(
    server: &RawServer,
    clock: &Arc<TestClock>,
) -> (thumbprint::batch::Client, thumbprint::wap::Client) {
    use conformance::calls::{PRINCIPAL, SUBSCRIPTION};
    let source = || Credential::tokens(|| async { Err("the vault is shut".into()) });
    let url = server.base_url();
    let batch = thumbprint::batch::Client::builder(&url, source());
    let wap = thumbprint::wap::Client::builder(&url, SUBSCRIPTION, PRINCIPAL, source());
    let (batch, wap) = (batch.allow_loopback_http(), wap.allow_loopback_http());
    (
        batch.clock(Arc::clone(clock) as _).build().or_fail(),
        wap.clock(Arc::clone(clock) as _).build().or_fail(),
    )
}

/// A listener that takes no more connections, and those that it has.
async fn full() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().or_fail();
    socket.bind("127.0.0.1:0".parse().or_fail()).or_fail();
    let listener = socket.listen(1).or_fail();
    let address = listener.local_addr().or_fail();
    let mut waiting = Vec::new();
    // The queue takes a few more than it says; then nothing answers any more.
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(20), TcpStream::connect(address)).await
    {
        waiting.push(stream.or_fail());
    }
    (listener, waiting)
}

/// The answer with the two servers' addresses in it.
fn placed(answer: &Reply, here: &RawServer, elsewhere: &RawServer) -> Reply {
    let Reply::Bytes(bytes) = answer else {
        return answer.clone();
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return answer.clone();
    };
    let text = text.replace("http://ELSEWHERE", &elsewhere.base_url());
    Reply::Bytes(text.replace("http://HERE", &here.base_url()).into_bytes())
}

/// The status that an answer has, and the name that it gives the request, once its head is whole.
fn told(answer: &Reply) -> (Option<u16>, Option<&'static str>) {
    let (Reply::Bytes(bytes)
    | Reply::Close(bytes)
    | Reply::Stall(bytes)
    | Reply::Drip(bytes)
    | Reply::Abort(bytes)) = answer
    else {
        return (None, None);
    };
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return (None, None);
    };
    if head.matches("Content-Length: ").count() > 1 {
        return (None, None);
    }
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    // 100 only says that more will come.
    let status = status.filter(|status| *status != 100);
    let named = head.contains(REQUEST_ID).then_some(REQUEST_ID);
    (status, named)
}
