//! Runs wasm-opt, from npm's binaryen, over a release module.

use std::path::Path;
use std::process::Command;

use crate::Result;

const WASM_OPT: &str = "tools/wasm-opt/node_modules/binaryen/bin/wasm-opt";

pub fn in_place(root: &Path, module: &Path) -> Result<()> {
    let wasm_opt = root.join(WASM_OPT);
    if !wasm_opt.exists() {
        return Err("wasm-opt is not installed: run `npm run build`, or `npm ci` in tools/wasm-opt".into());
    }
    // A script without an extension, which Windows would not run by itself.
    let status = Command::new("node")
        .arg(wasm_opt)
        .arg(module)
        // The wasm features need no flag: they stand in the module's own target_features section.
        .args(["-O3", "--strip-debug", "--strip-producers", "--output"])
        .arg(module)
        .status()?;
    if status.success() { Ok(()) } else { Err("wasm-opt failed".into()) }
}
