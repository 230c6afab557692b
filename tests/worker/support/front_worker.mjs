// The Worker in front of a fleet: sends each request to one of the copies and passes everything through. On demand it gives up
// waiting, or loses the answer. Runs in workerd; holds no test.
//
// It understands, and takes off: `x-fleet-copy` (which copy, else each in turn), `x-fleet-patience` (milliseconds, after which the
// call is aborted: the copy is not told, and nothing of it runs any more), `x-fleet-lose` (the copy answers, the answer is lost).
// Its own statuses are none of HTTP's; `x-fleet-milliseconds` says how long the copy took.

const GIVEN_UP = 598;
const LOST = 599;

let turn = 0;

export default {
  async fetch(request, environment) {
    const headers = new Headers(request.headers);
    const take = (name) => {
      const value = headers.get(`x-fleet-${name}`);
      headers.delete(`x-fleet-${name}`);
      return value;
    };
    const copies = Object.keys(environment).filter((name) => name.startsWith('COPY_')).sort();
    const copy = environment[copies[Number(take('copy') ?? turn++) % copies.length]];
    const patience = take('patience');
    const isLost = take('lose') !== null;

    const controller = new AbortController();
    const begin = performance.now();
    const call = copy.fetch(new Request(request, { headers, redirect: 'manual', signal: controller.signal }));
    const timer = patience !== null && setTimeout(() => controller.abort(), Number(patience));
    try {
      const answer = await call;
      const milliseconds = performance.now() - begin;
      if (isLost) {
        await answer.arrayBuffer();
        return new Response('the answer was lost', { status: LOST });
      }
      const passed = new Response(answer.body, answer);
      passed.headers.set('x-fleet-milliseconds', milliseconds.toFixed(3));
      return passed;
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      return new Response(`gone: ${error.name}`, { status: GIVEN_UP });
    } finally {
      clearTimeout(timer);
    }
  },
};
