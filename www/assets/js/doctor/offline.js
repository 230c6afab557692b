// Has the doctor kept for when there is no network, and offers a newer one when there is one. Must not touch what was pasted.

const SCRIPT = '/doctor/service-worker.js';

/**
 * @param {{ line: HTMLElement, offer: HTMLElement, button: HTMLElement }} places where to say that it is kept, and where to offer a newer one
 */
export async function keepOffline({ line, offer, button }) {
  const container = navigator.serviceWorker;
  if (!container) return;
  try {
    const registration = await container.register(trusted(SCRIPT), { scope: '/doctor/', updateViaCache: 'none' });
    onWaiting(registration, () => {
      offer.hidden = false;
      button.onclick = () => registration.waiting?.postMessage('take over');
    });
    const wasControlled = container.controller !== null;
    container.addEventListener('controllerchange', () => wasControlled && location.reload());
    await container.ready;
    line.hidden = false;
  } catch {
    // Private windows and old browsers keep nothing; the doctor works all the same.
  }
}

/** Calls when a newer worker waits for its turn: not for the first one, which waits for nobody. */
function onWaiting(registration, call) {
  if (registration.waiting && registration.active) call();
  registration.addEventListener('updatefound', () => {
    const { installing } = registration;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && registration.active) call();
    });
  });
}

/** The page's policy lets scripts be named by this alone, and it names one. */
function trusted(address) {
  const policy = globalThis.trustedTypes?.createPolicy('edgeseal-doctor', {
    createScriptURL: (given) => {
      if (given !== SCRIPT) throw new TypeError('No other script is loaded here.');
      return given;
    },
  });
  return policy ? policy.createScriptURL(address) : address;
}
