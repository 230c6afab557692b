//! The JS API: arguments in, the core's verdict out. Conversion only, no policy; the one place here that reads a clock and
//! draws randomness.
//!
//! What a caller got wrong is a TypeError that names the argument. What a stranger wrote never throws.

mod arguments;
mod authorization;
mod calls;
mod cookie_session;
mod environment;
mod json;
mod key_sets;
mod passwords;
mod random;
mod reseal;
mod seals;
mod session_object;
mod stytch;
mod text;
mod tokens;
mod view;
mod webhooks;
mod workos;

pub use cookie_session::{CookieChecker, CookieSession};
pub use passwords::generate_password;
pub use reseal::reseal_session;
pub use seals::{detect_seal, seal_data, unseal_data};
pub use session_object::{ObjectState, SessionKeeping};
pub use stytch::StytchProject;
pub use tokens::verify_jwt;
pub use webhooks::Webhooks;
pub use workos::{UserManagement, WorkOSClient};
