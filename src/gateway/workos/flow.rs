//! One sign-in on its way: state, PKCE verifier and destination, sealed into a cookie of the browser that started it.
//!
//! Every sign-in has a cookie of its own, named after its state, so several tabs do not disturb each other. The seal's
//! expiry and the cookie's agree; the callback deletes it.

use base64ct::{Base64UrlUnpadded, Encoding};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::cookie::{self, Attributes, SameSite};
use crate::error::Rejection;
use crate::gateway::settings::WorkOsSettings;
use crate::host::Host;
use crate::limits;
use crate::seal::{SealEntropy, SealFormat, SealFormats, seal, unseal};
use crate::time::Timestamp;

/// Characters of the state that name the cookie: enough to tell tabs apart.
const NAME_CHARACTERS: usize = 8;

/// A sign-in that was started here.
pub(super) struct Flow {
    state: String,
    code_verifier: SecretString,
    return_to: String,
}

/// Why a callback does not belong to a sign-in that this browser started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlowRejection {
    /// The callback carries no state.
    Missing,
    /// No cookie for this state: another browser started it, it was finished already, or it is too old.
    Unknown,
    /// The cookie for this state does not open.
    Invalid,
    /// The cookie is of another state.
    Mismatch,
    /// The sign-in took longer than ten minutes.
    Expired,
}

impl FlowRejection {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Missing => "state_missing",
            Self::Unknown => "state_unknown",
            Self::Invalid => "state_invalid",
            Self::Mismatch => "state_mismatch",
            Self::Expired => "state_expired",
        }
    }
}

/// The plaintext of the cookie. The purpose keeps a flow from being taken for anything else that the password seals.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SealedFlow {
    purpose: Purpose,
    state: String,
    code_verifier: String,
    return_to: String,
}

#[derive(Serialize, Deserialize)]
enum Purpose {
    #[serde(rename = "edgeseal-flow")]
    Flow,
}

impl Flow {
    /// Starts a sign-in: 256 bits each for state and verifier (RFC 7636 §4.1: 43 characters).
    pub(super) fn start<H: Host>(host: &H, return_to: String) -> Self {
        let random = || {
            let mut bytes = [0; 32];
            host.fill_random(&mut bytes);
            Base64UrlUnpadded::encode_string(&bytes)
        };
        Self { state: random(), code_verifier: random().into(), return_to }
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }

    pub(super) const fn code_verifier(&self) -> &SecretString {
        &self.code_verifier
    }

    pub(super) fn return_to(&self) -> &str {
        &self.return_to
    }

    /// The S256 challenge (RFC 7636 §4.2).
    pub(super) fn code_challenge(&self) -> String {
        Base64UrlUnpadded::encode_string(&Sha256::digest(self.code_verifier.expose_secret()))
    }

    /// The line that gives the flow to the browser.
    pub(super) fn set_cookie<H: Host>(&self, settings: &WorkOsSettings, host: &H) -> String {
        let sealed = SealedFlow {
            purpose: Purpose::Flow,
            state: self.state.clone(),
            code_verifier: self.code_verifier.expose_secret().to_owned(),
            return_to: self.return_to.clone(),
        };
        let plaintext = serde_json::to_vec(&sealed).unwrap_or_default();
        let entropy = SealEntropy::from_source(|bytes| host.fill_random(bytes));
        let now = host.now();
        let expires_at = now.plus_seconds(limits::FLOW_SECONDS);
        // Every password suits iron.
        let sealed = seal(&plaintext, SealFormat::Iron, &settings.passwords, entropy, now, Some(expires_at));
        let sealed = sealed.unwrap_or_default();
        attributes(settings, &self.state).set(&sealed, limits::FLOW_SECONDS)
    }

