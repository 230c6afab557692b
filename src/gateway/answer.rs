//! The gateway's own answers. Every one of them is `private, no-store`: they carry cookies or depend on one.

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE, VARY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::admission::Refusal;
use super::inbound::Inbound;
use super::page;
use super::route::NoEndpoint;
use super::settings::Settings;
use crate::error::{ConfigurationError, Rejection};
use crate::limits;

/// An answer as data.
pub(super) struct Answer {
    response: Response<String>,
    /// The code of what was refused; it goes into the log.
    refusal: Option<&'static str>,
}

/// Where an answer's text names the request.
pub(super) const REQUEST_ID: &str = "{request}";

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: String) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(VARY, HeaderValue::from_static("Cookie, Authorization"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Self { response, refusal: None }
    }

    /// Adds a header; a value that no header may hold is left out.
    pub(super) fn with_header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.response.headers_mut().append(name, value);
        }
        self
    }

    pub(super) fn with_cookie(self, line: String) -> Self {
        self.with_header(SET_COOKIE, line)
    }

    pub(super) fn with_cookies(self, lines: impl IntoIterator<Item = String>) -> Self {
        lines.into_iter().fold(self, Self::with_cookie)
    }

    /// Says what was refused. An empty code says nothing.
    pub(super) fn because(self, detail: &'static str) -> Self {
        Self { refusal: Some(detail).filter(|detail| !detail.is_empty()), ..self }
    }

    /// The answer to this request. A refusal leaves one line in the log: never a query, a token or a cookie.
    pub(super) fn into_worker(self, inbound: &Inbound) -> worker::Result<worker::Response> {
        let answer = self.with_header(HeaderName::from_static("x-request-id"), inbound.id.as_str());
        if let Some(detail) = answer.refusal {
            let line = json!({
                "event": "refused",
                "request": inbound.id,
                "method": inbound.method.as_str(),
                "path": inbound.path.chars().take(limits::LOGGED_PATH_CHARACTERS).collect::<String>(),
                "status": answer.response.status().as_u16(),
                "detail": detail,
            });
            worker::console_log!("{line}");
        }
        let (parts, body) = answer.response.into_parts();
        // In pages alone: what JSON says is somebody's data, whatever stands in it.
        let is_page = parts.headers.get(CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
        let body = if is_page { body.replace(REQUEST_ID, &inbound.id) } else { body };
        let headers = worker::Headers::new();
        for (name, value) in &parts.headers {
            headers.append(name.as_str(), value.to_str().unwrap_or_default())?;
        }
        Ok(worker::Response::ok(body)?.with_status(parts.status.as_u16()).with_headers(headers))
    }

    #[cfg(test)]
    pub(super) const fn response(&self) -> &Response<String> {
        &self.response
    }
}

pub(super) fn json(status: u16, body: &impl Serialize) -> Answer {
    Answer::new(status, "application/json", serde_json::to_string(body).unwrap_or_default())
}

pub(super) fn redirect(status: u16, location: &str) -> Answer {
    Answer::new(status, "text/plain; charset=utf-8", String::new()).with_header(LOCATION, location)
}

/// Sends a browser elsewhere; a script cannot follow to another site, so it is told where.
pub(super) fn go_to(inbound: &Inbound, url: &str) -> Answer {
    if inbound.is_from_script() {
        json(200, &json!({ "url": url }))
    } else if inbound.method == Method::POST {
        redirect(303, url)
    } else {
        redirect(302, url)
    }
}

/// Why a request to the site is refused: a redirect to sign-in for a page, JSON for all else.
pub(super) fn refused(settings: &Settings, inbound: &Inbound, refusal: &Refusal) -> Answer {
    if !inbound.wants_document() {
        return refused_json(settings, inbound, refusal);
    }
    let answer = if refusal.rejection.is_retryable() {
        page::unavailable(refusal.rejection, refusal.retry_after)
    } else {
        redirect(302, &login_url(settings, inbound))
    };
    answer.because(refusal.rejection.code()).with_cookies(refusal.cookies.clone())
}

pub(super) fn refused_json(settings: &Settings, inbound: &Inbound, refusal: &Refusal) -> Answer {
    refusal_json(settings, inbound, refusal, status(refusal.rejection))
}

