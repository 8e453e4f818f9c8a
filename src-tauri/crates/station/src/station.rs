//! The station as a window uses it: one job open at a time, devices remembered, long
//! work one at a time with progress and an end.
//!
//! Every call may block and is made from threads that may; what a window polls
//! ([`Station::view`], [`Station::frame`], [`Station::work`]) waits for something new.

use crate::desk::{Delivered, Desk, StationHome, Verdict};
use crate::device::{CameraChoice, ReaderChoice};
use crate::error::StationError;
use crate::remote::RemoteKey;
use crate::room::{LatestFrame, Picture, Room};
use crate::settings::Settings;
use crate::show::{count, job_line};
use crate::sitting::SittingOptions;
use crate::view::{
    BoothView, ChangedLine, DeviceChoice, DeviceList, Failure, JobLine, PhotosImport, PlaceLine,
    ProfileLine, RosterImport, StationInfo, TrayView, Wish, WorkView,
};
use crate::window_frame::WindowFrame;
use crate::{RecordLine, RosterLine};
use booth::{Attendance, Claim, Encoding, Generation, JobKind, StudentNumber};
use card::vendor::decoder::Decoder;
use portrait::Profile;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// A poll that finds nothing new answers with what there is after this long.
const POLL_MAX: Duration = Duration::from_secs(10);
/// A wait for the next frame of the preview.
const FRAME_MAX: Duration = Duration::from_millis(500);
/// Documents are waited for as long as the booth is open.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// A window's station.
pub struct Station {
    pub(crate) home: StationHome,
    demo: Option<PathBuf>,
    settings: Mutex<Settings>,
    room: Mutex<Option<Arc<Room>>>,
    /// What of the settings could not be used at the start.
    unsettled: Option<Failure>,
    /// Why the job of the start is not open, until another one is.
    refused: Mutex<Option<Failure>>,
    /// Numbers of views go on when another job is opened.
    seq: AtomicU64,
    work: watch::Sender<WorkView>,
    is_working: Mutex<()>,
    is_cancelled: AtomicBool,
}

impl Station {
    /// A station with its settings read. `demo` is the folder of the demo, where the
    /// station was started with one: `job/`, `documents/`, `pictures/`.
    #[must_use]
    pub fn new(home: StationHome, demo: Option<PathBuf>) -> Self {
        let (settings, unsettled) = Settings::read(&home);
        if let Some(error) = &unsettled {
            tracing::warn!(
                code = error.code(),
                "the settings are not as they were kept"
            );
        }
        let idle = WorkView {
            seq: 1,
            kind: None,
            step: String::new(),
            done: 0,
            of: 0,
        };
        Self {
            home,
            demo,
            settings: Mutex::new(settings),
            room: Mutex::new(None),
            unsettled: unsettled.as_ref().map(Failure::from),
            refused: Mutex::new(None),
            seq: AtomicU64::new(1),
            work: watch::Sender::new(idle),
            is_working: Mutex::new(()),
            is_cancelled: AtomicBool::new(false),
        }
    }

    pub(crate) fn room(&self) -> Result<Arc<Room>, StationError> {
        lock(&self.room)
            .clone()
            .ok_or(StationError::Refused("no-job-open"))
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }
}

// --- jobs ---------------------------------------------------------------------------------

impl Station {
    /// What the first screen needs.
    #[must_use]
    pub fn info(&self) -> StationInfo {
        let open = lock(&self.room).clone();
        let settings = self.settings();
        let recent = settings.recent.iter().filter_map(|dir| recent_line(dir));
        let profiles = Profile::names().filter_map(|name| {
            let profile = Profile::named(name).ok()?;
            Some(ProfileLine {
                name: name.to_owned(),
                title_zh: profile.title_zh,
                title_en: profile.title_en,
            })
        });
        StationInfo {
            recent: recent.collect(),
            profiles: profiles.collect(),
            job: open.map(|room| room.view.borrow().job.clone()),
            demo: self
                .demo
                .as_ref()
                .map(|dir| dir.to_string_lossy().into_owned()),
            operator: settings.operator.clone(),
            refused: lock(&self.refused).clone(),
            remote: settings.remote.clone(),
            presses_itself: settings.presses_itself,
            unsettled: self.unsettled.clone(),
        }
    }

