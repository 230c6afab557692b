// What a workerd takes to start and to answer when there is nothing to load.

export default { fetch: () => new Response() };
