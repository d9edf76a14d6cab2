//! What forbids say, and what they must not let slip.

use super::Written;

pub(super) const FORBIDS: Written = Written {
    name: "forbids",
    text: r#"
session { environment: production | staging  user: person }
person pat { email "pat@acme.example" }
person sam { email "sam@acme.example" }
team ops { lead pat  members pat, sam }
data internal { sensitivity internal }
data internal.hr { sensitivity restricted }
data internal.hr.pay { sensitivity restricted }
data open { sensitivity public }
tool db.query { "Ask."  arg rows?: int  arg table?: string  effect read  reads internal, open }
tool db.import { "Bring in what nobody classified."  effect write }
tool log.append { "Add to the log."  effect write  writes open }
tool issue.write {
  "Write an issue."
  arg method: create | update | delete | close = update
  arg title?: string
  effect write
  writes open
  variant method create { effect write  reaches external  tags loud }
  variant method delete { effect delete irreversible  writes internal }
}
agent root-bot { owner pat }
agent helper { owner ops }
agent outcast { owner sam  suspended because "leaked" }
purpose p { "Work."  needs db.query  needs issue.write  needs db.import  needs data internal, open }
grant all-of-it {
  to root-bot for p
  allow db.query
  allow issue.write
  allow db.import
  on internal, open, unclassified
  delegate to helper, outcast depth 3
}
grant only-what-is-loud { to helper for p  allow tools tagged loud  on open, internal  delegate to root-bot depth 1 }
grant only-what-is-open { to helper for p  allow db.query  on open  delegate to root-bot depth 1 }
grant only-logs { to helper for p  allow log.append  on open }
grant logs { to root-bot for p  allow log.append  on open  delegate to helper depth 1 }
grant for-the-outcast { to outcast for p  allow db.query  on open }
forbid no-large-reads { tools db.query  when args.rows > 100  because "too much" }
forbid no-secrets { tools db.query  when args.table like "secret*" or args.table == "shadow" }
forbid no-pay { data internal.hr.pay  when not session.environment == staging }
forbid no-deletes-by-helpers { agents helper  tools effect delete }
forbid no-logs-by-helpers { agents helper  tools log.append }
forbid no-logs-from-outside { tools log.append  when not session.environment == production }
forbid approvals-for-loud { tools tagged loud  when not approved by ops within 1h }
forbid independent-deletes { tools effect delete  when not approved by ops within 2h independent and not approved by pat within 1d }
forbid no-open-imports { data open  tools db.import }
"#,
    base: r#"{"chain":["root-bot"],"purpose":"p","tool":"db.query","args":{"rows":100,"table":"t"},"data":["open"],
        "now":"2026-12-01T10:00:00Z","session":{"started":"2026-12-01T09:45:00Z","authn":"api-key","user":"pat"}}"#,
    cases: &[
        ("one row more", false, &[("/args/rows", "101")]),
        ("nobody knows how many rows", false, &[("/args/rows", "")]),
        ("a secret", false, &[("/args/table", r#""secrets""#)]),
        ("nobody knows which table", false, &[("/args/table", "null")]),
        ("a label above the one forbidden", false, &[("/data", r#"["internal"]"#)]),
        (
            "where it is allowed",
            true,
            &[("/data", r#"["internal"]"#), ("/session/environment", r#""staging""#)],
        ),
        ("a label beside", true, &[("/data", r#"["open"]"#)]),
        ("by the outcast", false, &[("/chain", r#"["root-bot","outcast"]"#)]),
        ("by the helper", true, &[("/chain", r#"["root-bot","helper"]"#)]),
        ("the default variant", true, &[("/tool", r#""issue.write""#), ("/args", "{}")]),
        ("a variant without one", true, &[("/tool", r#""issue.write""#), ("/args", r#"{"method":"close"}"#)]),
        ("no variant", false, &[("/tool", r#""issue.write""#), ("/args", r#"{"method":"destroy"}"#)]),
        (
            "loud, approved by nobody",
            false,
            &[("/tool", r#""issue.write""#), ("/args", r#"{"method":"create"}"#)],
        ),
        (
            "loud, approved by the requester",
            false,
            &[
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"pat":"2026-12-01T09:50:00Z"}"#),
            ],
        ),
        (
            "loud, approved",
            true,
            &[
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "loud, approved too long ago",
            false,
            &[
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T08:59:59Z"}"#),
            ],
        ),
        (
            "by who may do nothing but this",
            true,
            &[
                ("/chain", r#"["helper"]"#),
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        ("by the helper itself", true, &[("/chain", r#"["helper"]"#)]),
        ("by the helper itself, one row more", false, &[("/chain", r#"["helper"]"#), ("/args/rows", "101")]),
        (
            "by the helper itself, a secret",
            false,
            &[("/chain", r#"["helper"]"#), ("/args/table", r#""shadow""#)],
        ),
        (
            "by the helper itself, nobody knows which table",
            false,
            &[("/chain", r#"["helper"]"#), ("/args/table", "")],
        ),
        ("by the outcast itself", false, &[("/chain", r#"["outcast"]"#)]),
        (
            "a line for the log",
            true,
            &[("/tool", r#""log.append""#), ("/args", "{}"), ("/session/environment", r#""production""#)],
        ),
        (
            "a line for the log from outside",
            false,
            &[("/tool", r#""log.append""#), ("/args", "{}"), ("/session/environment", r#""staging""#)],
        ),
        (
            "a line for the log by the helper",
            false,
            &[
                ("/chain", r#"["root-bot","helper"]"#),
                ("/tool", r#""log.append""#),
                ("/args", "{}"),
                ("/session/environment", r#""production""#),
            ],
        ),
        (
            "a line for the log by the helper itself",
            false,
            &[
                ("/chain", r#"["helper"]"#),
                ("/tool", r#""log.append""#),
                ("/args", "{}"),
                ("/session/environment", r#""production""#),
            ],
        ),
        (
            "handed on once",
            true,
            &[
                ("/chain", r#"["helper","root-bot"]"#),
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "handed on to itself",
            false,
            &[
                ("/chain", r#"["helper","helper"]"#),
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "handed on twice",
            false,
            &[
                ("/chain", r#"["helper","root-bot","root-bot"]"#),
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"create"}"#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "the same tool otherwise, by who may not",
            false,
            &[
                ("/chain", r#"["helper"]"#),
                ("/tool", r#""issue.write""#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
                ("/args", r#"{"method":"close"}"#),
            ],
        ),
        (
            "a delete with the other's approval",
            true,
            &[
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"delete"}"#),
                ("/data", r#"["internal"]"#),
                ("/session/environment", r#""staging""#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "a delete by the helper",
            false,
            &[
                ("/chain", r#"["root-bot","helper"]"#),
                ("/tool", r#""issue.write""#),
                ("/args", r#"{"method":"delete"}"#),
                ("/data", r#"["internal"]"#),
                ("/session/environment", r#""staging""#),
                ("/approvals", r#"{"sam":"2026-12-01T09:00:00Z"}"#),
            ],
        ),
        (
            "unclassified meets every forbid",
            false,
            &[("/tool", r#""db.import""#), ("/args", ""), ("/data", "")],
        ),
    ],
};
