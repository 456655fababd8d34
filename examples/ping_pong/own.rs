//! What the kernel knows of an interface of this machine.

use std::net::Ipv4Addr;

use nix::ifaddrs::getifaddrs;

/// An interface's first IPv4 address; none of one that has none that others reach.
pub fn address(interface: &str) -> Option<Ipv4Addr> {
    let all = getifaddrs().ok()?;
    let mut addresses = all.filter(|one| one.interface_name == interface).filter_map(|one| {
        let address = one.address?;
        Some(address.as_sockaddr_in()?.ip())
    });
    addresses.find(|address| !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_no_address_that_others_reach() {
        assert_eq!(address("lo"), None);
        assert_eq!(address("no such interface"), None);
    }
}
