//! Two `Shared` in one process are like two processes: the locks belong to open files.

use super::*;
use crate::filter::{Filter, Match};
use crate::frame::Checksums;
use crate::wire::switch::{Cable, Switch};
use crate::wire::table::{Installed, Target};
use crate::wire::{Attachment, Flags, Link, Outgoing, Piece, When, Wire};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::sync::Arc;

/// A directory of the test's own. The locks belong to open files, so that joining twice from one process is like
/// joining from two.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("efvi-shared-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn file(&self) -> PathBuf {
        self.0.join(format!("efvi-mock.{}.t0", user()))
    }
    fn join(&self) -> Result<Shared> {
        Shared::join_in(&self.0, "t0", 1518, None)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn port(memory: Shared) -> Cable {
    let switch = Arc::new(Switch::new(Box::new(memory), [2, 0, 0, 0, 0, 1]));
    Cable { near: switch.clone(), far: switch }
}

const MINE: Filter = Filter::Match(Match {
    mac: Some(0x0200_0000_0002),
    vlan: None,
    ethertype: None,
    protocol: None,
    to: None,
    from: None,
});

/// The filter, as another process's VI would have it.
fn installed(station: usize, generation: u32) -> Installed {
    Installed { filter: MINE, target: Target::Station(station, generation), looped: false }
}

fn send(link: &mut dyn Link, byte: u8) {
    let frame = [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 9, 9], [byte; 50].as_slice()].concat();
    let pieces = [Piece { base: frame.as_ptr(), length: frame.len() }];
    let flags = Flags::default();
    link.transmit(
        &Outgoing { pieces: &pieces, length: frame.len(), checksums: Checksums::default(), flags },
        When::Unasked,
    );
}

fn receive(link: &mut dyn Link) -> Option<u8> {
    let arrival = link.arrival()?;
    // SAFETY: valid until `take`; longer than that.
    let byte = unsafe { *arrival.bytes.add(20) };
    link.take();
    Some(byte)
}

/// What a process that is killed leaves: its memory unmapped and its locks lifted, nothing else. A forked child, which
/// does not take leave of the others, lets go of the same.
fn kill(mut memory: Shared) {
    memory.pid += 1;
    drop(memory);
}

#[test]
fn the_file_is_private_and_goes_with_its_last_user() {
    let directory = Directory::new("private");
    let first = directory.join().unwrap();
    let about = fs::metadata(directory.file()).unwrap();
    assert_eq!((about.mode() & 0o7777, about.uid()), (0o600, user()));
    let second = directory.join().unwrap();
    assert_ne!(first.process(), second.process());
    drop(first);
    assert!(directory.file().exists());
    drop(second);
    assert!(!directory.file().exists());
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
}

#[test]
fn processes_exchange_frames() {
    let directory = Directory::new("exchange");
    let (a, b) = (port(directory.join().unwrap()), port(directory.join().unwrap()));
    let (mut from, mut to) = (a.attach(Attachment::default()).unwrap(), b.attach(Attachment::default()).unwrap());
    to.filter_add(MINE, false).unwrap();
    assert_eq!(from.filter_add(MINE, false), Err(Errno(libc::EEXIST)), "one port, whoever opened it");
    for byte in 0..200 {
        send(&mut *from, byte);
        assert_eq!(receive(&mut *to), Some(byte));
    }
}

#[test]
fn what_the_dead_left_is_cleared_away() {
    let directory = Directory::new("dead");
    let survivor = port(directory.join().unwrap());
    let mut link = survivor.attach(Attachment::default()).unwrap();
    for round in 0..200 {
        let memory = directory.join().unwrap();
        memory.table().stations[5].process.store(memory.process(), Relaxed);
        let generation = memory.table().stations[5].state.open();
        memory.table().filters[7].write(&installed(5, generation));
        kill(memory);
        // The dead one's filter is in nobody's way, and its places are used again.
        let id = link.filter_add(MINE, false).unwrap_or_else(|e| panic!("round {round}: {e:?}"));
        send(&mut *link, 3);
        assert_eq!(receive(&mut *link), Some(3));
        link.filter_remove(id).unwrap();
    }
}

