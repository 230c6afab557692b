//! The build steps that cargo cannot do itself: wasm, its JavaScript glue and its optimisation.
//! It downloads nothing; what needs npm is installed by the scripts that call it.

mod artifact;
mod cargo;
mod fingerprint;
mod glue;
mod optimize;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use artifact::Artifact;
use fingerprint::Fingerprint;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo xtask worker|js|js-relaxed [--release], cargo xtask panicking-worker|rust-worker";

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let artifact = match arguments.next().as_deref() {
        Some("worker") => Artifact::Worker,
        Some("panicking-worker") => Artifact::PanickingWorker,
        Some("rust-worker") => Artifact::RustWorker,
        Some("js") => Artifact::Js,
        Some("js-relaxed") => Artifact::JsRelaxed,
        _ => return Err(USAGE.into()),
    };
    let release = match arguments.next().as_deref() {
        None => false,
        Some("--release") => true,
        Some(_) => return Err(USAGE.into()),
    };
    // Asked for at run time: a repository that moved, or a shared target folder, leaves a program built elsewhere behind.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or("start it through cargo: cargo xtask …")?;
    let root = Path::new(&manifest).parent().ok_or("xtask must lie inside the repository")?;
    build(root, artifact, release)
}

fn build(root: &Path, artifact: Artifact, release: bool) -> Result<()> {
    let output = root.join(artifact.output());
    let fingerprint = Fingerprint::of_inputs(root, release)?;
    if fingerprint.is_of(&output) {
        println!("{} is up to date", artifact.output());
        return Ok(());
    }

    let wasm = cargo::build(root, artifact, release)?;
    // A file left over from an older build would be deployed with the rest.
    if output.exists() {
        fs::remove_dir_all(&output)?;
    }
    fs::create_dir_all(&output)?;
    glue::generate(root, artifact, &wasm, &output)?;
    if release {
        optimize::in_place(root, &output.join(artifact::WASM))?;
    }
    fingerprint.write_to(&output)?;
    println!("{} built ({})", artifact.output(), if release { "release" } else { "dev" });
    Ok(())
}
