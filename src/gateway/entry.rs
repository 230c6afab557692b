//! The exports of the gateway's own deployment.

use worker::{Context, Env, Request, Response, Result};

#[worker::event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    super::serve(request, env, context).await
}