#[test]
fn a_number_is_not_handed_on_with_its_last_owners_stations() {
    let directory = Directory::new("number");
    let _keeps_the_file = directory.join().unwrap();
    let memory = directory.join().unwrap();
    let number = memory.process();
    memory.table().stations[0].process.store(number, Relaxed);
    memory.table().stations[0].state.open();
    kill(memory);
    let next = directory.join().unwrap();
    assert_eq!(next.process(), number);
    assert_eq!(next.table().stations[0].state.in_use(), None);
}

#[test]
fn a_file_without_live_users_is_begun_anew() {
    let directory = Directory::new("anew");
    let memory = directory.join().unwrap();
    let generation = memory.table().stations[0].state.open();
    memory.table().filters[0].write(&installed(0, generation));
    memory.table().edition.store(77, Relaxed);
    kill(memory);
    assert!(directory.file().exists());
    let memory = directory.join().unwrap();
    assert_eq!(memory.table().edition.load(Relaxed), 0);
    assert!(memory.table().filter(&memory.table().filters[0]).is_none());
    drop(memory);
    // Garbage of any size, too.
    for garbage in [vec![], vec![0xff; 100], vec![0xff; 1 << 20]] {
        fs::write(directory.file(), garbage).unwrap();
        fs::set_permissions(directory.file(), PermissionsExt::from_mode(0o600)).unwrap();
        drop(port(directory.join().unwrap()).attach(Attachment::default()).unwrap());
        assert!(!directory.file().exists());
    }
}

#[test]
fn files_that_are_not_ours_are_refused() {
    let directory = Directory::new("refused");
    let path = directory.file();
    let refused = |what: &str| {
        let errno = directory.join().err().unwrap_or_else(|| panic!("{what}: taken")).0;
        assert!([libc::EACCES, libc::ELOOP, libc::EISDIR].contains(&errno), "{what}: {errno}");
        if path.is_dir() { fs::remove_dir(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
    };
    fs::write(&path, "x").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    refused("others may read it");
    symlink("/dev/null", &path).unwrap();
    refused("a link");
    fs::create_dir(&path).unwrap();
    refused("a directory");
    if user() == 0 {
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        chown(&path, Some(65534), None).unwrap();
        refused("another user's, which root could open");
    } else {
        eprintln!("skipped: another user's file; only root can make one");
    }
}

#[test]
fn another_build_is_refused_while_it_lives() {
    let directory = Directory::new("build");
    let memory = directory.join().unwrap();
    assert_eq!(Shared::join_in(&directory.0, "t0", 9018, None).err(), Some(Errno(libc::EPROTO)), "another MTU");
    let header = Mapping::<Header>::new(&memory.file, 0, size_of::<Header>()).unwrap();
    // SAFETY: atomics, mapped.
    unsafe { header.base.as_ref() }.version.store(VERSION + 1, Relaxed);
    assert_eq!(directory.join().err(), Some(Errno(libc::EPROTO)));
    memory.file.set_len(5 << 20).unwrap();
    assert_eq!(directory.join().err(), Some(Errno(libc::EPROTO)));
    drop(header);
    kill(memory);
    assert!(directory.join().is_ok());
}

#[test]
fn an_interface_in_use_by_another_user_is_refused() {
    if user() != 0 {
        eprintln!("skipped: only root can act for two users");
        return;
    }
    let directory = Directory::new("users");
    let path = directory.0.join("efvi-mock.65534.t0");
    fs::write(&path, "x").unwrap();
    chown(&path, Some(65534), None).unwrap();
    assert!(directory.join().is_ok(), "theirs, but nobody uses it");
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS, 1).unwrap();
    assert_eq!(directory.join().err(), Some(Errno(libc::EACCES)));
    assert!(!directory.file().exists(), "nothing is left of the attempt");
    drop(file);
    assert!(directory.join().is_ok());
    assert!(Shared::join_in(&directory.0, "other", 1518, None).is_ok(), "another interface");
}

#[test]
fn a_stopped_process_does_not_stop_the_others() {
    let directory = Directory::new("stopped");
    let memory = directory.join().unwrap();
    let other = directory.join().unwrap();
    let _stopped = TableLock::take(&other.file, PATIENCE).unwrap();
    let patience = Duration::from_millis(20);
    assert_eq!(memory.locked(patience, &mut || Ok(())), Err(Errno(libc::ETIMEDOUT)));
}

#[test]
fn a_missing_directory_is_an_error() {
    let directory = Directory::new("missing");
    assert_eq!(Shared::join_in(&directory.0.join("missing"), "t0", 1518, None).err(), Some(Errno(libc::ENOENT)));
}

#[test]
fn a_vi_dropped_while_a_process_is_stopped_takes_its_filters_with_it() {
    let directory = Directory::new("dropped");
    let (cable, other) = (port(directory.join().unwrap()), directory.join().unwrap());
    let mut link = cable.attach(Attachment::default()).unwrap();
    link.filter_add(MINE, false).unwrap();
    let stopped = TableLock::take(&other.file, PATIENCE).unwrap();
    drop(link);
    drop(stopped);
    cable.attach(Attachment::default()).unwrap().filter_add(MINE, false).unwrap();
}

#[test]
fn a_send_does_not_wait_for_a_stopped_process() {
    let directory = Directory::new("send");
    let (cable, other) = (port(directory.join().unwrap()), directory.join().unwrap());
    let (mut from, mut to) =
        (cable.attach(Attachment::default()).unwrap(), cable.attach(Attachment::default()).unwrap());
    to.filter_add(MINE, false).unwrap();
    let stopped = TableLock::take(&other.file, PATIENCE).unwrap();
    for byte in 0..5 {
        send(&mut *from, byte);
    }
    assert_eq!(to.overruns().read(), 5, "lost, and counted");
    drop(stopped);
    let start = Instant::now();
    while receive(&mut *to).is_none() {
        assert!(start.elapsed() < Duration::from_secs(20), "no ring was made once it went on");
        send(&mut *from, 9);
    }
}

#[test]
fn two_that_leave_together_leave_nothing() {
    let directory = Directory::new("together");
    for round in 0..200 {
        let (a, b) = (directory.join().unwrap(), directory.join().unwrap());
        let barrier = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for memory in [a, b] {
                scope.spawn(|| {
                    barrier.wait();
                    drop(memory);
                });
            }
        });
        assert!(!directory.file().exists(), "round {round}");
    }
    // At exit: one is told after the other, and then both end.
    let (a, b) = (directory.join().unwrap(), directory.join().unwrap());
    a.leave();
    b.leave();
    assert!(!directory.file().exists());
    kill(a);
    kill(b);
}

