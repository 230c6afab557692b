//! Secrets cannot be printed: no type that holds a password, a token or a person has `Debug` or `Display`, and a request
//! to the provider hides what it carries.

#[path = "support/probe.rs"]
mod probe;

use edgeseal::http::OutboundRequest;
use edgeseal::provider::stytch::{
    AccessToken, Authenticate, AuthenticateToken, IntrospectToken, LocalSession, M2mToken, MemberSession,
    RemoteSession, Revoke, Stytch, StytchAnswer, StytchOptions, StytchSession, VerifiedSession,
};
use edgeseal::provider::workos::{DEFAULT_BASE_URL, WorkOs, WorkOsOptions};
use edgeseal::rotation::{Exchange, Message, Question, RotationMemory, SessionKeeper, Step};
use edgeseal::session::TokenPair;
use edgeseal::{
    AuthenticateJwt, AuthenticatedSession, Claims, Client, ConfigurationError, Impersonator, KeyMemory, KeySet,
    PasswordRing, RefreshedSession, Rejection, SealEntropy, SealedSession, Session, StytchAuthentication, StytchClient,
    TokenPolicy, Unsealed, UnsealedSession, UnverifiedToken, User, VerificationKey, VerifiedJwt, VerifiedToken,
    VerifyJwt, host::MemoryHost,
};

#[test]
fn the_probe_can_tell() {
    assert!(printable!(Rejection) && printable!(ConfigurationError) && printable!(TokenPolicy) && printable!(String));
    struct Plain;
    assert!(!printable!(Plain));
}

#[test]
fn nothing_that_holds_a_secret_or_a_person_can_be_printed() {
    let printable = [
        ("PasswordRing", printable!(PasswordRing)),
        ("SealEntropy", printable!(SealEntropy)),
        ("Unsealed", printable!(Unsealed)),
        ("UnsealedSession", printable!(UnsealedSession)),
        ("SealedSession", printable!(SealedSession<'_, MemoryHost>)),
        ("AuthenticatedSession", printable!(AuthenticatedSession)),
        ("RefreshedSession", printable!(RefreshedSession)),
        ("TokenPair", printable!(TokenPair)),
        ("UnverifiedToken", printable!(UnverifiedToken<'_>)),
        ("VerifiedToken", printable!(VerifiedToken)),
        ("Claims", printable!(Claims)),
        ("Session", printable!(Session)),
        ("User", printable!(User)),
        ("Impersonator", printable!(Impersonator)),
        ("WorkOs", printable!(WorkOs)),
        ("WorkOsOptions", printable!(WorkOsOptions)),
        ("Client", printable!(Client<'_, MemoryHost>)),
        ("MemoryHost", printable!(MemoryHost)),
        ("KeyMemory", printable!(KeyMemory)),
        ("KeySet", printable!(KeySet)),
        ("VerificationKey", printable!(Box<dyn VerificationKey>)),
        ("VerifyJwt", printable!(VerifyJwt<'_>)),
        ("VerifiedJwt", printable!(VerifiedJwt)),
        ("SessionKeeper", printable!(SessionKeeper)),
        ("Question", printable!(Question)),
        ("Step", printable!(Step)),
        ("Exchange", printable!(Exchange)),
        ("Message", printable!(Message)),
        ("RotationMemory", printable!(RotationMemory)),
        ("AccessToken", printable!(AccessToken)),
        ("Authenticate", printable!(Authenticate<'_>)),
        ("AuthenticateJwt", printable!(AuthenticateJwt<'_>)),
        ("AuthenticateToken", printable!(AuthenticateToken<'_>)),
        ("IntrospectToken", printable!(IntrospectToken<'_>)),
        ("LocalSession", printable!(LocalSession)),
        ("M2mToken", printable!(M2mToken)),
        ("MemberSession", printable!(MemberSession)),
        ("RemoteSession", printable!(RemoteSession)),
        ("Revoke", printable!(Revoke<'_>)),
        ("Stytch", printable!(Stytch)),
        ("StytchAnswer", printable!(StytchAnswer)),
        ("StytchAuthentication", printable!(StytchAuthentication)),
        ("StytchClient", printable!(StytchClient<'_, MemoryHost>)),
        ("StytchOptions", printable!(StytchOptions)),
        ("StytchSession", printable!(StytchSession)),
        ("VerifiedSession", printable!(VerifiedSession)),
        ("OutboundRequest", printable!(OutboundRequest)),
    ];
    let leaking: Vec<_> = printable.iter().filter(|(_, printable)| *printable).map(|(name, _)| name).collect();
    assert!(leaking.is_empty(), "{leaking:?}");
}

#[test]
fn a_request_prints_neither_key_nor_token() {
    let workos = WorkOs::new(WorkOsOptions {
        client_id: "client_1".into(),
        api_key: Some("sk_SECRET_key".into()),
        base_url: DEFAULT_BASE_URL.into(),
        policy: TokenPolicy::default(),
    });
    let workos = workos.unwrap();
    for request in [
        workos.refresh_request(&"rt_SECRET".into(), Some("org_1")),
        workos.code_request("code_SECRET", &"verifier_SECRET".into()),
        workos.jwks_request(),
    ] {
        let printed = format!("{:?} {:#?}", request.request, request.request.headers());
        assert!(printed.contains("api.workos.com") && !printed.contains("SECRET"), "{printed}");
    }
}

#[test]
fn refusals_and_faults_echo_no_input() {
    let secret = "SECRET password";
    let error = PasswordRing::single(secret.into()).err().unwrap();
    assert!(!format!("{error} {error:?}").contains("SECRET"));
    let options = |client_id: &str, api_key: &str, base_url: &str| WorkOsOptions {
        client_id: client_id.into(),
        api_key: Some(api_key.to_owned().into()),
        base_url: base_url.into(),
        policy: TokenPolicy::default(),
    };
    for wrong in [
        options("client_1", "sk_SECRET\n", DEFAULT_BASE_URL),
        options("client_1", "sk", "https://user:SECRET@api.workos.com"),
        options("SECRET id", "sk", DEFAULT_BASE_URL),
    ] {
        let error = WorkOs::new(wrong).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("SECRET"));
    }
}
