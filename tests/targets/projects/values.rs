//! A grant for every type of value.

use super::Written;

pub(super) const VALUES: Written = Written {
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
