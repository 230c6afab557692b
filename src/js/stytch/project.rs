//! What clients of the same Stytch project share. A client may be made for one request only; what it has checked and remembered
//! belongs to the module.

use std::cell::RefCell;
use std::rc::Rc;

use secrecy::SecretString;
use wasm_bindgen::JsValue;

use crate::error::ConfigurationError;
use crate::js::arguments::{Options, is_same_secret, wrong};
use crate::limits;
use crate::provider::stytch::{Stytch, StytchOptions, VerifiedSession, Vertical};
use crate::session::SessionMemo;

thread_local! {
    static PROJECTS: RefCell<Vec<(ProjectOptions, Rc<Project>)>> = const { RefCell::new(Vec::new()) };
}

/// A Stytch project, as a client's options describe it.
pub(super) struct Project {
    pub(super) stytch: Stytch,
    pub(super) jwks_url: String,
    pub(super) memo: RefCell<SessionMemo<Remembered>>,
}

/// A session whose token was verified, with the text that says so to JavaScript.
pub(super) struct Remembered {
    pub(super) session: VerifiedSession,
    pub(super) text: JsValue,
}

/// The options that decide what a session is. What decides how it is fetched is the client's own.
struct ProjectOptions {
    project_id: String,
    secret: SecretString,
    base_url: Option<String>,
    vertical: Vertical,
    memo_size: u32,
}

impl Project {
    /// The project of these options.
    ///
    /// # Errors
    /// A TypeError that names the option that cannot work.
    pub(super) fn of(options: &Options<'_>, vertical: Vertical) -> Result<Rc<Self>, JsValue> {
        let (options, base_url_option) = ProjectOptions::read(options, vertical)?;
        let known = PROJECTS.with_borrow(|known| {
            known.iter().find(|(other, _)| other.is_same_as(&options)).map(|(_, project)| Rc::clone(project))
        });
        if let Some(project) = known {
            return Ok(project);
        }
        let project = Rc::new(Self::new(&options).map_err(|error| configuration(&error, base_url_option))?);
        PROJECTS.with_borrow_mut(|known| {
            if known.len() == limits::ENVIRONMENTS_REMEMBERED {
                known.remove(0);
            }
            known.push((options, Rc::clone(&project)));
        });
        Ok(project)
    }

    fn new(options: &ProjectOptions) -> Result<Self, ConfigurationError> {
        let stytch = Stytch::new(StytchOptions {
            project_id: options.project_id.clone(),
            secret: options.secret.clone(),
            base_url: options.base_url.clone(),
            vertical: options.vertical,
        })?;
        Ok(Self {
            jwks_url: stytch.jwks_url().to_string(),
            stytch,
            memo: RefCell::new(SessionMemo::new(options.memo_size as usize)),
        })
    }
}

impl ProjectOptions {
    /// The options, and the name of the one that the base URL came from.
    fn read(options: &Options<'_>, vertical: Vertical) -> Result<(Self, &'static str), JsValue> {
        let custom = options.string("custom_base_url")?;
        if custom.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            return Err(wrong("custom_base_url", "has to begin with `https://`"));
        }
        let (base_url, name) = match custom {
            Some(url) => (Some(url), "custom_base_url"),
            None => (options.string("env")?, "env"),
        };
        let options = Self {
            project_id: options.string("project_id")?.unwrap_or_default(),
            secret: options.string("secret")?.unwrap_or_default().into(),
            base_url,
            vertical,
            memo_size: options
                .count("memoSize", limits::MOST_SESSIONS_REMEMBERED)?
                .unwrap_or(limits::SESSIONS_REMEMBERED),
        };
        Ok((options, name))
    }

    fn is_same_as(&self, other: &Self) -> bool {
        is_same_secret(&self.secret, &other.secret)
            && self.project_id == other.project_id
            && self.base_url == other.base_url
            && self.vertical == other.vertical
            && self.memo_size == other.memo_size
    }
}

/// A setting that cannot work, under the name that it has here.
fn configuration(error: &ConfigurationError, base_url_option: &str) -> JsValue {
    let name = match error.setting() {
        "STYTCH_SECRET" => "secret",
        "STYTCH_BASE_URL" => base_url_option,
        _ => "project_id",
    };
    wrong(name, error.problem())
}
