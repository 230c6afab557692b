//! The upstream: what the visitor asked for is handed on, with who they are, and without what only the gateway may read.
//!
//! Bodies are streams and stay streams in both directions.

use wasm_bindgen::JsValue;
use worker::{Env, Headers, Request, Response};

use super::admission::Admitted;
use super::gate::Gate;
use super::inbound::Inbound;
use super::ready::Bindings;
use super::settings::{Provider, Settings, Upstream};
use super::site::{Site, mutable};
use super::workos::beside::Beside;
use super::workos::upstream_session::Verdict;
use super::{answer, caching, forward, identity, workos};
use crate::error::Rejection;
use crate::host::Host;

/// Forwards a request. An upstream that fails is no reason to lose the next generation of a session.
#[expect(clippy::too_many_arguments, reason = "one request, and all that was found out about it")]
pub(super) async fn forward<H: Host, S: Site>(
    request: Request,
    env: &Env,
    site: S,
    gate: &Gate<'_, H>,
    settings: &Settings,
    inbound: &Inbound,
    admitted: Option<&Admitted>,
    beside: Option<&Beside>,
) -> worker::Result<Response> {
    let session_cookie = admitted.and_then(|admitted| gate.cookie_for_upstream(admitted));
    let answer = ask(&request, env, site, settings, admitted, session_cookie.as_deref()).await;
    let mut cookies = admitted.map(|admitted| admitted.cookies.clone()).unwrap_or_default();
    let takes_cookies = answer.as_ref().is_ok_and(|answer| ![101, 304].contains(&answer.status_code()));
    if let (Gate::WorkOs(gate), Some(next)) = (gate, beside.filter(|_| takes_cookies).and_then(Beside::take)) {
        cookies = gate.session_cookies(&next, inbound).unwrap_or_default();
    }
    let degraded = admitted.and_then(|admitted| admitted.degraded);
    match (answer, gate) {
        (Ok(answer), Gate::WorkOs(gate)) if gate.upstream_reads_sessions() => {
            let (answer, verdict) =
                take_session_cookie(answer, gate, inbound, admitted, session_cookie.is_some()).await?;
            let is_personal = admitted.is_some() || verdict.is_some();
            let cookies = if let Some(Verdict::Replace(ours)) = verdict { ours } else { cookies };
            finish(answer, is_personal, cookies, degraded)
        }
        // The application signs people in and out itself: what it says goes.
        (Ok(answer), Gate::Stytch(gate)) if gate.sets_session(&answer.headers().get_all("set-cookie")?) => {
            finish(answer, admitted.is_some(), Vec::new(), degraded)
        }
        (Ok(answer), _) => finish(answer, admitted.is_some(), cookies, degraded),
        (Err(error), _) => {
            worker::console_error!("the upstream failed: {error}");
            answer::upstream_failed(inbound, cookies).into_worker(inbound)
        }
    }
}

/// Hands the request on, cleaned, with who is signed in.
async fn ask<S: Site>(
    request: &Request,
    env: &Env,
    site: S,
    settings: &Settings,
    admitted: Option<&Admitted>,
    session_cookie: Option<&str>,
) -> worker::Result<Response> {
    let headers = Headers::new();
    let session = admitted.map(|admitted| &admitted.session);
    for (name, value) in forward::headers(request.headers().entries(), settings, session, session_cookie) {
        headers.append(&name, &value)?;
    }
    if let Some(rejection) = admitted.and_then(|admitted| admitted.degraded) {
        headers.append(identity::DEGRADED, rejection.code())?;
    }
    let init = web_sys::RequestInit::new();
    init.set_headers(headers.0.as_ref());
    // Redirects of the upstream are the browser's to follow.
    init.set_redirect(web_sys::RequestRedirect::Manual);
    site.answer(request, &init, env, settings, session).await
}

