// A site that says yes to everything. Runs in workerd; holds no test.

export default {
  fetch: () => new Response('<h1>the site</h1>', { headers: { 'content-type': 'text/html' } }),
};
