//! The real smart-card service with virtual readers, for tests that ask for it.
//!
//! [`Pcscd::start`] is `None` where the machine has no pcscd or no vpcd; the test then
//! returns, having said `SKIPPED` and why where even a captured test is heard. With
//! `LIKENESS_REQUIRE_PCSCD=1` (as in `cargo xtask test` and in CI) it fails instead.
//!
//! A machine has room for one pcscd. A test that only talks to readers takes one apart
//! ([`Pcscd::start_apart`]): its thread, and whatever that starts, see a network and a
//! `/run/pcscd` of their own, so that such tests run side by side. The others take turns
//! by a lock on a file, within a program and between programs; a daemon that a killed test
//! program left behind is known by the number that stands in that file, and is ended by
//! the next.

use booth::{Date, DocumentFields, PersonName, Sex, Validity};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::UnshareFlags;
use simulator::vpcd::{FIRST_PORT, SECOND_PORT, Slot};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

/// The name of the reader of [`Pcscd::slot`].
pub const FIRST_READER: &str = "Virtual PCD 00 00";
/// The name of the reader of [`Pcscd::second_slot`].
pub const SECOND_READER: &str = "Virtual PCD 00 01";

const BINARIES: [&str; 3] = ["/usr/sbin/pcscd", "/usr/local/sbin/pcscd", "/usr/bin/pcscd"];
const PLACE: &str = "/run/pcscd";
const SOCKET: &str = "/run/pcscd/pcscd.comm";
const START_MAX: Duration = Duration::from_secs(10);

/// The service, held alone until it is dropped.
pub struct Pcscd {
    /// `None` when somebody else runs it, or while it is killed.
    child: Option<Child>,
    binary: PathBuf,
    /// `None` where nobody has to wait.
    lock: Option<File>,
    _library: Option<Library>,
}

/// The client library of the service has one lock for a whole program, and holds it while it
/// waits for a service that is frozen or gone: so does a test then.
static LIBRARY: RwLock<()> = RwLock::new(());

enum Library {
    Shared {
        _guard: RwLockReadGuard<'static, ()>,
    },
    Alone {
        _guard: RwLockWriteGuard<'static, ()>,
    },
}

impl Library {
    fn shared() -> Self {
        let _guard = LIBRARY.read().unwrap_or_else(PoisonError::into_inner);
        Self::Shared { _guard }
    }

    fn alone() -> Self {
        let _guard = LIBRARY.write().unwrap_or_else(PoisonError::into_inner);
        Self::Alone { _guard }
    }
}

impl Pcscd {
    /// Waits for its turn, then starts a service of its own, or takes the one that
    /// runs already.
    ///
    /// # Panics
    /// If there is none and `LIKENESS_REQUIRE_PCSCD` is `1`.
    #[must_use]
    pub fn start() -> Option<Self> {
        match Self::try_start() {
            Ok(service) => Some(service),
            Err(reason) => {
                skip(&reason);
                None
            }
        }
    }

    /// As [`Pcscd::start`], but only with a service that may be killed and stopped.
    ///
    /// # Panics
    /// As [`Pcscd::start`].
    #[must_use]
    pub fn start_own() -> Option<Self> {
        let service = Self::start()?;
        if service.child.is_none() {
            skip("a pcscd that belongs to somebody else runs here and may not be killed");
            return None;
        }
        Some(service)
    }

    /// A service that this thread has for itself, beside those of others. Who may not have
    /// one (it takes root) waits for its turn, as in [`Pcscd::start`].
    ///
    /// # Panics
    /// As [`Pcscd::start`], and if the system begins to set the thread apart and does not end.
    #[must_use]
    pub fn start_apart() -> Option<Self> {
        Self::apart(Library::shared, Self::start)
    }

    /// As [`Pcscd::start_apart`], but it may be killed and stopped. No other test of the same
    /// program runs meanwhile.
    ///
    /// # Panics
    /// As [`Pcscd::start_apart`].
    #[must_use]
    pub fn start_apart_own() -> Option<Self> {
        Self::apart(Library::alone, Self::start_own)
    }

