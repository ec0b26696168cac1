//! One connection for call after call. Must notice an answer whose body is not read to its end, which
//! costs the connection.

use conformance::calls::{ALL, Call, Clients, account, tenant};
use test_support::{RawServer, Reply};

use super::{bare, refusal};

/// The answers that a connection survives: whatever they say, they are whole and not too long.
fn answers(call: &Call) -> Vec<Reply> {
    let long = "x".repeat(60_000);
    let html = [("Content-Type", "text/html")];
    let mut chunked = Reply::head(409, &[("Transfer-Encoding", "chunked")]);
    chunked.extend(b"2\r\n{}\r\n0\r\n\r\n");
    vec![
        call.good(),
        refusal(call, 404, &[], "CertificateNotFound"),
        refusal(call, 409, &[], "CertificateStateActive"),
        bare(429, &[]),
        bare(401, &[]),
        Reply::new(502, &html, "<html>Bad Gateway"),
        Reply::new(500, &html, long),
        Reply::new(307, &[("Location", "/x")], "moved"),
        Reply::Bytes(chunked),
        call.good(),
    ]
}

#[tokio::test]
async fn a_thousand_calls_open_one_connection() {
    for api in ["batch", "wap"] {
        let server = RawServer::listening().await;
        let url = server.base_url();
        let clients = Clients {
            batch: account(&url),
            wap: tenant(&url),
        };
        let calls: Vec<_> = ALL.iter().filter(|call| call.api() == api).collect();
        let pairs: Vec<_> = calls
            .iter()
            .flat_map(|call| answers(call).into_iter().map(move |answer| (call, answer)))
            .collect();
        let mut successes = 0;
        for (call, answer) in pairs.iter().cycle().take(1000) {
            server.answer([answer.clone()]);
            successes += usize::from((call.run)(clients.clone(), None).await.is_ok());
        }
        assert_eq!(server.received().len(), 1000);
        assert_eq!(server.connections(), 1, "{api}");
        assert_eq!(successes, 200, "{api}");
    }
}
