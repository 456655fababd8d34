//! A tap device as the wire, whose network is this test: what is written to its file arrives, what is sent can be read.

use super::{IN, OUT, event, is_sanitized, payload, receive, send, vi_on};
use crate::common::namespace::{PATIENCE, Veth, ip, over_each_wire, wait_for};
use crate::common::{Packet, Spec, Vi, readable};
use efvi_sys::*;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

/// The network that a tap device is plugged into.
struct Tap(File);

/// `ioctl` that makes the device.
const SET_INTERFACE: libc::Ioctl = 0x4004_54ca;

impl Tap {
    /// A device of that name, up, with the address that VIs have; or why there is none.
    fn new(name: &str) -> std::io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun")?;
        // SAFETY: all zero is a request.
        let mut request: libc::ifreq = unsafe { core::mem::zeroed() };
        for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
            *to = from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_TAP | libc::IFF_NO_PI) as i16;
        // SAFETY: a request of the kind that this code takes.
        if unsafe { libc::ioctl(file.as_raw_fd(), SET_INTERFACE, &mut request) } < 0 {
            return Err(std::io::Error::last_os_error());
        }
        let address = Veth::NEAR_MAC.map(|byte| format!("{byte:02x}")).join(":");
        ip(&format!("link set {name} address {address}"));
        ip(&format!("link set {name} up"));
        Ok(Self(file))
    }

    /// A frame arrives.
    fn send(&mut self, frame: &[u8]) {
        assert_eq!(self.0.write(frame).unwrap(), frame.len());
    }

    /// The next frame of the VI's that was sent. The kernel sends some of its own.
    fn receive(&mut self) -> Vec<u8> {
        let mut frame = [0; 2000];
        wait_for("a frame", || {
            let length = self.0.read(&mut frame).ok()?;
            let frame = &frame[..length];
            (frame.starts_with(&OUT.mac) && frame[12..14] == [8, 0]).then(|| frame.to_vec())
        })
    }
}

/// Frames go both ways over a driver that is not veth's, in place by AF_XDP; when the network goes, so does the device.
#[test]
fn a_tap_device_is_a_wire() {
    over_each_wire("interfaces::tap::a_tap_device_is_a_wire", |wire| {
        let mut tap = match Tap::new("tap0") {
            Ok(tap) => tap,
            Err(e) => return println!("skipped: no tap device: {e}"),
        };
        let vi = vi_on("tap0", 0, &Spec::local(&IN));
        vi.fill(0..64);
        vi.poll(1);
        assert_eq!((vi.mac(), vi.mtu()), (Veth::NEAR_MAC, 1514));
        for length in [18, 333, 1472] {
            let sent = IN.frame(&payload(length));
            tap.send(&sent);
            assert_eq!(receive(&vi), sent);
            let sent = OUT.frame(&payload(length));
            send(&vi, &sent, length);
            assert_eq!(tap.receive(), sent);
        }
        // Another's is the kernel's.
        tap.send(&Packet { to: (Veth::OURS, 9), ..IN }.frame(b"not for the VI"));
        tap.send(&IN.frame(b"for the VI, padded"));
        assert_eq!(receive(&vi), IN.frame(b"for the VI, padded"));
        let ways = match wire {
            "xdp" | "xdp-generic" if !is_sanitized() || vi.statistic("rx_in_place") > 0 => {
                ["rx_in_place", "tx_in_place"]
            }
            _ => ["rx_copied", "tx_copied"],
        };
        assert_eq!(ways.map(|way| vi.statistic(way)), [4, 3], "{:?}", vi.statistics(false));
        asleep_until(&vi, || drop(tap));
        assert_eq!(EF_EVENT_TYPE(&event(&vi)), EF_EVENT_TYPE_RESET);
    });
}

/// Is woken by what happens.
fn asleep_until(vi: &Vi, happens: impl FnOnce()) {
    assert!(vi.poll(1).is_empty());
    assert_eq!(vi.prime(), 0);
    happens();
    assert!(readable(&vi.domain.driver, PATIENCE.as_millis() as i32));
}
