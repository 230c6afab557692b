//! Pages that the gateway shows itself: a sign-in that failed, a provider that is down, a question before signing out.
//!
//! They stand alone, without a file of the site or a script, because they are shown when other things do not work. Texts are
//! the gateway's own; of a request, only the path to come back to is written into a page, encoded.

use base64ct::{Base64, Encoding};
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, REFRESH, RETRY_AFTER};
use sha2::{Digest, Sha256};

use super::answer::{Answer, RETRY_SECONDS};
use super::settings::Settings;
use crate::error::{ConfigurationError, Rejection};

const STYLE: &str = include_str!("page/style.css");
const LAYOUT: &str = include_str!("page/layout.html");

struct Page<'a> {
    status: u16,
    mark: Mark,
    title: &'static str,
    text: &'a str,
    /// The stable code, for a report to whoever runs the site.
    detail: &'static str,
    actions: String,
}

/// What a page is about, at a glance.
#[derive(Clone, Copy)]
enum Mark {
    /// Something has to be done first.
    Notice,
    /// Something is wrong, and it is not the visitor.
    Fault,
    /// The visitor is asked.
    Question,
    /// All is well.
    Done,
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Fault => "fault",
            Self::Question => "question",
            Self::Done => "done",
        }
    }

    /// The path inside the circle.
    const fn path(self) -> &'static str {
        match self {
            Self::Notice | Self::Fault => "M12 7.4v5.4M12 16.4v.1",
            Self::Done => "M8.2 12.3l2.6 2.6 5-5.6",
            Self::Question => "M9.7 9.6a2.4 2.4 0 1 1 3.5 2.1c-.8.5-1.2 1-1.2 1.9M12 16.6v.1",
        }
    }
}

/// A callback that cannot be finished. Signing in again leads to where this sign-in was to lead, if that is known.
pub(super) fn sign_in_failed(
    settings: &Settings,
    status: u16,
    detail: &'static str,
    return_to: Option<&str>,
) -> Answer {
    let (title, text) = match detail {
        "sign_in_denied" => ("Sign-in cancelled", "Nothing has changed. You can sign in whenever you like."),
        "state_expired" => {
            ("This sign-in took too long", "It has to be finished within ten minutes. Please start again.")
        }
        "state_missing" | "state_unknown" | "state_invalid" | "state_mismatch" => (
            "This sign-in is over",
            "It has been finished already, or it was started in another browser. If you are not signed in, please start \
             again from here.",
        ),
        "sso_required" => ("Single sign-on, please", "Your organization asks you to sign in through its own service."),
        "mfa_enrollment" => {
            ("A second factor, please", "Your account has to have a second factor before you can sign in.")
        }
        "sign_in_loop" => (
            "Signing in again and again",
            "You have signed in three times within ten seconds, and your browser came back without the session each time. \
             Please check that it accepts cookies from this site and that its clock is right, then try again.",
        ),
        "session_too_large" => (
            "Your session is too large",
            "It is larger than browsers keep. Please tell whoever runs this site: fewer permissions or claims in the token \
             would help.",
        ),
        _ => ("Sign-in did not work", "The sign-in could not be finished. Please start again."),
    };
    let login = settings.endpoint("login");
    // Encoded so, a path holds nothing that means anything in HTML.
    let encode = |path: &str| form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
    let login = return_to.map_or_else(|| login.clone(), |path| format!("{login}?return_to={}", encode(path)));
    let actions = link(&login, "Sign in") + &link("/", "Start page");
    Page { status, mark: Mark::Notice, title, text, detail, actions }.answer()
}

/// Goes on by itself to where the sign-in was to lead.
pub(super) fn signed_in(return_to: &str) -> Answer {
    // No path may look like a placeholder of the layout.
    let actions = link(&escape(return_to).replace('{', "%7B"), "Continue");
    Page {
        status: 200,
        mark: Mark::Done,
        title: "You are signed in",
        text: "It goes on by itself.",
        detail: "",
        actions,
    }
    .answer()
    .with_header(REFRESH, format!("0;url={return_to}"))
}

/// The provider does not answer. Whoever was signed in still is.
pub(super) fn unavailable(rejection: Rejection, retry_after: Option<u64>) -> Answer {
    let text = match rejection {
        Rejection::ProviderRefusedClient => {
            "The sign-in service does not accept this site at the moment, which is for whoever runs it to mend. You have not \
             been signed out."
        }
        _ => {
            "The sign-in service does not answer at the moment. You have not been signed out: please try again in a few \
             seconds."
        }
    };
    let actions = link("", "Try again") + &link("/", "Start page");
    Page { status: 503, mark: Mark::Fault, title: "One moment, please", text, detail: rejection.code(), actions }
        .answer()
        .with_header(RETRY_AFTER, retry_after.unwrap_or(RETRY_SECONDS).to_string())
}

