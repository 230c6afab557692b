//! Work against a deadline. Holds no timer of its own: whoever waits brings one.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// What comes of work, if that comes before the deadline does. Work that does not is dropped.
pub(super) async fn in_time<T>(work: impl Future<Output = T>, deadline: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut deadline) = (pin!(work), pin!(deadline));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
    })
    .await
}
