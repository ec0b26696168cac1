//! What the calls of Windows Azure Pack have in common.

use std::fmt;

use thumbprint_transport::{self as transport, CallOptions};
use uuid::Uuid;

/// What every call can do without.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) client_request_id: Option<String>,
    pub(super) client_session_id: Option<Uuid>,
    pub(super) principal_live_id: Option<String>,
    pub(super) call: CallOptions,
}

impl Options {
    pub(super) fn check(&self) -> Result<(), transport::Error> {
        for (field, text) in [
            ("client_request_id", &self.client_request_id),
            ("principal_live_id", &self.principal_live_id),
        ] {
            if let Some(text) = text {
                transport::header::check(field, text)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("client_request_id", &self.client_request_id)
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

/// Gives a call the methods for its [`Options`].
macro_rules! chains_options {
    ($call:ident) => {
        impl $call<'_> {
            /// The caller's own name for the request: visible ASCII and spaces, at most 256 characters.
            /// The vendor's examples join a GUID and a time.
            pub fn client_request_id(mut self, id: impl Into<String>) -> Self {
                self.options.client_request_id = Some(id.into());
                self
            }

            /// Identifier of the caller's session.
            pub fn client_session_id(mut self, id: uuid::Uuid) -> Self {
                self.options.client_session_id = Some(id);
                self
            }

            /// Live identifier of the principal: visible ASCII, at most 256 characters.
            pub fn principal_live_id(mut self, id: impl Into<String>) -> Self {
                self.options.principal_live_id = Some(id.into());
                self
            }

            /// Longest time for this call, its retries included. The client's total timeout unless set.
            pub fn deadline(mut self, limit: std::time::Duration) -> Self {
                self.options.call.deadline = Some(limit);
                self
            }
        }
    };
}
pub(super) use chains_options;

/// Puts what every request has, and the options, into a generated builder.
macro_rules! with_options {
    ($builder:expr, $client:expr, $options:expr) => {{
        $options.check()?;
        let mut builder = $builder
            .subscription_id($client.subscription.clone())
            .x_ms_principal_id($client.principal.clone());
        if let Some(id) = $options.client_request_id {
            builder = builder.x_ms_client_request_id(id);
        }
        if let Some(id) = $options.client_session_id {
            builder = builder.x_ms_client_session_id(id);
        }
        if let Some(id) = $options.principal_live_id {
            builder = builder.x_ms_principal_liveid(id);
        }
        builder
    }};
}
pub(super) use with_options;
