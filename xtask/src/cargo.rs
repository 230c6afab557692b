//! Compiles the crate to wasm32.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use serde_json::Value;

use crate::Result;
use crate::artifact::{Artifact, NAME};

/// Builds the crate and returns the path of its module.
pub fn build(root: &Path, artifact: Artifact, release: bool) -> Result<PathBuf> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["build", "--lib", "--package", artifact.package(), "--target", "wasm32-unknown-unknown"])
        .args(["--features", artifact.feature(), "--message-format", "json-render-diagnostics"])
        // Added to what `.cargo/config.toml` says; RUSTFLAGS in the environment would replace both.
        .args(["--config", &configuration(root, artifact)?])
        .arg("--target-dir")
        .arg(target_folder(root).join(artifact.target_folder()))
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
    module_of(&output.stdout, artifact.package()).ok_or_else(|| "cargo named no wasm module".into())
}

/// How much may be copied into its callers, of LLVM's usual 225: modules are 7 % smaller, and 1 % slower (docs/size.md).
const INLINING: &str = "-Cllvm-args=-inline-threshold=100";

/// The compiler's settings, as cargo's configuration has them: a module names the sources of its panics, and the machine that built it
/// is nobody's business.
fn configuration(root: &Path, artifact: Artifact) -> Result<String> {
    let mut flags = vec![format!("-Ctarget-feature={}", artifact.target_features()), INLINING.to_owned()];
    for (folder, name) in folders(root)? {
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    Ok(format!("target.wasm32-unknown-unknown.rustflags={}", serde_json::to_string(&flags)?))
}

/// Where sources lie on this machine, and what stands for that; of two that fit a path, the compiler takes the later.
fn folders(root: &Path) -> Result<Vec<(PathBuf, &'static str)>> {
    let mut folders = vec![(root.to_owned(), NAME)];
    folders.push((target_folder(root), "target"));
    let own = || env::home_dir().map(|home| home.join(".cargo"));
    folders.extend(env::var_os("CARGO_HOME").map(PathBuf::from).or_else(own).map(|folder| (folder, "cargo")));
    // Where the library's sources are installed, they stand for its own /rustc/….
    folders.push((sysroot()?, "rust"));
    Ok(folders)
}

/// Cargo's folder.
fn target_folder(root: &Path) -> PathBuf {
    // One that is relative is so to where cargo runs.
    root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

fn sysroot() -> io::Result<PathBuf> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "sysroot"]).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().into())
}

/// Finds the module among cargo's messages, one JSON object a line.
fn module_of(messages: &[u8], package: &str) -> Option<PathBuf> {
    let library = package.replace('-', "_");
    messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == library.as_str())
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}
