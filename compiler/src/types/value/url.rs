//! URLs and their hosts.

use super::Malformed;
use super::address::parse_ip;
use super::path::resolve_dots;
use crate::model::Str;
use std::net::{IpAddr, Ipv4Addr};

/// A URL: `scheme://host[:port]/path…`, printable ASCII; scheme and host in lower case, no user
/// information, no default port; no empty or dot segments in the path, also not behind
/// percent-encoding, whose digits are upper-case and which never hides an unreserved character.
pub fn parse_url(text: &str) -> Result<Str, Malformed> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
        return Err("a url is printable ascii; anything else in it is percent-encoded");
    }
    let (scheme, rest) = text.split_once("://").ok_or("a url starts with `scheme://`")?;
    check_scheme(scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    check_authority(scheme, &rest[..end])?;
    let rest = rest[end..].strip_prefix('/').ok_or("a url has a path, at least `/`")?;
    let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    check_url_path(path)?;
    percent_encoded(tail).ok_or("`%` is followed by two hexadecimal digits")?;
    Ok(text.into())
}

fn check_scheme(scheme: &str) -> Result<(), Malformed> {
    let mut bytes = scheme.bytes();
    let fine = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte));
    if fine { Ok(()) } else { Err("the scheme of a url is lower-case letters and digits") }
}

fn check_authority(scheme: &str, authority: &str) -> Result<(), Malformed> {
    if authority.contains('@') {
        return Err("a url has no user information");
    }
    let (host, port) = split_port(authority);
    if let Some(port) = port {
        let number: u16 = port.parse().map_err(|_| "the port of a url is a number up to 65535")?;
        if number.to_string() != port {
            return Err("the port of a url is a number without leading zeros");
        }
        if default_port(scheme) == Some(number) {
            return Err("a url leaves its scheme's default port out");
        }
    }
    check_host(host)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// A host: lower-case labels, an IPv4 address, or an IPv6 address in brackets, each in normal form.
pub fn check_host(host: &str) -> Result<(), Malformed> {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.strip_suffix(']').ok_or("an ipv6 host stands in brackets")?;
        return match parse_ip(address) {
            Ok(IpAddr::V6(_)) => Ok(()),
            _ => Err("an ipv6 host is an address in its shortest form"),
        };
    }
    for label in host.split('.') {
        let fine = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
        if label.is_empty() || !fine {
            return Err("the host of a url is lower-case labels joined by dots");
        }
    }
    // A last label that looks like a number makes resolvers read an address: `127.1`, `0x7f.0.0.1`.
    let last = host.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if (hexadecimal || last.bytes().all(|b| b.is_ascii_digit())) && host.parse::<Ipv4Addr>().is_err() {
        return Err("a host that ends in a number is an ipv4 address of four decimal parts");
    }
    Ok(())
}

fn check_url_path(path: &str) -> Result<(), Malformed> {
    if path.is_empty() {
        return Ok(());
    }
    let inner = path.strip_suffix('/').unwrap_or(path);
    for segment in inner.split('/') {
        if segment.is_empty() {
            return Err("a url has no empty segment in its path");
        }
        let (decoded, normal) =
            percent_encoded(segment).ok_or("`%` is followed by two hexadecimal digits")?;
        if !normal {
            return Err(
                "percent-encoding has upper-case digits and never hides a letter, a digit or one of `-._~`",
            );
        }
        let pieces = decoded.split(|byte| matches!(byte, b'/' | b'\\'));
        if pieces.into_iter().any(|piece| piece == b"." || piece == b"..") {
            return Err("a url has no `.` or `..` in its path");
        }
    }
    Ok(())
}

/// The bytes meant, and whether the encoding is the normal one; `None` when it is broken.
fn percent_encoded(text: &str) -> Option<(Vec<u8>, bool)> {
    let mut bytes = text.bytes();
    let (mut decoded, mut normal) = (Vec::with_capacity(text.len()), true);
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (bytes.next()?, bytes.next()?);
        let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
        let meant = digit(high)? * 16 + digit(low)?;
        normal &= !high.is_ascii_lowercase() && !low.is_ascii_lowercase() && !unreserved(meant);
        decoded.push(meant);
    }
    Some((decoded, normal))
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// The URL that the text means, when that is plain: case, default port, dot segments, missing path.
pub fn normalise_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let authority = authority.to_ascii_lowercase();
    let authority = match split_port(&authority) {
        (host, Some(port)) if port.parse().ok().is_some_and(|port| default_port(&scheme) == Some(port)) => {
            host
        }
        _ => &authority,
    };
    let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let path = resolve_dots(path.strip_prefix('/').unwrap_or_default(), true)?;
    let url = format!("{scheme}://{authority}/{path}{tail}");
    parse_url(&url).ok().map(|_| url)
}

/// Host and port of what stands between `//` and the path.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_host = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_host..].find(':') {
        Some(colon) => (&authority[..after_host + colon], Some(&authority[after_host + colon + 1..])),
        None => (authority, None),
    }
}

/// The host of a normalised URL, without the port; an IPv6 address keeps its brackets.
pub fn url_host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    split_port(&rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())]).0
}

/// Whether `value` is `base` or below it: the same scheme, host and port, and a path below by
/// whole segments, whatever the query. Both are normalised and `base` has no query.
pub fn url_under(base: &str, value: &str) -> bool {
    match value.strip_prefix(base) {
        Some(rest) => rest.is_empty() || base.ends_with('/') || rest.starts_with(['/', '?', '#']),
        None => false,
    }
}

/// Whether a URL's host is `host`, or with `below` any host below it.
pub fn host_matches(host: &str, below: bool, url: &str) -> bool {
    let actual = url_host(url);
    if !below {
        return actual == host;
    }
    actual.strip_suffix(host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}
