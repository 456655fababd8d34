//! An interface changes while VIs use it: it goes down and comes up, or gets another MTU or name.

use super::gone::is_reset;
use super::{IN, OUT, event, payload, receive, send, vi, vi_on};
use crate::common::namespace::{Veth, ip, over_each_wire, wait_for};
use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Duration;

/// A socket of the kernel's that waits for what is on its way, and not for what is lost.
pub fn socket(veth: &Veth) -> UdpSocket {
    let socket = veth.socket(9002);
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    socket
}

/// Polls so often that a VI hears of what has changed; nothing else happens to it.
pub fn heard(vi: &Vi) -> u64 {
    (0..3000).for_each(|_| assert!(vi.poll(1).is_empty()));
    vi.statistic("link_changes")
}

/// Changes the interface, and waits until the VI has heard of it.
fn change(vi: &Vi, line: &str) {
    let before = heard(vi);
    ip(line);
    wait_for("the change", || (heard(vi) > before).then_some(()));
}

/// Who waits goes to sleep again, however often it was woken by what has changed.
fn sleeps(vi: &Vi) {
    wait_for("sleep", || {
        assert!(vi.poll(1).is_empty());
        (vi.wait(Some(1000)) == -libc::ETIMEDOUT).then_some(())
    });
}

/// Frees the kernel of what it forgets with a link.
fn know_each_other() {
    ip("neigh replace 198.18.0.1 lladdr 02:00:00:00:09:01 dev veth1");
}

/// A frame goes each way, after a while.
pub fn traffic(vi: &Vi, socket: &UdpSocket) {
    let mut got = [0; 100];
    wait_for("a frame out", || {
        send(vi, &OUT.frame(b"out"), 1);
        socket.recv(&mut got).ok()
    });
    assert_eq!(got[..3], *b"out");
    wait_for("a frame in", || {
        socket.send_to(b"back", SocketAddr::from((Veth::OURS, 9001))).ok();
        (take(vi) > 0).then_some(())
    });
    // What was asked for more than once may come late.
    while socket.recv(&mut got).is_ok() || take(vi) > 0 {}
}

/// Takes the frames that came, and posts their buffers again; says how many there were.
fn take(vi: &Vi) -> usize {
    let events = vi.drain();
    for event in &events {
        assert_eq!(vi.frame(event)[42..46], *b"back");
        let id = EF_EVENT_RX_RQ_ID(event) as usize;
        vi.fill(id..id + 1);
    }
    events.len()
}

/// Datagrams that the socket gets until no more come.
fn count(socket: &UdpSocket) -> u64 {
    let mut got = [0; 2000];
    std::iter::from_fn(|| socket.recv(&mut got).ok()).count() as u64
}

/// As on an adapter sends complete while the link is down, and reach nobody; they are counted, and nothing is kept for
/// later. When it is up again traffic goes on.
#[test]
fn without_a_link_sends_complete_and_are_lost() {
    over_each_wire("interfaces::changes::without_a_link_sends_complete_and_are_lost", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi(0);
        // Its own end is down, then there is nobody at the other. Whether it has heard already makes no difference.
        for end in ["veth0", "veth1"] {
            let mut sent = 0;
            let mut some = |vi: &Vi| {
                (0..20).for_each(|id| send(vi, &OUT.frame(&payload(300)), id));
                sent += 20;
            };
            let before = ["tx_no_link", "tx_refused"].map(|name| vi.statistic(name));
            some(&vi);
            let reached = count(&socket);
            assert_eq!(reached, 20);
            ip(&format!("link set {end} down"));
            some(&vi);
            wait_for("the change", || (heard(&vi) > 0).then_some(()));
            some(&vi);
            let after = ["tx_no_link", "tx_refused"].map(|name| vi.statistic(name));
            assert_eq!(after[0] - before[0], 40, "{end}");
            assert_eq!(after[1], before[1], "{end}: it is not full");
            sleeps(&vi);
            ip(&format!("link set {end} up"));
            know_each_other();
            assert_eq!(count(&socket), 0, "{end}: none was kept");
            some(&vi);
            let lost = vi.statistic("tx_no_link") - before[0];
            assert_eq!(count(&socket) + reached + lost, sent, "{end}");
            traffic(&vi, &socket);
            sleeps(&vi);
        }
    });
}