    /// Opens the job that the program was started with. One that cannot be opened is no
    /// reason not to start: [`Station::info`] tells why, and the first screen offers
    /// others.
    pub fn open_first(&self, dir: &Path) {
        if let Err(error) = self.open_job(dir) {
            let code = error.code();
            tracing::warn!(code, "the job of the start is not open");
            *lock(&self.refused) = Some(Failure::from(&error));
        }
    }

    /// Creates a job in a new folder and opens it.
    ///
    /// # Errors
    /// A refusal when the folder holds something or the profile is unknown.
    pub fn create_job(
        &self,
        dir: &Path,
        profile: &str,
        training: bool,
    ) -> Result<JobLine, StationError> {
        self.home.create_job(dir, profile, training)?;
        self.open_job(dir)
    }

    /// Opens a job; the one that was open is closed first.
    ///
    /// # Errors
    /// A refusal when another process holds it, a fault when it is no job.
    pub fn open_job(&self, dir: &Path) -> Result<JobLine, StationError> {
        self.close_job();
        let desk = self.home.open_job(dir)?;
        let line = job_line(&desk)?;
        let room = Room::open(desk, self.seq.fetch_add(1, Ordering::Relaxed) + 1)?;
        *lock(&self.room) = Some(Arc::new(room));
        *lock(&self.refused) = None;
        self.settings().opened(dir, &self.home);
        Ok(line)
    }

    /// Closes the open job; an open sitting is void.
    pub fn close_job(&self) {
        // On a line of its own, so that no poll waits for the lock while the booth closes.
        let room = lock(&self.room).take();
        if let Some(room) = room {
            // Polls that hold it let go within their own time; the booth closes now, and the
            // next job counts on from its last view.
            let _closed = room.close_booth();
            let last = room.view.borrow().seq;
            self.seq.fetch_max(last, Ordering::Relaxed);
        }
    }

    /// Opens the demo's job, with the demo's devices chosen.
    ///
    /// # Errors
    /// `no-demo` when the station was started without one.
    pub fn open_demo(&self) -> Result<JobLine, StationError> {
        let demo = self.demo.clone().ok_or(StationError::Refused("no-demo"))?;
        let line = self.open_job(&demo.join("job"))?;
        let (reader, camera) = demo_devices(&demo);
        self.tray_take()?;
        {
            let mut settings = self.settings();
            if settings.operator.is_empty() {
                // A stranger is not asked for anything before the first portrait.
                "demo".clone_into(&mut settings.operator);
            }
        }
        let decoder = self.settings().decoder.clone();
        let decoder = decoder.filter(|path| Path::new(path).is_file());
        self.choose_devices(&reader, &camera, decoder.as_deref())?;
        Ok(line)
    }
}

/// A job that is not open, as far as it can be told from outside.
fn recent_line(dir: &Path) -> Option<JobLine> {
    let (kind, profile) = store::peek(dir)?;
    let name = dir.file_name()?.to_string_lossy().into_owned();
    Some(JobLine {
        name,
        dir: dir.to_string_lossy().into_owned(),
        kind: kind.code().to_owned(),
        profile,
        entries: 0,
        filed: 0,
        flagged: 0,
    })
}

// --- devices and the booth ------------------------------------------------------------------

impl Station {
    /// What is connected, and what was chosen.
    ///
    /// # Errors
    /// `no-job-open`.
    pub fn devices(&self) -> Result<DeviceList, StationError> {
        let kind = self.room()?.view.borrow().job.kind.clone();
        let training = kind == JobKind::Training.code();
        let (service, mut readers) = crate::device::readers();
        let mut cameras = crate::device::cameras(training);
        if let Some(demo) = &self.demo {
            let (reader, camera) = demo_devices(demo);
            readers.push(simulated("reader", reader, training));
            cameras.push(simulated("camera", camera, training));
        }
        let settings = self.settings();
        Ok(DeviceList {
            readers,
            cameras,
            service,
            reader: settings.reader.clone(),
            camera: settings.camera.clone(),
            decoder: settings.decoder.clone(),
        })
    }