/// Why a switch is refused: what another organization demands is no verdict on the session, so it is no 401.
pub(super) fn switch_refused(settings: &Settings, inbound: &Inbound, refusal: &Refusal) -> Answer {
    let status = match refusal.rejection {
        Rejection::OrganizationRefused
        | Rejection::InteractionRequired
        | Rejection::SsoRequired
        | Rejection::MfaEnrollment => 403,
        rejection => status(rejection),
    };
    refusal_json(settings, inbound, refusal, status)
}

fn refusal_json(settings: &Settings, inbound: &Inbound, refusal: &Refusal, status: u16) -> Answer {
    let Refusal { rejection, retry_after, cookies } = refusal;
    let body = json!({
        "authenticated": false,
        "reason": rejection.reason().code(),
        "detail": rejection.code(),
        "retryable": rejection.is_retryable(),
        "loginUrl": login_url(settings, inbound),
    });
    let answer = json(status, &body).because(rejection.code()).with_cookies(cookies.clone());
    match status {
        503 => answer.with_header(RETRY_AFTER, retry_after.unwrap_or(RETRY_SECONDS).to_string()),
        // RFC 6750 §3: what a client without a browser understands.
        401 if inbound.bearer().is_some() => {
            answer.with_header(WWW_AUTHENTICATE, "Bearer realm=\"edgeseal\", error=\"invalid_token\"")
        }
        401 => answer.with_header(WWW_AUTHENTICATE, "Bearer realm=\"edgeseal\""),
        _ => answer,
    }
}

/// Where a provider names no time itself, in seconds.
pub(super) const RETRY_SECONDS: u64 = 2;

const fn status(rejection: Rejection) -> u16 {
    if rejection.is_retryable() { 503 } else { 401 }
}

/// Sign-in, coming back to the page that was asked for; to the start where the request was for no page.
fn login_url(settings: &Settings, inbound: &Inbound) -> String {
    let login = settings.endpoint("login");
    if !inbound.wants_document() {
        return login;
    }
    let return_to: String = form_urlencoded::byte_serialize(inbound.path_and_query().as_bytes()).collect();
    format!("{login}?return_to={return_to}")
}

pub(super) fn bad_request(inbound: &Inbound, detail: &'static str) -> Answer {
    plain_refusal(inbound, 400, detail)
}

/// A refusal of what is none of a visitor's.
pub(super) fn refusal(inbound: &Inbound, status: u16, detail: &'static str) -> Answer {
    plain_refusal(inbound, status, detail)
}

/// The same with a sentence for whoever wrote the request.
pub(super) fn explained(status: u16, detail: &'static str, message: &str) -> Answer {
    json(status, &json!({ "detail": detail, "message": message })).because(detail)
}

pub(super) fn ambiguous_path(inbound: &Inbound) -> Answer {
    plain_refusal(inbound, 400, "path_ambiguous")
}

pub(super) fn cross_site(inbound: &Inbound) -> Answer {
    plain_refusal(inbound, 403, "cross_site")
}

/// Nobody has asked yet. A browser that is refused forgets the guess, and asks again once somebody does.
pub(super) fn prefetched(inbound: &Inbound) -> Answer {
    plain_refusal(inbound, 403, "prefetched")
}

pub(super) fn no_such_endpoint(inbound: &Inbound, missing: NoEndpoint) -> Answer {
    match missing {
        NoEndpoint::NotFound => plain_refusal(inbound, 404, "endpoint_not_found"),
        NoEndpoint::MethodNotAllowed(allowed) => {
            plain_refusal(inbound, 405, "method_not_allowed").with_header(ALLOW, allowed)
        }
    }
}

/// The site behind the gateway gave no answer. The session has no part in that: what a refresh has brought goes along.
pub(super) fn upstream_failed(inbound: &Inbound, cookies: Vec<String>) -> Answer {
    const DETAIL: &str = "upstream_failed";
    plain_refusal(inbound, 502, DETAIL).with_cookies(cookies)
}

fn plain_refusal(inbound: &Inbound, status: u16, detail: &'static str) -> Answer {
    if inbound.wants_document() {
        page::refused(status, detail)
    } else {
        json(status, &json!({ "detail": detail })).because(detail)
    }
}

/// The operator's mistake. The sentence names a setting and holds no secret.
pub(super) fn misconfigured(inbound: &Inbound, error: &ConfigurationError) -> Answer {
    if inbound.wants_document() {
        return page::misconfigured(error);
    }
    let body = json!({ "detail": "misconfigured", "setting": error.setting(), "message": error.to_string() });
    json(500, &body).because("misconfigured")
}
