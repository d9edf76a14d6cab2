//! Reads the YAML that is emitted: block mappings and lists, texts in double quotes.

use serde_json::{Map, Value as Json};

/// Reads one document. Panics on anything that is not of that kind.
pub fn read(text: &str) -> Json {
    let lines: Vec<(usize, &str)> =
        text.lines().map(|line| (line.len() - line.trim_start().len(), line.trim_start())).collect();
    let mut rest = lines.as_slice();
    let value = block(&mut rest, 0);
    assert!(rest.is_empty(), "{rest:?} is left over");
    value
}

fn block(rest: &mut &[(usize, &str)], indent: usize) -> Json {
    if rest.first().is_some_and(|(_, line)| line.starts_with("- ")) {
        let mut items = Vec::new();
        while let Some((at, line)) =
            rest.first().copied().filter(|(at, line)| *at == indent && line.starts_with("- "))
        {
            let item = &line[2..];
            if is_entry(item) {
                let mut lines = vec![(at + 2, item)];
                *rest = &rest[1..];
                while let Some(next) = rest.first().filter(|(at, _)| *at > indent) {
                    lines.push(*next);
                    *rest = &rest[1..];
                }
                let mut lines = lines.as_slice();
                items.push(block(&mut lines, at + 2));
                assert!(lines.is_empty());
            } else {
                items.push(serde_json::from_str(item).expect("a text"));
                *rest = &rest[1..];
            }
        }
        return Json::Array(items);
    }
    let mut map = Map::new();
    while let Some((_, line)) = rest.first().copied().filter(|(at, _)| *at == indent) {
        *rest = &rest[1..];
        let (key, value) = match line.strip_suffix(':') {
            Some(key) => (key, None),
            None => line.split_once(": ").map(|(key, value)| (key, Some(value))).expect("an entry"),
        };
        let key = key.trim_matches('"').to_string();
        let value = match value {
            Some(value) => serde_json::from_str(value).expect("a scalar"),
            None => {
                let deeper = rest.first().expect("a block").0;
                block(rest, deeper)
            }
        };
        assert!(map.insert(key, value).is_none(), "a key twice");
    }
    Json::Object(map)
}

fn is_entry(text: &str) -> bool {
    !text.starts_with('"') && (text.ends_with(':') || text.contains(": "))
}
