//! ES256 and EdDSA: numbers out of range, points that are none, and spellings that are not the only one.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

use crate::verdict::verifies;
use crate::{key_set, signers};

/// The order of P-256, big-endian.
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// The order of Ed25519's group, little-endian.
const ED25519_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn signatures_of_zeros_and_out_of_range_are_refused() {
    let keys = key_set(&[signers::jwk("ES256")]);
    let good = signers::signature("ES256", b"text");
    assert!(verifies(&keys, "ES256", b"text", &good));
    let (r, s) = good.split_at(32);
    let order = hex(P256_ORDER);
    let one = [vec![0; 31], vec![1]].concat();
    for number in [vec![0; 32], vec![0xff; 32], order.clone(), one, add(&order, 1)] {
        for signature in [[&number, s].concat(), [r, &number].concat(), number.repeat(2)] {
            assert!(!verifies(&keys, "ES256", b"text", &signature), "{signature:?}");
        }
    }
    // The form of X.509, which is not that of tokens.
    let der = p256::ecdsa::Signature::from_slice(&good).unwrap().to_der();
    assert!(!verifies(&keys, "ES256", b"text", der.as_bytes()));
    assert!(!verifies(&keys, "ES256", b"text", &[s, r].concat()));
}

#[test]
fn points_off_the_curve_and_of_other_lengths_are_no_keys() {
    let good = signers::jwk("ES256");
    let coordinate = |name: &str| Base64UrlUnpadded::decode_vec(good[name].as_str().unwrap()).unwrap();
    let (x, y) = (coordinate("x"), coordinate("y"));
    let usable = |x: &[u8], y: &[u8]| {
        let mut jwk = good.clone();
        jwk["x"] = Base64UrlUnpadded::encode_string(x).into();
        jwk["y"] = Base64UrlUnpadded::encode_string(y).into();
        key_set(&[jwk]).len()
    };
    assert_eq!(usable(&x, &y), 1);
    let long = |number: &[u8]| [&[0], number].concat();
    let field = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    for (x, y) in [
        (y.clone(), x.clone()),
        (x.clone(), add(&y, 1)),
        (vec![0; 32], vec![0; 32]),
        (vec![0xff; 32], y.clone()),
        (field.clone(), y.clone()),
        (x.clone(), field),
        (x[1..].to_vec(), y.clone()),
        (x.clone(), y[..31].to_vec()),
        (long(&x), y.clone()),
        (x.clone(), long(&y)),
        (Vec::new(), Vec::new()),
    ] {
        assert_eq!(usable(&x, &y), 0, "{x:?} {y:?}");
    }
    for name in ["x", "y"] {
        for odd in [Value::Null, json!(7), json!("!")] {
            let mut jwk = good.clone();
            jwk[name] = odd.clone();
            assert!(key_set(&[jwk]).is_empty(), "{name} {odd}");
        }
    }
}

#[test]
fn ed25519_signatures_have_one_spelling() {
    let keys = key_set(&[signers::jwk("EdDSA")]);
    let good = signers::signature("EdDSA", b"text");
    assert!(verifies(&keys, "EdDSA", b"text", &good));
    let (r, s) = good.split_at(32);
    // s plus the order fits the equation as well, where nobody looks.
    let mut carry = 0;
    let larger = s.iter().zip(hex(ED25519_ORDER)).map(|(s, order)| {
        let sum = u16::from(*s) + u16::from(order) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    });
    let larger = larger.collect::<Vec<_>>();
    assert_eq!(carry, 0);
    for other in [larger, vec![0; 32], hex(ED25519_ORDER), vec![0xff; 32]] {
        assert!(!verifies(&keys, "EdDSA", b"text", &[r, &other].concat()), "{other:?}");
    }
    for small in small_order() {
        assert!(!verifies(&keys, "EdDSA", b"text", &[&small, s].concat()), "{small:?}");
        assert!(!verifies(&keys, "EdDSA", b"text", &[small, vec![0; 32]].concat()));
    }
}

#[test]
fn points_of_small_order_and_other_spellings_are_no_keys() {
    let usable = |bytes: &[u8]| {
        let x = Base64UrlUnpadded::encode_string(bytes);
        key_set(&[json!({ "kty": "OKP", "crv": "Ed25519", "x": x })]).len()
    };
    for small in small_order() {
        assert_eq!(usable(&small), 0, "{small:?}");
    }
    // The field's prime and what is larger, in the 255 bits that are left: numbers that have a smaller spelling.
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            assert_eq!(usable(&bytes), 0, "{bytes:?}");
        }
    }
    let good = signers::jwk("EdDSA");
    let good = Base64UrlUnpadded::decode_vec(good["x"].as_str().unwrap()).unwrap();
    assert_eq!(usable(&good), 1);
    for other in [&good[..31], &[&good[..], &[0]].concat(), &[&[0], &good[..]].concat(), &[]] {
        assert_eq!(usable(other), 0, "{other:?}");
    }
}

/// The eight points of small order, and three more spellings of them.
fn small_order() -> Vec<Vec<u8>> {
    let points = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ];
    points.map(hex).to_vec()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// A big-endian number and a little more.
fn add(number: &[u8], more: u8) -> Vec<u8> {
    let mut sum = number.to_vec();
    let last = sum.last_mut().unwrap();
    *last = last.wrapping_add(more);
    sum
}
