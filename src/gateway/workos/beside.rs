//! A refresh that runs beside a request: nobody waits for it, and its cookie goes out with whichever answer comes later.

use std::cell::RefCell;
use std::rc::Rc;

use super::Gate;
use crate::gateway::settings::{Settings, WorkOsSettings};
use crate::host::CloudflareHost;
use crate::session::UnsealedSession;

/// A refresh under way. It goes on after the answer; what comes of it then, the session's object keeps.
pub(in crate::gateway) struct Beside {
    next: Rc<RefCell<Option<UnsealedSession>>>,
}

impl Beside {
    pub(in crate::gateway) fn start(
        host: &CloudflareHost,
        site: &Rc<Settings>,
        settings: &Rc<WorkOsSettings>,
        session: UnsealedSession,
    ) -> Self {
        let next: Rc<RefCell<Option<UnsealedSession>>> = Rc::default();
        let (slot, host_beside) = (Rc::clone(&next), host.clone());
        let (site, settings) = (Rc::clone(site), Rc::clone(settings));
        host.wait_until(async move {
            let gate = Gate::new(&site, &settings, &host_beside);
            let refreshed = gate.client().refresh_ahead(&session).await;
            if refreshed.is_some() && !gate.client().was_outrun(&session).await {
                *slot.borrow_mut() = refreshed;
            }
        });
        Self { next }
    }

    /// The next generation, if it is there by now.
    pub(in crate::gateway) fn take(&self) -> Option<UnsealedSession> {
        self.next.take()
    }
}