#[test]
fn a_forked_child_leaves_its_parents_wire_alone() {
    let directory = Directory::new("fork");
    let mut memory = directory.join().unwrap();
    // What a child sees: the same open file, another process.
    memory.pid += 1;
    memory.leave();
    assert!(directory.file().exists());
    assert_eq!(memory.locked(PATIENCE, &mut || Ok(())), Err(Errno(libc::EIO)));
    memory.pid -= 1;
    assert_eq!(memory.locked(PATIENCE, &mut || Ok(())), Ok(()));
}

#[test]
fn a_full_file_system_loses_frames_that_are_counted() {
    let directory = Directory::new("full");
    let target = std::ffi::CString::new(directory.0.to_str().unwrap()).unwrap();
    // SAFETY: valid strings.
    let rc =
        unsafe { libc::mount(c"efvi".as_ptr(), target.as_ptr(), c"tmpfs".as_ptr(), 0, c"size=300k".as_ptr().cast()) };
    if rc != 0 {
        eprintln!("skipped: a small file system can't be mounted: {}", io::Error::last_os_error());
        return;
    }
    let cable = port(directory.join().unwrap());
    let (mut from, mut to) =
        (cable.attach(Attachment::default()).unwrap(), cable.attach(Attachment::default()).unwrap());
    to.filter_add(MINE, false).unwrap();
    for byte in 0..100 {
        send(&mut *from, byte);
    }
    assert_eq!(to.overruns().read(), 100);
    assert_eq!(receive(&mut *to), None);
    drop((from, to, cable));
    // SAFETY: a valid string; mounted above.
    unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
}
