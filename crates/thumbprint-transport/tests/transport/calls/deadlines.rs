//! Deadlines that pass while something comes.

use std::{
    io::{Read as _, Write as _},
    sync::Arc,
};

use test_support::{OrFail as _, SocketServer, TestClock};
use thumbprint_transport::Transport;

use crate::calls::client::{ADD, TOKEN, call};

/// Interim answers are no answer, however many come, and reading them leaves the deadline its turn. The server
/// stops when the client hangs up.
#[test]
fn interim_answers_without_end_do_not_hold_a_deadline_up() {
    let clock = TestClock::start();
    let of_server = Arc::clone(&clock);
    let server = SocketServer::start(move |mut connection| {
        let request = connection.read(&mut [0; 4096]).or_fail();
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000);
        let mut sent = 0;
        while connection.write_all(interim.as_bytes()).is_ok() {
            sent += 1;
            if sent == 10 {
                of_server.silence();
            }
        }
        (request > 0, sent >= 10)
    });
    let url = format!("http://{}", server.address());
    let builder = Transport::builder(url, TOKEN).allow_loopback_http();
    let transport = builder.clock(clock).build().or_fail();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .or_fail();
    let error = runtime.block_on(call(&transport, &ADD)).err_or_fail();
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error}");
    // With the connection's task.
    drop(runtime);
    assert_eq!(server.finish(), [(true, true)]);
}
