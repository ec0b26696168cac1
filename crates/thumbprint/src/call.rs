//! What the calls of both services have in common.

use std::time::{Duration, Instant};

use thumbprint_transport::Transport;

/// How long a call that began at `began` may still take. `None` once its time is up.
pub(crate) fn still_left(transport: &Transport, began: Instant) -> Option<Duration> {
    let spent = transport.clock().now().saturating_duration_since(began);
    transport
        .total_timeout()
        .checked_sub(spent)
        .filter(|left| !left.is_zero())
}

/// Makes a call one that `.await` sends: `send` does it, and an error gets the operation's name and the
/// certificate that it is about, if there is one.
macro_rules! awaits {
    ($call:ident => $answer:ty, $operation:literal $(of $($subject:ident).+)?) => {
        impl<'a> ::std::future::IntoFuture for $call<'a> {
            type Output = ::std::result::Result<$answer, $crate::Error>;
            type IntoFuture = ::std::pin::Pin<
                ::std::boxed::Box<dyn ::std::future::Future<Output = Self::Output> + Send + 'a>,
            >;

            fn into_future(self) -> Self::IntoFuture {
                let subject = $crate::call::awaits!(@subject self $($($subject).+)?);
                ::std::boxed::Box::pin(async move {
                    let outcome = self.send().await;
                    outcome.map_err(|cause| $crate::Error::in_call($operation, subject.as_ref(), cause))
                })
            }
        }
    };
    (@subject $call:ident) => {
        ::std::option::Option::None::<$crate::Thumbprint>
    };
    (@subject $call:ident $($subject:ident).+) => {
        ::std::option::Option::Some($call.$($subject).+.clone())
    };
}
pub(crate) use awaits;

/// Gives a call whose operation is not the same twice as once the method that takes the risk.
macro_rules! chains_retry_ambiguous {
    ($call:ident) => {
        impl $call<'_> {
            /// Whether to send it again while nobody knows whether it was carried out: after a connection
            /// that broke, a deadline that passed, or a server that gave up half-way. Off unless set.
            ///
            /// A repetition that is refused because the first one did it counts as a success
            /// (`is_inferred`). It can be wrong only if somebody else did the same in between.
            pub fn retry_ambiguous(mut self, wanted: bool) -> Self {
                self.options.call.retry_ambiguous = wanted;
                self
            }
        }
    };
}
pub(crate) use chains_retry_ambiguous;
