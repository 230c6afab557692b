//! Compiles the crate to wasm32.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;
use crate::artifact::{Artifact, NAME};

/// Builds the crate and returns the path of its module.
pub fn build(root: &Path, artifact: Artifact, release: bool) -> Result<PathBuf> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["build", "--lib", "--package", NAME, "--target", "wasm32-unknown-unknown"])
        .args(["--features", artifact.feature(), "--message-format", "json-render-diagnostics"])
        // Added to what `.cargo/config.toml` says; RUSTFLAGS in the environment would replace both.
        .args(["--config", artifact.configuration()])
        // The exported async functions then stand on js-sys, and wasm-bindgen-futures is not needed.
        .env("WASM_BINDGEN_USE_JS_SYS", "1")
        .stderr(Stdio::inherit());
    if release {
        command.arg("--release");
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err("cargo build failed".into());
    }
    module_of(&output.stdout).ok_or_else(|| "cargo named no wasm module".into())
}

/// Finds the module among cargo's messages, one JSON object a line.
fn module_of(messages: &[u8]) -> Option<PathBuf> {
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == NAME)
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}