    /// Remembers which devices to open.
    ///
    /// # Errors
    /// `device-unknown` when a choice cannot be read, `decoder-missing` when there is no such
    /// library.
    pub fn choose_devices(
        &self,
        reader: &str,
        camera: &str,
        decoder: Option<&str>,
    ) -> Result<(), StationError> {
        let unknown = |detail: String| StationError::RefusedWith {
            code: "device-unknown",
            detail,
        };
        reader.parse::<ReaderChoice>().map_err(unknown)?;
        camera.parse::<CameraChoice>().map_err(unknown)?;
        let decoder = decoder.map(str::trim).filter(|path| !path.is_empty());
        if decoder.is_some_and(|path| !Path::new(path).is_file()) {
            return Err(StationError::Refused("decoder-missing"));
        }
        let mut settings = self.settings();
        settings.decoder = decoder.map(str::to_owned);
        settings.reader = Some(reader.to_owned());
        settings.camera = Some(camera.to_owned());
        settings.write(&self.home);
        Ok(())
    }

    /// Whether a key can be the remote trigger, and with `keep` remembers it; no key forgets
    /// the one that was learned.
    ///
    /// # Errors
    /// Why it cannot be one: `remote-key-own` and its kin.
    pub fn remote_key(&self, key: Option<RemoteKey>, keep: bool) -> Result<(), StationError> {
        if let Some(key) = &key {
            key.check()?;
        }
        if keep {
            let mut settings = self.settings();
            settings.remote = key;
            settings.write(&self.home);
        }
        Ok(())
    }

    /// Has the booth press by itself once all has held, or only when somebody presses; remembered.
    ///
    /// # Errors
    /// `room-gone` when the open job's thread died.
    pub fn press_itself(&self, presses: bool) -> Result<(), StationError> {
        {
            let mut settings = self.settings();
            settings.presses_itself = presses;
            settings.write(&self.home);
        }
        let room = lock(&self.room).clone();
        room.map_or(Ok(()), |room| room.press_itself(presses))
    }

    /// Opens the booth with the devices that were chosen.
    ///
    /// # Errors
    /// `devices-unchosen`, or as the devices say.
    pub fn open_booth(&self, operator: &str) -> Result<(), StationError> {
        let room = self.room()?;
        let (reader, camera, decoder) = {
            let mut settings = self.settings();
            settings.operator = operator.trim().to_owned();
            settings.write(&self.home);
            let decoder = settings.decoder.clone().map(PathBuf::from);
            (settings.reader.clone(), settings.camera.clone(), decoder)
        };
        let unchosen = || StationError::Refused("devices-unchosen");
        let parse = |text: Option<String>| text.ok_or_else(unchosen);
        room.open_booth(SittingOptions {
            reader: parse(reader)?.parse().map_err(|_| unchosen())?,
            camera: parse(camera)?.parse().map_err(|_| unchosen())?,
            attendance: Attendance::Attended,
            operator: named(operator),
            claim: Claim::default(),
            document_wait: FOR_EVER,
            decoder: decoder.map(Decoder::new),
        })?;
        let presses = self.settings().presses_itself;
        room.press_itself(presses)
    }

    /// Closes the booth; an open sitting is void.
    ///
    /// # Errors
    /// `no-job-open`.
    pub fn close_booth(&self) -> Result<(), StationError> {
        self.room()?.close_booth()
    }

    /// What the operator wants; what becomes of it is in the view.
    ///
    /// # Errors
    /// `no-job-open`.
    pub fn wish(&self, wish: Wish) -> Result<(), StationError> {
        self.room()?.wish(wish)
    }

    /// The view, when it is newer than `after`, or what there is after ten seconds.
    ///
    /// # Errors
    /// `no-job-open`.
    pub async fn view(&self, after: u64) -> Result<Arc<BoothView>, StationError> {
        Ok(newest(self.room()?.view.clone(), after).await)
    }

    /// A frame later than `after`, with its number, ready to be drawn; nothing when none comes
    /// in time, or when the camera was lost while it was made small.
    pub async fn frame(&self, after: u64) -> Option<(u64, Arc<WindowFrame>)> {
        let mut frames = self.room().ok()?.frames.clone();
        let later = |latest: &LatestFrame| latest.as_ref().is_some_and(|(seq, _)| *seq > after);
        let found = tokio::time::timeout(FRAME_MAX, frames.wait_for(later)).await;
        let (seq, frame) = found.ok()?.ok()?.clone()?;
        if !frame.is_at_hand() {
            let large = Arc::clone(&frame);
            let reducing = tokio::task::spawn_blocking(move || large.file().is_some());
            reducing.await.ok().filter(|is_shown| *is_shown)?;
            frames.borrow().as_ref()?;
        }
        Some((seq, frame))
    }