pub(super) fn confirm_sign_out(settings: &Settings) -> Answer {
    let action = settings.endpoint("logout");
    let actions =
        format!(r#"<form method="post" action="{action}"><button>Sign out</button></form>"#) + &link("/", "Stay");
    let text = "Another site or a link has asked to sign you out. It happens only if you say so.";
    Page { status: 200, mark: Mark::Question, title: "Sign out?", text, detail: "", actions }.answer()
}

pub(super) fn refused(status: u16, detail: &'static str) -> Answer {
    let (title, text) = match detail {
        "path_ambiguous" => ("This address is not clear", "It can be read in more than one way, so it was not opened."),
        "cross_site" => ("Not from here", "This can only be done from a page of this site."),
        "method_not_allowed" => ("Not like this", "There is something at this address, but it is not a page."),
        "endpoint_not_found" => ("Nothing here", "There is no such page."),
        "upstream_failed" => {
            ("The site does not answer", "Your session is not affected. Please try again in a moment.")
        }
        _ => ("That did not work", "Something in the request is missing."),
    };
    let mark = if status < 500 { Mark::Notice } else { Mark::Fault };
    Page { status, mark, title, text, detail, actions: link("/", "Start page") }.answer()
}

pub(super) fn misconfigured(error: &ConfigurationError) -> Answer {
    let text = format!("A setting of this gateway cannot work: {error}.");
    let text = code(&escape(&text));
    let actions = String::new();
    Page { status: 500, mark: Mark::Fault, title: "Not set up yet", text: &text, detail: "misconfigured", actions }
        .answer()
}

impl Page<'_> {
    fn answer(&self) -> Answer {
        let detail =
            if self.detail.is_empty() { String::new() } else { format!("<p class=\"detail\">{}</p>", self.detail) };
        let html = LAYOUT
            .replace("{style}", STYLE)
            .replace("{class}", self.mark.class())
            .replace("{mark}", self.mark.path())
            .replace("{title}", self.title)
            .replace("{text}", self.text)
            .replace("{actions}", &self.actions)
            .replace("{detail}", &detail);
        // No `form-action`: browsers apply it to the redirect that follows signing out, too.
        let hash = Base64::encode_string(&Sha256::digest(STYLE));
        let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
        Answer::new(self.status, "text/html; charset=utf-8", html)
            .because(self.detail)
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

/// What stands between backticks, as code.
fn code(html: &str) -> String {
    html.split('`')
        .enumerate()
        .map(|(index, part)| if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::settings::settings;
    use super::*;

    #[test]
    fn every_placeholder_is_filled() {
        let settings = settings(&[]).unwrap();
        for answer in [
            sign_in_failed(&settings, 400, "state_unknown", None),
            unavailable(Rejection::ProviderUnreachable, Some(7)),
            confirm_sign_out(&settings),
            signed_in("/app/?x={text}&y={actions}"),
            refused(404, "endpoint_not_found"),
            misconfigured(&ConfigurationError::new("ROUTES", "is \"<wrong>\"")),
        ] {
            let html = answer.response().body();
            for placeholder in ["{style}", "{class}", "{mark}", "{title}", "{text}", "{actions}", "{detail}", "<wrong>"]
            {
                assert!(!html.contains(placeholder), "{placeholder}");
            }
        }
    }

    #[test]
    fn the_way_back_is_kept_and_cannot_become_markup() {
        let settings = settings(&[]).unwrap();
        let html = |return_to| sign_in_failed(&settings, 400, "sign_in_denied", return_to).response().body().clone();
        assert!(html(Some("/app/?x=1&y=2")).contains(r#"href="/auth/login?return_to=%2Fapp%2F%3Fx%3D1%26y%3D2""#));
        assert!(html(Some("/\"><script>")).contains(r#"href="/auth/login?return_to=%2F%22%3E%3Cscript%3E""#));
        assert!(html(None).contains(r#"href="/auth/login""#));
        let answer = signed_in("/a?b=\"><script>&c");
        assert!(answer.response().body().contains(r#"href="/a?b=&quot;&gt;&lt;script&gt;&amp;c""#));
        assert_eq!(answer.response().headers()[REFRESH], "0;url=/a?b=\"><script>&c");
    }
}