    fn apart(take: fn() -> Library, otherwise: fn() -> Option<Self>) -> Option<Self> {
        if !set_apart() {
            return otherwise();
        }
        let started = find_binary().and_then(|binary| {
            let mut service = Self {
                child: None,
                binary,
                lock: None,
                _library: Some(take()),
            };
            service.launch()?;
            service.wait_until_up()?;
            Ok(service)
        });
        started.map_err(|reason| skip(&reason)).ok()
    }

    fn try_start() -> Result<Self, String> {
        let mut service = Self {
            child: None,
            binary: find_binary()?,
            lock: Some(take_turn()?),
            _library: None,
        };
        service.end_orphan();
        if UnixStream::connect(SOCKET).is_err() {
            service.launch()?;
        }
        service.wait_until_up()?;
        Ok(service)
    }

    /// The place on the first reader; nothing lies there.
    #[must_use]
    pub fn slot(&self) -> Slot {
        Slot::new(FIRST_PORT)
    }

    /// The place on the second reader.
    #[must_use]
    pub fn second_slot(&self) -> Slot {
        Slot::new(SECOND_PORT)
    }

    /// Ends the service in good order (`TERM`).
    pub fn terminate(&mut self) {
        self.end(Signal::TERM);
    }

    /// Kills the service.
    pub fn kill(&mut self) {
        self.end(Signal::KILL);
    }

    /// Starts it again after [`Pcscd::terminate`] or [`Pcscd::kill`].
    ///
    /// # Panics
    /// If it does not come up, although it did before.
    pub fn restart(&mut self) {
        self.launch().expect("pcscd starts again");
        self.wait_until_up().expect("pcscd comes up again");
    }

    /// Freezes the service: it holds its connections and answers nothing.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a frozen service go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn launch(&mut self) -> Result<(), String> {
        // It ends with the thread that started it, however that ends.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(&self.binary)
            .arg("--foreground")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("pcscd does not start: {error}"))?;
        let id = child.id();
        self.child = Some(child);
        self.note(&id.to_string())
            .map_err(|error| format!("the lock's file: {error}"))
    }

    fn wait_until_up(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START_MAX;
        loop {
            let served = UnixStream::connect(SOCKET).is_ok();
            let has_readers = is_listening(FIRST_PORT) && is_listening(SECOND_PORT);
            if served && has_readers {
                return Ok(());
            }
            let ended = self
                .child
                .as_mut()
                .and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                // It was waited for: its number may be another process's by now.
                self.child = None;
                return Err(format!(
                    "pcscd ended at once ({status}); it needs to run as root"
                ));
            }
            if Instant::now() > deadline {
                return Err(if served {
                    "pcscd has no virtual readers; is vsmartcard-vpcd installed?".to_owned()
                } else {
                    "pcscd does not come up".to_owned()
                });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            // The child was not waited for yet, so the number is its own.
            kill_process(Pid::from_child(child), signal).expect("a signal reaches our own child");
        }
    }

    fn end(&mut self, signal: Signal) {
        self.signal(signal);
        let Some(mut child) = self.child.take() else {
            return;
        };
        let deadline = Instant::now() + Duration::from_secs(5);
        while child.try_wait().is_ok_and(|ended| ended.is_none()) {
            if Instant::now() > deadline {
                // A daemon that holds a silent card does not hear `TERM`.
                drop(child.kill());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(self.note(""));
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        let Some(lock) = &mut self.lock else {
            return Ok(());
        };
        lock.set_len(0)?;
        lock.rewind()?;
        lock.write_all(text.as_bytes())
    }

    /// Ends the daemon of a test program that was killed itself: nobody but such a
    /// program writes its number into the file.
    fn end_orphan(&mut self) {
        let mut text = String::new();
        let told = self
            .lock
            .as_mut()
            .map(|lock| lock.read_to_string(&mut text));
        if told.is_none_or(|told| told.is_err()) {
            return;
        }
        let Some(pid) = text.trim().parse().ok().and_then(Pid::from_raw) else {
            return;
        };
        let process = PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()));
        let is_pcscd = || {
            let name = std::fs::read_to_string(process.join("comm"));
            name.is_ok_and(|name| name.trim() == "pcscd")
        };
        if is_pcscd() {
            // It may end by itself just now.
            kill_process(pid, Signal::KILL).ok();
            let deadline = Instant::now() + Duration::from_secs(2);
            while is_pcscd() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        self.thaw();
        self.end(Signal::TERM);
    }
}

