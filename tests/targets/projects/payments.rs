//! Payments with approvals, hours and delegation.

use super::Written;

pub(super) const PAYMENTS: Written = Written {
    name: "payments",
    text: r#"
session { environment: production | staging  user: person }
person alice { email "alice@acme.example" }
person bob   { email "bob@acme.example" }
person carol { email "carol@acme.example" }
team payments { lead alice  members alice, bob  contact "payments@acme.example" }
team treasury { lead carol  members carol, alice  contact "treasury@acme.example" }
data financial { sensitivity confidential }
data financial.payment { sensitivity restricted }
data personal { sensitivity confidential }
tool stripe.refund {
  "Refund a charge."
  arg charge: string
  arg amount: int
  arg currency: string = "EUR"
  arg note?: string
  effect write irreversible
  reads financial.payment, personal
}
tool stripe.lookup { "Look a charge up."  arg charge: string  effect read  reads financial }
tool clock.read { "The time."  effect read  touches nothing }
purpose refunds { "Return money."  needs stripe.refund  needs data financial, personal }
purpose other { "Something else."  needs clock.read }
agent support-bot { owner payments  authn at-least oauth }
agent fraud-checker { owner treasury  authn at-least mtls }
agent weak-bot { owner bob }
grant refunds {
  to support-bot for refunds
  allow stripe.lookup
  allow stripe.refund where args.amount <= 500 and args.currency in ("EUR", "USD")
  allow clock.read where during weekdays 09:00 to 17:30 in Europe/Berlin
  on financial, personal
  when session.environment == production
  approval treasury within 1h for stripe.refund if args.amount > 200 independent
  ttl 15m
  starts 2026-01-01
  expires 2027-03-31
  delegate to fraud-checker, weak-bot depth 2 only { allow stripe.lookup  on financial.payment }
  delegate to weak-bot depth 1 only clock.read
}
"#,
    base: r#"{"chain":["support-bot"],"purpose":"refunds","tool":"stripe.refund",
        "args":{"charge":"ch_1","amount":200},"data":["financial.payment"],"now":"2026-12-01T10:00:00Z",
        "session":{"started":"2026-12-01T09:45:00Z","authn":"oauth","environment":"production","user":"bob"},
        "approvals":{}}"#,
    cases: &[
        ("a large refund without approval", false, &[("/args/amount", "201")]),
        (
            "with approval",
            true,
            &[("/args/amount", "500"), ("/approvals/carol", r#""2026-12-01T09:00:00Z""#)],
        ),
        (
            "with one too old",
            false,
            &[("/args/amount", "500"), ("/approvals/carol", r#""2026-12-01T08:59:59Z""#)],
        ),
        (
            "with one from the future",
            false,
            &[("/args/amount", "500"), ("/approvals/carol", r#""2026-12-01T10:00:01Z""#)],
        ),
        (
            "by a member of the owner",
            false,
            &[("/args/amount", "500"), ("/approvals/alice", r#""2026-12-01T09:59:00Z""#)],
        ),
        (
            "by the requester",
            false,
            &[
                ("/args/amount", "500"),
                ("/approvals/carol", r#""2026-12-01T09:59:00Z""#),
                ("/session/user", r#""carol""#),
            ],
        ),
        (
            "of nobody knows whom",
            false,
            &[
                ("/args/amount", "500"),
                ("/approvals/carol", r#""2026-12-01T09:59:00Z""#),
                ("/session/user", ""),
            ],
        ),
        ("too large", false, &[("/args/amount", "501"), ("/approvals/carol", r#""2026-12-01T09:59:00Z""#)]),
        ("a float that is whole", true, &[("/args/amount", "2e2")]),
        ("a float that is not", false, &[("/args/amount", "199.5")]),
        ("a text", false, &[("/args/amount", r#""200""#)]),
        ("null", false, &[("/args/amount", "null")]),
        ("null that may be", true, &[("/args/note", "null")]),
        ("another currency", false, &[("/args/currency", r#""GBP""#)]),
        ("an unknown argument", false, &[("/args/extra", "1")]),
        ("an unknown argument that is null", true, &[("/args/extra", "null")]),
        ("an unknown field", false, &[("/extra", "1")]),
        ("an old session", false, &[("/session/started", r#""2026-12-01T09:44:59Z""#)]),
        ("a session from the future", false, &[("/session/started", r#""2026-12-01T10:00:01Z""#)]),
        (
            "before it starts",
            false,
            &[("/now", r#""2025-12-31T23:59:59Z""#), ("/session/started", r#""2025-12-31T23:59:59Z""#)],
        ),
        (
            "when it starts",
            true,
            &[("/now", r#""2026-01-01T00:00:00Z""#), ("/session/started", r#""2026-01-01T00:00:00Z""#)],
        ),
        (
            "before it ends",
            true,
            &[("/now", r#""2027-03-30T23:59:59Z""#), ("/session/started", r#""2027-03-30T23:59:59Z""#)],
        ),
        (
            "when it ends",
            false,
            &[("/now", r#""2027-03-31T00:00:00Z""#), ("/session/started", r#""2027-03-31T00:00:00Z""#)],
        ),
        ("another purpose", false, &[("/purpose", r#""other""#)]),
        ("no such purpose", false, &[("/purpose", r#""nope""#)]),
        ("weakly authenticated", false, &[("/session/authn", r#""api-key""#)]),
        ("no environment", false, &[("/session/environment", "")]),
        ("another environment", false, &[("/session/environment", r#""staging""#)]),
        ("no labels: all of them", true, &[("/data", "")]),
        ("an empty set of labels: all of them", true, &[("/data", "[]")]),
        ("a label that the tool does not touch", false, &[("/data", r#"["financial"]"#)]),
        (
            "a team that approves is nobody",
            false,
            &[("/args/amount", "500"), ("/approvals/treasury", r#""2026-12-01T09:59:00Z""#)],
        ),
        ("an approval that is no instant", false, &[("/approvals/nobody", "5")]),
        (
            "delegated, but not that tool",
            false,
            &[("/chain", r#"["support-bot","fraud-checker"]"#), ("/session/authn", r#""mtls""#)],
        ),
        (
            "delegated",
            true,
            &[
                ("/chain", r#"["support-bot","fraud-checker"]"#),
                ("/session/authn", r#""mtls""#),
                ("/tool", r#""stripe.lookup""#),
                ("/args", r#"{"charge":"c"}"#),
            ],
        ),
        (
            "delegated with more data",
            false,
            &[
                ("/chain", r#"["support-bot","fraud-checker"]"#),
                ("/session/authn", r#""mtls""#),
                ("/tool", r#""stripe.lookup""#),
                ("/args", r#"{"charge":"c"}"#),
                ("/data", ""),
            ],
        ),
        (
            "delegated to one who needs more",
            false,
            &[
                ("/chain", r#"["support-bot","fraud-checker"]"#),
                ("/tool", r#""stripe.lookup""#),
                ("/args", r#"{"charge":"c"}"#),
            ],
        ),
        (
            "delegated twice",
            true,
            &[
                ("/chain", r#"["support-bot","weak-bot","weak-bot"]"#),
                ("/tool", r#""stripe.lookup""#),
                ("/args", r#"{"charge":"c"}"#),
            ],
        ),
        (
            "delegated too far",
            false,
            &[
                ("/chain", r#"["support-bot","weak-bot","weak-bot","weak-bot"]"#),
                ("/tool", r#""stripe.lookup""#),
                ("/args", r#"{"charge":"c"}"#),
            ],
        ),
        (
            "clauses do not combine",
            false,
            &[
                ("/chain", r#"["support-bot","weak-bot","weak-bot"]"#),
                ("/tool", r#""clock.read""#),
                ("/args", "{}"),
                ("/data", ""),
            ],
        ),
        (
            "the other clause",
            true,
            &[
                ("/chain", r#"["support-bot","weak-bot"]"#),
                ("/tool", r#""clock.read""#),
                ("/args", "null"),
                ("/data", "[]"),
            ],
        ),
        (
            "handed back",
            false,
            &[
                ("/chain", r#"["support-bot","support-bot"]"#),
                ("/tool", r#""clock.read""#),
                ("/args", "{}"),
                ("/data", ""),
            ],
        ),
        ("nobody", false, &[("/chain", "[]")]),
        ("somebody unknown", false, &[("/chain", r#"["nobody"]"#)]),
        (
            "nine of them",
            false,
            &[(
                "/chain",
                r#"["support-bot","weak-bot","weak-bot","weak-bot","weak-bot","weak-bot","weak-bot","weak-bot","weak-bot"]"#,
            )],
        ),
    ],
};
