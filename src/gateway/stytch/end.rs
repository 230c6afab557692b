//! Ending sessions at Stytch, where an operator revokes them: then nobody gets a new JWT of theirs any more.

use super::Gate;
use crate::gateway::revoke::Target;
use crate::host::Host;
use crate::limits;
use crate::provider::stytch::{GetSessions, Revoke, Vertical};

impl<H: Host> Gate<'_, H> {
    /// Ends what it can; says whether that is known to have been done.
    pub(in crate::gateway) async fn end_at_provider(&self, target: &Target) -> bool {
        match target {
            Target::Session(id) => self.end(&Revoke { session_id: Some(id), ..Revoke::default() }).await,
            Target::User(id) => match self.settings.stytch.vertical() {
                Vertical::Consumer => self.end_sessions_of_user(id).await.is_some(),
                Vertical::B2b => self.end(&Revoke { member_id: Some(id), ..Revoke::default() }).await,
            },
            Target::Organization(_) | Target::Before(_) => false,
        }
    }

    async fn end(&self, sessions: &Revoke<'_>) -> bool {
        match self.client().revoke(sessions).await {
            Ok(_) => true,
            Err(refused) => refused.rejection.ends_session(),
        }
    }

    /// None where one of them is not known to have ended.
    async fn end_sessions_of_user(&self, user_id: &str) -> Option<()> {
        let answer = self.client().get(&GetSessions::OfUser(user_id)).await.ok()?;
        let sessions = answer.members().get("sessions")?.as_array()?;
        for session in sessions.iter().take(limits::STYTCH_SESSIONS_ENDED) {
            let session_id = Some(session.get("session_id")?.as_str()?);
            if !self.end(&Revoke { session_id, ..Revoke::default() }).await {
                return None;
            }
        }
        (sessions.len() <= limits::STYTCH_SESSIONS_ENDED).then_some(())
    }
}
