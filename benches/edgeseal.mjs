// Loads the modules that are measured, in Node.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** edgeseal as `cargo xtask js` or `js-relaxed` left it in a folder. */
export async function loadEdgeseal(folder) {
  const glue = await import(pathToFileURL(path.join(folder, 'edgeseal.js')).href);
  glue.initSync({ module: fs.readFileSync(path.join(folder, 'edgeseal_bg.wasm')) });
  return glue;
}

/** The compiled module of `stock/`. */
export const compileStock = (file) => WebAssembly.compile(fs.readFileSync(file));
