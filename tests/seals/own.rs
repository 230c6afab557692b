//! `edgeseal`, our own format: what `docs/seal-edgeseal.md` promises.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeseal::{PasswordRing, Rejection, SealEntropy, SealFormat, password_id, seal};

use crate::support::{KEY, NOW, OTHER_KEY, own_seal, ring, unseal};
use crate::vectors;

#[test]
fn the_seal_of_the_specification_comes_out_and_opens() {
    let specification = include_str!("../../docs/seal-edgeseal.md");
    let value = |name: &str| {
        let (_, rest) = specification.split_once(&format!("| {name} | `")).unwrap();
        rest.split('`').next().unwrap()
    };
    let bytes = |hex: &str| -> Vec<u8> {
        let pair = |index: usize| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap();
        (0..hex.len() / 2).map(pair).collect()
    };
    let (passwords, salt) = (ring(value("password")), bytes(value("salt")));
    let entropy = SealEntropy::from_source(|target| target.copy_from_slice(&salt.repeat(2)[..target.len()]));
    let expiry = NOW.plus_seconds(600);
    assert_eq!(value("expiry"), expiry.milliseconds().to_string());
    let plaintext = value("data").as_bytes();
    let sealed = seal(plaintext, SealFormat::Edgeseal, &passwords, entropy, NOW, Some(expiry)).unwrap();
    assert_eq!(sealed, value("seal"));
    assert_eq!(unseal(&sealed, &passwords, NOW).unwrap().plaintext(), plaintext);
}

#[test]
fn it_is_shorter_than_irons_by_what_the_specification_says() {
    let session = vectors::workos()["session_snake"].to_string();
    let length = |format| own_seal(session.as_bytes(), format, &ring(KEY), 1).len();
    let (iron, own) = (length(SealFormat::Iron), length(SealFormat::Edgeseal));
    let claim = format!("{own} bytes instead of {iron}");
    assert!(include_str!("../../docs/seal-edgeseal.md").contains(&claim), "{claim}");
}

#[test]
fn it_expires_after_its_own_time_and_never_without_one() {
    let sealed = |expiry| {
        let entropy = SealEntropy::from_source(|bytes| bytes.fill(3));
        seal(b"{}", SealFormat::Edgeseal, &ring(KEY), entropy, NOW, expiry).unwrap()
    };
    let later = |seconds| NOW.plus_seconds(600 + seconds);
    let refused = |sealed: &str, now| unseal(sealed, &ring(KEY), now).err();
    let expiring = sealed(Some(later(0)));
    assert_eq!(refused(&expiring, later(59)), None);
    assert_eq!(refused(&expiring, later(60)), Some(Rejection::SealExpired));
    assert_eq!(refused(&sealed(None), later(i64::MAX / 2000)), None);
    let at_the_epoch = sealed(Some(NOW.plus_seconds(-NOW.seconds())));
    assert_eq!(
        refused(&at_the_epoch, NOW),
        Some(Rejection::SealExpired),
        "0 is written for never, and meant so only then"
    );
    assert_eq!(
        unseal(&expiring, &ring(OTHER_KEY), later(60)).err(),
        Some(Rejection::SealBadMac),
        "the tag comes first"
    );
}

#[test]
fn its_password_id_picks_the_password_and_is_authenticated() {
    let map = |entries: &[(&str, &str)]| {
        PasswordRing::map(entries.iter().map(|(id, text)| ((*id).to_owned(), (*text).into())).collect()).unwrap()
    };
    let sealed = own_seal(b"{}", SealFormat::Edgeseal, &map(&[("1", OTHER_KEY), ("2", KEY)]), 1);
    assert_eq!(password_id(&sealed), Some("2"));
    assert!(unseal(&sealed, &map(&[("2", KEY), ("3", OTHER_KEY)]), NOW).is_ok());
    assert!(unseal(&sealed, &ring(KEY), NOW).is_ok(), "a ring without ids opens any id");
    assert_eq!(unseal(&sealed, &map(&[("3", KEY)]), NOW).err(), Some(Rejection::SealUnknownPassword));
    let renamed = sealed.replacen("es1.2.", "es1.1.", 1);
    assert_eq!(unseal(&renamed, &map(&[("1", KEY)]), NOW).err(), Some(Rejection::SealBadMac));
}

#[test]
fn hostile_shapes_are_refused_and_never_panic() {
    let short = |length: usize| format!("es1.1.{}", Base64UrlUnpadded::encode_string(&vec![0; length]));
    for (sealed, rejection) in [
        ("es1.".to_owned(), Rejection::SealMalformed),
        ("es1..".to_owned(), Rejection::SealMalformed),
        ("es1.1".to_owned(), Rejection::SealMalformed),
        ("es1.1.".to_owned(), Rejection::SealMalformed),
        ("es1.1.=".to_owned(), Rejection::SealMalformed),
        ("es1.1.AAAA.AAAA".to_owned(), Rejection::SealMalformed),
        ("es1.é.AAAA".to_owned(), Rejection::SealMalformed),
        ("es2.1.AAAA".to_owned(), Rejection::SealUnknownFormat),
        (short(15), Rejection::SealMalformed),
        (short(16), Rejection::SealBadMac),
        (short(31), Rejection::SealBadMac),
        (short(40), Rejection::SealBadMac),
    ] {
        assert_eq!(unseal(&sealed, &ring(KEY), NOW).err(), Some(rejection), "{sealed}");
    }
}
