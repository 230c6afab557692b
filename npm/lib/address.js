// The address of the API, as one URL and as the options of a client. Holds no default.

export function addressOptions(url) {
  const { protocol, hostname, port } = new URL(url);
  return { apiHostname: hostname, https: protocol === 'https:', port: port === '' ? undefined : Number(port) };
}
