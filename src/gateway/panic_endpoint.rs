//! `/panic`: panics, so that a test can show what that costs. Only in builds with the feature `_panic`, which no release has.

use super::inbound::Inbound;
use crate::host::Host;

#[cfg(not(debug_assertions))]
compile_error!("the feature `_panic` is for tests: no release may have an endpoint that panics");

/// `/panic` panics at once, `/panic?after=MILLISECONDS` past an await; every other name returns.
pub(super) async fn serve<H: Host>(host: &H, inbound: &Inbound, name: &str) {
    if name != "panic" {
        return;
    }
    if let Some(milliseconds) = inbound.parameter("after").and_then(|after| after.parse().ok()) {
        host.sleep(milliseconds).await;
    }
    #[expect(clippy::panic, reason = "it is what this endpoint is for")]
    {
        panic!("a panic that a test has asked for");
    }
}
