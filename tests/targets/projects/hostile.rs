//! Names and texts made to break out of what is written.

use super::Written;

pub(super) const HOSTILE: Written = Written {
    name: "hostile",
    text: r#"
person pat { email "pat@acme.example" }
data things { sensitivity internal }
tool t.if {
  "\"); permit (principal, action, resource); //"
  arg if?: string
  arg then-else?: string
  arg __cedar?: string
  arg in?: int
  arg set?: int
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
  allow t.if where args.__cedar in ("\u{0}", "`\n", "${1}", "{{x}}", "\u{1f600}")
  allow t.if where args.in >= 5 and args.set <= 5
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
        ("what is two units of UTF-16", true, &[("/args", "{\"__cedar\":\"\u{1f600}\",\"mode\":\"plain\"}")]),
        ("NUL", true, &[("/args", r#"{"__cedar":"\u0000","mode":"plain"}"#)]),
        ("words of the engines", true, &[("/args", r#"{"in":5,"set":5,"mode":"plain"}"#)]),
        ("words of the engines, one of them less", false, &[("/args", r#"{"in":4,"set":5,"mode":"plain"}"#)]),
        ("the forbid without a mode", false, &[("/args", r#"{"__cedar":"\u0000"}"#)]),
    ],
};
