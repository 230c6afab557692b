// Dates as text. Knows no clock: every function takes milliseconds.

/** RFC 3339, to the millisecond. @param {number} milliseconds */
export function isoDate(milliseconds) {
  return new Date(milliseconds).toISOString();
}

/** RFC 3339, with the six decimals of a clock finer than ours: whoever reads only three of them must cope. @param {number} milliseconds */
export function microsecondDate(milliseconds) {
  return isoDate(milliseconds).replace('Z', '673Z');
}
