//! Webhooks: whether WorkOS wrote it, and just now (WorkOS-Signature: `t=<milliseconds>, v1=<hex HMAC-SHA256 of "t.body">`).

use hmac::{Hmac, KeyInit, Mac};
#[cfg(feature = "js")]
use serde_json::{Map, Value};
use sha2::Sha256;

#[cfg(feature = "js")]
use crate::session::to_camel_case;
use crate::time::Timestamp;

/// Why a webhook is not believed: the messages of the SDK (its `SignatureProvider`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// The header is not of the form.
    Malformed,
    /// It was signed too long ago, or in the future.
    OutsideTolerance,
    /// Somebody else signed it, or something else was signed.
    WrongSignature,
}

impl WebhookRejection {
    /// The SDK's sentence.
    #[cfg(feature = "js")]
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Malformed => "Signature or timestamp missing",
            Self::OutsideTolerance => "Timestamp outside the tolerance zone",
            Self::WrongSignature => "Signature hash does not match the expected signature hash for payload",
        }
    }

    /// The stable fine code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "webhook_signature_malformed",
            Self::OutsideTolerance => "webhook_outside_tolerance",
            Self::WrongSignature => "webhook_signature_wrong",
        }
    }
}

/// Checks the signature over the body as it arrived, and says when it was made. Tolerance is in milliseconds, for clocks that differ both
/// ways.
pub(crate) fn verify_webhook(
    body: &[u8],
    header: &str,
    secret: &[u8],
    tolerance_milliseconds: i64,
    now: Timestamp,
) -> Result<Timestamp, WebhookRejection> {
    let (timestamp, signature) = parts(header).ok_or(WebhookRejection::Malformed)?;
    let signed_at = timestamp.parse::<i64>().map_err(|_| WebhookRejection::Malformed)?;
    let mut expected = [0; 32];
    decode_hex(signature, &mut expected).ok_or(WebhookRejection::Malformed)?;
    if now.milliseconds().saturating_sub(signed_at).saturating_abs() > tolerance_milliseconds {
        return Err(WebhookRejection::OutsideTolerance);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| WebhookRejection::WrongSignature)?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&expected).map_err(|_| WebhookRejection::WrongSignature)?;
    Ok(Timestamp::from_milliseconds(signed_at))
}

/// `t` and `v1`, each exactly once and nothing else.
fn parts(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split(',').map(str::trim);
    let (first, second) = (parts.next()?, parts.next()?);
    let found = (first.strip_prefix("t=")?, second.strip_prefix("v1=")?);
    parts.next().is_none().then_some(found)
}

fn decode_hex(hex: &str, bytes: &mut [u8; 32]) -> Option<()> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(())
}

/// An event in the spelling of the Node SDK.
#[cfg(feature = "js")]
pub(crate) fn camel_case_event(mut event: Map<String, Value>) -> Map<String, Value> {
    let mut spelled = Map::new();
    for (ours, theirs) in [("id", "id"), ("event", "event"), ("createdAt", "created_at"), ("context", "context")] {
        if let Some(value) = event.remove(theirs) {
            spelled.insert(ours.to_owned(), value);
        }
    }
    spelled.insert("data".to_owned(), camel_case(event.remove("data").unwrap_or_default()));
    spelled
}

/// Names of what is the customer's own: what is inside keeps its spelling.
#[cfg(feature = "js")]
const OPAQUE: [&str; 4] = ["metadata", "custom_attributes", "raw_attributes", "idp_metadata"];

/// Members in `camelCase`, all the way down.
#[cfg(feature = "js")]
pub(super) fn camel_case(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(camel_case).collect(),
        Value::Object(members) => {
            let mut spelled = Map::new();
            for (name, member) in members {
                let member = if OPAQUE.contains(&name.as_str()) { member } else { camel_case(member) };
                spelled.insert(to_camel_case(&name).into_owned(), member);
            }
            Value::Object(spelled)
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_milliseconds(1_700_000_000_000);
    const BODY: &[u8] = br#"{"id":"event_1","event":"session.revoked"}"#;

    fn signed(at: i64, secret: &[u8], body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={at}, v1={hex}")
    }

    fn verify(header: &str) -> Result<(), WebhookRejection> {
        verify_webhook(BODY, header, b"secret", 180_000, NOW).map(drop)
    }

    #[test]
    fn what_workos_signed_a_moment_ago_is_believed() {
        for age in [0, 180_000, -180_000] {
            assert_eq!(verify(&signed(NOW.milliseconds() - age, b"secret", BODY)), Ok(()));
        }
        for age in [180_001, -180_001, i64::MAX / 2] {
            let header = signed(NOW.milliseconds() - age, b"secret", BODY);
            assert_eq!(verify(&header), Err(WebhookRejection::OutsideTolerance));
        }
    }

    #[test]
    fn other_secrets_bodies_and_times_are_not() {
        let at = NOW.milliseconds();
        for header in [
            signed(at, b"another", BODY),
            signed(at, b"secret", b"{}"),
            signed(at, b"secret", BODY).replace("t=1", "t=2").replace("t=27", "t=17").replacen("000,", "001,", 1),
        ] {
            assert_eq!(verify(&header), Err(WebhookRejection::WrongSignature), "{header}");
        }
    }

    #[test]
    fn headers_of_another_form_are_malformed() {
        let good = signed(NOW.milliseconds(), b"secret", BODY);
        let (time, signature) = good.split_once(", ").unwrap();
        for header in [
            "",
            "t=1",
            time,
            signature,
            &format!("{signature}, {time}"),
            &format!("{good}, v1=00"),
            &format!("{time}, v1="),
            &format!("{good}0"),
            &format!("t=x, {signature}"),
            &good.replace("v1=", "v0="),
        ] {
            assert_eq!(verify(header), Err(WebhookRejection::Malformed), "{header}");
        }
    }
}
