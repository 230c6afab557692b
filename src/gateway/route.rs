//! Which rule a request falls under: the gateway's own endpoints, and the operator's `ROUTES`.

use http::Method;
use serde::Deserialize;

use super::path::Path;
use super::pattern::Pattern;
use crate::error::ConfigurationError;

/// An endpoint under `AUTH_PREFIX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Login,
    Callback,
    Logout,
    AskLogout,
    Session,
    Refresh,
    Switch,
    WorkOsWebhook,
    Revoke,
    Health,
    Ready,
}

/// Why there is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoEndpoint {
    NotFound,
    /// There is one for these methods.
    MethodNotAllowed(&'static str),
}

impl Endpoint {
    pub(super) fn find(name: &str, method: &Method) -> Result<Self, NoEndpoint> {
        let read = matches!(*method, Method::GET | Method::HEAD);
        let write = *method == Method::POST;
        let (found, allowed) = match name {
            "login" => (read.then_some(Self::Login), "GET"),
            "callback" => (read.then_some(Self::Callback), "GET"),
            "logout" if write => (Some(Self::Logout), ""),
            "logout" => (read.then_some(Self::AskLogout), "GET, POST"),
            "session" => (read.then_some(Self::Session), "GET"),
            "refresh" => (write.then_some(Self::Refresh), "POST"),
            "switch" => (write.then_some(Self::Switch), "POST"),
            "webhooks/workos" => (write.then_some(Self::WorkOsWebhook), "POST"),
            "revoke" => (write.then_some(Self::Revoke), "POST"),
            "health" => (read.then_some(Self::Health), "GET"),
            "ready" => (read.then_some(Self::Ready), "GET"),
            _ => return Err(NoEndpoint::NotFound),
        };
        found.ok_or(NoEndpoint::MethodNotAllowed(allowed))
    }

    /// Whether only a page of this origin may call it.
    pub(super) const fn changes_something(self) -> bool {
        matches!(self, Self::Logout | Self::Refresh | Self::Switch)
    }
}

/// What a rule demands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Requirement {
    /// Nothing.
    Public,
    /// A session.
    Session,
}

/// What the rules say to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Every reading of the path is under the same demand.
    Demand(Requirement),
    /// The upstream might read the path as one that another rule is for.
    Ambiguous,
}

/// The operator's rules. The first one that fits wins; what fits none needs a session.
#[derive(Debug)]
pub(super) struct Routes(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    path: Pattern,
    loose: Loose<Pattern>,
    methods: Option<Vec<String>>,
    require: Requirement,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSetting {
    path: String,
    methods: Option<Vec<String>>,
    require: Requirement,
}

impl Routes {
    pub(super) fn parse(json: Option<&str>) -> Result<Self, ConfigurationError> {
        const SETTING: &str = "ROUTES";
        let Some(json) = json else {
            return Ok(Self(Vec::new()));
        };
        let settings: Vec<RuleSetting> = serde_json::from_str(json).map_err(|_| {
            ConfigurationError::new(
                SETTING,
                "is not a list of rules; write for example `[{ path = \"/docs/*\", require = \"public\" }]`, where `require` \
                 is `public` or `session` and `methods` may be a list",
            )
        })?;
        // Whatever a star stands for, the rest has to be able to stand in a path of one reading.
        if !settings.iter().all(|rule| Path::is_clear(&rule.path.replace('*', "x"))) {
            return Err(ConfigurationError::new(
                SETTING,
                "has a path that can never fit; write it decoded, from the first slash, without a query, as in `/docs/*`",
            ));
        }
        Ok(Self(settings.into_iter().map(Rule::from).collect()))
    }

    /// What is demanded of a path. One with several readings is fine as long as no rule is for any of them: the default
    /// then holds for all.
    pub(super) fn decide(&self, method: &Method, path: &Path) -> Decision {
        match path {
            Path::Clear(path) => {
                let demand = self.rule(method, path).unwrap_or(Requirement::Session);
                if demand == Requirement::Public {
                    let neighbour = with_or_without_last_slash(path);
                    if self.rule(method, &neighbour) == Some(Requirement::Session) {
                        // Most upstreams take the two for one, and neither address is odd: the stricter rule is for both.
                        return Decision::Demand(Requirement::Session);
                    }
                    if self.is_loosely_protected(method, path) || self.is_loosely_protected(method, &neighbour) {
                        return Decision::Ambiguous;
                    }
                }
                Decision::Demand(demand)
            }
            Path::Ambiguous(readings) if readings.iter().any(|path| self.rule(method, path).is_some()) => {
                Decision::Ambiguous
            }
            Path::Ambiguous(_) => Decision::Demand(Requirement::Session),
        }
    }

    /// The first rule that fits.
    fn rule(&self, method: &Method, path: &str) -> Option<Requirement> {
        self.0.iter().find(|rule| rule.path.matches(path) && rule.is_for(method)).map(|rule| rule.require)
    }

    /// Whether a session is demanded for what an upstream takes the path for that tells case, and perhaps dots and spaces at
    /// the end of names, not apart.
    fn is_loosely_protected(&self, method: &Method, path: &str) -> bool {
        let Loose { folded, trimmed } = Loose::of(path);
        let by_folded = self.0.iter().find(|rule| rule.loose.folded.matches(&folded) && rule.is_for(method));
        let by_trimmed = self.0.iter().find(|rule| rule.loose.trimmed.matches(&trimmed) && rule.is_for(method));
        [by_folded, by_trimmed].into_iter().flatten().any(|rule| rule.require == Requirement::Session)
    }
}

impl Rule {
    /// HEAD falls under the rules of GET.
    fn is_for(&self, method: &Method) -> bool {
        let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|own| own == method))
    }
}

