//! Wycheproof's vectors: every test case is run, and judged as expected there or more strictly.
//!
//! Where edgeseal is stricter, or does not implement what a case asks for, the case stands in a list with its reason; a case of
//! such a list that is accepted after all fails, so that no list grows old.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

#[path = "wycheproof/jose.rs"]
mod jose;
#[path = "wycheproof/primitives.rs"]
mod primitives;
#[path = "wycheproof/signatures.rs"]
mod signatures;
#[path = "support/third_party.rs"]
mod third_party;
#[path = "support/verdict.rs"]
mod verdict;

use std::ops::RangeInclusive;

use serde_json::Value;

/// Cases that Wycheproof accepts and edgeseal refuses, and why.
type Stricter = &'static [(RangeInclusive<u64>, &'static str)];

/// Runs a file: whether each case is accepted, as `accepts(group, case)` says, is held against what is expected there.
fn run(file: &str, stricter: Stricter, accepts: impl Fn(&Value, &Value) -> bool) {
    let Some(wycheproof) = third_party::read(&format!("wycheproof/{file}")) else { return };
    let (mut accepted, mut refused, mut deviations) = (0, 0, 0);
    for group in wycheproof["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let id = case["tcId"].as_u64().unwrap();
            // What implementations may do as they like (`acceptable`), edgeseal does not do.
            let is_good = case["result"] == "valid";
            let reason = stricter.iter().find(|(ids, _)| ids.contains(&id)).map(|(_, reason)| reason);
            let is_accepted = accepts(group, case);
            let about = format!("{file} {id}: {} {} {reason:?}", case["comment"], case["flags"]);
            assert_eq!(is_accepted, is_good && reason.is_none(), "{about}");
            *(if is_accepted { &mut accepted } else { &mut refused }) += 1;
            deviations += u64::from(is_good && reason.is_some());
        }
    }
    let total = wycheproof["numberOfTests"].as_u64().unwrap();
    assert_eq!(accepted + refused, total, "{file} was run in part");
    println!("{file}: {accepted} accepted, {refused} refused, {deviations} of them good there");
}

/// A member that is bytes, in hexadecimal.
fn bytes(case: &Value, name: &str) -> Vec<u8> {
    let text = case[name].as_str().unwrap();
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
