//! `GET /ready`: whether the gateway could authenticate somebody now. True or false for everybody; the details for whoever
//! shows `ADMIN_TOKEN`.

use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::answer::{self, Answer};
use super::gate::Gate;
use super::inbound::Inbound;
use super::revocations;
use super::settings::Settings;
use crate::host::Host;
use crate::limits;
use crate::signature::rsa_arithmetic;

/// What is bound to the Worker, as far as the gateway uses it.
#[derive(Serialize)]
pub(super) struct Bindings {
    /// `EDGESEAL_KV`: `ok`, `failing` or `missing`.
    pub(super) kv: &'static str,
    /// `EDGESEAL_SESSIONS`: likewise, or `unused` where the provider's sessions need none.
    pub(super) sessions: &'static str,
    /// `EDGESEAL_REVOCATIONS`: likewise.
    pub(super) revocations: &'static str,
    /// `service`, `url`, `origin`, `assets`, `worker` or `missing`.
    pub(super) upstream: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checks {
    /// None where no cookie is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<bool>,
    keys: bool,
    kv: bool,
    sessions: bool,
    revocations: bool,
    upstream: bool,
    clock: bool,
}

/// 200 when ready, else 503.
pub(super) async fn show<H: Host>(
    gate: &Gate<'_, H>,
    settings: &Settings,
    inbound: &Inbound,
    bindings: &Bindings,
) -> Answer {
    let keys = gate.keys_status().await;
    let checks = Checks {
        seal: gate.seals_and_unseals(),
        keys: keys.is_ok(),
        // Without KV every isolate asks the provider itself; that is slower, not broken.
        kv: bindings.kv != "failing",
        // Without the objects refreshes are coordinated within one isolate; that is weaker, not broken.
        sessions: bindings.sessions != "failing",
        // Without it nothing is revoked before its token ends; that is weaker, not broken.
        revocations: bindings.revocations != "failing",
        upstream: bindings.upstream != "missing",
        clock: gate
            .clock_skew_seconds()
            .is_none_or(|skew| skew.unsigned_abs() <= limits::CLOCK_SKEW_SECONDS.unsigned_abs()),
    };
    let Checks { seal, keys: keys_are_there, kv, sessions, revocations, upstream, clock } = checks;
    let is_ready = seal != Some(false) && keys_are_there && kv && sessions && revocations && upstream && clock;
    let status = if is_ready { 200 } else { 503 };
    if !is_admin(settings, inbound) {
        return answer::json(status, &json!({ "ready": is_ready }));
    }
    let (keys_status, keys_problem) = match keys {
        Ok(status) => (Some(status), None),
        Err(rejection) => (None, Some(rejection.code())),
    };
    answer::json(
        status,
        &json!({
            "ready": is_ready,
            "version": env!("CARGO_PKG_VERSION"),
            "checks": checks,
            "bindings": bindings,
            "keys": keys_status.map(|status| json!({ "count": status.count, "ageSeconds": status.age_seconds })),
            "keysProblem": keys_problem,
            "clockSkewSeconds": gate.clock_skew_seconds(),
            "signatures": rsa_arithmetic(),
            "revocations": revocations::view(gate, settings),
            "coordination": gate.coordination(),
        }),
    )
}

/// Compared in constant time. Without a token nobody is.
pub(super) fn is_admin(settings: &Settings, inbound: &Inbound) -> bool {
    let shown = inbound.bearer().unwrap_or_default();
    let expected = settings.admin_token.as_ref();
    expected.is_some_and(|expected| bool::from(expected.expose_secret().as_bytes().ct_eq(shown.as_bytes())))
}
