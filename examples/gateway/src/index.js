// The whole Worker. What it protects, and what stands behind it, is written in wrangler.toml.
export { default, Revocations, SessionObject } from 'edgeseal/gateway';
