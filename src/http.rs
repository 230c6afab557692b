//! Requests and answers as data. Nothing here sends anything.
//!
//! Bodies are secrets: they carry tokens, so they cannot be printed.

use http::header::{ACCEPT, DATE, HeaderValue, RETRY_AFTER};
use secrecy::SecretSlice;

use crate::limits;
use crate::time::Timestamp;

/// A request that a host should send, with the bounds of its answer.
#[derive(Clone)]
pub struct OutboundRequest {
    /// Method, URL, headers and body.
    pub request: http::Request<SecretSlice<u8>>,
    /// How long the answer may take, in milliseconds.
    pub timeout_milliseconds: u32,
    /// How many bytes of the answer are read at most.
    pub answer_bytes: usize,
}

/// What came back. Redirects are not followed by a host: they arrive as they are.
pub type InboundResponse = http::Response<SecretSlice<u8>>;

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchFault {
    /// No answer within the deadline.
    Timeout,
    /// No connection, or it broke before the answer was complete.
    Unreachable,
    /// The answer is larger than allowed.
    TooLarge,
}

/// A GET of JSON.
pub(crate) fn get_json(url: http::Uri, timeout_milliseconds: u32, answer_bytes: usize) -> OutboundRequest {
    let mut request = http::Request::new(SecretSlice::default());
    *request.uri_mut() = url;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    OutboundRequest { request, timeout_milliseconds, answer_bytes }
}

/// `Retry-After` in seconds, bounded; dates are not read, as in the SDK.
pub(crate) fn retry_after(response: &InboundResponse) -> Option<u64> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse::<u64>().ok()?;
    Some(seconds.min(limits::RETRY_AFTER_SECONDS))
}

/// `Date` (RFC 9110 §6.6.1): what the sender's clock says.
pub(crate) fn http_date(response: &InboundResponse) -> Option<Timestamp> {
    let date = httpdate::parse_http_date(response.headers().get(DATE)?.to_str().ok()?).ok()?;
    let since_1970 = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_seconds(i64::try_from(since_1970.as_secs()).ok()?))
}
