//! Projects that between them use every construct an engine has to decide.

mod cluster;

use cluster::CLUSTER;
use serde_json::Value;

/// A project, a request that it allows, and what becomes of variations of it.
pub struct Written {
    /// Its name, for messages.
    pub name: &'static str,
    /// Its one module.
    pub text: &'static str,
    base: &'static str,
    cases: &'static [Case],
}

/// A title, whether it is allowed, and what differs from the base: JSON pointers, and JSON
/// texts or nothing for what is taken away.
type Case = (&'static str, bool, &'static [(&'static str, &'static str)]);

/// The requests of a project: title, whether allowed, JSON.
pub fn cases(written: &Written) -> Vec<(String, bool, String)> {
    let base: Value = serde_json::from_str(written.base).expect("JSON");
    let as_is = ("the base".to_owned(), true, base.to_string());
    let varied = written.cases.iter().map(|(title, allowed, changes)| {
        let mut json = base.clone();
        for (pointer, text) in *changes {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            let parent = json.pointer_mut(parent).expect(pointer).as_object_mut().expect(pointer);
            match *text {
                "" => drop(parent.remove(key)),
                text => drop(parent.insert(key.to_owned(), serde_json::from_str(text).expect(text))),
            }
        }
        ((*title).to_owned(), *allowed, json.to_string())
    });
    let cases = [as_is].into_iter().chain(varied);
    cases.map(|(title, allowed, json)| (format!("{}: {title}", written.name), allowed, json)).collect()
}

/// The one of that name.
pub fn named(name: &str) -> &'static Written {
    ALL.iter().find(|written| written.name == name).expect("a project")
}

/// All of them.
pub const ALL: &[Written] = &[PAYMENTS, VALUES, FORBIDS, HOSTILE, CLUSTER];

