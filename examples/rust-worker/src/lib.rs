//! A Worker of one's own behind edgeseal: whoever gets here may, as `ROUTES` in wrangler.toml says.

use edgeseal::gateway;
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    gateway::guard(request, env, context, async |request, session| match session {
        None => Response::from_html("<h1>Everybody may read this.</h1><a href=/account>Your account</a>"),
        Some(session) if request.path() == "/account" => Response::from_json(&session),
        Some(_) => Response::error("There is nothing here.", 404),
    })
    .await
}
