//! Where messages were lost: what each end's counters say.

use std::fs;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// What an interface had no room for on its way in.
pub const RECEIVING: &str = "interface, receiving";

/// A counter of lost messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub at: String,
    pub messages: u64,
}

impl Count {
    pub fn new(at: &str, messages: u64) -> Count {
        Count { at: at.to_owned(), messages }
    }
}

/// Datagrams for which a socket of this network namespace had no room.
pub fn of_sockets() -> Result<Vec<Count>> {
    let text = fs::read_to_string("/proc/net/snmp").context("the kernel's counters of UDP")?;
    Ok(column(&text, "Udp:", "RcvbufErrors")
        .map(|messages| Count::new("socket's buffer", messages))
        .into_iter()
        .collect())
}

/// Frames that the kernel has dropped at an interface: those that it was to send, and those that came.
pub fn of_interface(interface: &str) -> Vec<Count> {
    let text = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let fields = text.lines().find_map(|line| {
        let (name, fields) = line.split_once(':')?;
        (name.trim() == interface).then_some(fields)
    });
    let Some(fields) = fields else { return Vec::new() };
    let field = |at: usize| fields.split_whitespace().nth(at).and_then(|field| field.parse().ok()).unwrap_or(0);
    // Eight of what came, of which the fourth is what was dropped; then eight of what was sent.
    vec![Count::new(RECEIVING, field(3)), Count::new("interface, sending", field(11))]
}

/// A number of a table in which each protocol has a line of names and one of numbers.
fn column(text: &str, protocol: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(protocol));
    let at = lines.next()?.split_whitespace().position(|column| column == name)?;
    lines.next()?.split_whitespace().nth(at)?.parse().ok()
}

/// What was counted since.
pub fn since(before: &[Count], now: &[Count]) -> Vec<Count> {
    let counted = now.iter().map(|count| {
        let earlier = before.iter().find(|earlier| earlier.at == count.at).map_or(0, |earlier| earlier.messages);
        Count { at: count.at.clone(), messages: count.messages.saturating_sub(earlier) }
    });
    counted.filter(|count| count.messages > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_is_read() {
        let text = "Tcp: A B\nTcp: 1 2\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 5 6 7 8 9\n\
                    UdpLite: RcvbufErrors\nUdpLite: 77\n";
        assert_eq!(column(text, "Udp:", "RcvbufErrors"), Some(9));
        assert_eq!(column(text, "Udp:", "Nothing"), None);
        assert_eq!(column("", "Udp:", "RcvbufErrors"), None);
    }

    #[test]
    fn only_what_was_counted_since_is_told() {
        let before = [Count::new("a", 3), Count::new("b", 4)];
        let now = [Count::new("a", 3), Count::new("b", 9), Count::new("c", 2)];
        assert_eq!(since(&before, &now), [Count::new("b", 5), Count::new("c", 2)]);
    }

    #[test]
    fn this_machine_has_the_counters() {
        of_sockets().unwrap();
        assert!(of_interface("no such interface").is_empty());
    }
}
