//! Rotation: a refresh token is good for one exchange, and many requests want it exchanged at once.
//!
//! One [`SessionKeeper`] per session lets one exchange happen at a time, and answers everybody who holds a refresh token of
//! before with what came of it. It does no I/O: it says what to do ([`Step`]), and whoever drives it does that. On Cloudflare
//! that is a Durable Object; without one, each isolate remembers what it has refreshed itself ([`RotationMemory`]).
//!
//! ```text
//! question ─ begin ─► Answer
//!                 ├─► Exchange ─ seal, store ─ ask the provider ─ finish ─ seal, store ─ wake who waits ─┐
//!                 └─► Wait ─────────────────────────────────────────────────────────────────────────────┴─► begin
//! ```

mod breaker;
mod keeper;
mod memory;
mod message;
mod record;
mod token_hash;

pub(crate) use breaker::Breaker;
pub use keeper::{Exchange, Question, SessionKeeper, Step};
pub use memory::RotationMemory;
pub use message::{Message, answer_message};
pub(crate) use message::{adopt_message, end_message, read_answer, refresh_message};
pub use token_hash::TokenHash;

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

/// The name of the object that keeps a session: nobody can tell the session from it, and no two providers or clients share one.
///
/// ```
/// use edgeseal::rotation::object_name;
/// assert_eq!(object_name("workos", "client_1", "session_1").len(), 43);
/// assert_ne!(object_name("workos", "client_1", "session_1"), object_name("workos", "client_2", "session_1"));
/// ```
pub fn object_name(provider: &str, client_id: &str, session_id: &str) -> String {
    let mut hash = Sha256::new();
    for part in [provider, client_id, session_id] {
        // With its length, so that no two triples read the same.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Base64UrlUnpadded::encode_string(&hash.finalize())
}
