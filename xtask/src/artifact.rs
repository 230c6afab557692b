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
    /// `examples/rust-worker`, for its test.
    RustWorker,
    /// The JavaScript API, for every runtime.
    Js,
    /// The same, for runtimes that know relaxed SIMD.
    JsRelaxed,
}

impl Artifact {
    /// The package that is compiled.
    pub fn package(self) -> &'static str {
        match self {
            Self::RustWorker => "edgeseal-rust-worker",
            _ => NAME,
        }
    }

    /// The cargo feature whose exports the artefact carries.
    pub fn feature(self) -> &'static str {
        match self {
            Self::RustWorker => "",
            Self::Worker => "gateway-entry",
            Self::PanickingWorker => "_panic",
            Self::Js | Self::JsRelaxed => "js",
        }
    }

    /// What the compiler may use.
    ///
    /// Every runtime of today knows SIMD. workerd, and Node from 22 on, know relaxed SIMD too, in which RSA signatures are verified
    /// twice as fast.
    pub fn target_features(self) -> &'static str {
        match self {
            Self::Worker | Self::PanickingWorker | Self::RustWorker | Self::JsRelaxed => "+simd128,+relaxed-simd",
            Self::Js => "+simd128",
        }
    }

    /// Where it is compiled, in cargo's own folder. Cargo tells artefacts of other flags apart by itself, but not where paths are remapped:
    /// each would make it compile everything anew.
    pub fn target_folder(self) -> &'static str {
        match self {
            Self::Worker | Self::PanickingWorker | Self::RustWorker | Self::JsRelaxed => "relaxed-simd",
            Self::Js => "simd",
        }
    }

    /// Where it goes, relative to the repository.
    pub fn output(self) -> &'static str {
        match self {
            Self::Worker => "build/worker",
            Self::PanickingWorker => "build/panicking-worker",
            Self::RustWorker => "build/rust-worker",
            Self::Js => "build/js",
            Self::JsRelaxed => "build/js-relaxed",
        }
    }
}
