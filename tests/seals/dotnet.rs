//! The format whose key takes long to derive: only by name, keys kept, and never more of them than the budget allows.

use base64ct::{Base64, Encoding};
use edgeseal::{DerivedKeys, PasswordRing, Rejection, SealFormat, SealFormats, Timestamp, limits};

use crate::support::{KEY, NOW, OTHER_KEY, own_seal, ring_of, text_of};
use crate::vectors;

/// A ring in an isolate of its own.
fn isolate(password: &str) -> PasswordRing {
    PasswordRing::single(password.into()).unwrap()
}

/// A seal in form, with a salt of its own.
fn garbage(salt: u8) -> String {
    format!("{}~2", Base64::encode_string(&[salt; 64]))
}

fn open(sealed: &str, passwords: &PasswordRing, now: Timestamp) -> Result<Vec<u8>, Rejection> {
    let opened = edgeseal::unseal(sealed, passwords, SealFormats::only(SealFormat::Dotnet), now)?;
    Ok(opened.plaintext().to_vec())
}

#[test]
fn it_has_to_be_named() {
    let sealed = own_seal(b"{}", SealFormat::Dotnet, &isolate(KEY), 1);
    let refused = edgeseal::unseal(&sealed, &isolate(KEY), SealFormats::DEFAULT, NOW).err();
    assert_eq!(refused, Some(Rejection::SealNotAccepted));
    assert_eq!(SealFormat::detect(&sealed), [SealFormat::Dotnet]);
}

#[test]
fn the_sdks_own_layout_comes_out() {
    let vectors = vectors::workos();
    let entry = &vectors["seals"]["workos_dotnet_aesgcm"];
    let opened = open(text_of(entry), &ring_of(entry), NOW).unwrap();
    let found: serde_json::Value = serde_json::from_slice(&opened).unwrap();
    assert_eq!(found, vectors["session_snake"]);
}

#[test]
fn every_byte_behind_the_salt_counts_and_so_does_every_truncation() {
    const SALT_CHARACTERS: usize = 22;
    let passwords = isolate(KEY);
    let sealed = own_seal(b"what is inside", SealFormat::Dotnet, &passwords, 1);
    for index in SALT_CHARACTERS..sealed.len() {
        for bit in 0..7 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let tampered = String::from_utf8(bytes).unwrap();
            assert!(open(&tampered, &passwords, NOW).is_err(), "byte {index}, bit {bit}: {tampered}");
        }
        for cut in [sealed[..index].to_owned(), format!("{}~2", &sealed[..index])] {
            assert!(cut == sealed || open(&cut, &passwords, NOW).is_err(), "{cut}");
        }
    }
    for more in [" ", "\n", "=", "A", "AAAA", "~2", "~"] {
        assert!(open(&format!("{sealed}{more}"), &passwords, NOW).is_err(), "{more:?} after");
        assert!(open(&format!("{}{more}~2", &sealed[..sealed.len() - 2]), &passwords, NOW).is_err(), "{more:?} inside");
    }
}

#[test]
fn a_flood_of_salts_spends_the_budget_and_decides_nothing() {
    let passwords = isolate(KEY);
    let known = own_seal(b"known", SealFormat::Dotnet, &isolate(KEY), 1);
    assert_eq!(open(&known, &passwords, NOW), Ok(b"known".to_vec()));

    let refusals: Vec<_> = (2..30).map(|salt| open(&garbage(salt), &passwords, NOW)).collect();
    let judged = limits::SLOW_KEYS_AT_ONCE as usize - 1;
    assert!(refusals[..judged].iter().all(|refusal| *refusal == Err(Rejection::SealBadMac)));
    assert!(refusals[judged..].iter().all(|refusal| *refusal == Err(Rejection::SealBudgetSpent)));
    assert!(Rejection::SealBudgetSpent.is_retryable(), "an empty budget is never a logout");

    assert_eq!(open(&known, &passwords, NOW), Ok(b"known".to_vec()), "a key that is kept costs nothing");
    assert_eq!(open(&garbage(2), &passwords, NOW), Err(Rejection::SealBadMac), "nor does the same garbage again");
    let other = own_seal(b"other", SealFormat::Dotnet, &isolate(KEY), 40);
    assert_eq!(open(&other, &passwords, NOW), Err(Rejection::SealBudgetSpent));
    assert_eq!(open(&other, &passwords, NOW.plus_seconds(1)), Ok(b"other".to_vec()), "a moment later");
}

#[test]
fn rings_of_one_isolate_share_the_budget_and_a_password_not_tried_may_be_the_right_one() {
    let shared = DerivedKeys::default();
    let single = isolate(KEY).sharing(shared.clone());
    let both = PasswordRing::list(vec![OTHER_KEY.into(), KEY.into()]).unwrap().sharing(shared);
    assert_eq!(open(&garbage(0), &single, NOW), Err(Rejection::SealBadMac));
    // Each one costs two keys, so that of the last one only the first password is tried.
    for salt in 1..=limits::SLOW_KEYS_AT_ONCE as u8 / 2 {
        let expected = if salt < 8 { Rejection::SealBadMac } else { Rejection::SealBudgetSpent };
        assert_eq!(open(&garbage(salt), &both, NOW), Err(expected), "{salt}");
    }
    assert_eq!(open(&garbage(100), &single, NOW), Err(Rejection::SealBudgetSpent));
}

#[test]
fn seals_of_one_isolate_share_a_salt_and_never_a_nonce() {
    let passwords = isolate(KEY);
    let [first, second] = [1, 2].map(|start| own_seal(b"{}", SealFormat::Dotnet, &passwords, start));
    assert_eq!(first[..20], second[..20]);
    assert_ne!(first[24..36], second[24..36]);
    let elsewhere = own_seal(b"{}", SealFormat::Dotnet, &isolate(KEY), 2);
    assert_ne!(first[..20], elsewhere[..20]);
}
