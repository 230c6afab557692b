//! Asks the compiler whether a type can be printed, without printing anything.

use core::fmt::{Debug, Display};
use core::marker::PhantomData;

pub(crate) struct DebugProbe<T: ?Sized>(PhantomData<T>);
pub(crate) struct DisplayProbe<T: ?Sized>(PhantomData<T>);

/// What holds for every type, and is hidden by the inherent constants below where their bound holds.
pub(crate) trait Fallback {
    const PRINTS: bool = false;
}

impl<T: ?Sized> Fallback for DebugProbe<T> {}
impl<T: ?Sized> Fallback for DisplayProbe<T> {}

impl<T: ?Sized + Debug> DebugProbe<T> {
    pub(crate) const PRINTS: bool = true;
}

impl<T: ?Sized + Display> DisplayProbe<T> {
    pub(crate) const PRINTS: bool = true;
}

/// Whether the type has `Debug` or `Display`.
#[macro_export]
macro_rules! printable {
    ($type:ty) => {{
        #[allow(unused_imports)]
        use $crate::probe::{DebugProbe, DisplayProbe, Fallback as _};
        <DebugProbe<$type>>::PRINTS || <DisplayProbe<$type>>::PRINTS
    }};
}
