//! The upstream: what the visitor asked for is handed on, with who they are, and without what only the gateway may read.
//!
//! Bodies are streams and stay streams in both directions.

use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, Headers, Request, Response};

use super::admission::{Admitted, Gate};
use super::settings::Settings;
use super::{flow, identity};
use crate::cookie;
use crate::host::Host;
use crate::limits;

/// Forwards a request: `UPSTREAM` (a service), else `UPSTREAM_URL`, else `ASSETS`.
pub(super) async fn forward<H: Host>(
    request: Request,
    env: &Env,
    gate: &Gate<'_, H>,
    admitted: Option<&Admitted>,
) -> worker::Result<Response> {
    let settings = gate.settings;
    let headers = outbound_headers(&request, settings, admitted)?;
    let answer = if let Ok(service) = env.service("UPSTREAM") {
        service.fetch_request(rewrite(&request, None, &headers)?).await?
    } else if let Some(origin) = &settings.upstream_url {
        let outbound = rewrite(&request, Some(origin), &headers)?;
        worker::Fetch::Request(outbound).send().await?
    } else {
        env.assets("ASSETS")?.fetch_request(rewrite(&request, None, &headers)?).await?
    };
    match admitted {
        None => Ok(answer),
        Some(admitted) => make_private(answer, &admitted.cookies),
    }
}

/// The visitor's headers without identity from outside and without our cookies; then the identity that was verified.
fn outbound_headers(request: &Request, settings: &Settings, admitted: Option<&Admitted>) -> worker::Result<Headers> {
    let is_ours = |name: &str| settings.is_session_cookie(name) || flow::is_flow_cookie(name);
    let headers = Headers::new();
    for (name, value) in request.headers().entries() {
        if name == "cookie" {
            if let Some(kept) = cookie::without(&value, is_ours) {
                headers.append(&name, &kept)?;
            }
        } else if !identity::is_identity_header(&name) {
            headers.append(&name, &value)?;
        }
    }
    if let Some(admitted) = admitted {
        for (name, value) in identity::headers(admitted.session.session()) {
            headers.set(name, &value)?;
        }
    }
    Ok(headers)
}

/// The request again, with other headers and at another origin, if one is given. Method, body and `cf` stay; redirects of
/// the upstream are the browser's to follow.
fn rewrite(request: &Request, origin: Option<&str>, headers: &Headers) -> worker::Result<Request> {
    let init = web_sys::RequestInit::new();
    init.set_headers(headers.0.as_ref());
    init.set_redirect(web_sys::RequestRedirect::Manual);
    let inner = request.inner();
    let moved = match origin {
        None => web_sys::Request::new_with_request_and_init(inner, &init),
        Some(origin) => {
            let url = inner.url();
            let rest = url.splitn(4, '/').nth(3).unwrap_or_default();
            // Given as the settings of a new request, the old one hands over `cf` as well.
            web_sys::Request::new_with_str_and_init(&format!("{origin}/{rest}"), inner.unchecked_ref())
                .and_then(|moved| web_sys::Request::new_with_request_and_init(&moved, &init))
        }
    };
    Ok(Request::from(moved.map_err(worker::Error::from)?))
}

/// What a signed-in person sees is for no shared cache, whatever the upstream says.
fn make_private(answer: Response, cookies: &[String]) -> worker::Result<Response> {
    let status = answer.status_code();
    // A WebSocket that was accepted: nothing of it can be cached or rewritten.
    if status == 101 {
        return Ok(answer);
    }
    let inner = web_sys::Response::from(answer);
    let copy = web_sys::Response::new_with_opt_readable_stream_and_init(inner.body().as_ref(), inner.unchecked_ref());
    let answer = Response::from(copy.map_err(worker::Error::from)?);
    let headers = answer.headers();
    let upstream_says = headers.get("cache-control")?.unwrap_or_default().to_ascii_lowercase();
    let value = if !cookies.is_empty() || upstream_says.contains("no-store") {
        "private, no-store"
    } else {
        "private, no-cache"
    };
    headers.set("cache-control", value)?;
    headers.append("vary", "Cookie")?;
    for line in cookies {
        headers.append("set-cookie", line)?;
    }
    Ok(answer)
}

/// The body of a small form or JSON document; `None` when it is larger than the gateway reads.
pub(super) async fn read_form(request: &mut Request) -> Option<String> {
    use futures_util::StreamExt;

    let mut body = Vec::new();
    let mut stream = request.stream().ok()?;
    while let Some(piece) = stream.next().await {
        body.extend(piece.ok()?);
        if body.len() > limits::FORM_BYTES {
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