    /// A picture that a view names: `portrait/TOKEN`, `burst/TOKEN/N`, `chip/DIGEST`,
    /// `copy/TOKEN`, `admission/STUDENT` or `record/STUDENT/GENERATION`.
    ///
    /// # Errors
    /// `picture-gone` when the view names it no longer.
    pub fn picture(&self, path: &str) -> Result<Picture, StationError> {
        let room = self.room()?;
        if let Some(picture) = room.picture(path) {
            return Ok(picture);
        }
        let words: Vec<String> = path.split('/').map(str::to_owned).collect();
        let found = room.ask(false, move |desk| picture_of(desk, &words))??;
        found.ok_or(StationError::Refused("picture-gone"))
    }
}

/// The view of the moment of the answer, which may be later than the one that ended the
/// wait. A view that does not change, or a room that is gone: the last one stands.
pub(crate) async fn newest(
    mut view: watch::Receiver<Arc<BoothView>>,
    after: u64,
) -> Arc<BoothView> {
    let newer = view.wait_for(|view| view.seq > after);
    drop(tokio::time::timeout(POLL_MAX, newer).await);
    Arc::clone(&view.borrow())
}

fn picture_of(desk: &Desk, words: &[String]) -> Result<Option<Picture>, StationError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let jpeg = match words.as_slice() {
        ["admission", student] => {
            let number = student_number(student)?;
            let entry = desk.job.entry_id(&number)?;
            desk.job.admission_photo(entry)?
        }
        ["record", student, generation] => {
            let generation = generation.parse().ok().map(Generation);
            let number = student_number(student)?;
            Some(desk.job.record_portrait(&number, generation)?)
        }
        _ => None,
    };
    Ok(jpeg.map(|bytes| Picture {
        encoding: if bytes.starts_with(b"\x89PNG") {
            Encoding::Png
        } else {
            Encoding::Jpeg
        },
        bytes: Arc::new(bytes),
    }))
}

fn student_number(text: &str) -> Result<StudentNumber, StationError> {
    StudentNumber::parse(text).map_err(|_| StationError::Refused("unknown-student"))
}

/// The journal wants a name; nobody is forced to type one.
fn named(operator: &str) -> String {
    let name = operator.trim();
    if name.is_empty() { "operator" } else { name }.to_owned()
}

fn simulated(kind: &str, choice: String, allowed: bool) -> DeviceChoice {
    DeviceChoice {
        choice,
        name: "demo".to_owned(),
        kind: kind.to_owned(),
        nature: "simulated".to_owned(),
        allowed,
    }
}

// --- the demo's tray: who comes ---------------------------------------------------------------

/// Reader and camera of the demo, as they are chosen.
fn demo_devices(demo: &Path) -> (String, String) {
    let now = demo.join("now");
    (
        format!("simulated:{}", now.to_string_lossy()),
        format!("still:{}", now.join("picture.png").to_string_lossy()),
    )
}

