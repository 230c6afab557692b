//! The site behind the gateway, which answers the requests that pass: what is bound or configured, or an application of the same Worker.

use wasm_bindgen::JsCast;
use web_sys::RequestInit;
use worker::{Env, Request, Response};

use super::settings::{Settings, Upstream};
use crate::session::Session;

/// What answers the requests that pass.
pub(super) trait Site {
    /// Whether it is code of this Worker, and nothing has to be bound.
    const IS_OF_THIS_WORKER: bool;

    /// The answer to the request with these headers.
    async fn answer(
        self,
        request: &Request,
        init: &RequestInit,
        env: &Env,
        settings: &Settings,
        session: Option<&Session>,
    ) -> worker::Result<Response>;
}

/// `UPSTREAM` (a service), else `UPSTREAM_URL`, else `ASSETS`.
pub(super) struct Bound;

impl Site for Bound {
    const IS_OF_THIS_WORKER: bool = false;

    async fn answer(
        self,
        request: &Request,
        init: &RequestInit,
        env: &Env,
        settings: &Settings,
        session: Option<&Session>,
    ) -> worker::Result<Response> {
        if let Ok(service) = env.service("UPSTREAM") {
            return service.fetch_request(rewrite(request, None, init)?).await;
        }
        let Some(upstream) = &settings.upstream else {
            return env.assets("ASSETS")?.fetch_request(rewrite(request, None, init)?).await;
        };
        if session.is_some() {
            // What one person gets must not come from, or stay in, the cache before the upstream.
            init.set_cache(web_sys::RequestCache::NoStore);
        }
        let origin = match upstream {
            Upstream::SameUrl => None,
            Upstream::At(origin) => Some(origin.as_str()),
        };
        let answer = worker::Fetch::Request(rewrite(request, origin, init)?).send().await?;
        relocate(answer, origin, &settings.public_origin)
    }
}

/// An application of the same Worker.
pub(super) struct App<A>(pub(super) A);

impl<A: AsyncFnOnce(Request, Option<Session>) -> worker::Result<Response>> Site for App<A> {
    const IS_OF_THIS_WORKER: bool = true;

    async fn answer(
        self,
        request: &Request,
        init: &RequestInit,
        _env: &Env,
        _settings: &Settings,
        session: Option<&Session>,
    ) -> worker::Result<Response> {
        (self.0)(rewrite(request, None, init)?, session.cloned()).await
    }
}

/// The request again, with other settings and at another origin, if one is given. Method, body and `cf` stay.
fn rewrite(request: &Request, origin: Option<&str>, init: &RequestInit) -> worker::Result<Request> {
    let inner = request.inner();
    let moved = match origin {
        None => web_sys::Request::new_with_request_and_init(inner, init),
        Some(origin) => {
            let url = inner.url();
            let rest = url.splitn(4, '/').nth(3).unwrap_or_default();
            // Given as the settings of a new request, the old one hands over `cf` as well.
            web_sys::Request::new_with_str_and_init(&format!("{origin}/{rest}"), inner.unchecked_ref())
                .and_then(|moved| web_sys::Request::new_with_request_and_init(&moved, init))
        }
    };
    Ok(Request::from(moved.map_err(worker::Error::from)?))
}

/// An upstream that redirects to its own address means the site's.
fn relocate(answer: Response, origin: Option<&str>, public_origin: &str) -> worker::Result<Response> {
    let location = answer.headers().get("location")?;
    match location.as_deref().zip(origin).and_then(|(location, origin)| after_origin(location, origin)) {
        None => Ok(answer),
        Some(rest) => {
            let answer = mutable(answer)?;
            answer.headers().set("location", &format!("{public_origin}{rest}"))?;
            Ok(answer)
        }
    }
}

/// What follows the origin in a URL that names it, with or without the scheme. Neither knows case.
fn after_origin<'a>(location: &'a str, origin: &str) -> Option<&'a str> {
    let without_scheme = origin.split_once(':').map_or(origin, |(_, rest)| rest);
    [origin, without_scheme].into_iter().find_map(|prefix| {
        let (start, rest) = location.split_at_checked(prefix.len())?;
        let is_whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
        (start.eq_ignore_ascii_case(prefix) && is_whole).then_some(rest)
    })
}

/// The same answer with headers that can be changed; body and WebSocket go along.
pub(super) fn mutable(answer: Response) -> worker::Result<Response> {
    let inner = web_sys::Response::from(answer);
    let copy = web_sys::Response::new_with_opt_readable_stream_and_init(inner.body().as_ref(), inner.unchecked_ref());
    Ok(Response::from(copy.map_err(worker::Error::from)?))
}
