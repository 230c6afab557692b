// A mistake of whoever drives the provider, from a test or over `/dev/*`: never one of a client of its endpoints.

/** The message names what is wrong and what would be right. */
export class Mistake extends TypeError {
  name = 'Mistake';
}
