// The calls of a cold start, the same for all who take part: which of them are looked at, and what a call is.

/** The calls between these are timed together, in order: the first alone, then twenty around the hundredth and the three hundredth. */
export const WINDOWS = [
  { name: 'first', from: 1, to: 1 },
  { name: 'call100', from: 91, to: 110 },
  { name: 'call300', from: 291, to: 310 },
];

/** What a client is made with; edgeseal's memo is off, so that every call does all the work. */
export function authenticator(WorkOS, { password: cookiePassword, sessionData }, options) {
  const { userManagement } = new WorkOS('sk_test_bench', { ...options, memoSize: 0 });
  return async (count) => {
    for (let call = 0; call < count; call += 1) {
      const { authenticated } = await userManagement.loadSealedSession({ sessionData, cookiePassword }).authenticate();
      if (!authenticated) throw new Error('refused');
    }
  };
}

let authenticate;

/** Answers `?count=20` after as many calls; a count of 0 is what asking costs. */
export async function callAuthenticate(WorkOS, request, { FIXTURE, OPTIONS }) {
  authenticate ??= authenticator(WorkOS, FIXTURE, OPTIONS);
  await authenticate(Number(new URL(request.url).searchParams.get('count')));
  return new Response();
}
