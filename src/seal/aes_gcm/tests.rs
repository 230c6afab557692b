use super::*;
use crate::seal::third_party;

#[test]
fn it_decides_as_wycheproof_does() {
    let Some(wycheproof) = third_party::read("wycheproof/aes_gcm_test.json") else { return };
    let mut run = 0;
    for group in wycheproof["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let hex = |name: &str| -> Vec<u8> {
                let text = case[name].as_str().unwrap();
                (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
            };
            // No seal has other lengths.
            let (Ok(key), Ok(nonce)) = (hex("key").try_into(), hex("iv").try_into()) else { continue };
            let (message, aad, sealed) = (hex("msg"), hex("aad"), [hex("ct"), hex("tag")].concat());
            let is_good = case["result"] == "valid";
            assert_eq!(decrypt(&key, &nonce, &sealed, &aad), is_good.then_some(message.clone()), "{}", case["tcId"]);
            assert_eq!(encrypt(&key, &nonce, &message, &aad) == sealed, is_good, "{}", case["tcId"]);
            run += 1;
        }
    }
    assert!(run > 50, "{run}");
}
