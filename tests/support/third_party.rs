//! Vectors of other projects, in the folder that `EDGESEAL_VECTORS` names; they are not copied into this repository.

use std::path::PathBuf;

use serde_json::Value;

/// A file of the third-party folder. Without that folder: `None`, and one line that says what was not run.
pub(crate) fn read(path: &str) -> Option<Value> {
    let Ok(folder) = std::env::var("EDGESEAL_VECTORS") else {
        println!("skipped: EDGESEAL_VECTORS is not set, so {path} is not there");
        return None;
    };
    let file = PathBuf::from(folder).join("third-party").join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(serde_json::from_str(&text).unwrap())
}
