//! Pairs of grants near the boundary of containment: the second one's condition, and the first
//! one's drawn from it by a step that tightens it, leaves it, or loosens it a little.

use bailiwick_testkit::Rng;
use std::fmt::Write;

const GROUND: &str = r#"
session { environment: production | staging  level: int }
person alice { email "alice@acme.example" }
agent bot { owner alice }
tool pay {
  arg amount: int
  arg limit: int
  arg price: decimal
  arg region: string
  arg state: open | closed | stale
  arg force: bool
  arg source?: ip
  arg labels?: set<string>
  effect write
  touches nothing
}
purpose work { "Work."  needs pay }
"#;

/// A project of so many pairs, `a-N` and `b-N`. Of their conditions 40 in a hundred are absent, 40
/// one or two comparisons, 15 sets and patterns, 5 have `or`, `not` or two attributes.
pub fn project(pairs: usize) -> String {
    let mut rng = Rng::new(7);
    let mut text = GROUND.to_owned();
    for at in 0..pairs {
        let (a, b) = match rng.weighted(&[40, 40, 15, 5]) {
            0 => (Vec::new(), Vec::new()),
            1 => (0..1 + rng.below(2)).map(|_| comparison(&mut rng)).unzip(),
            2 => [set_or_pattern(&mut rng)].into_iter().unzip(),
            _ => [nested(&mut rng)].into_iter().unzip(),
        };
        for (name, conditions) in [("a", a), ("b", b)] {
            let conditions: Vec<String> = conditions;
            let clause = match conditions.is_empty() {
                true => String::new(),
                false => format!(" where {}", conditions.join(" and ")),
            };
            let _ = writeln!(text, "grant {name}-{at} {{ to bot for work  allow pay{clause} }}");
        }
    }
    text
}

/// The first one's step over the second one's bound: mostly inside or on it, now and then beyond.
fn step(rng: &mut Rng) -> i64 {
    *rng.pick(&[-1, -1, 0, 0, 1])
}

fn comparison(rng: &mut Rng) -> (String, String) {
    let bound = *rng.pick(&[0, 50, 500, 10_000]);
    let by = step(rng);
    match rng.below(6) {
        0 => (format!("args.amount <= {}", bound + by), format!("args.amount <= {bound}")),
        1 => (format!("args.amount >= {}", bound - by), format!("args.amount >= {bound}")),
        2 => (format!("args.amount < {}", bound + by), format!("args.amount <= {bound}")),
        3 => (format!("args.price <= {}.{}", bound, 5 + by), format!("args.price <= {bound}.5")),
        4 => (format!("session.level > {}", bound - by), format!("session.level > {bound}")),
        _ => {
            let other = if rng.chance(70) { "open" } else { "stale" };
            (format!("args.state == {other}"), "args.state in (open, closed)".into())
        }
    }
}

fn set_or_pattern(rng: &mut Rng) -> (String, String) {
    let (tight, loose) = *rng.pick(&[
        (r#"args.region like "eu-west-*""#, r#"args.region like "eu-*""#),
        (r#"args.region == "eu-west-1""#, r#"args.region like "eu-*-1""#),
        (r#"args.region like "*a*b*""#, r#"args.region like "*b*""#),
        (r#"args.region in ("eu", "us")"#, r#"args.region in ("eu", "us", "ap")"#),
        (r#"args.labels subset-of ("x")"#, r#"args.labels subset-of ("x", "y")"#),
        (r#"args.labels contains-all ("x", "y")"#, r#"args.labels contains "x""#),
        (r#"args.labels contains "y""#, r#"args.labels contains-any ("x", "y")"#),
        (r#"args.source in "10.1.0.0/16""#, r#"args.source in "10.0.0.0/8""#),
    ]);
    match rng.chance(65) {
        true => (tight.into(), loose.into()),
        false => (loose.into(), tight.into()),
    }
}

fn nested(rng: &mut Rng) -> (String, String) {
    let by = step(rng);
    match rng.below(3) {
        0 => (
            format!("not (args.amount > {} or args.force)", 500 + by),
            "not (args.amount > 500 and args.force)".into(),
        ),
        1 => {
            (format!("args.amount <= args.limit and args.limit <= {}", 500 + by), "args.amount <= 500".into())
        }
        _ => (
            format!("(args.amount < {} or args.state == open)", 500 + by),
            "(args.amount < 500 or args.state in (open, closed) or args.amount > args.limit)".into(),
        ),
    }
}
