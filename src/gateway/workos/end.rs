//! Ending sessions at WorkOS, where an operator revokes them: then they are not refreshed any more, by whomever.

use super::Gate;
use crate::gateway::revoke::Target;
use crate::host::Host;
use crate::limits;
use crate::provider::workos::{ListOptions, list_sessions_response, revoke_session_response};

impl<H: Host> Gate<'_, H> {
    /// Ends what it can; says whether that is known to have been done.
    pub(in crate::gateway) async fn end_at_provider(&self, target: &Target) -> bool {
        match target {
            Target::Session(id) => self.end_session(id).await,
            Target::User(id) => self.end_sessions_of(id).await.is_some(),
            Target::Organization(_) | Target::Before(_) => false,
        }
    }

    async fn end_session(&self, id: &str) -> bool {
        revoke_session_response(self.host.fetch(self.settings.workos.revoke_session_request(id)).await).is_ok()
    }

    /// None where one of them is not known to have ended.
    async fn end_sessions_of(&self, user_id: &str) -> Option<()> {
        let mut options = ListOptions { limit: Some(100), ..ListOptions::default() };
        for _ in 0..limits::SESSION_PAGES {
            let request = self.settings.workos.list_sessions_request(user_id, &options)?;
            let list = list_sessions_response(self.host.fetch(request).await).ok()?;
            for session in list.data.iter().filter(|session| session.status == "active") {
                if !self.end_session(&session.id).await {
                    return None;
                }
            }
            options.after = list.list_metadata.after;
            if options.after.is_none() {
                return Some(());
            }
        }
        None
    }
}
