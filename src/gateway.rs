//! The gateway: a Worker in front of a site. It signs people in, authenticates every request, and hands who they are to
//! the upstream.
//!
//! The order in which a request meets its parts stands here, in [`serve`]; each part is a file below. All that decides is
//! plain data in and plain data out; `worker` is known to [`serve`], `upstream` and `entry` alone.

mod admission;
mod answer;
mod caching;
mod cookie_scopes;
#[cfg(feature = "gateway-entry")]
mod entry;
mod forward;
mod gate;
mod identity;
mod inbound;
mod page;
#[cfg(feature = "_panic")]
mod panic_endpoint;
mod path;
mod pattern;
mod ready;
mod return_to;
mod revocations;
#[cfg(feature = "gateway-entry")]
mod revocations_object;
mod revoke;
mod route;
mod session;
mod settings;
mod site;
mod stytch;
mod upstream;
mod workos;

use std::cell::OnceCell;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use worker::{Context, Env, Request, Response};
#[cfg(feature = "gateway-entry")]
pub use {revocations_object::Revocations, workos::session_object::SessionObject};

use self::admission::Admission;
use self::answer::Answer;
use self::gate::Gate;
use self::inbound::Inbound;
use self::path::Path;
use self::route::{Decision, Endpoint, Requirement};
use self::settings::{Provider, Settings};
use self::site::{App, Bound, Site};
use self::workos::beside::Beside;
use crate::error::ConfigurationError;
use crate::host::{CloudflareHost, Host};
use crate::limits;
use crate::session::Session;
use crate::signature::use_portable_rsa_arithmetic;

thread_local! {
    /// Settings do not change while an isolate lives, so they are read once.
    static SETTINGS: OnceCell<Result<Rc<Settings>, ConfigurationError>> = const { OnceCell::new() };
}

/// Serves one request: the site is what is bound or configured.
///
/// # Errors
/// Only what the runtime itself refuses, such as a binding that is missing.
pub async fn serve(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    serve_site(request, &env, &context, Bound).await
}

/// Serves one request of a Worker whose site is its own code: `site` answers what the rules let pass, and is told who is signed in; on a
/// public page, nobody. All else is as with a gateway, and so are the settings: sign-in, refresh and sign-out under `AUTH_PREFIX`, cookies,
/// refusals. Headers that name a person or claim where a request came from are the gateway's own by then.
///
/// ```no_run
/// use worker::{Context, Env, Request, Response, Result};
///
/// // In a Worker, under `#[event(fetch)]`.
/// async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
///     edgeseal::gateway::guard(request, env, context, async |_request, session| match session {
///         Some(session) => Response::ok(format!("Hello, {}", session.user_id.unwrap_or_default())),
///         None => Response::ok("A public page"),
///     })
///     .await
/// }
/// ```
///
/// # Errors
/// As [`serve`]. An error of the site's own is answered with 502, so that a session that was just refreshed still reaches the browser.
pub async fn guard(
    request: Request,
    env: Env,
    context: Context,
    site: impl AsyncFnOnce(Request, Option<Session>) -> worker::Result<Response>,
) -> worker::Result<Response> {
    serve_site(request, &env, &context, App(site)).await
}

async fn serve_site<S: Site>(request: Request, env: &Env, context: &Context, site: S) -> worker::Result<Response> {
    let host = CloudflareHost::new(context, env.kv("EDGESEAL_KV").ok())
        .with_session_objects(env.durable_object("EDGESEAL_SESSIONS").ok())
        .with_revocations(env.durable_object("EDGESEAL_REVOCATIONS").ok());
    let inbound = Inbound::read(&request, random_id(&host))?;
    let settings = match read_settings(env) {
        Ok(settings) => settings,
        Err(error) => {
            worker::console_error!("edgeseal cannot start: {error}");
            return answer::misconfigured(&inbound, &error).into_worker(&inbound);
        }
    };
    revocations::keep_fresh(&host, &settings);
    let gate = Gate::new(&settings, &host);
    let refresh_beside = || match (&gate, &settings.provider) {
        (Gate::WorkOs(gate), Provider::WorkOs(own)) => {
            gate.take_due().map(|session| Beside::start(&host, &settings, own, session))
        }
        _ => None,
    };

    if let Some(name) = inbound.path.strip_prefix(settings.prefix.as_str()).and_then(|rest| rest.strip_prefix('/')) {
        #[cfg(feature = "_panic")]
        panic_endpoint::serve(&host, &inbound, name).await;
        let answer = serve_endpoint::<_, S>(&gate, &settings, &inbound, name, request, env).await;
        refresh_beside();
        return answer.into_worker(&inbound);
    }
    match settings.routes.decide(&inbound.method, &Path::read(&inbound.path)) {
        Decision::Ambiguous => answer::ambiguous_path(&inbound).into_worker(&inbound),
        Decision::Demand(Requirement::Public) => {
            upstream::forward(request, env, site, &gate, &settings, &inbound, None, None).await
        }
        Decision::Demand(Requirement::Session) => match gate.admit_to_upstream(&inbound).await {
            Admission::Admitted(admitted) => {
                let beside = refresh_beside();
                upstream::forward(request, env, site, &gate, &settings, &inbound, Some(&admitted), beside.as_ref())
                    .await
            }
            Admission::Refused(refusal) => answer::refused(&settings, &inbound, &refusal).into_worker(&inbound),
        },
    }
}

