//! `GET /ready`: whether the gateway could authenticate somebody now. True or false for everybody; the details for whoever
//! shows `ADMIN_TOKEN`.

use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::admission::Gate;
use super::answer::{self, Answer};
use super::inbound::Inbound;
use super::revocations;
use crate::host::Host;
use crate::limits;
use crate::seal::{SealEntropy, SealFormat, SealFormats, seal, unseal};
use crate::signature::rsa_arithmetic;

/// What is bound to the Worker, as far as the gateway uses it.
#[derive(Serialize)]
pub(super) struct Bindings {
    /// `EDGESEAL_KV`: `ok`, `failing` or `missing`.
    pub(super) kv: &'static str,
    /// `EDGESEAL_SESSIONS`: likewise.
    pub(super) sessions: &'static str,
    /// `EDGESEAL_REVOCATIONS`: likewise.
    pub(super) revocations: &'static str,
    /// `service`, `url`, `origin`, `assets` or `missing`.
    pub(super) upstream: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checks {
    seal: bool,
    keys: bool,
    kv: bool,
    sessions: bool,
    revocations: bool,
    upstream: bool,
    clock: bool,
}

/// 200 when ready, else 503.
pub(super) async fn show<H: Host>(gate: &Gate<'_, H>, inbound: &Inbound, bindings: &Bindings) -> Answer {
    let keys = gate.client().keys_status().await;
    let checks = Checks {
        seal: seals_and_unseals(gate),
        keys: keys.is_ok(),
        // Without KV every isolate asks the provider itself; that is slower, not broken.
        kv: bindings.kv != "failing",
        // Without the objects refreshes are coordinated within one isolate; that is weaker, not broken.
        sessions: bindings.sessions != "failing",
        // Without it nothing is revoked before its token ends; that is weaker, not broken.
        revocations: bindings.revocations != "failing",
        upstream: bindings.upstream != "missing",
        clock: gate
            .client()
            .clock_skew_seconds()
            .is_none_or(|skew| skew.unsigned_abs() <= limits::CLOCK_SKEW_SECONDS.unsigned_abs()),
    };
    let Checks { seal, keys: keys_are_there, kv, sessions, revocations, upstream, clock } = checks;
    let is_ready = seal && keys_are_there && kv && sessions && revocations && upstream && clock;
    let status = if is_ready { 200 } else { 503 };
    if !is_admin(gate, inbound) {
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
            "clockSkewSeconds": gate.client().clock_skew_seconds(),
            "signatures": rsa_arithmetic(),
            "revocations": revocations_view(gate),
            "coordination": if gate.host.has_session_objects() { "object" } else { "isolate" },
        }),
    )
}

/// What this isolate knows of the list; nothing before a session was checked here.
fn revocations_view<H: Host>(gate: &Gate<'_, H>) -> Option<Value> {
    let known = revocations::known(gate.host);
    gate.host.has_revocations().then(|| {
        json!({
            "mode": if gate.settings.is_revocation_strict { "strict" } else { "eventual" },
            "entries": known.as_ref().map(|(snapshot, _)| snapshot.len()),
            "changedAt": known.as_ref().map(|(snapshot, _)| snapshot.changed_at().to_rfc3339()),
            "ageSeconds": known.map(|(_, age_seconds)| age_seconds),
        })
    })
}

/// The passwords really seal and open.
fn seals_and_unseals<H: Host>(gate: &Gate<'_, H>) -> bool {
    let passwords = &gate.settings.passwords;
    [SealFormat::Iron, gate.settings.seal_format].into_iter().all(|format| {
        let entropy = SealEntropy::from_source(|bytes| gate.host.fill_random(bytes));
        let now = gate.host.now();
        let sealed = seal(b"{}", format, passwords, entropy, now, None).unwrap_or_default();
        let unsealed = unseal(&sealed, passwords, SealFormats::only(format), now);
        unsealed.is_ok_and(|unsealed| unsealed.plaintext() == b"{}")
    })
}

/// Compared in constant time. Without a token nobody is.
pub(super) fn is_admin<H: Host>(gate: &Gate<'_, H>, inbound: &Inbound) -> bool {
    let shown = inbound.bearer().unwrap_or_default();
    let expected = gate.settings.admin_token.as_ref();
    expected.is_some_and(|expected| bool::from(expected.expose_secret().as_bytes().ct_eq(shown.as_bytes())))
}
