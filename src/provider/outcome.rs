//! What an answer says about the provider or this client, whoever the provider is and whatever its errors look like.

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::Rejection;
use crate::http::{FetchFault, InboundResponse};
use crate::json;

/// Reads JSON that may hold half an emoji: the tokens beside it are made already.
pub(super) fn read_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let mended = || serde_json::from_slice(&json::mend_lone_surrogates(body)?).ok();
    serde_json::from_slice(body).ok().or_else(mended)
}

/// The answer, or what its absence means.
pub(super) fn arrived(answer: Result<InboundResponse, FetchFault>) -> Result<InboundResponse, Rejection> {
    answer.map_err(fault_rejection)
}

pub(super) const fn fault_rejection(fault: FetchFault) -> Rejection {
    match fault {
        FetchFault::Timeout => Rejection::ProviderTimeout,
        FetchFault::Unreachable => Rejection::ProviderUnreachable,
        FetchFault::TooLarge => Rejection::ProviderAnswerInvalid,
    }
}

/// What a status says about the provider or this client, whatever the body.
pub(super) fn provider_fault(status: StatusCode) -> Rejection {
    match status {
        StatusCode::REQUEST_TIMEOUT => Rejection::ProviderTimeout,
        StatusCode::TOO_MANY_REQUESTS => Rejection::ProviderRateLimited,
        _ if status.is_server_error() => Rejection::ProviderUnavailable,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY => {
            Rejection::ProviderRefusedClient
        }
        _ => Rejection::ProviderAnswerInvalid,
    }
}
