//! Writes the JavaScript glue that loads the module.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::Result;
use crate::artifact::{Artifact, NAME};

/// The Worker's main module, kept as JavaScript so that it can be read and linted as such.
const WORKER_MAIN: &str = "xtask/templates/worker.js";
const PLAIN_WORKER_MAIN: &str = "xtask/templates/plain_worker.js";

pub fn generate(root: &Path, artifact: Artifact, wasm: &Path, output: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(NAME);
    match artifact {
        Artifact::Worker | Artifact::PanickingWorker | Artifact::RustWorker => {
            // `import source`: the module is compiled before the first request, and can be instantiated again after a trap.
            // Not the abort handler: it wraps every import in a try block, and resets later than our main module does.
            bindgen.module(true)?.typescript(false).reset_state_function(true);
        }
        Artifact::Js | Artifact::JsRelaxed => {
            // The caller says where the module is; a second address in the glue would be bundled twice.
            bindgen.web(true)?.typescript(true).omit_default_module_path(true);
        }
    }
    bindgen.generate(output)?;
    let main = match artifact {
        Artifact::Worker | Artifact::PanickingWorker => WORKER_MAIN,
        Artifact::RustWorker => PLAIN_WORKER_MAIN,
        Artifact::Js | Artifact::JsRelaxed => return Ok(()),
    };
    fs::copy(root.join(main), output.join("index.js"))?;
    Ok(())
}
