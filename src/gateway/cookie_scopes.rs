//! Where a cookie may stand that came with a request: in which domains, for which paths. Whoever deletes one has to think of all.

/// The paths for which a cookie may have been set that comes with a request to this one, the shortest first.
pub(super) fn paths_of(path: &str) -> impl Iterator<Item = &str> {
    // What would end or change the line stands in no path of a cookie.
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    let plain = path.bytes().take_while(|byte| is_plain(*byte)).count();
    let ends = path.match_indices('/').flat_map(|(at, _)| [at, at + 1]).skip(1).chain([path.len()]);
    let mut last = 0;
    ends.filter(move |end| *end <= plain && std::mem::replace(&mut last, *end) != *end)
        .filter_map(|end| path.get(..end))
}

/// The domains for which a host may set cookies, itself first. Of those that are public suffixes, browsers take none.
pub(super) fn domains_of(origin: &str) -> impl Iterator<Item = &str> {
    let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    std::iter::successors(Some(host), |domain| Some(domain.split_once('.')?.1)).filter(|domain| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::{domains_of, paths_of};

    #[test]
    fn a_host_is_in_all_its_domains() {
        let domains = |origin| domains_of(origin).collect::<Vec<_>>();
        assert_eq!(domains("https://app.eu.example.com"), ["app.eu.example.com", "eu.example.com", "example.com"]);
        assert_eq!(domains("https://example.com:8443"), ["example.com"]);
        assert_eq!(domains("http://localhost:8787"), [""; 0]);
    }

    #[test]
    fn a_path_is_under_all_its_folders() {
        let paths = |path| paths_of(path).collect::<Vec<_>>();
        assert_eq!(paths("/"), ["/"]);
        assert_eq!(paths("/app/x"), ["/", "/app", "/app/", "/app/x"]);
        assert_eq!(paths("/app/"), ["/", "/app", "/app/"]);
        assert_eq!(paths("/app;Domain=x/y"), ["/"]);
    }
}
