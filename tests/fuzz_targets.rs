//! The targets of `fuzz/` over their seeds, so that they compile and hold without nightly; and the seeds themselves, written
//! into the folder that `EDGESEAL_SEEDS` names.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a property that does not hold fails as a test does"
)]

use edgeseal::limits;

/// Where `cookie/parts.rs`, which is compiled from its source, looks for it.
mod error {
    pub(crate) use edgeseal::Rejection;
}
#[path = "../fuzz/src/targets.rs"]
mod targets;

use targets::{authenticate, cookie_header, jwks, jwt, policy, seeds, stytch, unseal};

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("authenticate", authenticate::check),
    ("cookie_header", cookie_header::check),
    ("jwks", jwks::check),
    ("jwt", jwt::check),
    ("policy", policy::check),
    ("stytch", stytch::check),
    ("unseal", unseal::check),
];

#[test]
fn every_property_holds_for_every_seed() {
    for (name, check) in TARGETS {
        let seeds: Vec<_> = seeds::all().into_iter().filter(|seed| seed.target == name).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            println!("{name}/{}", seed.name);
            check(&seed.bytes);
            check(&seed.bytes[..seed.bytes.len() / 2]);
        }
        check(&[]);
    }
}

#[test]
fn seeds_are_written_where_they_are_asked_for() {
    let Ok(folder) = std::env::var("EDGESEAL_SEEDS") else { return };
    for seed in seeds::all() {
        let folder = std::path::Path::new(&folder).join(seed.target);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(seed.name), seed.bytes).unwrap();
    }
}