/// Many frames in one push.
#[test]
fn a_batch_is_lost_whole_while_there_is_no_link() {
    over_each_wire("interfaces::changes::a_batch_is_lost_whole_while_there_is_no_link", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi(0);
        traffic(&vi, &socket);
        let before = vi.statistic("tx_frames");
        ip("link set veth1 down");
        for id in 0..100 {
            assert_eq!(vi.transmit_init(vi.load(id, &OUT.frame(&payload(id))), 42 + id, id), 0);
        }
        vi.transmit_push();
        let mut done = Vec::new();
        wait_for("all to complete", || {
            vi.poll(4).iter().for_each(|event| done.extend(vi.unbundle(event)));
            (done.len() == 100).then_some(())
        });
        assert!(done.into_iter().eq(0..100));
        assert_eq!(vi.statistic("tx_frames") - before, 100);
        assert_eq!(vi.statistic("tx_no_link") + vi.statistic("tx_refused"), 100);
    });
}

/// Frames that are longer than a lowered MTU complete and are lost, as at an adapter's MAC; `ef_vi_mtu` follows.
#[test]
fn frames_longer_than_a_lowered_mtu_are_counted() {
    over_each_wire("interfaces::changes::frames_longer_than_a_lowered_mtu_are_counted", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi(0);
        let sends = |length: usize| {
            let before = vi.statistic("tx_too_long");
            send(&vi, &OUT.frame(&payload(length)), length);
            (count(&socket), vi.statistic("tx_too_long") - before)
        };
        assert_eq!(sends(1472), (1, 0));
        change(&vi, "link set veth0 mtu 1000");
        assert_eq!(vi.mtu(), 1014);
        assert_eq!(sends(972), (1, 0));
        assert_eq!(sends(973), (0, 1));
        assert_eq!(sends(1472), (0, 1));
        // A tag does not count.
        let tagged = Packet { vlan: Some(5 << 13), ..OUT };
        send(&vi, &tagged.frame(&payload(972)), 1);
        assert_eq!(count(&socket), 1);
        send(&vi, &tagged.frame(&payload(973)), 1);
        assert_eq!((count(&socket), vi.statistic("tx_too_long")), (0, 3));
        // What it may send again it sends at once.
        ip("link set veth0 mtu 1500");
        assert_eq!(vi.mtu(), 1514);
        assert_eq!(sends(1472), (1, 0));
        assert_eq!(vi.statistic("tx_refused") + vi.statistic("tx_no_link"), 0);
    });
}

/// The pieces of a frame that takes several buffers.
fn receive_long(vi: &Vi) -> Vec<u8> {
    let mut frame = Vec::new();
    loop {
        let event = event(vi);
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
        let bytes = EF_EVENT_RX_BYTES(&event) as usize - frame.len();
        frame.extend(vi.memory.read(EF_EVENT_RX_RQ_ID(&event) as usize * Vi::BUFFER, bytes));
        if EF_EVENT_RX_CONT(&event) == 0 {
            return frame;
        }
    }
}

/// VIs that are allocated after the MTU was raised have the new one, those before stay at theirs.
#[test]
fn a_raised_mtu_is_that_of_the_next_vi() {
    over_each_wire("interfaces::changes::a_raised_mtu_is_that_of_the_next_vi", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        socket.connect(SocketAddr::from((Veth::OURS, 9001))).unwrap();
        let domain = Domain::named(Veth::NEAR);
        let allocate = || {
            let vi = domain.vi(Queues::default()).unwrap();
            vi.filter(&Spec::local(&IN)).unwrap();
            vi.fill(0..64);
            vi.poll(1);
            vi
        };
        let old = allocate();
        ip("link set veth1 mtu 4000");
        change(&old, "link set veth0 mtu 4000");
        assert_eq!(old.mtu(), 1514);
        socket.send(&payload(3000)).unwrap();
        // One that has no place for it loses it, and says so.
        wait_for("the loss", || {
            assert!(old.poll(1).is_empty());
            (old.statistic("rx_too_long") + old.statistic("rx_overruns") == 1).then_some(())
        });
        socket.send(b"short").unwrap();
        assert_eq!(receive(&old)[42..47], *b"short");
        drop(old);

        let new = allocate();
        assert_eq!(new.mtu(), 4014);
        let sent = payload(3000);
        socket.send(&sent).unwrap();
        assert_eq!(receive_long(&new)[42..], sent);
        let frame = OUT.frame(&sent);
        let pieces: Vec<_> =
            frame.chunks(Vi::BUFFER).enumerate().map(|(i, piece)| (new.load(i, piece), piece.len())).collect();
        assert_eq!(new.transmitv(&pieces, 7), 0);
        assert_eq!(new.unbundle(&event(&new)), [7]);
        let mut got = [0; 4000];
        let length = socket.recv(&mut got).unwrap();
        assert_eq!(got[..length], sent);
        assert_eq!(new.statistic("tx_too_long"), 0);
    });
}

