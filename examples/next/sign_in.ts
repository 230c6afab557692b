// What the two halves of a sign-in have in common. Between them the browser keeps what was agreed, sealed, in a cookie of ten minutes.

export const MINUTES_10 = 600;
export const password = () => process.env.WORKOS_COOKIE_PASSWORD!;

/** Where visitors find the site: a request only knows what the server calls itself. */
export const publicUrl = () => process.env.PUBLIC_URL!;

export interface Started {
  codeVerifier: string;
  returnTo: string;
}

/** One for each sign-in, because there may be several tabs. */
export const flowCookie = (state: string) => `sign-in-${state.slice(0, 16)}`;

export const redirectTo = (location: string, status = 302) => new Response(null, { status, headers: { location } });
