//! Bodies that are handed on as they come.

use std::{
    fmt,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};

use crate::{Clock, Deadline, Error, clock::within};

/// The bytes of an answer, as they come.
///
/// There is no limit to their number. Until the head of the answer is there, the deadlines are those of any
/// call; from then on each chunk may take as long as an attempt may (`attempt_timeout`), and the whole as
/// long as it takes. Nothing is sent again once the head is there. A stream ends with its first error.
///
/// ```
/// use std::{error::Error, io::Write};
///
/// use thumbprint_transport::ByteStream;
///
/// async fn save(mut body: ByteStream, file: &mut impl Write) -> Result<(), Box<dyn Error>> {
///     while let Some(chunk) = body.chunk().await? {
///         file.write_all(&chunk)?;
///     }
///     Ok(())
/// }
/// ```
pub struct ByteStream(BoxStream<'static, Result<Bytes, Error>>);

impl ByteStream {
    /// The body of `response`, each of whose chunks may take as long as `idle`. `fail` makes the error of a
    /// body that breaks off, or of a chunk that takes too long, complete.
    pub(crate) fn new(
        response: reqwest::Response,
        clock: Arc<dyn Clock>,
        idle: Duration,
        fail: impl Fn(Error) -> Error + Send + 'static,
    ) -> Self {
        let start = Some((response, fail));
        let chunks = stream::unfold(start, move |state| {
            let clock = Arc::clone(&clock);
            async move {
                let (mut response, fail) = state?;
                let chunk = within(&*clock, || idle, pin!(response.chunk())).await;
                match chunk {
                    Some(Ok(chunk)) => Some((Ok(chunk?), Some((response, fail)))),
                    Some(Err(error)) => {
                        let error = Error::body_lost().caused_by(error.without_url());
                        Some((Err(fail(error)), None))
                    }
                    None => {
                        let error = Error::timeout(Deadline::Attempt, idle);
                        Some((Err(fail(error)), None))
                    }
                }
            }
        });
        Self(chunks.boxed())
    }

    /// A body that is here already.
    pub(crate) fn whole(body: Bytes) -> Self {
        Self(stream::iter((!body.is_empty()).then_some(Ok(body))).boxed())
    }

    /// The next bytes. `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.next().await.transpose()
    }

    /// All bytes, if they are no more than `limit`.
    ///
    /// # Errors
    ///
    /// The body broke off, or has more bytes.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if chunk.len() > limit - all.len() {
                return Err(Error::input(
                    "limit",
                    format!("the body has more than {limit} bytes"),
                    "give a higher limit, or take the body chunk by chunk",
                ));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}
