// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The functions of the library.

use core::ffi::*;

use super::*;

unsafe extern "C" {
    /// The release of the library. Since Onload 8.1 or before.
    pub fn ef_vi_version_str() -> *const c_char;

    /// The driver interface that the library needs. Since Onload 8.1 or before.
    pub fn ef_vi_driver_interface_str() -> *const c_char;

    /// Posts one receive buffer and pushes it. Since Onload 8.1 or before.
    pub fn ef_vi_receive_post(vi: *mut ef_vi, addr: ef_addr, dma_id: ef_request_id) -> c_int;

    /// Receive time of a packet. Since Onload 8.1 or before.
    pub fn ef_vi_receive_get_timestamp(vi: *mut ef_vi, pkt: *const c_void, ts_out: *mut libc::timespec) -> c_int;

    /// Receive time of a packet, and whether the clock was synchronised. Since Onload 8.1 or before.
    pub fn ef_vi_receive_get_timestamp_with_sync_flags(
        vi: *mut ef_vi,
        pkt: *const c_void,
        ts_out: *mut libc::timespec,
        flags_out: *mut c_uint,
    ) -> c_int;

    /// Length of a packet under event merging. Since Onload 8.1 or before.
    pub fn ef_vi_receive_get_bytes(vi: *mut ef_vi, pkt: *const c_void, bytes_out: *mut u16) -> c_int;

    /// Mark and flag that filter rules gave a packet. Since Onload 8.1 or before.
    pub fn ef_vi_receive_get_user_data(
        vi: *mut ef_vi,
        pkt: *const c_void,
        user_mark: *mut u32,
        user_flag: *mut u8,
    ) -> c_int;

    /// Ids of the buffers that a merged receive event completes. Since Onload 8.1 or before.
    pub fn ef_vi_receive_unbundle(ep: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int;

    /// Id of the next receive buffer to complete. Since Onload 8.1 or before.
    pub fn ef_vi_rxq_next_desc_id(vi: *mut ef_vi) -> ef_request_id;

    /// Adds a transmit descriptor without pushing it. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_init(vi: *mut ef_vi, addr: ef_addr, bytes: c_int, dma_id: ef_request_id) -> c_int;

    /// Takes back the transmit descriptors that were not pushed. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_init_undo(vi: *mut ef_vi);

    /// Ids of the sends that an event completes; frees their slots. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_unbundle(ep: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int;

    /// Number of the VI's TX alternatives. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_alt_num_ids(vi: *mut ef_vi) -> c_uint;

    /// How packet lengths round up in the VI's TX alternatives. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_alt_query_overhead(vi: *mut ef_vi, params: *mut ef_vi_transmit_alt_overhead) -> c_int;

    /// Sets below how many outstanding sends a descriptor is pushed with the doorbell. Since Onload 8.1 or before.
    pub fn ef_vi_set_tx_push_threshold(vi: *mut ef_vi, threshold: c_uint);

    /// Former name of `ef_eventq_has_many_events`. Since Onload 8.1 or before, not in 9.0.1, 9.0.2, 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub fn ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int;

    /// Former name of `ef_eventq_has_many_events` where events have phase bits. Since Onload 8.1 or before, not in 9.0.1, 9.0.2, 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub fn ef_eventq_check_event_phase_bit(vi: *const ef_vi, look_ahead: c_int) -> c_int;

    /// Former name of `ef_eventq_has_many_events` on AF_XDP. Since Onload 8.1 or before, not in 9.0.1, 9.0.2, 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub fn efxdp_ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int;

    /// Former name of `ef_eventq_has_event` on X3. Since Onload 8.1 or before, not in 9.0.1, 9.0.2, 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub fn efct_ef_eventq_check_event(vi: *const ef_vi) -> c_int;

    /// Events that the event queue holds. Since Onload 8.1 or before.
    pub fn ef_eventq_capacity(vi: *mut ef_vi) -> c_int;

    /// Where metadata lies in receive buffers. Since Onload 8.1 or before.
    pub fn ef_vi_receive_query_layout(
        vi: *mut ef_vi,
        layout_out: *mut *const ef_vi_layout_entry,
        layout_len_out: *mut c_int,
    ) -> c_int;

    /// Receive errors of a packet, from its prefix. Since Onload 8.1 or before.
    pub fn ef_vi_receive_get_discard_flags(vi: *mut ef_vi, pkt: *const c_void, discard_flags: *mut c_uint) -> c_int;

    /// Sleeps until the event queue has events or time is up. Since Onload 8.1 or before.
    pub fn ef_eventq_wait(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        current_ptr: c_uint,
        timeout: *const libc::timeval,
    ) -> c_int;

    /// Opens the driver. Since Onload 8.1 or before.
    pub fn ef_driver_open(dh_out: *mut ef_driver_handle) -> c_int;

    /// Closes the driver. Since Onload 8.1 or before.
    pub fn ef_driver_close(dh: ef_driver_handle) -> c_int;

    /// Allocates a VI in a protection domain. Since Onload 8.1 or before.
    pub fn ef_vi_alloc_from_pd(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        pd: *mut ef_pd,
        pd_dh: ef_driver_handle,
        evq_capacity: c_int,
        rxq_capacity: c_int,
        txq_capacity: c_int,
        evq_opt: *mut ef_vi,
        evq_dh: ef_driver_handle,
        flags: ef_vi_flags,
    ) -> c_int;

    /// Frees a VI. Since Onload 8.1 or before.
    pub fn ef_vi_free(vi: *mut ef_vi, nic: ef_driver_handle) -> c_int;

    /// Allocates TX alternatives and their buffers. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_alt_alloc(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        num_alts: c_int,
        buf_space: usize,
    ) -> c_int;

    /// Frees TX alternatives. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_alt_free(vi: *mut ef_vi, vi_dh: ef_driver_handle) -> c_int;

    /// Bytes of buffers there are for so many TX alternatives. Since Onload 8.1 or before.
    pub fn ef_vi_transmit_alt_query_buffering(
        vi: *mut ef_vi,
        ifindex: c_int,
        vi_dh: ef_driver_handle,
        n_alts: c_int,
    ) -> c_int;

    /// Flushes the VI's rings, so that all buffers may be reused. Since Onload 8.1 or before.
    pub fn ef_vi_flush(vi: *mut ef_vi, nic: ef_driver_handle) -> c_int;

    /// Sets the VI's pacing. Since Onload 8.1 or before.
    pub fn ef_vi_pace(vi: *mut ef_vi, nic: ef_driver_handle, val: c_int) -> c_int;

    /// Frame size limit of the VI's interface. Since Onload 8.1 or before.
    pub fn ef_vi_mtu(vi: *mut ef_vi, vi_dh: ef_driver_handle) -> c_uint;

    /// MAC address of the VI's interface, as 6 bytes. Since Onload 8.1 or before.
    pub fn ef_vi_get_mac(vi: *mut ef_vi, vi_dh: ef_driver_handle, mac_out: *mut c_void) -> c_int;

    /// Posts a software event of 16 bits to an event queue. Since Onload 8.1 or before.
    pub fn ef_eventq_put(resource_id: c_uint, evq_dh: ef_driver_handle, ev_bits: c_uint) -> c_int;

    /// Allocates a set of VIs in a protection domain. Since Onload 8.1 or before.
    pub fn ef_vi_set_alloc_from_pd(
        vi_set: *mut ef_vi_set,
        vi_set_dh: ef_driver_handle,
        pd: *mut ef_pd,
        pd_dh: ef_driver_handle,
        n_vis: c_int,
    ) -> c_int;

    /// Frees a set of VIs. Since Onload 8.1 or before.
    pub fn ef_vi_set_free(vi_set: *mut ef_vi_set, vi_set_dh: ef_driver_handle) -> c_int;

    /// Allocates a VI of a set. Since Onload 8.1 or before.
    pub fn ef_vi_alloc_from_set(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        vi_set: *mut ef_vi_set,
        vi_set_dh: ef_driver_handle,
        index_in_vi_set: c_int,
        evq_capacity: c_int,
        rxq_capacity: c_int,
        txq_capacity: c_int,
        evq_opt: *mut ef_vi,
        evq_dh: ef_driver_handle,
        flags: ef_vi_flags,
    ) -> c_int;

    /// Arms the event queue, so that the driver handle becomes readable at the next event. Since Onload 8.1 or before.
    pub fn ef_vi_prime(vi: *mut ef_vi, dh: ef_driver_handle, current_ptr: c_uint) -> c_int;

    /// Starts a filter specification. Since Onload 8.1 or before.
    pub fn ef_filter_spec_init(filter_spec: *mut ef_filter_spec, flags: ef_filter_flags);

    /// Matches IPv4 protocol, local address and port. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_ip4_local(
        filter_spec: *mut ef_filter_spec,
        protocol: c_int,
        host_be32: c_uint,
        port_be16: c_int,
    ) -> c_int;

    /// Matches IPv4 protocol, local and remote address and port. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_ip4_full(
        filter_spec: *mut ef_filter_spec,
        protocol: c_int,
        host_be32: c_uint,
        port_be16: c_int,
        rhost_be32: c_uint,
        rport_be16: c_int,
    ) -> c_int;

    /// Matches IPv6 protocol, local address and port. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_ip6_local(
        filter_spec: *mut ef_filter_spec,
        protocol: c_int,
        host: *const libc::in6_addr,
        port_be16: c_int,
    ) -> c_int;

    /// Matches IPv6 protocol, local and remote address and port. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_ip6_full(
        filter_spec: *mut ef_filter_spec,
        protocol: c_int,
        host: *const libc::in6_addr,
        port_be16: c_int,
        rhost: *const libc::in6_addr,
        rport_be16: c_int,
    ) -> c_int;

    /// Adds a VLAN to what is matched. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_vlan(filter_spec: *mut ef_filter_spec, vlan_id: c_int) -> c_int;

    /// Matches destination MAC address and VLAN. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_eth_local(filter_spec: *mut ef_filter_spec, vlan_id: c_int, mac: *const c_void) -> c_int;

    /// Matches all unicast packets. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_unicast_all(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Matches all multicast packets. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_multicast_all(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Matches unicast packets that no other filter matches. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_unicast_mismatch(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Matches multicast packets that no other filter matches. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_multicast_mismatch(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Copies all packets that the port receives. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_port_sniff(filter_spec: *mut ef_filter_spec, promiscuous: c_int) -> c_int;

    /// Copies all packets that the port sends. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_tx_port_sniff(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Keeps all packets from the kernel. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_block_kernel(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Keeps multicast packets from the kernel. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_block_kernel_multicast(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Matches an Ethernet type. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_eth_type(filter_spec: *mut ef_filter_spec, ether_type_be16: u16) -> c_int;

    /// Matches an IP protocol. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_ip_proto(filter_spec: *mut ef_filter_spec, ip_proto: u8) -> c_int;

    /// Has the adapter mark what is matched. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_user_mark(filter_spec: *mut ef_filter_spec, user_mark: u32, bitwise_or: c_int) -> c_int;

    /// Has the adapter flag what is matched. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_user_flag(filter_spec: *mut ef_filter_spec, user_flag: u8, bitwise_or: c_int) -> c_int;

    /// Keeps unicast packets from the kernel. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_block_kernel_unicast(filter_spec: *mut ef_filter_spec) -> c_int;

    /// Sets the queue that packets go to. Since Onload 8.1 or before.
    pub fn ef_filter_spec_set_dest(filter_spec: *mut ef_filter_spec, dest: c_int, flags: c_uint) -> c_int;

    /// Installs a filter that steers packets to a VI. Since Onload 8.1 or before.
    pub fn ef_vi_filter_add(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        filter_spec: *const ef_filter_spec,
        filter_cookie_out: *mut ef_filter_cookie,
    ) -> c_int;

    /// Removes a filter of a VI. Since Onload 8.1 or before.
    pub fn ef_vi_filter_del(vi: *mut ef_vi, vi_dh: ef_driver_handle, filter_cookie: *mut ef_filter_cookie) -> c_int;

    /// Asks for an installed filter's id and queue. Since Onload 8.1 or before.
    pub fn ef_vi_filter_query(
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
        filter_cookie: *const ef_filter_cookie,
        filter_info: *mut ef_filter_info,
        filter_info_size: usize,
    ) -> c_int;

    /// Installs a filter that spreads packets over a set of VIs. Since Onload 8.1 or before.
    pub fn ef_vi_set_filter_add(
        vi_set: *mut ef_vi_set,
        vi_set_dh: ef_driver_handle,
        filter_spec: *const ef_filter_spec,
        filter_cookie_out: *mut ef_filter_cookie,
    ) -> c_int;

    /// Removes a filter of a set. Since Onload 8.1 or before.
    pub fn ef_vi_set_filter_del(
        vi_set: *mut ef_vi_set,
        vi_set_dh: ef_driver_handle,
        filter_cookie: *mut ef_filter_cookie,
    ) -> c_int;

    /// Names and places of the statistics. Since Onload 8.1 or before.
    pub fn ef_vi_stats_query_layout(vi: *mut ef_vi, layout_out: *mut *const ef_vi_stats_layout) -> c_int;

    /// Reads the statistics, and resets them if asked. Since Onload 8.1 or before.
    pub fn ef_vi_stats_query(vi: *mut ef_vi, vi_dh: ef_driver_handle, data: *mut c_void, do_reset: c_int) -> c_int;

    /// Allocates a protection domain on an interface by index. Since Onload 8.1 or before.
    pub fn ef_pd_alloc(pd: *mut ef_pd, pd_dh: ef_driver_handle, ifindex: c_int, flags: ef_pd_flags) -> c_int;

    /// Allocates a protection domain on an interface or cluster by name. Since Onload 8.1 or before.
    pub fn ef_pd_alloc_by_name(
        pd: *mut ef_pd,
        pd_dh: ef_driver_handle,
        cluster_or_intf_name: *const c_char,
        flags: ef_pd_flags,
    ) -> c_int;

    /// Allocates a protection domain with a virtual port and VLAN. Since Onload 8.1 or before.
    pub fn ef_pd_alloc_with_vport(
        pd: *mut ef_pd,
        pd_dh: ef_driver_handle,
        intf_name: *const c_char,
        flags: ef_pd_flags,
        vlan_id: c_int,
    ) -> c_int;

    /// Name of the protection domain's interface. Since Onload 8.1 or before.
    pub fn ef_pd_interface_name(pd: *mut ef_pd) -> *const c_char;

    /// Frees a protection domain. Since Onload 8.1 or before.
    pub fn ef_pd_free(pd: *mut ef_pd, pd_dh: ef_driver_handle) -> c_int;

    /// Registers memory for DMA. Since Onload 8.1 or before.
    pub fn ef_memreg_alloc(
        mr: *mut ef_memreg,
        mr_dh: ef_driver_handle,
        pd: *mut ef_pd,
        pd_dh: ef_driver_handle,
        p_mem: *mut c_void,
        len_bytes: usize,
    ) -> c_int;

    /// Ends the registration of memory. Since Onload 8.1 or before.
    pub fn ef_memreg_free(mr: *mut ef_memreg, mr_dh: ef_driver_handle) -> c_int;

    /// Allocates a programmed-I/O region. Since Onload 8.1 or before.
    pub fn ef_pio_alloc(
        pio: *mut ef_pio,
        pio_dh: ef_driver_handle,
        pd: *mut ef_pd,
        len_hint: c_uint,
        pd_dh: ef_driver_handle,
    ) -> c_int;

    /// Bytes of the programmed-I/O region linked to a VI. Since Onload 8.1 or before.
    pub fn ef_vi_get_pio_size(vi: *mut ef_vi) -> c_int;

    /// Frees a programmed-I/O region. Since Onload 8.1 or before.
    pub fn ef_pio_free(pio: *mut ef_pio, pio_dh: ef_driver_handle) -> c_int;

    /// Links a programmed-I/O region to a VI. Since Onload 8.1 or before.
    pub fn ef_pio_link_vi(pio: *mut ef_pio, pio_dh: ef_driver_handle, vi: *mut ef_vi, vi_dh: ef_driver_handle)
    -> c_int;

    /// Unlinks a programmed-I/O region from a VI. Since Onload 8.1 or before.
    pub fn ef_pio_unlink_vi(
        pio: *mut ef_pio,
        pio_dh: ef_driver_handle,
        vi: *mut ef_vi,
        vi_dh: ef_driver_handle,
    ) -> c_int;

    /// Copies into the programmed-I/O region. Since Onload 8.1 or before.
    pub fn ef_pio_memcpy(vi: *mut ef_vi, base: *const c_void, offset: c_int, len: c_int) -> c_int;

    /// Asks an interface for a capability. Since Onload 8.1 or before.
    pub fn ef_vi_capabilities_get(
        handle: ef_driver_handle,
        ifindex: c_int,
        cap: ef_vi_capability,
        value: *mut c_ulong,
    ) -> c_int;

    /// Highest capability that the library knows. Since Onload 8.1 or before.
    pub fn ef_vi_capabilities_max() -> c_int;

    /// Name of a capability. Since Onload 8.1 or before.
    pub fn ef_vi_capabilities_name(cap: ef_vi_capability) -> *const c_char;

    /// Checksum of an IPv4 header. Since Onload 8.1 or before.
    pub fn ef_ip_checksum(ip: *const iphdr) -> u32;

    /// Checksum of UDP over IPv4. Since Onload 8.1 or before.
    pub fn ef_udp_checksum(ip: *const iphdr, udp: *const udphdr, iov: *const libc::iovec, iovlen: c_int) -> u32;

    /// Checksum of UDP over IPv6. Since Onload 8.1 or before.
    pub fn ef_udp_checksum_ip6(ip6: *const ipv6hdr, udp: *const udphdr, iov: *const libc::iovec, iovlen: c_int) -> u32;

    /// Checksum of UDP over either IP. Since Onload 8.1 or before.
    pub fn ef_udp_checksum_ipx(
        af: c_int,
        ipx: *const c_void,
        udp: *const udphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> u32;

    /// Checksum of TCP over IPv4. Since Onload 8.1 or before.
    pub fn ef_tcp_checksum(ip: *const iphdr, tcp: *const tcphdr, iov: *const libc::iovec, iovlen: c_int) -> u32;

    /// Checksum of TCP over IPv6. Since Onload 8.1 or before.
    pub fn ef_tcp_checksum_ip6(ip6: *const ipv6hdr, tcp: *const tcphdr, iov: *const libc::iovec, iovlen: c_int) -> u32;

    /// Checksum of TCP over either IP. Since Onload 8.1 or before.
    pub fn ef_tcp_checksum_ipx(
        af: c_int,
        ipx: *const c_void,
        tcp: *const tcphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> u32;

    /// Whether UDP over IPv4 has the right checksum. Since Onload 8.1.3.
    pub fn ef_udp_checksum_is_correct(
        ip: *const iphdr,
        udp: *const udphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> c_int;

    /// Whether UDP over IPv6 has the right checksum. Since Onload 8.1.3.
    pub fn ef_udp_checksum_ip6_is_correct(
        ip6: *const ipv6hdr,
        udp: *const udphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> c_int;

    /// Whether TCP over IPv4 has the right checksum. Since Onload 8.1.3.
    pub fn ef_tcp_checksum_is_correct(
        ip: *const iphdr,
        tcp: *const tcphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> c_int;

    /// Whether TCP over IPv6 has the right checksum. Since Onload 8.1.3.
    pub fn ef_tcp_checksum_ip6_is_correct(
        ip6: *const ipv6hdr,
        tcp: *const tcphdr,
        iov: *const libc::iovec,
        iovlen: c_int,
    ) -> c_int;

    /// Checksum of ICMPv6. Since Onload 8.1 or before.
    pub fn ef_icmpv6_checksum(ip6: *const ipv6hdr, icmp: *const c_void, iov: *const libc::iovec, iovlen: c_int) -> u32;

    /// Dimensions of the VI's packed-stream buffers. Since Onload 8.1 or before.
    pub fn ef_vi_packed_stream_get_params(vi: *mut ef_vi, psp_out: *mut ef_packed_stream_params) -> c_int;

    /// Packets and bytes that a packed-stream event stands for. Since Onload 8.1 or before.
    pub fn ef_vi_packed_stream_unbundle(
        vi: *mut ef_vi,
        ev: *const ef_event,
        pkt_iter: *mut *mut ef_packed_stream_packet,
        n_pkts_out: *mut c_int,
        n_bytes_out: *mut c_int,
    ) -> c_int;

    /// Frame of a packet id. Since Onload 8.1 or before.
    pub fn efct_vi_rxpkt_get(vi: *mut ef_vi, pkt_id: u32) -> *const c_void;

    /// Receive time of a packet id. Since Onload 8.1 or before.
    pub fn efct_vi_rxpkt_get_timestamp(
        vi: *mut ef_vi,
        pkt_id: u32,
        ts_out: *mut libc::timespec,
        flags_out: *mut c_uint,
    ) -> c_int;

    /// Gives a packet id back. Since Onload 8.1 or before.
    pub fn efct_vi_rxpkt_release(vi: *mut ef_vi, pkt_id: u32);

    /// Start of a packet that is still arriving, or null. Since Onload 8.1 or before.
    pub fn efct_vi_rx_future_peek(vi: *mut ef_vi) -> *const c_void;

    /// Events of the packet that was peeked at. Since Onload 8.1 or before.
    pub fn efct_vi_rx_future_poll(vi: *mut ef_vi, evs: *mut ef_event, evs_len: c_int) -> c_int;

    /// Starts transmit warming. Since Onload 8.1 or before.
    pub fn efct_vi_start_transmit_warm(vi: *mut ef_vi);

    /// Stops transmit warming. Since Onload 8.1 or before.
    pub fn efct_vi_stop_transmit_warm(vi: *mut ef_vi);

    /// Sets which timestamps a socket reports. Since Onload 8.1 or before.
    pub fn onload_timestamping_request(fd: c_int, flags: c_uint) -> c_int;

    /// Whether the process runs under Onload. Since Onload 8.1 or before.
    pub fn onload_is_present() -> c_int;

    /// Sets the name of the stack that new sockets belong to. Since Onload 8.1 or before.
    pub fn onload_set_stackname(
        who: onload_stackname_who,
        scope: onload_stackname_scope,
        stackname: *const c_char,
    ) -> c_int;

    /// Saves the thread's stack name. Since Onload 8.1 or before.
    pub fn onload_stackname_save() -> c_int;

    /// Restores the thread's saved stack name. Since Onload 8.1 or before.
    pub fn onload_stackname_restore() -> c_int;

    /// Sets an integer option of stacks made from now on. Since Onload 8.1 or before.
    pub fn onload_stack_opt_set_int(opt: *const c_char, val: i64) -> c_int;

    /// Reads an integer option of stacks. Since Onload 8.1 or before.
    pub fn onload_stack_opt_get_int(opt: *const c_char, val: *mut i64) -> c_int;

    /// Sets a string option of stacks made from now on. Since Onload 8.1 or before.
    pub fn onload_stack_opt_set_str(opt: *const c_char, val: *const c_char) -> c_int;

    /// Reads a string option of stacks. Since Onload 8.1 or before.
    pub fn onload_stack_opt_get_str(opt: *const c_char, val_out: *mut c_char, val_out_len: *mut usize) -> c_int;

    /// Sets all options of stacks back. Since Onload 8.1 or before.
    pub fn onload_stack_opt_reset() -> c_int;

    /// Stack and endpoint of a file descriptor. Since Onload 8.1 or before.
    pub fn onload_fd_stat(fd: c_int, stat: *mut onload_stat) -> c_int;

    /// Sets whether a kind of call busy-waits in this thread. Since Onload 8.1 or before.
    pub fn onload_thread_set_spin(type_: onload_spin_type, spin: c_int) -> c_int;

    /// Reads which kinds of call busy-wait in this thread. Since Onload 8.1 or before.
    pub fn onload_thread_get_spin(state: *mut c_uint) -> c_int;

    /// Whether a socket has a feature. Since Onload 8.1 or before.
    pub fn onload_fd_check_feature(fd: c_int, feature: onload_fd_feature) -> c_int;

    /// Moves a socket to the thread's current stack. Since Onload 8.1 or before.
    pub fn onload_move_fd(fd: c_int) -> c_int;

    /// Epoll with events in the order of arrival on the wire. Since Onload 8.1 or before.
    pub fn onload_ordered_epoll_wait(
        epfd: c_int,
        events: *mut libc::epoll_event,
        oo_events: *mut onload_ordered_epoll_event,
        maxevents: c_int,
        timeout: c_int,
    ) -> c_int;

    /// Reserves send window and gets headers for sends that the application does. Since Onload 8.1 or before.
    pub fn onload_delegated_send_prepare(
        fd: c_int,
        size: c_int,
        flags: c_uint,
        out: *mut onload_delegated_send,
    ) -> onload_delegated_send_rc;

    /// Hands Onload the payload that was sent. Since Onload 8.1 or before.
    pub fn onload_delegated_send_complete(fd: c_int, iov: *const libc::iovec, iovlen: c_int, flags: c_int) -> c_int;

    /// Gives up what is left of a reservation. Since Onload 8.1 or before.
    pub fn onload_delegated_send_cancel(fd: c_int) -> c_int;

    /// Buffers and windows of a TCP socket. Since Onload 8.1 or before.
    pub fn onload_get_tcp_info(fd: c_int, info: *mut onload_tcp_info, len_in_out: *mut c_int) -> c_int;

    /// Makes a socket that is not accelerated. Since Onload 8.1 or before.
    pub fn onload_socket_nonaccel(domain: c_int, type_: c_int, protocol: c_int) -> c_int;

    /// Makes a socket that is accelerated for multicast only. Since Onload 8.1 or before.
    pub fn onload_socket_unicast_nonaccel(domain: c_int, type_: c_int, protocol: c_int) -> c_int;

    /// Allocates zero-copy buffers. Since Onload 8.1 or before.
    pub fn onload_zc_alloc_buffers(
        fd: c_int,
        iovecs: *mut onload_zc_iovec,
        iovecs_len: c_int,
        flags: onload_zc_buffer_type_flags,
    ) -> c_int;

    /// Gives zero-copy buffers back. Since Onload 8.1 or before.
    pub fn onload_zc_release_buffers(fd: c_int, bufs: *mut onload_zc_handle, bufs_len: c_int) -> c_int;

    /// Receives by callback, without a copy. Since Onload 8.1 or before.
    pub fn onload_zc_recv(fd: c_int, args: *mut onload_zc_recv_args) -> c_int;

    /// Receives what the kernel has for a socket. Since Onload 8.1 or before.
    pub fn onload_recvmsg_kernel(fd: c_int, msg: *mut libc::msghdr, flags: c_int) -> c_int;

    /// Sends zero-copy messages. Since Onload 8.1 or before.
    pub fn onload_zc_send(msgs: *mut onload_zc_mmsg, mlen: c_int, flags: c_int) -> c_int;

    /// Sets a callback that sees messages before a socket receives them. Since Onload 8.1 or before.
    pub fn onload_set_recv_filter(
        fd: c_int,
        filter: onload_zc_recv_filter_callback,
        cb_arg: *mut c_void,
        flags: c_int,
    ) -> c_int;

    /// Makes a templated send. Since Onload 8.1 or before.
    pub fn onload_msg_template_alloc(
        fd: c_int,
        initial_msg: *const libc::iovec,
        mlen: c_int,
        handle: *mut onload_template_handle,
        flags: c_uint,
    ) -> c_int;

    /// Changes a templated send, and sends it if asked. Since Onload 8.1 or before.
    pub fn onload_msg_template_update(
        fd: c_int,
        handle: onload_template_handle,
        arg2: *const onload_template_msg_update_iovec,
        ulen: c_int,
        flags: c_uint,
    ) -> c_int;

    /// Gives a templated send up. Since Onload 8.1 or before.
    pub fn onload_msg_template_abort(fd: c_int, handle: onload_template_handle) -> c_int;
}
