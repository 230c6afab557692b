//! How a message reaches the object of a session, whichever runtime carries it.

use secrecy::SecretString;

use super::in_time::in_time;
use crate::http::FetchFault;

/// Objects have no address; a request to one needs some URL.
pub(super) const OBJECT_URL: &str = "https://session.internal/";

/// An object's answer, before the deadline.
pub(super) async fn ask(
    sending: impl Future<Output = Result<SecretString, FetchFault>>,
    deadline: impl Future<Output = ()>,
) -> Result<SecretString, FetchFault> {
    in_time(sending, deadline).await.unwrap_or(Err(FetchFault::Timeout))
}

/// Sends until it has arrived, twice at most: an object that is evicted, as all are at a deployment, has not heard it. Hearing it twice
/// changes nothing.
pub(super) async fn tell(send: impl AsyncFn() -> Result<SecretString, FetchFault>) {
    if send().await.is_err() {
        let _ = send().await;
    }
}