const PAYMENTS: Written = Written {
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

const VALUES: Written = Written {
    name: "values",
    text: r#"
session { address: ip  site: url  until: instant  zone: open | closed }
person pat { email "pat@acme.example" }
data things { sensitivity internal }
tool t.all {
  "Everything there is."
  arg flag?: bool
  arg count?: int
  arg limit?: int
  arg price?: decimal
  arg budget?: decimal
  arg name?: string
  arg dir?: path
  arg link?: url
  arg when?: instant
  arg wait?: duration
  arg addr?: ip
  arg net?: cidr
  arg state?: open | closed | "in progress"
  arg who?: person
  arg labels?: set<string>
  arg numbers?: set<int>
  arg prices?: set<decimal>
  arg moments?: set<instant>
  arg hosts?: set<ip>
  arg raw?: opaque
  arg files?: opaque
  arg paths: set<path> = each files.meta.path
  effect read
  reads things
}
agent bot { owner pat }
purpose p { "Try it."  needs t.all  needs data things }
grant g {
  to bot for p
  allow t.all where args.flag
  allow t.all where not args.flag and args.count < 5
  allow t.all where args.count >= args.limit and args.limit != 7
  allow t.all where args.count == -9223372036854775808 or args.count == 9223372036854775807
  allow t.all where args.price <= 12.5 and args.price > -0.0001
  allow t.all where args.price >= args.budget
  allow t.all where args.name like "a*b\*c" or args.name like "*.x+(y)" or args.name in ("one", "two")
  allow t.all where args.dir under "/srv/data" or args.dir under "/srv/a*b"
  allow t.all where args.link under "https://api.example.com/v1" or args.link under "https://h.example/"
  allow t.all where args.link host "one.example" or args.link host "*.example.org"
  allow t.all where args.when < 2026-10-01 or args.when >= 2027-01-01T12:30:00Z
  allow t.all where args.when == now
  allow t.all where args.wait <= 15m and args.wait > 10s
  allow t.all where args.addr in ("10.0.0.0/8", "2001:db8::/33")
  allow t.all where args.addr == session.address
  allow t.all where args.net in ("10.0.0.0/8", "2001:db8::/32")
  allow t.all where args.state == "in progress" or args.state == open
  allow t.all where args.who == pat and has args.raw
  allow t.all where args.labels contains "a" and not args.labels contains "b"
  allow t.all where args.labels contains args.name and args.labels subset-of ("x", "y")
  allow t.all where args.numbers contains-all (1, 2) or args.numbers contains-any (9007199254740993, 4)
  allow t.all where args.prices contains 0.1 and args.prices subset-of (0.1, 0.2)
  allow t.all where args.moments contains 2026-10-01
  allow t.all where args.hosts contains-any ("10.0.0.1", "::1")
  allow t.all where args.paths subset-of ("/a", "/b") and args.paths contains "/a"
  allow t.all where session.site host "site.example" and session.until > now
  allow t.all where session.authn == hardware-key and session.started == now
  on things
}
"#,
    base: r#"{"chain":["bot"],"purpose":"p","tool":"t.all","args":{"flag":true},"now":"2026-12-01T10:00:00Z",
        "session":{"started":"2026-12-01T09:45:00Z","authn":"oauth"}}"#,
    cases: &[
        ("false is not absent", true, &[("/args", r#"{"flag":false,"count":4}"#)]),
        ("at the limit", false, &[("/args", r#"{"flag":false,"count":5}"#)]),
        ("absent", false, &[("/args", r#"{"count":4}"#)]),
        ("two attributes", true, &[("/args", r#"{"count":8,"limit":8}"#)]),
        ("two attributes, the other excluded", false, &[("/args", r#"{"count":8,"limit":7}"#)]),
        ("the least integer", true, &[("/args", r#"{"count":-9223372036854775808}"#)]),
        ("the greatest integer", true, &[("/args", r#"{"count":9223372036854775807}"#)]),
        ("beside it", false, &[("/args", r#"{"count":9223372036854775806}"#)]),
        ("beyond it", false, &[("/args", r#"{"count":9223372036854775808}"#)]),
        ("a decimal", true, &[("/args", r#"{"price":12.50}"#)]),
        ("one place too many", false, &[("/args", r#"{"price":12.00001}"#)]),
        ("above", false, &[("/args", r#"{"price":12.5001}"#)]),
        ("zero", true, &[("/args", r#"{"price":0}"#)]),
        ("below", false, &[("/args", r#"{"price":-0.0001}"#)]),
        ("a decimal beside another", true, &[("/args", r#"{"price":99999.9999,"budget":99999.9998}"#)]),
        ("a decimal below another", false, &[("/args", r#"{"price":99999.9998,"budget":99999.9999}"#)]),
        ("a pattern", true, &[("/args", r#"{"name":"a\n*b*c"}"#)]),
        ("its star is one", false, &[("/args", r#"{"name":"axbxc"}"#)]),
        ("what is special elsewhere", true, &[("/args", r#"{"name":".x+(y)"}"#)]),
        ("is not here", false, &[("/args", r#"{"name":"-xxy"}"#)]),
        ("a path below", true, &[("/args", r#"{"dir":"/srv/data/x"}"#)]),
        ("a path beside", false, &[("/args", r#"{"dir":"/srv/database"}"#)]),
        ("a path that climbs", false, &[("/args", r#"{"dir":"/srv/data/../x"}"#)]),
        ("a star in a path", true, &[("/args", r#"{"dir":"/srv/a*b/c"}"#)]),
        ("is no wildcard", false, &[("/args", r#"{"dir":"/srv/axb/c"}"#)]),
        ("a url below", true, &[("/args", r#"{"link":"https://api.example.com/v1?q"}"#)]),
        ("a url beside", false, &[("/args", r#"{"link":"https://api.example.com/v10"}"#)]),
        ("a root", true, &[("/args", r#"{"link":"https://h.example/x"}"#)]),
        ("another port", false, &[("/args", r#"{"link":"https://h.example:8443/x"}"#)]),
        ("a host", true, &[("/args", r#"{"link":"https://one.example:8443/"}"#)]),
        ("a host in the path", false, &[("/args", r#"{"link":"https://two.example/x://one.example/"}"#)]),
        ("a host below", true, &[("/args", r#"{"link":"https://a.b.example.org/"}"#)]),
        ("the host itself is not below", false, &[("/args", r#"{"link":"https://example.org/"}"#)]),
        ("not a host below", false, &[("/args", r#"{"link":"https://xexample.org/"}"#)]),
        ("a user", false, &[("/args", r#"{"link":"https://one.example@evil.example/"}"#)]),
        ("an instant", true, &[("/args", r#"{"when":"2026-09-30T23:59:59Z"}"#)]),
        ("the instant after", false, &[("/args", r#"{"when":"2026-10-01T00:00:00Z"}"#)]),
        ("now", true, &[("/args", r#"{"when":"2026-12-01T10:00:00Z"}"#)]),
        ("a duration", true, &[("/args", r#"{"wait":900}"#)]),
        ("too long", false, &[("/args", r#"{"wait":901}"#)]),
        ("negative", false, &[("/args", r#"{"wait":-1,"flag":true}"#)]),
        ("an address", true, &[("/args", r#"{"addr":"10.255.0.1"}"#)]),
        ("an address of the other family", true, &[("/args", r#"{"addr":"2001:db8:7fff::1"}"#)]),
        ("an address outside", false, &[("/args", r#"{"addr":"2001:db8:8000::1"}"#)]),
        ("an address in disguise", false, &[("/args", r#"{"addr":"::ffff:10.0.0.1"}"#)]),
        (
            "the session's address",
            true,
            &[("/args", r#"{"addr":"192.0.2.1"}"#), ("/session/address", r#""192.0.2.1""#)],
        ),
        ("a network", true, &[("/args", r#"{"net":"2001:db8::/32"}"#)]),
        ("a network inside is another", false, &[("/args", r#"{"net":"10.1.0.0/16"}"#)]),
        ("host bits", false, &[("/args", r#"{"net":"10.0.0.1/8","flag":true}"#)]),
        ("an enumeration", true, &[("/args", r#"{"state":"in progress"}"#)]),
        ("no value of it", false, &[("/args", r#"{"state":"gone","flag":true}"#)]),
        ("a person, and something opaque", true, &[("/args", r#"{"who":"pat","raw":[{"x":false}]}"#)]),
        ("nobody", false, &[("/args", r#"{"who":"nobody","flag":true}"#)]),
        ("a set", true, &[("/args", r#"{"labels":["a","a","c"]}"#)]),
        ("with the other", false, &[("/args", r#"{"labels":["a","b"]}"#)]),
        ("an empty set", false, &[("/args", r#"{"labels":[]}"#)]),
        ("a set of what is no text", false, &[("/args", r#"{"labels":["a",1]}"#)]),
        ("a set with null", false, &[("/args", r#"{"labels":["a",null]}"#)]),
        ("a set and an attribute", true, &[("/args", r#"{"labels":["x"],"name":"x"}"#)]),
        ("all of them", true, &[("/args", r#"{"numbers":[3,2,1]}"#)]),
        ("one beyond doubles", true, &[("/args", r#"{"numbers":[9007199254740993]}"#)]),
        ("its neighbour", false, &[("/args", r#"{"numbers":[9007199254740992]}"#)]),
        ("decimals", true, &[("/args", r#"{"prices":[0.1000,0.2]}"#)]),
        ("instants", true, &[("/args", r#"{"moments":["2026-10-01T00:00:00Z"]}"#)]),
        ("addresses", true, &[("/args", r#"{"hosts":["::1"]}"#)]),
        ("derived", true, &[("/args", r#"{"files":[{"meta":{"path":"/a"}},{"meta":[{"path":"/b"}]}]}"#)]),
        (
            "derived from something else",
            false,
            &[("/args", r#"{"files":[{"meta":{"path":"/c"}},{"meta":{"path":"/a"}}]}"#)],
        ),
        ("derived from nothing", false, &[("/args", r#"{"files":[{}],"flag":true}"#)]),
        ("derived and stated", false, &[("/args", r#"{"paths":["/a"],"flag":true}"#)]),
        (
            "the session's attributes",
            true,
            &[
                ("/args", "{}"),
                ("/session/site", r#""https://site.example/""#),
                ("/session/until", r#""2026-12-01T10:00:01Z""#),
            ],
        ),
        ("an unknown attribute", false, &[("/session/other", "1")]),
        (
            "a fresh session",
            true,
            &[
                ("/args", "{}"),
                ("/session/started", r#""2026-12-01T10:00:00Z""#),
                ("/session/authn", r#""hardware-key""#),
            ],
        ),
    ],
};

const FORBIDS: Written = Written {
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
forbid no-large-reads { tools db.query  when args.rows > 100  because "too much" }
forbid no-secrets { tools db.query  when args.table like "secret*" or args.table == "shadow" }
forbid no-pay { data internal.hr.pay  when not session.environment == staging }
forbid no-deletes-by-helpers { agents helper  tools effect delete }
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

const HOSTILE: Written = Written {
    name: "hostile",
    text: r#"
person pat { email "pat@acme.example" }
data things { sensitivity internal }
tool t.if {
  "\"); permit (principal, action, resource); //"
  arg if?: string
  arg then-else?: string
  arg __cedar?: string
  arg mode?: "\") || true || (\"" | "a\nb" | "\u{202e}x" | plain
  effect write
  writes things
}
agent bot { owner pat }
purpose p { "*/ } default allow := true {"  needs t.if  needs data things }
grant g {
  to bot for p
  allow t.if where args.if == "\") || true || (\"" and args.then-else like "a\\b\"*\*|.*"
  allow t.if where args.mode == "\") || true || (\"" or args.mode == "\u{202e}x"
  allow t.if where args.__cedar in ("\u{0}", "`\n", "${1}", "{{x}}")
  on things
}
forbid f { when args.mode == "a\nb"  tools t.if  because "\n@id(\"x\")\npermit(principal, action, resource);" }
"#,
    base: r#"{"chain":["bot"],"purpose":"p","tool":"t.if","args":{"mode":"\") || true || (\""},
        "now":"2026-12-01T10:00:00Z","session":{"started":"2026-12-01T09:45:00Z","authn":"api-key"}}"#,
    cases: &[
        ("a plain value", false, &[("/args/mode", r#""plain""#)]),
        ("a value that cannot be seen", true, &[("/args/mode", "\"\u{202e}x\"")]),
        (
            "what breaks out, once more",
            true,
            &[("/args", r#"{"if":"\") || true || (\"","then-else":"a\\b\"x*|.y","mode":"plain"}"#)],
        ),
        (
            "not quite",
            false,
            &[("/args", r#"{"if":"\") || true || (\"","then-else":"a\\b\"x|.y","mode":"plain"}"#)],
        ),
        ("NUL", true, &[("/args", r#"{"__cedar":"\u0000","mode":"plain"}"#)]),
        ("the forbid without a mode", false, &[("/args", r#"{"__cedar":"\u0000"}"#)]),
    ],
};
