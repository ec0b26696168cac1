//! A client that is used from several runtimes, one after the other. Must notice a fetch that calls wait
//! for though the runtime that was to finish it is gone, or is there and does nothing.

use conformance::calls;
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::batch;
use tokio::runtime::Runtime;

use super::{MINUTE, Source, account, gated, give};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .or_fail()
}

/// A server that outlives the runtimes of the test.
fn server() -> RawServer {
    RawServer::in_thread(|| RawServer::start([Reply::new(204, &[], "")]))
}

/// What every request so far said of who is calling.
fn shown(server: &RawServer) -> Vec<String> {
    let received = server.received();
    let token = |request: &Received| request.header("authorization").or_fail().to_owned();
    received.iter().map(token).collect()
}

#[test]
fn a_fetch_whose_runtime_is_gone_is_begun_again() {
    let server = server();
    let source = Source::new([gated(give("one")), give("two")]);
    let clock = TestClock::start();
    let account = account(&server.base_url(), source.credential(), &clock);
    let thumbprint = calls::thumbprint();
    let first = runtime();
    first.block_on(async {
        tokio::select! {
            biased;
            outcome = account.cancel_deletion(&thumbprint) => panic!("{outcome:?}"),
            () = source.asked(1) => {}
        }
    });
    drop(first);
    for _ in 0..2 {
        let account = account.clone();
        runtime().block_on(async { account.cancel_deletion(&thumbprint).await.or_fail() });
    }
    assert_eq!(source.fetches(), 2);
    assert_eq!(shown(&server), ["Bearer two"; 2]);
}

/// A runtime of one thread does nothing while no call is in its `block_on`.
#[test]
fn a_fetch_of_a_runtime_that_rests_keeps_no_call_waiting() {
    let server = server();
    let source = Source::new([give("one"), gated(give("two")), give("three"), give("four")]);
    let clock = TestClock::start();
    let credential = source.credential();
    // A client of its own for each, as connections rest with their runtime; the credential is shared.
    let [mine, others] = [(); 2].map(|()| account(&server.base_url(), credential.clone(), &clock));
    let thumbprint = calls::thumbprint();
    let call = async |account: &batch::Client| {
        account.cancel_deletion(&thumbprint).await.or_fail();
    };

    let (resting, busy) = (runtime(), runtime());
    resting.block_on(call(&mine));
    clock.advance(56 * MINUTE);
    // In the background a fetch begins, and then the runtime rests.
    resting.block_on(async {
        call(&mine).await;
        source.asked(2).await;
    });
    source.open();
    clock.advance(5 * MINUTE);
    busy.block_on(call(&others));
    assert_eq!(source.fetches(), 3);
    // Its own fetch ends when it wakes, and takes nothing away from the one that came after it.
    resting.block_on(call(&mine));
    busy.block_on(call(&others));
    assert_eq!(source.fetches(), 3);
    drop(resting);
    busy.block_on(call(&others));
    let shown = shown(&server);
    assert_eq!(shown[..3], ["Bearer one", "Bearer one", "Bearer three"]);
    assert_eq!(shown.len(), 6);
}
