//! What the calls of both services have in common.

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
