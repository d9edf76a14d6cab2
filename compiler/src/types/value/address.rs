//! Addresses and networks.

use super::Malformed;
use crate::model::Net;
use std::net::{IpAddr, Ipv6Addr};

/// An address in its shortest form. An IPv4-mapped IPv6 address is none: engines disagree about it.
pub fn parse_ip(text: &str) -> Result<IpAddr, Malformed> {
    let address: IpAddr = text.parse().map_err(|_| "not an ip address")?;
    if mapped(&address) {
        return Err("an ipv4 address inside an ipv6 one is not an ip address");
    }
    if address.to_string() != text {
        return Err("an ip address is written in its shortest form");
    }
    Ok(address)
}

/// A network in its shortest form, without host bits.
pub fn parse_cidr(text: &str) -> Result<Net, Malformed> {
    let net: ipnet::IpNet = text.parse().map_err(|_| "not a network (`10.0.0.0/8`)")?;
    if mapped(&net.addr()) {
        return Err("a network of ipv4 addresses inside ipv6 is not a network");
    }
    if net.trunc() != net {
        return Err("a network has no host bits set");
    }
    if net.to_string() != text {
        return Err("a network is written in its shortest form");
    }
    Ok(Net(net))
}

fn mapped(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if Ipv6Addr::to_ipv4_mapped(v6).is_some())
}