/// A VI stays with the interface whatever that is called, and the name is that of whichever has it.
#[test]
fn a_renamed_interface_goes_on() {
    over_each_wire("interfaces::changes::a_renamed_interface_goes_on", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi(0);
        traffic(&vi, &socket);
        // Kernels of before 5.18 rename only what is down.
        let mut rename = Command::new("ip");
        if !rename.args(["link", "set", "veth0", "name", "other0"]).status().unwrap().success() {
            ip("link set veth0 down");
            ip("link set veth0 name other0");
            ip("link set other0 up");
            know_each_other();
        }
        traffic(&vi, &socket);
        assert_eq!(vi.mtu(), 1514);
        let open = |name| Domain::open(&Driver::open(), &Interface::Name(name), EF_PD_DEFAULT);
        assert_eq!(open(Veth::NEAR).err(), Some(-libc::ENODEV), "nothing is called that");
        let same = open("other0").unwrap();
        if !wire.starts_with("xdp") {
            assert_eq!(same.vi(Queues::default()).unwrap().mac(), Veth::NEAR_MAC);
        }
        ip("link add veth0 mtu 1300 type veth peer name veth2");
        ip("link set veth0 up");
        assert_eq!(vi_on(Veth::NEAR, 0, &Spec::local(&IN)).mtu(), 1314, "another has its name now");
        traffic(&vi, &socket);
    });
}

/// AF_XDP can't be had on an interface that is down, which is said when it is asked for; packet sockets wait.
#[test]
fn an_interface_that_is_down_when_it_is_opened() {
    over_each_wire("interfaces::changes::an_interface_that_is_down_when_it_is_opened", |wire| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        ip("link set veth0 down");
        if wire.starts_with("xdp") {
            let refused = Domain::named(Veth::NEAR).vi(Queues::default());
            assert_eq!(refused.err(), Some(-libc::ENETDOWN));
            let why = mock_nic::take_refusal().unwrap();
            assert!(why.contains("ip link set veth0 up"), "{why}");
            return;
        }
        let vi = vi(0);
        send(&vi, &OUT.frame(b"lost"), 0);
        assert_eq!(vi.statistic("tx_no_link"), 1);
        ip("link set veth0 up");
        know_each_other();
        traffic(&vi, &socket);
    });
}

/// The memory of AF_XDP's sockets is known with the first buffer or send: they are bound when the interface is up again.
#[test]
fn an_interface_that_goes_down_before_it_is_used() {
    over_each_wire("interfaces::changes::an_interface_that_goes_down_before_it_is_used", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi_on(Veth::NEAR, 0, &Spec::local(&IN));
        ip("link set veth0 down");
        vi.fill(0..64);
        assert!(vi.poll(1).is_empty());
        send(&vi, &OUT.frame(b"lost"), 0);
        assert_eq!(vi.statistic("tx_no_link"), 1);
        ip("link set veth0 up");
        know_each_other();
        traffic(&vi, &socket);
    });
}

/// A run of a test's part in this namespace.
pub fn part(name: &str, role: &str) -> Command {
    let mut command = again(&format!("interfaces::{name}"), role);
    command.env("LIBRARY_TEST_ROLE", role);
    command
}

/// The log has a line for each change.
#[test]
fn the_log_says_what_becomes_of_an_interface() {
    over_each_wire("interfaces::changes::the_log_says_what_becomes_of_an_interface", |_| {
        let _veth = Veth::new(1500, 1);
        let directory = Directory::new();
        let log = directory.path().join("log");
        let mut logged = part("changes::an_interface_changes", "logged");
        logged.env("EFVI_MOCK_LOG", format!("wire:{}", log.display()));
        succeeds(logged);
        let log = std::fs::read_to_string(log).unwrap();
        let said = [
            "veth0: is down, MTU 1500: what is sent is lost (tx_no_link)",
            "veth0: is up without a carrier, MTU 1500",
            "veth0: is up, MTU 1500\n",
            "veth0: is up, MTU 1400: longer frames are lost (tx_too_long)",
            "veth0: is up, MTU 1600: open VIs keep to 1500",
            "veth0: has gone",
        ];
        let mut rest = &log[..];
        for line in said {
            let at = rest.find(line).unwrap_or_else(|| panic!("`{line}` is missing:\n{log}"));
            rest = &rest[at + line.len()..];
        }
        assert_eq!(log.matches("has gone").count(), 1, "{log}");
    });
}

/// The part of it that is logged.
#[test]
fn an_interface_changes() {
    if role().as_deref() != Some("logged") {
        return;
    }
    let vi = vi(0);
    change(&vi, "link set veth0 down");
    // With its own end down the other's makes no difference.
    ip("link set veth1 down");
    change(&vi, "link set veth0 up");
    change(&vi, "link set veth1 up");
    change(&vi, "link set veth0 mtu 1400");
    change(&vi, "link set veth0 mtu 1600");
    ip("link del veth0");
    is_reset(&vi);
}
