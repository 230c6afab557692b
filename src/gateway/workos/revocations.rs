//! Revocation in the gateway: the list is read anew beside a request, and an operator sees what is known of it.

use std::rc::Rc;

use serde_json::{Value, json};

use super::Gate;
use crate::gateway::settings::{Settings, WorkOsSettings};
use crate::host::{CloudflareHost, Host};

/// Reads the list anew beside a request, before anybody has to wait for it.
pub(in crate::gateway) fn keep_fresh(host: &CloudflareHost, site: &Rc<Settings>, settings: &Rc<WorkOsSettings>) {
    if !Gate::new(site, settings, host).client().starts_reload_of_revocations() {
        return;
    }
    let (host_beside, site, settings) = (host.clone(), Rc::clone(site), Rc::clone(settings));
    host.wait_until(async move { Gate::new(&site, &settings, &host_beside).client().reload_revocations().await });
}

impl<H: Host> Gate<'_, H> {
    /// What this isolate knows of the list; nothing before a session was checked here.
    pub(in crate::gateway) fn revocations_view(&self) -> Option<Value> {
        let known = self.client().revocations();
        self.host.has_revocations().then(|| {
            json!({
                "mode": if self.site.revocation.is_strict { "strict" } else { "eventual" },
                "entries": known.as_ref().map(|(snapshot, _)| snapshot.len()),
                "changedAt": known.as_ref().map(|(snapshot, _)| snapshot.changed_at().to_rfc3339()),
                "ageSeconds": known.map(|(_, age_seconds)| age_seconds),
            })
        })
    }
}
