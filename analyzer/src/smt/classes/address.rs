//! Addresses and networks: networks and constants cut the line of addresses into intervals.

use super::Asked;
use bailiwick_compiler::model::{Net, Value};
use ipnet::{IpNet, Ipv4Net};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What stands for all addresses: for each family and each interval between cuts, its first few.
pub fn addresses(asked: &Asked) -> Vec<Value> {
    let nets = asked.nets.iter().map(|net| (net.0.network(), net.0.broadcast()));
    let constants = asked.constants.iter().filter_map(|value| match value {
        Value::Ip(address) => Some((*address, *address)),
        _ => None,
    });
    let (mut four, mut six) = (BTreeSet::from([0u128]), BTreeSet::from([0u128]));
    for (first, last) in nets.chain(constants) {
        let cuts = if first.is_ipv4() { &mut four } else { &mut six };
        cuts.insert(number(first));
        cuts.extend(number(last).checked_add(1));
    }
    // IPv4-mapped addresses are none, so they are an interval of their own, which is left out.
    let mapped = number(IpAddr::V6(Ipv4Addr::UNSPECIFIED.to_ipv6_mapped()));
    six.extend([mapped, mapped + (1 << 32)]);
    let v4 = members(&four, u128::from(u32::MAX), asked.representatives)
        .map(|at| IpAddr::V4(Ipv4Addr::from(at as u32)));
    let v6 = members(&six, u128::MAX, asked.representatives)
        .map(|at| IpAddr::V6(Ipv6Addr::from(at)))
        .filter(|address| !matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()));
    v4.chain(v6).map(Value::Ip).collect()
}

/// What stands for all networks: those named, and a few others.
pub fn networks(asked: &Asked) -> Vec<Value> {
    let mut values: Vec<Value> = asked.constants.iter().cloned().collect();
    let others = (0..=u16::MAX)
        .filter_map(|at| Ipv4Net::new(Ipv4Addr::new(10, (at >> 8) as u8, at as u8, 0), 24).ok())
        .map(|net| Value::Cidr(Net(IpNet::V4(net))))
        .filter(|net| !asked.constants.contains(net));
    values.extend(others.take(asked.representatives));
    values
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn members(cuts: &BTreeSet<u128>, end: u128, count: usize) -> impl Iterator<Item = u128> + '_ {
    cuts.iter().filter(move |&&cut| cut <= end).flat_map(move |&cut| {
        let next = cuts.range(cut + 1..).next().map_or(end, |next| next - 1).min(end);
        (cut..=next).take(count)
    })
}
