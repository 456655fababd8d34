//! Two `Shared` in one process are like two processes: the locks belong to open files.

use super::locks::{USERS_LOCK, holder};
use super::*;
use crate::filter::{Filter, Match};
use crate::frame::Checksums;
use crate::wire::switch::{Cable, Switch};
use crate::wire::table::{Installed, Target};
use crate::wire::{Attachment, Flags, Link, Outgoing, Piece, When, Wire};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
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
        self.join_as("t0", 1518, PATIENCE)
    }
    fn join_as(&self, interface: &str, frame: usize, patience: Duration) -> Result<Shared> {
        Shared::join_in(&self.0, interface, frame, None, patience)
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
    assert_eq!(directory.join_as("t0", 9018, PATIENCE).err(), Some(Errno(libc::EPROTO)), "another MTU");
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

/// Another user's file for the interface, as a process of theirs would have it open. Only root can act for two users.
fn theirs(directory: &Directory, uid: u32) -> Option<File> {
    if user() != 0 {
        eprintln!("skipped: only root can act for two users");
        return None;
    }
    let path = directory.0.join(format!("efvi-mock.{uid}.t0"));
    fs::write(&path, "x").unwrap();
    chown(&path, Some(uid), None).unwrap();
    Some(OpenOptions::new().read(true).write(true).open(&path).unwrap())
}

const THEIRS: u32 = 65534;
const SOON: Duration = Duration::from_millis(20);

#[test]
fn an_interface_in_use_by_another_user_is_refused() {
    let directory = Directory::new("users");
    let Some(file) = theirs(&directory, THEIRS) else { return };
    assert!(directory.join().is_ok(), "theirs, but nobody uses it");
    byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS, 1).unwrap();
    byte_lock(&file, libc::F_OFD_SETLK, libc::F_RDLCK, USERS_LOCK, 1).unwrap();
    assert_eq!(directory.join().err(), Some(Errno(libc::EACCES)));
    assert!(!directory.file().exists(), "nothing is left of the attempt");
    drop(file);
    assert!(directory.join().is_ok());
    assert!(directory.join_as("other", 1518, PATIENCE).is_ok(), "another interface");
}

/// Of two that open it at once the user with the lower number, here root, waits for the other to make room.
#[test]
fn who_wants_it_at_the_same_moment_makes_room() {
    let directory = Directory::new("moment");
    let Some(file) = theirs(&directory, THEIRS) else { return };
    byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS, 1).unwrap();
    assert_eq!(directory.join_as("t0", 1518, SOON).err(), Some(Errno(libc::ETIMEDOUT)), "it is stopped");
    assert!(!directory.file().exists(), "nothing is left of the attempt");
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| directory.join());
        while !directory.file().exists() {
            std::thread::yield_now();
        }
        drop(file);
        assert!(ours.join().unwrap().is_ok());
    });
}

/// Two users, many times: one of them gets it each time, and never both.
#[test]
fn one_of_two_users_gets_the_interface() {
    let directory = Directory::new("race");
    if theirs(&directory, THEIRS).is_none() {
        return;
    }
    // A thread acts for the other user: it says what came of each round, and keeps what it got until it is told.
    fs::set_permissions(&directory.0, PermissionsExt::from_mode(0o777)).unwrap();
    fs::remove_file(directory.0.join(format!("efvi-mock.{THEIRS}.t0"))).unwrap();
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let path = directory.0.clone();
    // SAFETY: the credentials of this thread alone are changed: its own, by the plain system call.
    let as_them = std::thread::spawn(move || unsafe {
        let mut theirs = theirs;
        assert_eq!(libc::syscall(libc::SYS_setresuid, -1, THEIRS, -1), 0);
        let mut byte = [0];
        while theirs.read_exact(&mut byte).is_ok() {
            let got = Shared::join_in(&path, "t0", 1518, None, PATIENCE);
            theirs.write_all(&[u8::from(got.is_ok())]).unwrap();
            theirs.read_exact(&mut byte).unwrap();
            assert!(got.is_ok() || got.err() == Some(Errno(libc::EACCES)));
        }
    });
    let mut won = [0, 0];
    for round in 0..300 {
        let mut byte = [0];
        ours.write_all(&byte).unwrap();
        let got = directory.join();
        ours.read_exact(&mut byte).unwrap();
        let of_both = [usize::from(got.is_ok()), usize::from(byte[0])];
        assert_eq!(of_both[0] + of_both[1], 1, "round {round}: {of_both:?}, {:?}", got.err());
        won = [won[0] + of_both[0], won[1] + of_both[1]];
        drop(got);
        ours.write_all(&byte).unwrap();
    }
    drop(ours);
    as_them.join().unwrap();
    eprintln!("ours {}, theirs {}", won[0], won[1]);
}

#[test]
fn a_stopped_process_does_not_stop_the_others() {
    let directory = Directory::new("stopped");
    let memory = directory.join().unwrap();
    let other = directory.join().unwrap();
    let _stopped = TableLock::take(&other.file, &other.path, PATIENCE).unwrap();
    assert_eq!(memory.locked(SOON, &mut || Ok(())), Err(Errno(libc::ETIMEDOUT)));
    assert_eq!(directory.join_as("t0", 1518, SOON).err(), Some(Errno(libc::ETIMEDOUT)));
}

/// A refusal names the process that is in the way.
#[test]
fn the_file_says_who_has_its_lock() {
    let directory = Directory::new("holder");
    let memory = directory.join().unwrap();
    assert_eq!(holder(&memory.file), Some(std::process::id()));
    memory.file.write_at(&77_u32.to_ne_bytes(), HOLDER_AT).unwrap();
    memory.locked(PATIENCE, &mut || Ok(())).unwrap();
    assert_eq!(holder(&memory.file), Some(std::process::id()), "it changes with the lock");
}

#[test]
fn a_missing_directory_is_an_error() {
    let directory = Directory::new("missing");
    let missing = directory.0.join("missing");
    assert_eq!(Shared::join_in(&missing, "t0", 1518, None, PATIENCE).err(), Some(Errno(libc::ENOENT)));
}

#[test]
fn a_vi_dropped_while_a_process_is_stopped_takes_its_filters_with_it() {
    let directory = Directory::new("dropped");
    let (cable, other) = (port(directory.join().unwrap()), directory.join().unwrap());
    let mut link = cable.attach(Attachment::default()).unwrap();
    link.filter_add(MINE, false).unwrap();
    let stopped = TableLock::take(&other.file, &other.path, PATIENCE).unwrap();
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
    let stopped = TableLock::take(&other.file, &other.path, PATIENCE).unwrap();
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
