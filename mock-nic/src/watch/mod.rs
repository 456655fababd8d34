//! Calls that are watched: traced, or checked for the program's mistakes.
//!
//! A VI that is watched has its `ops` table replaced, when it is allocated, by one whose entries do so and then call
//! what stood there before: so a VI that is not watched has nothing in its way. Functions that are not in the table
//! ask [`watching`], a branch on a constant while nothing is watched.

mod ops;

use crate::abi::*;
use crate::checks::{Checks, Violation, rules::State};
use crate::domain::Domain;
use crate::trace::{self, Returned, Show};
use crate::vi::{Vi, adapter};
use core::ffi::{c_int, c_void};
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use core::{fmt, ptr};
use once_cell::sync::Lazy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use ops::polled;

static WATCHING: AtomicBool = AtomicBool::new(false);

/// False until some VI of this process is watched.
#[inline(always)]
pub(crate) fn watching() -> bool {
    WATCHING.load(Relaxed)
}

/// How a VI is watched.
pub(crate) struct Watch {
    /// The VI.
    vi: *mut ef_vi,
    /// Its number, by which it is named.
    id: u32,
    /// What stood in its table.
    ops: ef_vi_ops,
    checks: Option<Arc<Checks>>,
    traced: bool,
    /// The domain that it is of, to be compared only.
    domain: *const Domain,
    /// Calls of the program's that are under way: more than one are a mistake.
    calls: AtomicU32,
    /// Freed; told under the lock.
    freed: AtomicBool,
    /// Held while a call is under way.
    state: Mutex<Inner>,
}

// SAFETY: the VI that it points to is used under the lock, but for `inner`, which is the program's own call.
unsafe impl Send for Watch {}
// SAFETY: as above.
unsafe impl Sync for Watch {}

#[derive(Default)]
struct Inner {
    rules: State,
    /// Polls without an event since the last line of the trace: which call, and how many.
    idle: Option<(&'static str, u64)>,
}

/// The watched VIs, by address; of those that were freed, who watched them.
#[derive(Default)]
struct Known {
    live: HashMap<usize, Arc<Watch>>,
    freed: HashMap<usize, (u32, Option<Arc<Checks>>)>,
}

static KNOWN: Lazy<Mutex<Known>> = Lazy::new(Mutex::default);

fn known() -> MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to watch a VI that was just allocated, if anybody wants it.
pub(crate) unsafe fn begin(vi: *mut ef_vi, checks: Option<Arc<Checks>>) {
    let traced = trace::sink().is_some();
    known().freed.remove(&vi.addr());
    if !traced && checks.is_none() {
        return;
    }
    WATCHING.store(true, Relaxed);
    // SAFETY: the caller's VI is allocated.
    unsafe {
        let (id, inner) = ((*vi).vi_resource_id, (*vi).ops);
        (*vi).ops = ops::watched(&inner);
        let nic = &mut *adapter(vi);
        let watch = Arc::new(Watch {
            vi,
            id,
            ops: inner,
            checks,
            traced,
            domain: Arc::as_ptr(&nic.domain),
            calls: AtomicU32::new(0),
            freed: AtomicBool::new(false),
            state: Mutex::default(),
        });
        nic.watch = Some(watch.clone());
        known().live.insert(vi.addr(), watch);
    }
}

/// A VI is being freed, by a call that is watched.
pub(crate) fn end(vi: *mut ef_vi, nic: &mut Vi) {
    let Some(watch) = nic.watch.take() else { return };
    watch.freed.store(true, Relaxed);
    let mut known = known();
    known.live.remove(&vi.addr());
    known.freed.insert(vi.addr(), (watch.id, watch.checks.clone()));
}

/// Whether a VI is watched.
enum Of {
    Watched(Arc<Watch>),
    Unwatched,
    /// It was freed, which has been reported.
    Gone,
}

/// The watch of a VI, by its application's side; a use of one that was freed is reported, where somebody watched it.
unsafe fn of(vi: *mut ef_vi, call: &str) -> Of {
    // SAFETY: the caller's VI is allocated, or was.
    let nic = unsafe { adapter(vi) };
    if nic.is_null() {
        if let Some((id, Some(checks))) = known().freed.get(&vi.addr()) {
            checks.report(Violation::UseAfterFree, format_args!("vi{id}: {call} after it was freed"));
        }
        return Of::Gone;
    }
    // SAFETY: allocated.
    unsafe { (*nic).watch.clone() }.map_or(Of::Unwatched, Of::Watched)
}

/// All watched VIs.
pub(crate) fn all() -> Vec<Arc<Watch>> {
    known().live.values().cloned().collect()
}

/// A VI of which a call is checked.
pub(crate) struct Checked<'a> {
    pub(crate) vi: *mut ef_vi,
    pub(crate) id: u32,
    pub(crate) checks: &'a Checks,
}

impl Checked<'_> {
    /// The adapter's side.
    pub(crate) unsafe fn nic(&self) -> &Vi {
        // SAFETY: the caller's VI is allocated.
        unsafe { &*adapter(self.vi) }
    }

    /// Reports a mistake of the program's with this VI.
    pub(crate) fn report(&self, violation: Violation, text: fmt::Arguments<'_>) {
        self.checks.report(violation, format_args!("vi{}: {text}", self.id));
    }
}

