//! Huge pages as the memory of an interface of the machine: AF_XDP receives into them and sends from them, in place.

use std::fs;

use efvi::{Backing, Driver, Filter, PacketPool, Pages, ProtectionDomain, VirtualInterface};

use crate::common::*;
use crate::veth;

/// Huge pages of 2 MiB that are set aside: those that there were, and as many more.
struct Reserved(Option<usize>);

const COUNT: &str = "/proc/sys/vm/nr_hugepages";

/// A line of /proc/meminfo.
fn meminfo(name: &str) -> usize {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

impl Reserved {
    /// So many that are free, for as long as this is kept; or why there are none.
    fn pages(wanted: usize) -> Result<Self, String> {
        if meminfo("HugePages_Free") >= wanted + meminfo("HugePages_Rsvd") {
            return Ok(Self(None));
        }
        if meminfo("Hugepagesize") != 2048 {
            return Err("the default huge page is not of 2 MiB".into());
        }
        let before = meminfo("HugePages_Total");
        fs::write(COUNT, (before + wanted).to_string()).map_err(|e| format!("{COUNT}: {e}"))?;
        let reserved = Self(Some(wanted));
        match meminfo("HugePages_Total") - before {
            got if got >= wanted => Ok(reserved),
            got => Err(format!("{got} of {wanted} huge pages could be set aside")),
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(pages) = self.0 {
            fs::write(COUNT, meminfo("HugePages_Total").saturating_sub(pages).to_string()).ok();
        }
    }
}

#[test]
fn frames_are_received_into_and_sent_from_huge_pages_in_place() {
    const TEST: &str = "huge_pages::frames_are_received_into_and_sent_from_huge_pages_in_place";
    const FRAMES: u64 = 1000;
    /// Of 2048 buffers of 2048 bytes.
    const NEEDED: usize = 2;
    // The run in the namespace has what this one keeps.
    let _reserved = match Reserved::pages(16) {
        Ok(reserved) => reserved,
        Err(why) => return println!("skipped: {TEST}: {why}"),
    };
    veth::over(&["xdp"], TEST, || {
        let (socket, to) = veth::socket();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), "near").unwrap();
        let builder = PacketPool::builder().buffers(2048).pages(Pages::Huge2M).at_least(Pages::Huge2M);
        let mut pool = match builder.build(&domain) {
            Err(_) if meminfo("HugePages_Free") < NEEDED => {
                return println!("skipped: {TEST}: others took the huge pages");
            }
            built => built.unwrap(),
        };
        assert_eq!(pool.backing(), Backing::Mapped(Pages::Huge2M));
        let mut vi = VirtualInterface::builder().build(&domain).unwrap();
        vi.filter_add(&Filter::udp_local(address(1, 7001))).unwrap();
        let from = Station { mac: vi.mac().unwrap(), address: address(1, 7001) };
        let (mut tx, mut rx) = vi.split();
        rx.fill(&mut pool).unwrap();
        // The first poll hands the buffers over.
        expect_quiet(&mut rx);
        let mut got = [0; 2000];
        for sequence in 0..FRAMES as usize {
            let content = payload(sequence);
            socket.send_to(&content, from.address).unwrap();
            assert_eq!(body(&wait_received(&mut rx, 1)[0]), content);
            tx.send(udp_buffer(&mut pool, from, to, &content)).unwrap();
            pool.put(wait_sent(&mut rx, 1).remove(0).buffer);
            let length = socket.recv(&mut got).unwrap();
            assert_eq!(got[..length], content);
            rx.fill(&mut pool).unwrap();
        }
        // Sanitizers may leave no free addresses beside what is mapped: then all is copied.
        if ["ASAN_OPTIONS", "TSAN_OPTIONS"].iter().any(|name| std::env::var_os(name).is_some()) {
            return;
        }
        let statistics = vi.statistics().unwrap();
        let count = |name| statistics.get(name).unwrap();
        assert_eq!((count("rx_in_place"), count("tx_in_place")), (FRAMES, FRAMES), "{statistics:?}");
        assert_eq!((count("rx_copied"), count("tx_copied")), (0, 0), "{statistics:?}");
    });
}
