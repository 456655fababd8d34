//! A Solarflare adapter in software, behind the ef_vi C ABI.
//!
//! This crate exports the functions of the ef_vi library, unmangled, and keeps `ef_vi` as the real library does: what
//! the C macros and inline functions read of it is true, and what they call through its `ops` is here. A program linked
//! with it in place of the real library runs on any Linux machine.
//!
//! - Interface `lo` is one port with a loopback plug that all of a user's processes share: what a VI sends there comes
//!   back to whichever VI has a filter for it.
//! - Interfaces `cable0a` and `cable0b` are ports at the two ends of a cable, shared likewise; so are `cable1a` and
//!   `cable1b`, up to `cable255b`.
//! - Any other Ethernet interface of the machine is the wire itself, and its port has its address and MTU: see below.
//! - An interface `pcap:FILE` is a port to which a capture's frames come: see below.
//! - A [`Fabric`] makes ports within a process.
//!
//! The receiver's poll takes frames off the wire, writes them into the posted buffers and raises the events; sends are
//! done when they are pushed. There are no threads behind it. Whoever blocks on a primed driver handle is woken by the
//! sender.
//!
//! As on the adapter, DMA goes to registered memory of the VI's own domain only, and page by page; receive descriptors
//! are taken in eights; frames without a posted buffer are lost, and counted; short frames are padded; frames sent by
//! DMA get their checksums filled in, those sent by CTPIO don't; bad checksums and check sequences make discards.
//!
//! PIO regions and TX alternatives are the port's, and run out: 16 regions of 4096 bytes; 17 FIFOs and 96 buffers of
//! 1024 bytes, of which each alternative takes 2 over and above its packets. A packet that finds a stopped alternative's
//! buffers full is lost without an error. A descriptor that can't be fetched kills the ring until it is revived.
//!
//! All kinds of filters are there: the most specific one gets a unicast frame, multicast goes to all that have one for
//! it, sniffers get copies. What no filter takes and is for the host is left to its kernel, and counted
//! ([`FabricPort::left_to_kernel`]). Sets of VIs spread flows by a Toeplitz hash, with the key of the driver (`6d 5a`
//! over and over) and 128 places filled in turn: over addresses and ports of TCP and UDP, over addresses of other IP.
//! Merged events and packed streams hold what one poll finds.
//! That is an X2. An X3, and an X4 on its express datapath, have no descriptors: a send is written through to a FIFO of
//! 32 KiB whose bytes count, and gets no checksums. Frames are received into superbuffers of 512 packets, of which each VI
//! has as many as its receive ring asks for on each queue; who holds a packet of each loses frames. A packet has room for
//! 1982 bytes: a larger MTU than 1964 is refused. A filter steers to one
//! of 16 queues: one that nobody uses if it names none, and the one that an equal filter has; every VI of a queue gets
//! all of it, and two processes may come by the same one. Sets of VIs are refused. An X3 steers by the near end of a flow
//! alone; an X4's queues are their domain's own unless they are to be shared. Events have the number of the filter, as
//! `ef_vi_filter_query` gives it; 0 for a frame whose filter is gone, of which nothing is documented. An X4 takes memory in
//! pages of 2 MiB; without the flag for the express datapath it is like an X2. `EF_VI_PD_FLAGS=express` sets that flag, as
//! in the library.
//!
//! What goes wrong on an adapter goes wrong here on request, by [`Faults`]; the program's own mistakes are found by
//! [`Fabric::checked`]. A port's frames are captured by [`FabricPort::capture`].
//!
//! Time is the machine's, and a send costs what copying it costs; or it is virtual ([`VirtualTime`]), where each step of
//! the adapter's, PCIe and the wire has its cost ([`Costs`]), and timestamps follow it.
//!
//! # Interfaces of the machine
//! Frames go through AF_XDP: an XDP program on the interface takes those that the filters of one VI match, and leaves all
//! else to the kernel. The memory that the VI's buffers are of is the sockets' memory: frames are written into posted
//! buffers and read from where they are, without a copy of this library's (`rx_in_place`, `tx_in_place` in a VI's
//! statistics), and without one of the kernel's where the driver can do that (`zero_copies`). What can't be so is copied
//! (`rx_copied`, `tx_copied`): buffers of another registration than the one whose buffers were posted first; frames that do
//! not fit one buffer; packed streams; what is gathered, or sent by CTPIO or PIO; and all of it where the addresses
//! around the registered memory are taken, as those of memory amid an allocator's are: map it. A receive ring's buffers
//! are spread over the interface's queues. Filled-in checksums stand in the application's memory after a send in place,
//! where an adapter leaves that as it was.
//!
//! Packet sockets serve where AF_XDP can't: a second VI on an interface, VIs of a set, X3 and X4, processes without
//! privileges. The kernel gets what they take, too; it is kept from answering it. Their receive rings are those of
//! TPACKET_V2, whose frames are there as soon as they come. Those of TPACKET_V3, on request, hold many more frames, for
//! bursts, but hand them over in blocks: a frame that comes alone is late by a millisecond or two.
//!
//! Nothing wakes a program when the kernel is done with what was sent: until then a handle that is primed is readable,
//! though a poll may give nothing yet; `ef_eventq_wait` sleeps, and asks every millisecond. `ef_vi_flush` waits until all has
//! left, and where that takes seconds it is `-ETIMEDOUT` and nothing is freed. On X3 and X4's express datapath, a VI under load
//! hears of changes only with a poll that receives nothing.
//!
//! A VLAN tag is seen by AF_XDP where it stands in the frame. Drivers that take it off are told to leave it there by
//! `ethtool -K IFACE rxvlan off`, and the kernel at the other end of a veth by `txvlan off` of that end: by default it
//! hands the tags of its VLAN interfaces over beside the frame. Packet sockets see it either way.
//!
//! Timestamps of arrivals are the driver's where it has them in the frame's metadata, else the kernel's, or else those of
//! the moment in which this library finds the frame (`rx_stamped_by_driver`, `rx_stamped_by_kernel`, `rx_stamped_late`);
//! of sends, those of the moment in which the frame is handed over. Multicast that several VIs of a process want reaches
//! them all: when the first such frame comes, a VI that has AF_XDP, which would take it from the others, goes on by packet
//! sockets. VIs of other processes, and sniffers, don't get what an XDP program takes, and a sniffer of what is sent sees what
//! packet sockets send. VIs of a process share receive queues (X3, X4); those of other processes have queues of their own.
//! What the port sends does not come back (`EF_PD_MCAST_LOOP`), and nothing is known of how many frames are the kernel's.
//! [`OpenPort`] has the counters of a port that this process has open.
//!
//! ef_vi has no event for a link, and so there is none here: as with an adapter that has no link, what is sent while the
//! interface is down, or has nobody at its other end, completes and reaches nobody (`tx_no_link`); when it is up again
//! traffic goes on, and nothing was kept for then. `ef_vi_mtu` follows the interface. What is longer than a lowered MTU
//! completes and is lost, as at an adapter's MAC (`tx_too_long`); until the VI has heard of it, within 1024 polls, it is the
//! kernel that drops it. VIs that are allocated after the MTU was raised have the new one; those before, whose rings and
//! memory are of another size, stay at theirs, and lose what arrives and is longer (`rx_too_long`, or `rx_overruns` by
//! AF_XDP). `link_changes` counts all these changes, and `EFVI_MOCK_LOG=wire` tells them. An interface that was deleted, or
//! moved to another network namespace, is an adapter that was unplugged: what had arrived comes first, then one `RESET`
//! event. From then on sends are lost (`tx_dead`), and waiting, priming, new filters, new VIs and `ef_vi_mtu` are `-ENODEV`.
//! One that was renamed goes on; its old name opens whatever has that.
//!
//! AF_XDP takes CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN will do for the last two), packet sockets
//! CAP_NET_RAW. What is missing is said by the log, and by [`take_refusal`]. Without CAP_IPC_LOCK the memory that AF_XDP
//! shares with the kernel counts towards RLIMIT_MEMLOCK (`ulimit -l`) of the user. Which memory that is shows with the first
//! buffers, when the VI is there already: if the limit is too small it goes on by packet sockets, and where AF_XDP alone was
//! asked for the program sees no more than a `RESET` event; the log of `wire` says why.
//!
//! # Captures
//! The frames of a file in the classic format of pcap (stamps in microseconds or nanoseconds, either byte order) come to
//! the port of interface `pcap:FILE`, from the first poll on after a VI of it has a filter: with the distances that they
//! were captured with, or as `EFVI_MOCK_REPLAY` says. Whoever polls feeds, and stops when there is something for its own
//! VI: so a program that has one is never too slow, and one of several that does not poll loses frames (`rx_overruns`).
//! With `stamps` the port's clock is the capture's, and stands at the frame that came last. What the program sends goes
//! nowhere. Where the capture ends the link goes down (`link_changes` in a VI's statistics), and the log of `wire` says
//! what became of the frames. A file that is no such capture is `-EINVAL` for whoever opens the interface, and a line on
//! standard error says why.
//!
#![doc = include_str!("../VARIABLES.md")]
//!
//! Not like the adapter: between two polls the wire holds 256 frames a sender, over and above the posted buffers; on the
//! machine's time a frame that cuts through is on the wire whole, a copy's few nanoseconds later than its start would be
//! (on virtual time its start is seen first, and a frame that a [`Fabric`]'s port begins is seen to arrive on both); an
//! event queue's timer wakes with the first frame rather than after it; sends by PIO that the library's debug build alone
//! checks (without a region, past its end, of fewer than 16 bytes) are refused, where they go wrong on an adapter; no model
//! paces (`ef_vi_pace`); filters for which the driver asks for `CAP_NET_ADMIN` (all, mismatch, sniff, kernel, EtherType,
//! protocol) are anybody's; a set's filters go with the set, where the driver keeps them until its handle is closed. Not served yet: virtual ports. A call for them answers
//! `-EOPNOTSUPP`.

pub mod abi;
mod alias;
mod array;
mod capability;
mod checks;
mod checksum;
mod clock;
mod counters;
mod dma;
mod domain;
mod driver;
mod errno;
mod fabric;
mod faults;
mod filter;
mod frame;
mod interface;
mod interrupt;
mod log;
mod model;
mod opened;
mod pcap;
mod pd_flags;
mod pio;
mod port;
mod settings;
mod time;
mod trace;
mod vi;
mod watch;
mod wire;

pub use checks::{Found, Violation};
pub use counters::Counters;
pub use errno::Errno;
pub use fabric::{Arriving, Fabric, FabricPort, Fcs, port_index};
pub use faults::{Fault, Faults, FaultsBuilder, FaultsError, When};
pub use model::Model;
pub use opened::OpenPort;
pub use time::{ClockState, Costs, VirtualTime};
pub use wire::machine::take_refusal;
