#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| edgeseal_fuzz::stytch(input));
