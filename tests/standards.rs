//! The page on standards: what it names is there.

use bailiwick_analyzer::explanations;

#[test]
fn every_rule_and_standard_that_the_page_names_exists() {
    let page = include_str!("../docs/standards.md");
    let library: String = bailiwick_stdlib::modules().iter().map(|(_, text)| *text).collect();
    let exists = |name: &str| {
        explanations().iter().any(|rule| rule.code == name)
            || library.contains(&format!("\nstandard {name} {{"))
            || library.contains(&format!("\ntoxic {name} within "))
    };
    let named = page.split('`').skip(1).step_by(2);
    let names: Vec<&str> = named.filter(|name| name.contains('-') && !name.contains([' ', '/'])).collect();
    assert!(names.len() > 20, "the page names rules: {names:?}");
    let unknown: Vec<_> = names.into_iter().filter(|name| !exists(name)).collect();
    assert!(unknown.is_empty(), "docs/standards.md names what is not there: {unknown:?}");
    for control in 1..=10 {
        assert!(page.contains(&format!("| ASI{control:02} ")), "ASI{control:02} is missing");
    }
}
