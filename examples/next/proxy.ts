// Before every request but those for what the build has made.

import { auth } from './auth';

export const proxy = auth;

export const config = { matcher: '/((?!_next/static/|_next/image).*)' };