fn with_or_without_last_slash(path: &str) -> String {
    path.strip_suffix('/').filter(|rest| !rest.is_empty()).map_or_else(|| format!("{path}/"), str::to_owned)
}

/// What upstreams take a path for that are not exact.
#[derive(Debug)]
struct Loose<T> {
    /// Folded as file systems do that know no case.
    folded: T,
    /// Also without what Windows drops at the end of names.
    trimmed: T,
}

impl Loose<String> {
    fn of(path: &str) -> Self {
        let folded = fold(path);
        let segments = folded.split('/').map(|segment| segment.trim_end_matches(['.', ' ']));
        let trimmed = segments.collect::<Vec<_>>().join("/");
        Self { folded, trimmed }
    }
}

/// Upper case first: some letters have two small ones.
fn fold(path: &str) -> String {
    if path.is_ascii() { path.to_ascii_lowercase() } else { fold_unicode(path) }
}

/// The runtime has the tables already, which weigh 27 KB.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn fold_unicode(path: &str) -> String {
    js_sys::JsString::from(path).to_upper_case().to_lower_case().into()
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn fold_unicode(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

impl From<RuleSetting> for Rule {
    fn from(setting: RuleSetting) -> Self {
        let upper_case = |methods: Vec<String>| methods.iter().map(|method| method.to_ascii_uppercase()).collect();
        let Loose { folded, trimmed } = Loose::of(&setting.path);
        Self {
            path: Pattern::new(&setting.path),
            loose: Loose { folded: Pattern::new(&folded), trimmed: Pattern::new(&trimmed) },
            methods: setting.methods.map(upper_case),
            require: setting.require,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(routes: &str, method: Method, path: &str) -> Decision {
        Routes::parse(Some(routes)).unwrap().decide(&method, &Path::read(path))
    }

    const PUBLIC: Decision = Decision::Demand(Requirement::Public);
    const SESSION: Decision = Decision::Demand(Requirement::Session);

    #[test]
    fn the_first_rule_that_fits_wins_and_the_rest_needs_a_session() {
        let routes = r#"[
            { "path": "/", "require": "public" },
            { "path": "/docs/private/*", "require": "session" },
            { "path": "/docs/*", "methods": ["get"], "require": "public" }
        ]"#;
        for (method, path, expected) in [
            (Method::GET, "/", PUBLIC),
            (Method::GET, "/docs/a/b", PUBLIC),
            (Method::HEAD, "/docs/a", PUBLIC),
            (Method::POST, "/docs/a", SESSION),
            (Method::GET, "/docs/private/a", SESSION),
            (Method::GET, "/docs", SESSION),
            (Method::GET, "/Docs/a", SESSION),
            (Method::GET, "/x/docs/a", SESSION),
            (Method::GET, "/app/", SESSION),
        ] {
            assert_eq!(decide(routes, method.clone(), path), expected, "{method} {path}");
        }
        assert_eq!(Routes::parse(None).unwrap().decide(&Method::GET, &Path::read("/")), SESSION);
    }

    #[test]
    fn a_path_with_several_readings_meets_no_rule_or_is_refused() {
        let routes = r#"[
            { "path": "/docs/private/*", "require": "session" },
            { "path": "/docs/*", "require": "public" }
        ]"#;
        for (path, expected) in [
            ("/app//x", SESSION),
            ("/app/a;v=1", SESSION),
            ("/app/%2f", SESSION),
            ("/app/%ff", SESSION),
            ("/docs/..%2fapp", Decision::Ambiguous),
            ("/app/..%2fdocs/a", Decision::Ambiguous),
            ("/docs//private/a", Decision::Ambiguous),
            ("/docs/%2570rivate/a", Decision::Ambiguous),
            ("/docs/Private/a", Decision::Ambiguous),
            ("/docs/Public/a", PUBLIC),
            ("/DOCS/a", SESSION),
        ] {
            assert_eq!(decide(routes, Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn what_upstreams_take_for_one_is_under_the_stricter_rule() {
        let routes = r#"[
            { "path": "/docs/Private/*", "require": "session" },
            { "path": "/docs/admin", "require": "session" },
            { "path": "/docs/Beta.*", "require": "session" },
            { "path": "/docs/*", "require": "public" }
        ]"#;
        for (path, expected) in [
            ("/docs/private/a", Decision::Ambiguous),
            ("/docs/PRIVATE/a", Decision::Ambiguous),
            ("/docs/Private./a", Decision::Ambiguous),
            ("/docs/Private%20/a", Decision::Ambiguous),
            ("/docs/admin.", Decision::Ambiguous),
            ("/docs/Admin/", Decision::Ambiguous),
            ("/docs/admin/%20", Decision::Ambiguous),
            ("/docs/beta.", Decision::Ambiguous),
            ("/docs/beta.2", Decision::Ambiguous),
            ("/docs/pr\u{131}vate", Decision::Ambiguous),
            ("/docs/admin/", SESSION),
            ("/docs/Private", SESSION),
            ("/docs/administrators", PUBLIC),
            ("/docs/v1.", PUBLIC),
            ("/docs/", PUBLIC),
        ] {
            assert_eq!(decide(routes, Method::GET, path), expected, "{path}");
        }
    }

    #[test]
    fn only_the_star_is_special() {
        let routes = r#"[{ "path": "/a?/[b]/c.*", "require": "public" }]"#;
        assert!(Routes::parse(Some(routes)).is_err(), "a query never fits");
        let routes = r#"[{ "path": "/[b]/c.*", "require": "public" }]"#;
        assert_eq!(decide(routes, Method::GET, "/[b]/c.d"), PUBLIC);
        assert_eq!(decide(routes, Method::GET, "/b/cxd"), SESSION);
    }

    #[test]
    fn rules_that_cannot_work_are_refused() {
        for routes in [
            "{}",
            "[1]",
            r#"[{ "path": "/a" }]"#,
            r#"[{ "path": "a", "require": "public" }]"#,
            // They would never fit: whom such a rule was to keep out, the next one lets in.
            r#"[{ "path": "/caf%C3%A9/*", "require": "session" }]"#,
            r#"[{ "path": "/a//b", "require": "session" }]"#,
            r#"[{ "path": "/a/../b*", "require": "session" }]"#,
            r#"[{ "path": "/a;b", "require": "session" }]"#,
            r#"[{ "path": "/a", "require": "nobody" }]"#,
            r#"[{ "path": "/a", "require": "public", "method": "GET" }]"#,
        ] {
            assert_eq!(Routes::parse(Some(routes)).unwrap_err().setting(), "ROUTES", "{routes}");
        }
    }

    #[test]
    fn endpoints_know_their_methods() {
        assert_eq!(Endpoint::find("login", &Method::GET), Ok(Endpoint::Login));
        assert_eq!(Endpoint::find("login", &Method::POST), Err(NoEndpoint::MethodNotAllowed("GET")));
        assert_eq!(Endpoint::find("logout", &Method::GET), Ok(Endpoint::AskLogout));
        assert_eq!(Endpoint::find("logout", &Method::POST), Ok(Endpoint::Logout));
        assert_eq!(Endpoint::find("refresh", &Method::GET), Err(NoEndpoint::MethodNotAllowed("POST")));
        for name in ["", "login/", "Login", "admin"] {
            assert_eq!(Endpoint::find(name, &Method::GET), Err(NoEndpoint::NotFound), "{name}");
        }
    }
}