/// Takes out the session cookie that the upstream sets, and says what becomes of the browser's; none where it sets none. One that
/// is not adopted leaves one line in the log.
async fn take_session_cookie<H: Host>(
    answer: Response,
    gate: &workos::Gate<'_, H>,
    inbound: &Inbound,
    admitted: Option<&Admitted>,
    was_handed_on: bool,
) -> worker::Result<(Response, Option<Verdict>)> {
    let lines = answer.headers().get_all("set-cookie")?;
    let (others, said) = gate.separate(lines);
    let Some(said) = said else {
        return Ok((answer, None));
    };
    let answer = mutable(answer)?;
    answer.headers().delete("set-cookie")?;
    for line in &others {
        answer.headers().append("set-cookie", line)?;
    }
    let verdict = gate.adopt(said, admitted, was_handed_on, inbound).await.unwrap_or_else(|detail| {
        let line = serde_json::json!({ "event": "upstream_session_dropped", "request": inbound.id, "detail": detail });
        worker::console_log!("{line}");
        Verdict::Keep
    });
    Ok((answer, Some(verdict)))
}

/// Makes private what depends on who is signed in or sets a cookie, and brings our own cookies along.
fn finish(
    answer: Response,
    is_personal: bool,
    cookies: Vec<String>,
    degraded: Option<Rejection>,
) -> worker::Result<Response> {
    let sets_cookie = !cookies.is_empty() || answer.headers().has("set-cookie")?;
    if !is_personal && !sets_cookie {
        return Ok(answer);
    }
    let answer = mutable(answer)?;
    let headers = answer.headers();
    let upstream_says = headers.get("cache-control")?.unwrap_or_default();
    headers.set("cache-control", &caching::private(&upstream_says, sets_cookie))?;
    for name in headers.keys().filter(|name| caching::is_for_shared_caches(name)).collect::<Vec<_>>() {
        headers.delete(&name)?;
    }
    headers.append("vary", "Cookie, Authorization")?;
    if let Some(rejection) = degraded {
        headers.set(identity::DEGRADED, rejection.code())?;
    }
    for line in &cookies {
        headers.append("set-cookie", line)?;
    }
    Ok(answer)
}

/// The body of a small form or JSON document; none when it is larger than `most` bytes.
pub(super) async fn read_body(request: &mut Request, most: usize) -> Option<String> {
    use futures_util::StreamExt;

    let mut body = Vec::new();
    let mut stream = request.stream().ok()?;
    while let Some(piece) = stream.next().await {
        body.extend(piece.ok()?);
        if body.len() > most {
            return None;
        }
    }
    String::from_utf8(body).ok()
}

/// A variable or secret: text as it is, anything structured as JSON.
pub(super) fn read_variable(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env.as_ref(), &JsValue::from_str(name)).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    value.as_string().or_else(|| js_sys::JSON::stringify(&value).ok()?.as_string())
}

/// Whether the objects of a class answer.
async fn objects(env: &Env, binding: &str) -> &'static str {
    let Ok(namespace) = env.durable_object(binding) else {
        return "missing";
    };
    match namespace.get_by_name("ready") {
        Ok(object)
            if object.fetch_with_str("https://session.internal/").await.is_ok_and(|it| it.status_code() == 200) =>
        {
            "ok"
        }
        _ => "failing",
    }
}

/// What is bound, and whether KV and the objects answer.
pub(super) async fn bindings<S: Site>(env: &Env, settings: &Settings) -> Bindings {
    let kv = match env.kv("EDGESEAL_KV") {
        Err(_) => "missing",
        Ok(kv) => match kv.get("edgeseal:ready").text().await {
            Ok(_) => "ok",
            Err(_) => "failing",
        },
    };
    let upstream = match &settings.upstream {
        _ if S::IS_OF_THIS_WORKER => "worker",
        _ if env.service("UPSTREAM").is_ok() => "service",
        Some(Upstream::SameUrl) => "origin",
        Some(Upstream::At(_)) => "url",
        None if env.assets("ASSETS").is_ok() => "assets",
        None => "missing",
    };
    let sessions = match settings.provider {
        Provider::WorkOs(_) => objects(env, "EDGESEAL_SESSIONS").await,
        Provider::Stytch(_) => "unused",
    };
    let revocations = objects(env, "EDGESEAL_REVOCATIONS").await;
    Bindings { kv, sessions, revocations, upstream }
}
