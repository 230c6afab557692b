//! Pages that the gateway shows itself: a sign-in that failed, a provider that is down, a question before signing out.
//!
//! They stand alone, without a file of the site or a script, because they are shown when other things do not work. Texts are
//! the gateway's own: nothing from a request is ever written into a page.

use base64ct::{Base64, Encoding};
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, RETRY_AFTER};
use sha2::{Digest, Sha256};

use super::answer::{Answer, RETRY_SECONDS};
use super::settings::Settings;
use crate::error::{ConfigurationError, Rejection};

const STYLE: &str = include_str!("page/style.css");
const LAYOUT: &str = include_str!("page/layout.html");

struct Page<'a> {
    status: u16,
    title: &'static str,
    text: &'a str,
    /// The stable code, for a report to whoever runs the site.
    detail: &'a str,
    actions: String,
}

/// A callback that cannot be finished.
pub(super) fn sign_in_failed(settings: &Settings, status: u16, detail: &'static str) -> Answer {
    let text = match detail {
        "sign_in_denied" => "The sign-in was cancelled. Nothing has changed.",
        "state_expired" => "This sign-in took longer than ten minutes, so it was not finished. Please start again.",
        "state_missing" | "state_unknown" | "state_invalid" | "state_mismatch" => {
            "This sign-in was started in another browser, or it has been finished already. Please start again from here."
        }
        "session_too_large" => {
            "Your session is larger than browsers keep. Please tell whoever runs this site: fewer \
             permissions or claims in the token would help."
        }
        _ => "The sign-in could not be finished. Please start again.",
    };
    Page {
        status,
        title: "You are not signed in",
        text,
        detail,
        actions: link(&settings.endpoint("login"), "Sign in") + &link("/", "Start page"),
    }
    .answer()
}

/// The provider does not answer. Whoever was signed in still is.
pub(super) fn unavailable(rejection: Rejection, retry_after: Option<u64>) -> Answer {
    let text = "The sign-in service does not answer at the moment. You have not been signed out: please try again in a \
                few seconds.";
    let actions = link("", "Try again") + &link("/", "Start page");
    Page { status: 503, title: "One moment, please", text, detail: rejection.code(), actions }
        .answer()
        .with_header(RETRY_AFTER, retry_after.unwrap_or(RETRY_SECONDS).to_string())
}

pub(super) fn confirm_sign_out(settings: &Settings) -> Answer {
    let action = settings.endpoint("logout");
    let actions =
        format!(r#"<form method="post" action="{action}"><button>Sign out</button></form>"#) + &link("/", "Stay");
    let text = "Another site or a link has asked to sign you out. It happens only if you say so.";
    Page { status: 200, title: "Sign out?", text, detail: "", actions }.answer()
}

pub(super) fn refused(status: u16, detail: &'static str) -> Answer {
    let (title, text) = match detail {
        "path_ambiguous" => ("This address is not clear", "It can be read in more than one way, so it was not opened."),
        "cross_site" => ("Not from here", "This can only be done from a page of this site."),
        "method_not_allowed" => ("Not like this", "There is something at this address, but it is not a page."),
        "endpoint_not_found" => ("Nothing here", "There is no such page."),
        _ => ("That did not work", "Something in the request is missing."),
    };
    Page { status, title, text, detail, actions: link("/", "Start page") }.answer()
}

pub(super) fn misconfigured(error: &ConfigurationError) -> Answer {
    let text = format!("A setting of this gateway cannot work: {error}.");
    let text = escape(&text);
    Page { status: 500, title: "Not set up yet", text: &text, detail: "misconfigured", actions: String::new() }.answer()
}

impl Page<'_> {
    fn answer(&self) -> Answer {
        let detail =
            if self.detail.is_empty() { String::new() } else { format!("<p class=\"detail\">{}</p>", self.detail) };
        let html = LAYOUT
            .replace("{style}", STYLE)
            .replace("{title}", self.title)
            .replace("{text}", self.text)
            .replace("{actions}", &self.actions)
            .replace("{detail}", &detail);
        // No `form-action`: browsers apply it to the redirect that follows signing out, too.
        let hash = Base64::encode_string(&Sha256::digest(STYLE));
        let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
        Answer::new(self.status, "text/html; charset=utf-8", html)
            .with_header(CONTENT_SECURITY_POLICY, policy)
            .with_header(REFERRER_POLICY, "same-origin")
            .with_header(HeaderName::from_static("x-frame-options"), "DENY")
    }
}

fn link(href: &str, label: &str) -> String {
    format!(r#"<a href="{href}">{label}</a>"#)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::settings::settings;
    use super::*;

    #[test]
    fn every_placeholder_is_filled() {
        let settings = settings(&[]).unwrap();
        for answer in [
            sign_in_failed(&settings, 400, "state_unknown"),
            unavailable(Rejection::ProviderUnreachable, Some(7)),
            confirm_sign_out(&settings),
            refused(404, "endpoint_not_found"),
            misconfigured(&ConfigurationError::new("ROUTES", "is \"<wrong>\"")),
        ] {
            let html = answer.response().body();
            for placeholder in ["{style}", "{title}", "{text}", "{actions}", "{detail}", "<wrong>"] {
                assert!(!html.contains(placeholder), "{placeholder}");
            }
        }
    }
}
