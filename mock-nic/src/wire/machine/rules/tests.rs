use super::*;
use crate::filter::Match;
use crate::frame::UDP;
use core::net::Ipv4Addr;

const A: Owner = Owner::Link(1);
const B: Owner = Owner::Link(2);
const MAC: u64 = 0x0200_0000_0002;

fn local(last: u8, port: u16) -> Filter {
    Filter::Match(Match::ip(UDP, (Ipv4Addr::new(192, 0, 2, last).into(), port), None))
}

fn group(port: u16) -> Filter {
    Filter::Match(Match::ip(UDP, (Ipv4Addr::new(239, 1, 1, 1).into(), port), None))
}

fn verdicts(rules: &[Rule]) -> Vec<Verdict> {
    rules.iter().map(|rule| rule.verdict).collect()
}

#[test]
fn unicast_goes_to_one_and_the_most_specific_first() {
    let mut rules = Rules::default();
    rules.add(A, Filter::AllUnicast).unwrap();
    let id = rules.add(B, local(2, 9)).unwrap();
    assert_eq!(rules.add(A, local(2, 9)), Err(Errno(libc::EEXIST)));
    let program = rules.copies(|owner| owner == A, MAC);
    assert_eq!(verdicts(&program), [Verdict::Leave, Verdict::Take], "B's is more specific");
    assert!(program[0].tests.contains(&multicast(false)));
    assert_eq!(verdicts(&rules.copies(|owner| owner == B, MAC)), [Verdict::Take, Verdict::Leave]);
    assert_eq!(rules.remove(A, id), Err(Errno(libc::EINVAL)), "another's");
    rules.remove(B, id).unwrap();
    assert_eq!(verdicts(&rules.copies(|owner| owner == A, MAC)), [Verdict::Take]);
}

#[test]
fn what_others_get_too_is_not_taken_from_them() {
    let mut rules = Rules::default();
    rules.add(A, group(9)).unwrap();
    assert_eq!(verdicts(&rules.takes(|owner| owner == A, MAC)), [Verdict::Take]);
    assert!(rules.shared(|owner| owner == A).is_empty());
    rules.add(B, group(9)).unwrap();
    let program = rules.takes(|owner| owner == A, MAC);
    assert_eq!(program[0].verdict, Verdict::Leave);
    assert!(program[0].tests.contains(&multicast(true)));
    assert_eq!(verdicts(&rules.shared(|owner| owner == A)), [Verdict::Take]);
}

#[test]
fn the_rest_is_what_the_kernel_has_no_address_for() {
    let mut rules = Rules::default();
    rules.add(A, Filter::UnicastMismatch { vlan: Some(5) }).unwrap();
    let program = rules.takes(|owner| owner == A, MAC);
    assert_eq!(verdicts(&program), [Verdict::Leave, Verdict::Take]);
    assert_eq!(program[0].tests, mac_is(MAC));
    assert_eq!(program[1].tests, [multicast(false), is(word::VLAN, 5)]);
}

#[test]
fn the_kernel_is_blocked_behind_all_that_is_taken() {
    let mut rules = Rules::default();
    rules.add(A, Filter::BlockKernel { unicast: true, multicast: false }).unwrap();
    rules.add(A, local(2, 9)).unwrap();
    assert_eq!(verdicts(&rules.takes(|owner| owner == A, MAC)), [Verdict::Take, Verdict::Drop]);
}

#[test]
fn a_removed_filters_name_is_not_anothers() {
    let mut rules = Rules::default();
    let first = rules.add(A, local(2, 9)).unwrap();
    rules.remove(A, first).unwrap();
    let second = rules.add(A, local(2, 10)).unwrap();
    assert_ne!(first, second);
    assert!(!rules.has(A, first) && rules.has(A, second) && !rules.has(B, second));
    rules.forget(A);
    assert!(!rules.has(A, second));
}

#[test]
fn a_full_table_says_so() {
    let mut rules = Rules::default();
    for port in 0..FILTERS as u16 {
        rules.add(A, local(1, port)).unwrap();
    }
    assert_eq!(rules.add(A, local(2, 0)), Err(Errno(libc::EBUSY)));
}