/// The identity bytes of the resident card of an invented person; birth and sex follow
/// from the number.
///
/// # Panics
/// If the name or the number does not fit the layout.
#[must_use]
pub fn resident_text(name: &str, number: &str) -> [u8; card::TEXT_BYTES] {
    let odd = number.as_bytes()[16] % 2 == 1;
    let fields = DocumentFields {
        name: PersonName::parse(name).expect("a name"),
        latin_name: None,
        sex: if odd { Sex::Male } else { Sex::Female },
        nation: "01".to_owned(),
        birth: Date::parse_compact(&number[6..14]).expect("a number with a birth date"),
        address: "第一路一号".to_owned(),
        number: number.to_owned(),
        travel_permit: None,
        issuer: "某市公安局".to_owned(),
        valid_from: Date::new(2020, 1, 1).expect("a day"),
        valid_to: Validity::LongTerm,
    };
    card::layout::encode_resident(&fields).expect("the fields fit the layout")
}

/// Says that a test did not run, past the capture of the test harness.
///
/// # Panics
/// If `LIKENESS_REQUIRE_PCSCD` is `1`.
fn skip(reason: &str) {
    let required = std::env::var_os("LIKENESS_REQUIRE_PCSCD").is_some_and(|value| value == "1");
    assert!(!required, "LIKENESS_REQUIRE_PCSCD=1, but {reason}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    drop(writeln!(io::stderr(), "SKIPPED {test}: {reason}"));
}

fn find_binary() -> Result<PathBuf, String> {
    let found = BINARIES.iter().map(Path::new).find(|path| path.exists());
    Ok(found.ok_or("pcscd is not installed")?.to_owned())
}

/// Whether the system lets us, tried on a process that ends at once: a thread that is half
/// apart could neither go on nor back.
fn can_be_apart() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let all = format!("mkdir -p {PLACE} && mount -t tmpfs tmpfs {PLACE} && ip link set lo up");
        let mut trial = Command::new("unshare");
        trial.args(["--mount", "--net", "sh", "-c", &all]);
        let quiet = trial.stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|ended| ended.success())
    })
}

/// Gives this thread a network and a `/run/pcscd` of its own; `false` where it may not.
fn set_apart() -> bool {
    if !can_be_apart() {
        return false;
    }
    #[expect(
        deprecated,
        reason = "what makes it unsound is a table of files of its own, which is not asked for"
    )]
    let unshared = rustix::thread::unshare(UnshareFlags::NEWNS | UnshareFlags::NEWNET);
    if unshared.is_err() {
        return false;
    }
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).expect("what is mounted here stays here");
    std::fs::create_dir_all(PLACE).expect("there is a place for the socket");
    mount("tmpfs", PLACE, "tmpfs", MountFlags::empty(), None).expect("the place is its own");
    let mut loopback = Command::new("ip");
    let up = loopback.args(["link", "set", "lo", "up"]).status();
    assert!(up.expect("ip runs").success(), "the loopback comes up");
    true
}

fn take_turn() -> Result<File, String> {
    let path = std::env::temp_dir().join("likeness-pcscd.lock");
    let turn = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path)?;
        file.lock()?;
        io::Result::Ok(file)
    };
    turn().map_err(|error| format!("{} cannot be locked: {error}", path.display()))
}

/// Whether a process listens on a port of this machine; asking by connecting would lay
/// a card on the reader.
fn is_listening(port: u16) -> bool {
    const LISTEN: &str = "0A";
    // The network of this thread, which need not be that of the process.
    let tables = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];
    tables.iter().any(|table| {
        let table = std::fs::read_to_string(table).unwrap_or_default();
        table.lines().any(|line| {
            let mut words = line.split_whitespace().skip(1);
            let local = words.next().unwrap_or_default();
            let state = words.nth(1).unwrap_or_default();
            local.ends_with(&format!(":{port:04X}")) && state == LISTEN
        })
    })
}
