//! docs/codes.md lists every rejection, with the reason and the consequence that the code has.

use edgeseal::Rejection;

#[test]
fn every_rejection_is_documented_as_it_is() {
    let documented = include_str!("../docs/codes.md");
    for rejection in Rejection::ALL {
        let follows = match (rejection.is_retryable(), rejection.ends_session()) {
            (true, _) => "retry; cookie kept",
            (_, true) => "session over; cookie deleted",
            _ => "refused",
        };
        let row = format!("| `{}` | `{}` | {follows} |", rejection.code(), rejection.reason().code());
        assert!(documented.contains(&row), "docs/codes.md lacks a line that starts with: {row}");
    }
}

#[test]
fn nothing_else_is_documented() {
    let documented = include_str!("../docs/codes.md");
    let table = documented.split("## Of a session").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, Rejection::ALL.len());
}
