// A trace that somebody signed in here, so that the start page asks the gateway only when there is something to learn:
// whoever never signed in costs no request and gets no refusal. A hint for the page, never a proof; holds nobody's data.

const NAME = 'edgeseal-was-signed-in';

export const leaveTrace = () => attempt((storage) => storage.setItem(NAME, '1'));

export const removeTrace = () => attempt((storage) => storage.removeItem(NAME));

/** Whether it is worth asking. Where nothing can be stored it always is. */
export const hasTrace = () => attempt((storage) => storage.getItem(NAME) !== null) ?? true;

/**
 * Storage can be turned off, and then even naming it throws.
 *
 * @template T
 * @param {(storage: Storage) => T} use
 * @returns {T | undefined}
 */
function attempt(use) {
  try {
    return use(localStorage);
  } catch {
    return undefined;
  }
}