impl Station {
    /// The people of the demo, and who sits; nothing without a demo.
    #[must_use]
    pub fn tray(&self) -> TrayView {
        let Some(demo) = &self.demo else {
            return TrayView::default();
        };
        let mut documents: Vec<String> = std::fs::read_dir(demo.join("documents"))
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let is_document = path.extension().is_some_and(|ending| ending == "toml");
                let stem = path.file_stem()?.to_string_lossy().into_owned();
                is_document.then_some(stem)
            })
            .collect();
        documents.sort();
        let present = std::fs::read_to_string(demo.join("now/who.txt")).ok();
        TrayView { documents, present }
    }

    /// Somebody of the demo sits down and lays their document on the reader.
    ///
    /// # Errors
    /// `no-demo`, or a file of the demo cannot be copied.
    pub fn tray_put(&self, who: &str) -> Result<(), StationError> {
        let demo = self.demo.clone().ok_or(StationError::Refused("no-demo"))?;
        if !self.tray().documents.iter().any(|known| known == who) {
            return Err(StationError::Refused("no-demo"));
        }
        let now = demo.join("now");
        let lay_there = now.join("document.toml").exists();
        self.tray_take()?;
        if lay_there {
            std::thread::sleep(HAND_OVER);
        }
        let picture = demo.join("pictures").join(format!("{who}.png"));
        let document = demo.join("documents").join(format!("{who}.toml"));
        appear(&picture, &now.join("picture.png"))?;
        std::fs::write(now.join("who.txt"), who).map_err(|error| unwritable(&error))?;
        appear(&document, &now.join("document.toml"))
    }

    /// The document is taken off the reader and the chair is empty.
    ///
    /// # Errors
    /// `no-demo`, or a file of the demo cannot be changed.
    pub fn tray_take(&self) -> Result<(), StationError> {
        let demo = self.demo.clone().ok_or(StationError::Refused("no-demo"))?;
        let now = demo.join("now");
        for file in ["document.toml", "who.txt"] {
            match std::fs::remove_file(now.join(file)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(unwritable(&error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        appear(&demo.join("pictures/empty.png"), &now.join("picture.png"))
    }
}

/// From one document to the next, as a hand takes it: the simulated reader looks every
/// 40 ms and sees the first one leave.
const HAND_OVER: Duration = Duration::from_millis(600);

/// A copy that is there as a whole or not at all.
fn appear(from: &Path, to: &Path) -> Result<(), StationError> {
    let beside = to.with_extension("new");
    std::fs::copy(from, &beside)
        .and_then(|_| std::fs::rename(&beside, to))
        .map_err(|error| unwritable(&error))
}

fn unwritable(error: &std::io::Error) -> StationError {
    StationError::Fault {
        code: "file-unwritable",
        detail: error.to_string(),
    }
}

// --- roster and records -----------------------------------------------------------------------

impl Station {
    /// Imports a roster, or says what that would do.
    ///
    /// # Errors
    /// As [`Desk::import_roster`].
    pub fn import_roster(&self, file: &Path, dry_run: bool) -> Result<RosterImport, StationError> {
        let room = self.room()?;
        let _working = self.begin("import")?;
        // Reading somebody else's file takes its time; the booth goes on meanwhile.
        let roster = exchange::read_roster(file)?;
        if self.go_on().is_break() {
            return Err(StationError::Refused("work-cancelled"));
        }
        let imported = room.ask(true, move |desk| {
            desk.import_read_roster(roster, dry_run, false)
        })?;
        let found = imported?;
        let places = |places: Vec<crate::desk::FilePlace>| places.into_iter().map(place).collect();
        Ok(RosterImport {
            dry_run: found.dry_run,
            imported: found.imported,
            rows: count(found.rows),
            added: count(found.added),
            changed: found
                .changed
                .into_iter()
                .map(|(student_number, columns)| ChangedLine {
                    student_number,
                    columns: columns.into_iter().map(str::to_owned).collect(),
                })
                .collect(),
            unchanged: count(found.unchanged),
            absent: found.absent,
            encoding: found.encoding,
            encoding_doubtful: found.encoding_doubtful,
            ignored_columns: found.ignored_columns,
            faults: places(found.faults),
            notes: places(found.notes),
        })
    }

    /// Imports admission photos from a folder, each in a turn of its own, so that the
    /// booth goes on meanwhile.
    ///
    /// # Errors
    /// As [`Desk::import_photos`].
    pub fn import_photos(&self, dir: &Path) -> Result<PhotosImport, StationError> {
        let room = self.room()?;
        let _working = self.begin("photos")?;
        let folder = exchange::scan_photos(dir)?;
        let plan = room.ask(false, move |desk| desk.plan_photos(folder))??;
        let (of, mut found) = (plan.photos.len(), plan.result);
        for (done, (number, photo)) in plan.photos.into_iter().enumerate() {
            tell(&self.work, "photos", done, of);
            if self.go_on().is_break() {
                return Err(StationError::Refused("work-cancelled"));
            }
            found = room.ask(false, move |desk| {
                desk.keep_photo(&mut found, &number, &photo)?;
                Ok::<_, StationError>(found)
            })??;
        }
        Ok(PhotosImport {
            imported: count(found.imported),
            unchanged: count(found.unchanged),
            faults: found.faults.into_iter().map(place).collect(),
        })
    }

    /// The roster, all of it or one class.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn roster(&self, class: Option<String>) -> Result<Vec<RosterLine>, StationError> {
        self.room()?
            .ask(false, move |desk| desk.roster(class.as_deref()))?
    }

    /// Every record of every generation.
    ///
    /// # Errors
    /// A fault of the disk.
    pub fn records(&self) -> Result<Vec<RecordLine>, StationError> {
        self.room()?.ask(false, |desk| desk.records())?
    }

    /// Marks a portrait as wrong.
    ///
    /// # Errors
    /// As [`Desk::flag`].
    pub fn flag(&self, student: &str, reason: &str, by: &str) -> Result<(), StationError> {
        let (student, reason, by) = (student.to_owned(), reason.to_owned(), named(by));
        let flagged = self
            .room()?
            .ask(true, move |desk| desk.flag(&student, &reason, &by))?;
        flagged.map(drop)
    }
}

fn place(place: crate::desk::FilePlace) -> PlaceLine {
    PlaceLine {
        line: place.line,
        column: place.column.to_owned(),
        code: place.code.to_owned(),
    }
}

// --- long work ----------------------------------------------------------------------------

impl Station {
    /// Writes a delivery package. The booth goes on meanwhile.
    ///
    /// # Errors
    /// As [`Desk::deliver`]; `package-cancelled` when it was.
    pub fn deliver(&self, out: &Path) -> Result<Delivered, StationError> {
        let room = self.room()?;
        let _working = self.begin("deliver")?;
        let parcel = room.ask(false, |desk| desk.pack())?;
        parcel?.write(out, &mut |step, done, of| {
            tell(&self.work, step, done, of);
            self.go_on()
        })
    }

    /// Verifies the open job, or a job or package that lies elsewhere, with this station's
    /// own key pinned.
    ///
    /// # Errors
    /// When there is nothing to verify.
    pub fn verify(&self, path: Option<&Path>) -> Result<Verdict, StationError> {
        let _working = self.begin("verify")?;
        let key = self.home.key()?.station_key_file;
        match path {
            Some(path) if !self.is_open(path) => crate::desk::verify(path, Some(&key)),
            Some(_) | None => {
                let checker = self.room()?.ask(false, |desk| desk.checker())?;
                checker.run(Some(&key), &mut |done, of| {
                    tell(&self.work, "verify", done, of);
                    self.go_on()
                })
            }
        }
    }

    fn is_open(&self, path: &Path) -> bool {
        lock(&self.room)
            .as_ref()
            .is_some_and(|room| room.dir == path)
    }

    /// The progress of long work, when it is newer than `after`.
    pub async fn work(&self, after: u64) -> WorkView {
        let mut work = self.work.subscribe();
        drop(tokio::time::timeout(POLL_MAX, work.wait_for(|work| work.seq > after)).await);
        work.borrow_and_update().clone()
    }

    /// Stops the long work at its next step; what it wrote is removed.
    pub fn cancel_work(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self, kind: &str) -> Result<Working<'_>, StationError> {
        let working = self
            .is_working
            .try_lock()
            .map_err(|_| StationError::Refused("work-busy"))?;
        self.is_cancelled.store(false, Ordering::Relaxed);
        self.work.send_modify(|work| {
            *work = WorkView {
                seq: work.seq + 1,
                kind: Some(kind.to_owned()),
                step: kind.to_owned(),
                done: 0,
                of: 0,
            };
        });
        Ok(Working {
            work: &self.work,
            _alone: working,
        })
    }

    pub(crate) fn tell(&self, step: &str, done: usize, of: usize) {
        tell(&self.work, step, done, of);
    }

    pub(crate) fn go_on(&self) -> ControlFlow<()> {
        if self.is_cancelled.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Long work that goes on; over when it is dropped, however that comes.
pub(crate) struct Working<'a> {
    work: &'a watch::Sender<WorkView>,
    _alone: MutexGuard<'a, ()>,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.work.send_modify(|work| {
            work.seq += 1;
            work.kind = None;
        });
    }
}

fn tell(work: &watch::Sender<WorkView>, step: &str, done: usize, of: usize) {
    work.send_modify(|work| {
        work.seq += 1;
        step.clone_into(&mut work.step);
        (work.done, work.of) = (count(done), count(of));
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
