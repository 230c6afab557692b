// Entry for edge runtimes in the manner of Vercel's and Next.js's: the module comes compiled, by import.

import module from '../wasm/portable.wasm?module';
import { initSync } from '../wasm/edgeseal.js';

// It comes from outside of the realm in which this code runs, where `instanceof` does not know it; the glue would then try to compile
// it, which is forbidden here.
Object.setPrototypeOf(module, WebAssembly.Module.prototype);
initSync({ module });

export * from '../lib/api.js';
