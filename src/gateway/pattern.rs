//! Patterns of paths, in which `*` stands for any characters, slashes too. Nothing else is special.

#[derive(Debug)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    /// Whether the whole text fits. What stands between two stars is taken where it occurs first: that leaves the most for what
    /// follows, so nothing is ever tried again.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(mut rest) = pieces.next().and_then(|start| text.strip_prefix(start)) else {
            return false;
        };
        let Some(end) = pieces.next_back() else {
            return rest.is_empty();
        };
        for piece in pieces {
            let Some((_, after)) = rest.split_once(piece) else {
                return false;
            };
            rest = after;
        }
        rest.ends_with(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_the_rest_stands_as_it_is() {
        for (pattern, fitting, others) in [
            ("/a", &["/a"][..], &["", "/", "/a/", "/ab", "/A"][..]),
            ("/a/*", &["/a/", "/a/b", "/a/b/c", "/a/*"], &["/a", "/b/a/"]),
            ("*", &["", "/", "/a/é"], &[]),
            ("/**", &["/", "/a"], &["", "a"]),
            ("/*.js", &["/.js", "/a/b.js", "/a.js.js"], &["/a.jsx", ".js", "/js"]),
            ("/a*b*a", &["/aba", "/abba", "/axbxa", "/ababa"], &["/a", "/ab", "/aab", "/abab"]),
            // What a star has to leave for the next piece, and pieces that would overlap.
            ("/ab*ba", &["/abba", "/ab/ba"], &["/aba", "/ab", "/ba"]),
            ("*aab*", &["/aaab", "aab"], &["/aaa"]),
            ("/?", &["/?"], &["/a"]),
            ("/é*", &["/é", "/éa"], &["/e", "/ê"]),
        ] {
            let fits = |text: &&&str| Pattern::new(pattern).matches(text);
            assert!(fitting.iter().all(|text| fits(&text)), "{pattern}");
            assert!(!others.iter().any(|text| fits(&text)), "{pattern}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_one() {
        let pattern = Pattern::new(&"*a".repeat(1000));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(100_000))));
        assert!(pattern.matches(&"a".repeat(100_000)));
    }
}
