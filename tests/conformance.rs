//! docs/conformance.md names, for every attack, the tests that hold it: they are there, under those names.

use std::fs;
use std::path::Path;

const ATTACKS: usize = 24;

#[test]
fn every_attack_is_listed_with_tests_that_exist() {
    let document = include_str!("../docs/conformance.md");
    let section = document.split("\n## Attacks and the tests that hold them\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for attack in 1..=ATTACKS {
        let row = section.lines().find(|line| line.starts_with(&format!("| {attack} |")));
        let row = row.unwrap_or_else(|| panic!("attack {attack} has no line"));
        assert!(row.contains("::"), "attack {attack} names no test");
    }
    // What stands between backticks is every second piece.
    let named: Vec<_> = section.split('`').skip(1).step_by(2).filter_map(|text| text.split_once("::")).collect();
    assert!(named.len() > ATTACKS);
    for (file, name) in named {
        let text = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("there is no {file}"));
        let starts = [format!("fn {name}("), format!("test('{name}"), format!("test(`{name}")];
        assert!(starts.iter().any(|start| text.contains(start)), "{file} has no test {name}");
    }
}
