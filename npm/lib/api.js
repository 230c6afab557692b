// What the package gives, in whichever runtime. The entries see to it that the core has been instantiated before anybody calls it.

import { WorkOS } from '../wasm/edgeseal.js';
import { overlayOf } from './overlay.js';

export { WorkOS, detectSeal, generateCookiePassword, sealData, unsealData, verifyJwt } from '../wasm/edgeseal.js';
export { cacheApiKeyCache, memoryKeyCache } from './key_caches.js';
export { AuthenticateWithSessionCookieFailureReason, RefreshSessionFailureReason } from './reasons.js';

export const withEdgeseal = /* @__PURE__ */ overlayOf(WorkOS);