    /// Finds the flow that a callback's state belongs to.
    pub(super) fn resume(
        settings: &WorkOsSettings,
        cookie_header: &str,
        state: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, FlowRejection> {
        let state = state.ok_or(FlowRejection::Missing)?;
        let name = attributes(settings, state).name;
        let sealed = cookie::values(cookie_header, &name).next().ok_or(FlowRejection::Unknown)?;
        let unsealed = unseal(sealed, &settings.passwords, SealFormats::only(SealFormat::Iron), now);
        let unsealed = unsealed.map_err(|rejection| match rejection {
            Rejection::SealExpired => FlowRejection::Expired,
            _ => FlowRejection::Invalid,
        })?;
        let flow: SealedFlow = serde_json::from_slice(unsealed.plaintext()).map_err(|_| FlowRejection::Invalid)?;
        if !bool::from(flow.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(FlowRejection::Mismatch);
        }
        Ok(Self { state: flow.state, code_verifier: flow.code_verifier.into(), return_to: flow.return_to })
    }

    /// The line that deletes the cookie of a state.
    pub(super) fn delete_cookie(settings: &WorkOsSettings, state: &str) -> String {
        attributes(settings, state).delete()
    }
}

/// The lines that delete the oldest flows of a browser that starts many and finishes none, before their cookies end in a
/// 431. Browsers send the older ones first (RFC 6265 §5.4).
pub(super) fn delete_surplus(settings: &WorkOsSettings, cookie_header: &str) -> Vec<String> {
    let names: Vec<&str> = cookie::names(cookie_header).filter(|name| is_flow_cookie(name)).collect();
    let surplus = (names.len() + 1).saturating_sub(limits::FLOWS);
    names
        .into_iter()
        .take(surplus)
        .map(|name| Attributes { name: name.to_owned(), ..attributes(settings, "") }.delete())
        .collect()
}

/// Whether a cookie is of a flow: those never reach the upstream.
pub(super) fn is_flow_cookie(name: &str) -> bool {
    name.starts_with(SECURE_PREFIX) || name.starts_with(LOCAL_PREFIX)
}

/// `__Host-`: no other host of the domain can plant one, which would be login CSRF.
const SECURE_PREFIX: &str = "__Host-edgeseal-flow-";
const LOCAL_PREFIX: &str = "edgeseal-flow-";

/// `Lax`, because the provider's redirect comes from another site.
fn attributes(settings: &WorkOsSettings, state: &str) -> Attributes {
    let is_secure = settings.cookie.secure;
    let prefix = if is_secure { SECURE_PREFIX } else { LOCAL_PREFIX };
    // A state from outside may hold anything; a cookie name may not.
    let tag = state.chars().filter(|character| character.is_ascii_alphanumeric() || "-_".contains(*character));
    Attributes {
        name: tag
            .take(NAME_CHARACTERS)
            .fold(prefix.to_owned(), |name, character| name + character.encode_utf8(&mut [0; 4])),
        path: "/".to_owned(),
        domain: None,
        same_site: SameSite::Lax,
        secure: is_secure,
        http_only: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::settings::workos_settings as settings;
    use crate::host::MemoryHost;
    use crate::http::FetchFault;

    fn host() -> MemoryHost {
        MemoryHost::new(Timestamp::from_seconds(1_763_640_000), |_| Err(FetchFault::Unreachable))
    }

    /// What the browser sends after it was given this line.
    fn sent(line: &str) -> &str {
        line.split(';').next().unwrap()
    }

    #[test]
    fn a_flow_comes_back_to_the_browser_that_started_it() {
        let (settings, host) = (settings(&[]).unwrap(), host());
        let flow = Flow::start(&host, "/app/".into());
        let line = flow.set_cookie(&settings, &host);
        assert!(line.starts_with("__Host-edgeseal-flow-"));
        assert!(line.contains("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure"));
        assert!(line.len() < limits::SET_COOKIE_BYTES);
        let resumed = Flow::resume(&settings, sent(&line), Some(flow.state()), host.now()).ok().unwrap();
        assert_eq!(resumed.return_to(), "/app/");
        assert_eq!(resumed.code_verifier().expose_secret(), flow.code_verifier().expose_secret());
    }

    #[test]
    fn tabs_do_not_disturb_each_other() {
        let (settings, host) = (settings(&[]).unwrap(), host());
        let (one, two) = (Flow::start(&host, "/1".into()), Flow::start(&host, "/2".into()));
        let (line_one, line_two) = (one.set_cookie(&settings, &host), two.set_cookie(&settings, &host));
        let header = format!("{}; {}", sent(&line_one), sent(&line_two));
        for flow in [one, two] {
            let resumed = Flow::resume(&settings, &header, Some(flow.state()), host.now()).ok().unwrap();
            assert_eq!(resumed.return_to(), flow.return_to());
        }
    }

    #[test]
    fn flows_that_are_never_finished_do_not_pile_up() {
        let settings = settings(&[]).unwrap();
        let header = |count: usize| -> String {
            (0..count).map(|index| format!("__Host-edgeseal-flow-{index}=x; ")).chain(["a=b".to_owned()]).collect()
        };
        assert!(delete_surplus(&settings, &header(3)).is_empty());
        let deleted = delete_surplus(&settings, &header(6));
        let names: Vec<_> = deleted.iter().map(|line| line.split('=').next().unwrap()).collect();
        assert_eq!(names, ["__Host-edgeseal-flow-0", "__Host-edgeseal-flow-1", "__Host-edgeseal-flow-2"]);
    }

    #[test]
    fn foreign_states_are_told_apart() {
        let (settings, host) = (settings(&[]).unwrap(), host());
        let flow = Flow::start(&host, "/".into());
        let line = flow.set_cookie(&settings, &host);
        let resume = |header: &str, state: Option<&str>, now| Flow::resume(&settings, header, state, now).err();
        let now = host.now();
        assert_eq!(resume(sent(&line), None, now), Some(FlowRejection::Missing));
        assert_eq!(resume("", Some(flow.state()), now), Some(FlowRejection::Unknown));
        assert_eq!(resume(sent(&line), Some("other-state"), now), Some(FlowRejection::Unknown));
        let same_name = format!("{}x", &flow.state()[..NAME_CHARACTERS]);
        assert_eq!(resume(sent(&line), Some(&same_name), now), Some(FlowRejection::Mismatch));
        let tampered = sent(&line).replace("*1*", "*2*");
        assert_eq!(resume(&tampered, Some(flow.state()), now), Some(FlowRejection::Invalid));
        let late = now.plus_seconds(limits::FLOW_SECONDS + 60);
        assert_eq!(resume(sent(&line), Some(flow.state()), late), Some(FlowRejection::Expired));
        assert_eq!(resume(sent(&line), Some("é;\r\n"), now), Some(FlowRejection::Unknown));
    }

    #[test]
    fn a_session_is_no_flow() {
        let (settings, host) = (settings(&[]).unwrap(), host());
        let entropy = SealEntropy::from_source(|bytes| host.fill_random(bytes));
        let session =
            seal(br#"{"accessToken":"a.b.c"}"#, SealFormat::Iron, &settings.passwords, entropy, host.now(), None)
                .unwrap();
        let header = format!("__Host-edgeseal-flow-abc={session}");
        let rejection = Flow::resume(&settings, &header, Some("abc"), host.now()).err();
        assert_eq!(rejection, Some(FlowRejection::Invalid));
    }
}
