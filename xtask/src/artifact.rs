//! What can be built, and where it goes.

/// Base name of the glue, and of the module that it loads.
pub const NAME: &str = "edgeseal";

/// The module as the glue imports it.
pub const WASM: &str = "edgeseal_bg.wasm";

#[derive(Clone, Copy)]
pub enum Artifact {
    /// The gateway, as workerd runs it.
    Worker,
    /// The same with an endpoint that panics, for a test.
    PanickingWorker,
    /// The JavaScript API, for every other runtime.
    Js,
}

impl Artifact {
    /// The cargo feature whose exports the artefact carries.
    pub fn feature(self) -> &'static str {
        match self {
            Self::Worker => "gateway-entry",
            Self::PanickingWorker => "_panic",
            Self::Js => "js",
        }
    }

    /// What the compiler may use, as cargo's configuration has it.
    ///
    /// workerd knows relaxed SIMD, in which RSA signatures are verified 20 times as fast; not every runtime of the JavaScript API
    /// does.
    pub fn configuration(self) -> &'static [&'static str] {
        match self {
            Self::Worker | Self::PanickingWorker => {
                &[r#"target.wasm32-unknown-unknown.rustflags=["-Ctarget-feature=+simd128,+relaxed-simd"]"#]
            }
            Self::Js => &[],
        }
    }

    /// Where it goes, relative to the repository.
    pub fn output(self) -> &'static str {
        match self {
            Self::Worker => "build/worker",
            Self::PanickingWorker => "build/panicking-worker",
            Self::Js => "build/js",
        }
    }
}
