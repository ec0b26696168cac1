//! A service that answers as a test wants, for what no sandbox does on demand.

use std::future::ready;

use serde_json::json;
use test_support::{RawServer, Received, Reply};

pub(crate) struct Service {
    pub(crate) endpoint: String,
    server: RawServer,
}

impl Service {
    pub(crate) fn start(reply: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let reply = move |request| ready(Some(reply(&request)));
        let server = RawServer::in_thread(|| RawServer::serving(reply));
        let endpoint = server.base_url();
        Self { endpoint, server }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.server.received()
    }
}

pub(crate) fn empty(status: u16) -> Reply {
    Reply::new(status, &[], "")
}

/// An error of Batch.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({ "code": code }))
}

/// No answer at all.
pub(crate) fn hang_up() -> Reply {
    Reply::Close(Vec::new())
}
