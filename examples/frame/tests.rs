use super::*;

const PLAIN: Route = Route {
    source_mac: [2, 0, 0, 0, 0, 1],
    destination_mac: [2, 0, 0, 0, 0, 2],
    source: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 8080),
    destination: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 9090),
    vlan: None,
};

/// The same in a VLAN, and in none.
fn routes() -> [Route; 2] {
    [PLAIN, Route { vlan: Some("5:3".parse().unwrap()), ..PLAIN }]
}

fn frame(route: &Route, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0xaa; route.headers()];
    frame.extend_from_slice(payload);
    write_headers(&mut frame, route, 0x1234);
    frame
}

#[test]
fn a_frame_goes_where_its_headers_say() {
    let [there, tagged] = routes().map(|route| frame(&route, b"there"));
    assert!(goes_to(&there, HEADERS, PLAIN.destination));
    assert!(!goes_to(&there, HEADERS, PLAIN.source));
    assert!(!goes_to(&there, HEADERS, SocketAddrV4::new(*PLAIN.destination.ip(), 9091)));
    assert!(!goes_to(&there[..HEADERS - 1], HEADERS, PLAIN.destination));
    assert!(!goes_to(&there, TAGGED_HEADERS, PLAIN.destination), "in no VLAN");
    assert!(goes_to(&tagged, TAGGED_HEADERS, PLAIN.destination));
    assert!(!goes_to(&tagged, TAGGED_HEADERS, PLAIN.source));
    assert!(!goes_to(&tagged[..TAGGED_HEADERS - 1], TAGGED_HEADERS, PLAIN.destination));
    assert!(!goes_to(&tagged, HEADERS, PLAIN.destination), "in a VLAN");
    // An address where the tag's packet has one, and no tag.
    let mut shifted = tagged;
    shifted[AT_TYPE..AT_TYPE + 2].copy_from_slice(&[8, 0]);
    assert!(!goes_to(&shifted, TAGGED_HEADERS, PLAIN.destination));
}

#[test]
fn the_bytes_are_those_of_the_standards() {
    // Checksums worked out by hand from RFC 791 and RFC 768.
    let mut expected = vec![
        2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, // Ethernet
        0x45, 0, 0, 31, 0x12, 0x34, 0x40, 0, 64, 17, 0xa4, 0x96, // IPv4
        192, 0, 2, 1, 192, 0, 2, 2, // addresses
        0x1f, 0x90, 0x23, 0x82, 0, 11, 0x34, 0xc0, // UDP
        1, 2, 3,
    ];
    let [plain, tagged] = routes();
    assert_eq!(frame(&plain, &[1, 2, 3]), expected);
    // By IEEE 802.1Q: its type, then the priority, and the number of the VLAN in 12 bits.
    expected.splice(12..12, [0x81, 0x00, 0x60, 0x05]);
    assert_eq!(frame(&tagged, &[1, 2, 3]), expected);
}

#[test]
fn what_is_written_is_read_back() {
    for route in routes() {
        for length in [0, 1, 2, 22, 23, 1472, 8972] {
            let payload: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let frame = frame(&route, &payload);
            let read = read(&frame).unwrap();
            assert_eq!(read.route, route);
            assert_eq!(read.identification, 0x1234);
            assert_eq!(read.payload, payload);
            assert_eq!((route.headers(), headers_of(&frame)), (frame.len() - length, frame.len() - length));
        }
    }
    let [plain, tagged] = routes().map(|route| frame(&route, b"x"));
    assert_eq!((identification(&plain, HEADERS), identification(&plain[..19], HEADERS)), (Some(0x1234), None));
    assert_eq!((identification(&tagged, TAGGED_HEADERS), identification(&[], TAGGED_HEADERS)), (Some(0x1234), None));
}

#[test]
fn padding_is_not_payload() {
    for route in routes() {
        let mut frame = frame(&route, &[7; 3]);
        frame.resize(SHORTEST, 0x55);
        assert_eq!(read(&frame).unwrap().payload, [7; 3]);
    }
}

#[test]
fn turned_around_it_is_the_reply_with_right_checksums() {
    for route in routes() {
        let mut frame = frame(&route, b"there and back");
        turn_around(&mut frame, route.headers(), &route.destination_mac, &route.source_mac);
        let read = read(&frame).unwrap();
        assert_eq!(read.route, route.reversed());
        assert_eq!(read.identification, 0x1234);
        assert_eq!(read.payload, b"there and back");
    }
}

#[test]
fn every_flipped_bit_below_the_ethernet_header_is_noticed() {
    for route in routes() {
        let good = frame(&route, b"every bit");
        for at in route.headers() - PACKET_HEADERS..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                // The don't-fragment and reserved bits are in the checksum; everything else is too.
                assert!(read(&bad).is_err(), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn every_cut_is_noticed() {
    for route in routes() {
        let good = frame(&route, b"cut");
        for length in 0..good.len() {
            assert!(matches!(read(&good[..length]), Err(FrameError::Short { .. })), "{length}");
        }
    }
}

/// Of a frame with two tags the second is not looked behind.
#[test]
fn a_tag_in_a_tag_is_no_udp() {
    let [_, route] = routes();
    let mut frame = frame(&route, b"inner");
    frame.splice(12..12, [0x81, 0x00, 0x00, 0x07]);
    assert_eq!(read(&frame), Err(FrameError::NotUdp));
    assert!(!goes_to(&frame, TAGGED_HEADERS, route.destination));
}

#[test]
fn a_checksum_of_zero_is_sent_as_all_ones() {
    // Some two bytes of payload make the sum come out as zero: find them and look at the field.
    let at = HEADERS - PACKET_HEADERS + AT_UDP_CHECKSUM;
    let found = (0..=u16::MAX).any(|value| {
        let frame = frame(&PLAIN, &value.to_be_bytes());
        assert_ne!(get_u16(&frame, at), 0);
        get_u16(&frame, at) == 0xffff && read(&frame).is_ok()
    });
    assert!(found);
}

#[test]
fn lengths_on_the_wire() {
    assert!(is_length_on_wire(42, 42));
    assert!(is_length_on_wire(60, 42));
    assert!(!is_length_on_wire(59, 42));
    assert!(!is_length_on_wire(61, 60));
    assert!(!is_length_on_wire(60, 61));
}
