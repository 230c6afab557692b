//! The Worker's exports.

use worker::{Context, Env, Request, Response, Result};

#[worker::event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    Response::ok("edgeseal")
}