async fn serve_endpoint<H: Host, S: Site>(
    gate: &Gate<'_, H>,
    settings: &Settings,
    inbound: &Inbound,
    name: &str,
    mut request: Request,
    env: &Env,
) -> Answer {
    let endpoint = match Endpoint::find(name, &inbound.method) {
        Ok(endpoint) => endpoint,
        Err(missing) => return answer::no_such_endpoint(inbound, missing),
    };
    if endpoint.changes_something() && !inbound.is_same_origin(&settings.public_origin) {
        return answer::cross_site(inbound);
    }
    match endpoint {
        Endpoint::Login => gate.login(inbound),
        Endpoint::Callback => gate.callback(inbound).await,
        Endpoint::Logout => gate.logout(inbound).await,
        Endpoint::AskLogout if inbound.is_same_origin(&settings.public_origin) => gate.logout(inbound).await,
        // A GET from elsewhere could sign people out against their will, so it is asked first.
        Endpoint::AskLogout => page::confirm_sign_out(settings),
        Endpoint::Session => session::show(gate, settings, inbound).await,
        Endpoint::Refresh => session::refresh(gate, settings, inbound).await,
        Endpoint::Switch => match upstream::read_body(&mut request, limits::FORM_BYTES)
            .await
            .and_then(|body| session::organization(&body))
        {
            Some(organization_id) => session::switch(gate, settings, inbound, &organization_id).await,
            None => answer::bad_request(inbound, "organization_missing"),
        },
        Endpoint::WorkOsWebhook => {
            let signature = request.headers().get("workos-signature").ok().flatten();
            let body = upstream::read_body(&mut request, limits::WEBHOOK_BYTES).await;
            gate.webhook(inbound, signature.as_deref(), body.as_deref()).await
        }
        Endpoint::Revoke => {
            let body = upstream::read_body(&mut request, limits::FORM_BYTES).await;
            revoke::serve(gate, settings, inbound, body.as_deref()).await
        }
        Endpoint::Ready => ready::show(gate, settings, inbound, &upstream::bindings::<S>(env, settings).await).await,
        Endpoint::Health => answer::json(200, &serde_json::json!({ "status": "ok" })),
    }
}

fn read_settings(env: &Env) -> Result<Rc<Settings>, ConfigurationError> {
    let read = || {
        let settings = Settings::read(|name| upstream::read_variable(env, name))?;
        // Before the first key is prepared.
        if settings.portable_signatures {
            use_portable_rsa_arithmetic();
        }
        Ok(Rc::new(settings))
    };
    SETTINGS.with(|settings| settings.get_or_init(read).clone())
}

/// The settings, for an object; or what it answers where there are none.
#[cfg(feature = "gateway-entry")]
fn object_settings(env: &Env) -> Result<Rc<Settings>, worker::Result<Response>> {
    read_settings(env).map_err(|error| {
        worker::console_error!("edgeseal cannot start: {error}");
        Response::error("misconfigured", 500)
    })
}

/// 72 bits: enough to find one request among a day's logs.
fn random_id<H: Host>(host: &H) -> String {
    let mut bytes = [0; 9];
    host.fill_random(&mut bytes);
    Base64UrlUnpadded::encode_string(&bytes)
}
