//! 监视文件夹: pictures that a tethering program or a memory card puts into a folder.
//!
//! A watched folder is not a live source. A file that arrives proves only that
//! somebody wrote it: it may have been taken an hour ago, of somebody else (hazard
//! H28). So arrival after the seat is necessary and never sufficient; the EXIF time,
//! mapped by a measured offset ([`crate::clockcode`]), must fall after it too, and the
//! rules judge that by the frame's birth. What this source sees to:
//!
//! - what lay there at the beginning is never offered;
//! - a file counts once its size has stood still for two looks and its picture is whole;
//! - bytes or an EXIF id that came before are not offered again;
//! - the camera's body and its file number must continue: another body ends the epoch,
//!   a number that goes back quarantines the file;
//! - the measured clock is tried again by every picture: one that was taken after it
//!   arrived, or before the one with the number before its own, ends the epoch, and the
//!   clock counts as unmeasured from there;
//! - files are read, and never changed, moved or deleted.
//!
//! The folder is polled ten times a second, which every system and every network
//! share supports. Subfolders and names that begin with a dot are not looked at. A share
//! that does not answer for three seconds has gone, as if it had been unplugged.

mod birth;
mod disk;
mod picture;
mod watch;

pub use birth::birth;

use crate::clockcode::{ClockCode, ClockOffset};
use crate::{Camera, CameraError, Counters, ExposeRequest, Preview, Sink};
use booth::{Device, Nature};
use disk::Disk;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use watch::Watch;

/// A picture may have this many bytes; larger files are quarantined.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// A file that has not grown for this long will not become a picture.
pub const GROWING_MAX: Duration = Duration::from_secs(10);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// A disk that does not answer for so long has gone, until it answers again.
const SILENCE_MAX: Duration = Duration::from_secs(3);
/// A folder with more files is not one for this purpose: it is refused rather than
/// looked at in part, because a new file could be in the other part.
const FILES_MAX: usize = 20_000;

/// Watches a folder. `offset` is the measured offset of the camera's clock, if the
/// job has one; without it no picture from here is accepted in a production job.
///
/// # Errors
/// [`CameraError`] when the folder cannot be read.
pub fn open(
    dir: &Path,
    offset: Option<ClockOffset>,
    sink: Sink,
) -> Result<Box<dyn Camera>, CameraError> {
    if dir.exists() && !dir.is_dir() {
        return Err(CameraError::Unusable("it is no folder".to_owned()));
    }
    disk::list(dir)?;
    let identity = dir.file_name().map_or_else(
        || "/".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let shared = Arc::new(Shared {
        desk: Mutex::new(Desk::default()),
        bell: Condvar::new(),
    });
    let watched = Arc::clone(&shared);
    let disk = Disk::of(dir.to_path_buf())?;
    let thread = std::thread::Builder::new()
        .name("camera-folder".to_owned())
        .spawn(move || run(&disk, Watch::new(offset), &watched, &sink))?;
    Ok(Box::new(FolderCamera {
        device: Device {
            driver: "folder".to_owned(),
            bus: String::new(),
            identity,
            nature: Nature::Virtual,
        },
        shared,
        thread: Some(thread),
    }))
}

struct FolderCamera {
    device: Device,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Camera for FolderCamera {
    fn device(&self) -> Device {
        self.device.clone()
    }

    fn latest(&self) -> Option<Arc<Preview>> {
        let desk = self.shared.lock();
        // Many slow answers in a row are too long a look: what was seen before is not of now.
        let is_heard = desk.looked.is_some_and(|at| at.elapsed() < SILENCE_MAX);
        desk.latest.clone().filter(|_| is_heard)
    }

    fn expose(&self, request: ExposeRequest) {
        self.shared.lock().requests.push(request);
        self.shared.bell.notify_all();
    }

    fn counters(&self) -> Counters {
        self.shared.lock().counters
    }
}

impl Drop for FolderCamera {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.bell.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            crate::live::join_briefly(thread);
        }
    }
}

/// What passes between the camera's handle and its thread. Files are read while it
/// is not locked.
#[derive(Default)]
struct Desk {
    requests: Vec<ExposeRequest>,
    latest: Option<Arc<Preview>>,
    counters: Counters,
    /// When the last look ended.
    looked: Option<Instant>,
    closing: bool,
}

struct Shared {
    desk: Mutex<Desk>,
    bell: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(disk: &Disk, mut watch: Watch, shared: &Shared, sink: &Sink) {
    loop {
        let looked = catch_unwind(AssertUnwindSafe(|| {
            let listing = disk.list();
            watch.look(listing, ClockCode::now(), &|name| disk.read(name));
        }));
        if disk.is_silent() {
            watch.gone(clock::now());
        }
        if looked.is_err() {
            watch.crashed(clock::now());
        }
        let mut desk = shared.lock();
        desk.latest = watch.latest();
        desk.counters = watch.counters();
        desk.looked = Some(Instant::now());
        drop(desk);
        watch.take_events().into_iter().for_each(sink);
        let mut desk = shared.lock();
        if desk.requests.is_empty() && !desk.closing {
            let waited = shared.bell.wait_timeout(desk, LOOK);
            desk = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if desk.closing {
            return;
        }
        let requests = std::mem::take(&mut desk.requests);
        drop(desk);
        for request in requests {
            watch.expose(request);
        }
    }
}
