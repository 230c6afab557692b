//! Revocation in the gateway: the list is read anew beside a request, and an operator sees what is known of it.

use std::rc::Rc;

use serde_json::{Value, json};

use super::gate::Gate;
use super::settings::Settings;
use crate::host::{CloudflareHost, Host};

/// Reads the list anew beside a request, before anybody has to wait for it.
pub(super) fn keep_fresh(host: &CloudflareHost, settings: &Rc<Settings>) {
    if Gate::new(settings, host).revocations().is_due() {
        let (host_beside, settings) = (host.clone(), Rc::clone(settings));
        host.wait_until(async move { Gate::new(&settings, &host_beside).revocations().reload().await });
    }
}

/// What this isolate knows of the list; nothing before a session was checked here.
pub(super) fn view<H: Host>(gate: &Gate<'_, H>, settings: &Settings) -> Option<Value> {
    let known = gate.revocations().known();
    gate.host().has_revocations().then(|| {
        json!({
            "mode": if settings.revocation.is_strict { "strict" } else { "eventual" },
            "entries": known.as_ref().map(|(snapshot, _)| snapshot.len()),
            "changedAt": known.as_ref().map(|(snapshot, _)| snapshot.changed_at().to_rfc3339()),
            "ageSeconds": known.map(|(_, age_seconds)| age_seconds),
        })
    })
}
