//! `POST /webhooks/workos`: WorkOS says that something has ended or changed. What it has not signed, just now and for the first time,
//! is refused with 400 and changes nothing.

use secrecy::ExposeSecret;
use serde_json::json;

use super::Gate;
use crate::gateway::answer::{self, Answer};
use crate::gateway::inbound::Inbound;
use crate::gateway::revoke;
use crate::host::Host;
use crate::revocation::read_workos_webhook;

/// Takes a webhook in. WorkOS tries again later after every answer that is not 200.
pub(in crate::gateway) async fn receive<H: Host>(
    gate: &Gate<'_, H>,
    inbound: &Inbound,
    signature: Option<&str>,
    body: Option<&str>,
) -> Answer {
    if !gate.host.has_revocations() {
        return answer::refusal(inbound, 404, "revocation_not_configured");
    }
    let Some(secret) = &gate.site.webhook_secret else {
        return answer::refusal(inbound, 503, "webhook_secret_missing");
    };
    let Some((signature, body)) = signature.zip(body) else {
        return answer::bad_request(inbound, "webhook_signature_malformed");
    };
    let scope = gate.settings.workos.revocation_scope();
    let secret = secret.expose_secret().as_bytes();
    match read_workos_webhook(body, signature, secret, scope, gate.host.now()) {
        Err(rejection) => answer::bad_request(inbound, rejection.code()),
        Ok(delivery) => match delivery.revocation {
            None => answer::json(200, &json!({ "revoked": false })),
            Some(revocation) => match revoke::add(&gate.revocations(), &revocation, Some(delivery.id)).await {
                Ok(()) => answer::json(200, &json!({ "revoked": true })),
                Err(refusal) => refusal.answer(inbound),
            },
        },
    }
}