impl Watch {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn as_checked<'a>(&self, vi: *mut ef_vi, checks: &'a Checks) -> Checked<'a> {
        Checked { vi, id: self.id, checks }
    }

    /// Enters a call of the program's: if another is under way, waits for its end.
    fn enter(&self, call: &str) -> Call<'_> {
        if self.calls.fetch_add(1, Relaxed) > 0
            && let Some(checks) = &self.checks
        {
            let text = format_args!("vi{}: {call} while another thread is in a call of it", self.id);
            checks.report(Violation::TwoThreads, text);
        }
        Call { inner: self.lock(), calls: &self.calls }
    }

    /// True if the VI is of this domain.
    pub(crate) fn is_of(&self, domain: &Arc<Domain>) -> bool {
        self.domain == Arc::as_ptr(domain)
    }

    /// Runs a rule on this VI, outside of its calls.
    pub(crate) fn check(&self, rule: impl FnOnce(&mut State, &Checked<'_>)) {
        if let Some(checks) = &self.checks {
            let mut inner = self.lock();
            if !self.freed.load(Relaxed) {
                rule(&mut inner.rules, &self.as_checked(self.vi, checks));
            }
        }
    }

    /// A poll by this call found nothing: how many did so has a line when something else follows.
    fn trace_idle(&self, inner: &mut Inner, call: &'static str) {
        match &mut inner.idle {
            Some((last, times)) if *last == call => *times += 1,
            Some((last, times)) => {
                trace::line(format_args!("vi{} {last}() = 0, {times} times", self.id));
                inner.idle = Some((call, 1));
            }
            None => inner.idle = Some((call, 1)),
        }
    }

    /// Writes a line, and before it how many polls there were that found nothing.
    fn trace(&self, inner: &mut Inner, text: fmt::Arguments<'_>) {
        if let Some((call, times)) = inner.idle.take() {
            trace::line(format_args!("vi{} {call}() = 0, {times} times", self.id));
        }
        trace::line(format_args!("vi{} {text}", self.id));
    }
}

/// What a call on a VI that was freed comes to.
pub(crate) trait Refused {
    /// The result.
    const VALUE: Self;
}

impl Refused for () {
    const VALUE: Self = ();
}

impl Refused for c_int {
    const VALUE: Self = -libc::EINVAL;
}

impl Refused for u64 {
    const VALUE: Self = 0;
}

impl Refused for *const c_void {
    const VALUE: Self = ptr::null();
}

impl Refused for u32 {
    const VALUE: Self = 0;
}

impl Refused for isize {
    const VALUE: Self = -libc::EINVAL as isize;
}

/// A call that is under way.
struct Call<'a> {
    inner: MutexGuard<'a, Inner>,
    calls: &'a AtomicU32,
}

impl Deref for Call<'_> {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl DerefMut for Call<'_> {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.inner
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Relaxed);
    }
}

/// A call on a VI that is not in its table, by `run`: it is checked by `rule`, and has its line.
#[cold]
pub(crate) unsafe fn call<R: Refused + Show>(
    vi: *mut ef_vi,
    text: fmt::Arguments<'_>,
    rule: impl FnOnce(&mut State, &Checked<'_>),
    run: impl FnOnce() -> R,
) -> R {
    let name = text.to_string();
    // SAFETY: the caller's VI is allocated, or was.
    let watch = match unsafe { of(vi, &name) } {
        Of::Watched(watch) => watch,
        Of::Unwatched => return run(),
        Of::Gone => return R::VALUE,
    };
    let mut inner = watch.enter(&name);
    if let Some(checks) = &watch.checks {
        rule(&mut inner.rules, &watch.as_checked(vi, checks));
    }
    let result = run();
    if watch.traced {
        watch.trace(&mut inner, format_args!("{name}{}", Returned(&result)));
    }
    result
}

/// For a call that no rule is about.
pub(crate) fn no_rule(_: &mut State, _: &Checked<'_>) {}

/// Defines calls on a VI that are not in its table, each by what it does when nobody watches: `watch::call` apart, so that
/// it costs the others one branch. Behind a signature may stand the rule that is checked before the call.
macro_rules! exported {
    ($(
        $(#[$attribute:meta])*
        fn $name:ident($vi:ident: $vi_type:ty $(, $arg:ident: $type:ty)* $(,)?) -> $result:ty = $body:expr
        $(, before |$rules:ident, $checked:ident| $rule:expr)?;
    )+) => {$(
        $(#[$attribute])*
        #[unsafe(no_mangle)]
        pub(crate) unsafe extern "C" fn $name($vi: $vi_type $(, $arg: $type)*) -> $result {
            #[cold]
            #[inline(never)]
            unsafe fn watched($vi: $vi_type $(, $arg: $type)*) -> $result {
                let args: &[String] = &[$($crate::trace::Shown(&$arg).to_string()),*];
                let text = format_args!("{}({})", stringify!($name), args.join(", "));
                // SAFETY: the ABI's contract is that of the call; the rule reads what it reads.
                unsafe {
                    let rule = |_rules: &mut $crate::checks::rules::State, _vi: &$crate::watch::Checked<'_>| {
                        $(let ($rules, $checked) = (_rules, _vi);
                        $rule;)?
                    };
                    $crate::watch::call($vi, text, rule, || $body($vi $(, $arg)*))
                }
            }
            // SAFETY: this call's contract.
            unsafe { if $crate::watch::watching() { watched($vi $(, $arg)*) } else { $body($vi $(, $arg)*) } }
        }
    )+};
}

pub(crate) use exported;
