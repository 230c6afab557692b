//! Recognises an artefact whose inputs have not changed, so that the next start has nothing to do.
//!
//! Cargo's own check is not enough: the artefacts share one file name in its target folder,
//! so that building one would make it build the other again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::Result;

/// Files and folders that decide what an artefact is.
const INPUTS: [&str; 8] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "examples/rust-worker",
    "rust-toolchain.toml",
    "src",
    "xtask/src",
    "xtask/templates",
];

/// Environment variables that do.
const VARIABLES: [&str; 3] = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTUP_TOOLCHAIN"];

const FILE: &str = ".fingerprint";

pub struct Fingerprint(String);

impl Fingerprint {
    pub fn of_inputs(root: &Path, release: bool) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        release.hash(&mut hasher);
        for variable in VARIABLES {
            env::var_os(variable).hash(&mut hasher);
        }
        for input in INPUTS {
            hash_tree(root, Path::new(input), &mut hasher)?;
        }
        Ok(Self(format!("{:016x}\n", hasher.finish())))
    }

    /// Whether the artefact in this folder was built from the same inputs.
    pub fn is_of(&self, output: &Path) -> bool {
        fs::read_to_string(output.join(FILE)).is_ok_and(|written| written == self.0)
    }

    /// To be written last: a build that was interrupted then counts as none.
    pub fn write_to(&self, output: &Path) -> io::Result<()> {
        fs::write(output.join(FILE), &self.0)
    }
}

fn hash_tree(root: &Path, relative: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let path = root.join(relative);
    if !path.is_dir() {
        relative.hash(hasher);
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut names =
        fs::read_dir(path)?.map(|entry| Ok(relative.join(entry?.file_name()))).collect::<io::Result<Vec<PathBuf>>>()?;
    // Folders list their files in no particular order.
    names.sort();
    names.iter().try_for_each(|name| hash_tree(root, name, hasher))
}
