#!/bin/sh
# rustc for the targets: `RUSTC_WRAPPER` of `npm run fuzz`. What only computes is compiled as for a release, without the engine's
# counters: there are no branches to discover in it, and reporting each comparison of big numbers costs 99 % of the time.
rustc=$1
shift
name=
previous=
for argument; do
  [ "$previous" = --crate-name ] && name=$argument
  previous=$argument
done
case $name in
  aes | aes_gcm | crypto_bigint | curve25519_dalek | ecdsa | ed25519_dalek | elliptic_curve | \
  ghash | hmac | num_* | p256 | pbkdf2 | poly1305 | polyval | primefield | primeorder | rsa | \
  salsa20 | sha1 | sha2 | smallvec)
    for argument; do
      shift
      case $argument in
        -Cpasses=sancov-module | -Cllvm-args=-sanitizer-coverage-* | -Cdebug-assertions) ;;
        *) set -- "$@" "$argument" ;;
      esac
    done
    ;;
esac
exec "$rustc" "$@"
