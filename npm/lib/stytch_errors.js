// The errors of the Stytch SDK: the same classes, members and messages. Ours have `reason`, `detail` and `retryable` besides.

/** Stytch's API refuses. */
export class StytchError extends Error {
  constructor(data) {
    super(JSON.stringify(data));
    const isOfOauth = 'error' in data;
    this.status_code = data.status_code;
    this.request_id = data.request_id;
    this.error_type = isOfOauth ? data.error : data.error_type;
    this.error_message = isOfOauth ? data.error_description : data.error_message;
    this.error_url = isOfOauth ? data.error_uri : data.error_url;
    if (!isOfOauth) this.error_details = data.error_details;
  }
}

/** There is no answer, or none that can be understood. */
export class RequestError extends Error {
  constructor(message, request) {
    super(message);
    this.request = request;
  }
}

/** Refused here. */
export class ClientError extends Error {
  constructor(code, message, cause) {
    super(cause ? `${code}: ${message}: ${cause}` : `${code}: ${message}`);
    this.code = code;
    this.cause = cause;
  }
}

/** The error that says what the core has refused. */
export function errorOf({ error, ...meaning }, cause) {
  return Object.assign(madeOf(error, cause), meaning);
}

function madeOf({ api, request, client }, cause) {
  if (api) return new StytchError(api);
  // The SDK's `request` holds the visitor's token, and errors end up in logs.
  if (request) return new RequestError(request.message);
  return new ClientError(client.code, client.message, cause);
}
