//! Texts that stand for values: one reader per type, for literals in policies and for requests.
//!
//! Each reader accepts the *normalised* text only. Two texts that mean the same thing would
//! otherwise be two values here and one value to whoever carries out the call, and a forbid on
//! the one would not see the other. So `/srv/../etc` is no path, `HTTP://h/` is no URL, and
//! nothing is mended silently; [`normalise_path`] and [`normalise_url`] say what a policy's
//! author probably meant.

mod address;
mod instant;
mod number;
mod path;
mod url;

pub use address::{parse_cidr, parse_ip};
pub use instant::{duration_from_text, duration_text, instant_text, parse_instant};
pub use number::{decimal_from_text, decimal_text, int_from_text};
pub use path::{normalise_path, parse_path, path_under};
pub use url::{check_host, host_matches, normalise_url, parse_url, url_host, url_under};

/// Why a text is no value of a type: a few words, lower case.
pub type Malformed = &'static str;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AFTER_LATEST;

    #[test]
    fn only_normalised_paths_are_paths() {
        for good in ["/", "/srv", "/srv/data", "/a b/c…", "/.../x", "/..a"] {
            assert_eq!(parse_path(good).as_deref(), Ok(good));
        }
        for bad in ["", "srv", "/srv/", "//", "/a//b", "/a/./b", "/a/..", "/..", "/a\0b", "./a"] {
            assert!(parse_path(bad).is_err(), "{bad:?}");
        }
        assert_eq!(normalise_path("/srv//x/../data/").as_deref(), Some("/srv/data"));
        assert_eq!(normalise_path("/../etc"), None);
        assert_eq!(normalise_path("srv"), None);
    }

    #[test]
    fn under_goes_by_whole_segments() {
        assert!(path_under("/srv", "/srv") && path_under("/srv", "/srv/x") && path_under("/", "/x"));
        assert!(!path_under("/srv", "/srvx") && !path_under("/srv/x", "/srv"));
        assert!(url_under("https://h/v1", "https://h/v1/x") && url_under("https://h/v1", "https://h/v1?q=1"));
        assert!(url_under("https://h/", "https://h/v1") && url_under("https://h/v1/", "https://h/v1/x"));
        assert!(
            !url_under("https://h/v1", "https://h/v10") && !url_under("https://h/v1", "https://h.evil/v1")
        );
    }

    #[test]
    fn only_normalised_urls_are_urls() {
        for good in [
            "https://api.example.com/",
            "https://api.example.com/v1/?q=%2e#x",
            "http://h:8080/a%2Fb",
            "https://10.0.0.1/",
            "https://[2001:db8::1]:8443/x",
            "s3+x://bucket/key",
        ] {
            assert_eq!(parse_url(good).as_deref(), Ok(good));
        }
        for bad in [
            "https://api.example.com",
            "HTTPS://h/",
            "https://H/",
            "https://u@h/",
            "https://u:p@h/",
            "https://h:443/",
            "http://h:080/",
            "http://h:/",
            "http://h:65536/",
            "https://h/../x",
            "https://h/a/%2E%2E/b",
            "https://h/a/%2e%2e/b",
            "https://h/..%2Fadmin",
            "https://h/..%5Cadmin",
            "https://h/%61dmin",
            "https://h/%c3%a9",
            "https://h//x",
            "https://h/\\x",
            "https://h/%",
            "https://h/é",
            "https://h/a b",
            "https:///x",
            "https://h./x",
            "https://127.1/",
            "https://0x7f.0.0.0x1/",
            "https://2130706433/",
            "https://[::ffff:1.2.3.4]/",
            "https://[::1/",
            "/x",
            "://h/",
            "",
        ] {
            assert!(parse_url(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            normalise_url("HTTPS://Api.Example.com:443/a/../b/?Q").as_deref(),
            Some("https://api.example.com/b/?Q")
        );
        assert_eq!(normalise_url("https://h").as_deref(), Some("https://h/"));
        assert_eq!(normalise_url("https://u@h/"), None);
    }

    #[test]
    fn hosts_match_whole_labels() {
        let url = "https://api.example.com:8443/x";
        assert_eq!(url_host(url), "api.example.com");
        assert!(host_matches("api.example.com", false, url) && host_matches("example.com", true, url));
        assert!(!host_matches("example.com", false, url) && !host_matches("api.example.com", true, url));
        assert!(!host_matches("example.com", true, "https://badexample.com/"));
        assert_eq!(url_host("https://[2001:db8::1]:8443/x"), "[2001:db8::1]");
    }

    #[test]
    fn addresses_have_one_form() {
        assert!(parse_ip("10.0.0.1").is_ok() && parse_ip("2001:db8::1").is_ok() && parse_ip("::").is_ok());
        for bad in ["010.0.0.1", "2001:DB8::1", "2001:db8:0::1", "::ffff:10.0.0.1", "10.0.0.0/8", "", " ::1"]
        {
            assert!(parse_ip(bad).is_err(), "{bad:?}");
        }
        assert!(
            parse_cidr("10.0.0.0/8").is_ok()
                && parse_cidr("::/0").is_ok()
                && parse_cidr("10.0.0.1/32").is_ok()
        );
        for bad in
            ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "::ffff:0.0.0.0/96", "2001:DB8::/32"]
        {
            assert!(parse_cidr(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn instants_are_whole_seconds_in_range() {
        assert_eq!(parse_instant("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(parse_instant("2199-12-31T23:59:59Z"), Ok(AFTER_LATEST - 1));
        assert_eq!(instant_text(1_796_119_200), "2026-12-01T10:00:00Z");
        for bad in [
            "2200-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-02-29T00:00:00Z",
            "2026-12-01T24:00:00Z",
            "2026-12-31T23:59:60Z",
            "2026-12-01T10:00:00+00:00",
            "2026-12-01T10:00:00.0Z",
            "2026-12-01t10:00:00z",
            "2026-12-01 10:00:00Z",
            "2026-12-01",
            "",
        ] {
            assert!(parse_instant(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn numbers_are_exact() {
        assert_eq!(int_from_text("9223372036854775807"), Some(i64::MAX));
        assert_eq!(int_from_text("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(int_from_text("9223372036854775808"), None);
        for (text, value) in
            [("5.0", 5), ("5e2", 500), ("500e-2", 5), ("-0", 0), ("0e99999999999999999999", 0)]
        {
            assert_eq!(int_from_text(text), Some(value), "{text}");
        }
        for bad in [
            "5.5",
            "1e19",
            "1e999999999999999999999",
            "1e-99999999999999999999",
            "",
            "-",
            "05",
            "1.",
            ".5",
            "1e",
            "+1",
            "0x1",
        ] {
            assert_eq!(int_from_text(bad), None, "{bad:?}");
        }
        assert_eq!(decimal_from_text("12.50"), Some(125_000));
        assert_eq!(decimal_from_text("0.00001"), None);
        assert_eq!(decimal_from_text("0.000010e1"), Some(1));
        assert_eq!(decimal_from_text("922337203685477.5807"), Some(i64::MAX));
        assert_eq!(decimal_from_text("922337203685477.5808"), None);
        assert_eq!(decimal_from_text("-922337203685477.5808"), Some(i64::MIN));
        assert_eq!((decimal_text(125_000), decimal_text(-1)), ("12.5".into(), "-0.0001".into()));
        assert_eq!(decimal_from_text(&decimal_text(i64::MIN)), Some(i64::MIN));
    }

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in [(0, "0s"), (5400, "1h30m"), (7_776_000, "90d"), (604_800, "1w"), (59, "59s")]
        {
            assert_eq!(duration_text(seconds), text);
            assert_eq!(duration_from_text(text), Some(seconds));
        }
        for bad in ["", "1", "1m1h", "h", "1h ", "-1h", "99999999999999w", "1h1h"] {
            assert_eq!(duration_from_text(bad), None, "{bad}");
        }
    }
}
