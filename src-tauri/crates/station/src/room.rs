//! The room: one open job on a thread of its own, with its booth open or closed.
//!
//! Everything that concerns the job happens on this thread, in order: the booth's
//! loop, and whatever a window or a command asks meanwhile. What a window shows is
//! published as one view; pictures lie beside it under the names that the view uses.

use crate::desk::Desk;
use crate::device::Bench;
use crate::error::StationError;
use crate::report::Report;
use crate::show::{class_view, closed_view, count, job_line, on_the_screen, view};
use crate::sitting::{Manner, SittingOptions, Turn};
use crate::view::{Bands, BoothView, ClassView, JobLine, Wish};
use crate::window_frame::WindowFrame;
use booth::Encoding;
use camera::controls::Values;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// The loop looks after time-outs and the preview this often.
const TICK: Duration = Duration::from_millis(15);
/// Frames are counted over this long.
const RATE_SPAN: Duration = Duration::from_secs(2);

type Reply<T> = oneshot::Sender<T>;
type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// What is asked of the room.
enum Ask {
    /// Something about the job; `renews` when the roster or a standing may have changed.
    Do { job: Job, renews: bool },
    /// Open the booth.
    Open(Box<SittingOptions>, Reply<Result<(), StationError>>),
    /// The controls of the booth's camera; nothing while it is closed.
    Bench(Reply<Result<Option<Bench>, StationError>>),
    /// The booth's camera has these values from now on, after a replug as well.
    Keep(Values),
    /// Whether the booth presses by itself once all has held.
    PressItself(bool),
    /// What the operator wants.
    Wish(Wish),
    /// Close the booth; an open sitting is void.
    Close(Reply<()>),
    /// Close the booth and give the job back.
    Shut,
}

/// A picture that a view names.
#[derive(Clone)]
pub struct Picture {
    /// How to read it.
    pub encoding: Encoding,
    /// The bytes.
    pub bytes: Arc<Vec<u8>>,
}

/// The preview, numbered anew so that a window can ask for a later one.
pub(crate) type LatestFrame = Option<(u64, Arc<WindowFrame>)>;

/// An open job on its thread. Dropping it voids an open sitting and closes the job.
pub(crate) struct Room {
    asks: mpsc::UnboundedSender<Ask>,
    pub(crate) view: watch::Receiver<Arc<BoothView>>,
    pub(crate) frames: watch::Receiver<LatestFrame>,
    gallery: Arc<Mutex<Gallery>>,
    pub(crate) dir: PathBuf,
    thread: Option<JoinHandle<()>>,
}

/// Pictures of the sitting that is shown, by the path that the view names.
#[derive(Default)]
struct Gallery {
    token: String,
    /// The path of the chip's portrait that lies there.
    chip: String,
    pictures: HashMap<String, Picture>,
}

impl Room {
    /// Takes an open job into its room.
    ///
    /// # Errors
    /// A fault of the disk, or the system gives no thread.
    pub(crate) fn open(desk: Desk, first_seq: u64) -> Result<Self, StationError> {
        let (asks, asked) = mpsc::unbounded_channel();
        let line = job_line(&desk)?;
        let closed = closed_view(&desk, first_seq, line.clone(), None);
        let (view_out, view) = watch::channel(Arc::new(closed));
        let (frames_out, frames) = watch::channel(None);
        let gallery = Arc::new(Mutex::new(Gallery::default()));
        let dir = desk.job.dir().to_owned();
        let outlet = Outlet {
            bands: view.borrow().bands.clone(),
            view: view_out,
            frames: frames_out,
            gallery: Arc::clone(&gallery),
            job: line,
            class: None,
            shown: None,
            rate: Rate::new(),
        };
        let thread = std::thread::Builder::new()
            .name("room".to_owned())
            .spawn(move || run(desk, asked, outlet))
            .map_err(|error| StationError::Fault {
                code: "no-thread",
                detail: error.to_string(),
            })?;
        Ok(Self {
            asks,
            view,
            frames,
            gallery,
            dir,
            thread: Some(thread),
        })
    }

    /// Asks something about the job and waits for the answer. Not from async code.
    ///
    /// # Errors
    /// `room-gone` when the thread died.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        renews: bool,
        question: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, StationError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |desk| {
            // Nobody waits any more: the answer is nobody's.
            let _sent = reply.send(question(desk));
        });
        self.send(Ask::Do { job, renews })?;
        answer.blocking_recv().map_err(|_| gone())
    }

    /// Opens the booth.
    ///
    /// # Errors
    /// As [`Turn::open`]; `booth-open` when it is.
    pub(crate) fn open_booth(&self, options: SittingOptions) -> Result<(), StationError> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Open(Box::new(options), reply))?;
        answer.blocking_recv().map_err(|_| gone())?
    }

    /// Closes the booth; an open sitting is void.
    ///
    /// # Errors
    /// `room-gone` when the thread died.
    pub(crate) fn close_booth(&self) -> Result<(), StationError> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Close(reply))?;
        answer.blocking_recv().map_err(|_| gone())
    }

    /// Tells the booth what the operator wants. What becomes of it is in the view.
    ///
    /// # Errors
    /// `room-gone` when the thread died.
    pub(crate) fn wish(&self, wish: Wish) -> Result<(), StationError> {
        self.send(Ask::Wish(wish))
    }

    /// The controls of the open booth's camera, which are those of its picture; nothing while
    /// it is closed.
    ///
    /// # Errors
    /// A fault of the camera, or `room-gone` when the thread died.
    pub(crate) fn bench(&self) -> Result<Option<Bench>, StationError> {
        let (reply, answer) = oneshot::channel();
        self.send(Ask::Bench(reply))?;
        answer.blocking_recv().map_err(|_| gone())?
    }

    /// Has the open booth's camera keep these values.
    ///
    /// # Errors
    /// `room-gone` when the thread died.
    pub(crate) fn keep(&self, values: Values) -> Result<(), StationError> {
        self.send(Ask::Keep(values))
    }

    /// Has the open booth press by itself, or leave it.
    ///
    /// # Errors
    /// `room-gone` when the thread died.
    pub(crate) fn press_itself(&self, presses: bool) -> Result<(), StationError> {
        self.send(Ask::PressItself(presses))
    }

    /// A picture that the view names, if it still does.
    pub(crate) fn picture(&self, path: &str) -> Option<Picture> {
        let gallery = self.gallery.lock().unwrap_or_else(PoisonError::into_inner);
        gallery.pictures.get(path).cloned()
    }

    fn send(&self, ask: Ask) -> Result<(), StationError> {
        self.asks.send(ask).map_err(|_| gone())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _sent = self.asks.send(Ask::Shut);
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            drop(thread.join());
        }
    }
}

fn gone() -> StationError {
    StationError::Fault {
        code: "room-gone",
        detail: "the job's thread has ended".into(),
    }
}

fn run(mut desk: Desk, mut asked: mpsc::UnboundedReceiver<Ask>, mut outlet: Outlet) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "no runtime for the room");
            return;
        }
    };
    runtime.block_on(async {
        while let Some(ask) = asked.recv().await {
            match ask {
                Ask::Do { job, renews } => {
                    job(&mut desk);
                    if renews {
                        outlet.publish_closed(&desk, None);
                    }
                }
                Ask::Open(options, reply) => {
                    let shut = day(&mut desk, *options, reply, &mut asked, &mut outlet).await;
                    if shut {
                        return;
                    }
                }
                // The booth is closed: there is nothing to press, to set and to close.
                Ask::Wish(_) | Ask::Keep(_) | Ask::PressItself(_) => {}
                Ask::Bench(reply) => {
                    let _sent = reply.send(Ok(None));
                }
                Ask::Close(reply) => {
                    let _sent = reply.send(());
                }
                Ask::Shut => return,
            }
        }
    });
}

/// The booth, open. Returns whether the room is to be shut as well.
async fn day(
    desk: &mut Desk,
    options: SittingOptions,
    reply: Reply<Result<(), StationError>>,
    asked: &mut mpsc::UnboundedReceiver<Ask>,
    outlet: &mut Outlet,
) -> bool {
    let (outbox, mut inbox) = mpsc::unbounded_channel();
    let mut nobody_listens = |_: Report| {};
    let opened = Turn::open(desk, options, Manner::Day, outbox, &mut nobody_listens);
    let mut turn = match opened {
        Ok(turn) => turn,
        Err(error) => {
            let _sent = reply.send(Err(error));
            return false;
        }
    };
    let _sent = reply.send(Ok(()));
    let mut ticker = tokio::time::interval(TICK);
    ticker.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut closed = None;
    let shut = loop {
        tokio::select! {
            Some(input) = inbox.recv() => turn.take(input),
            ask = asked.recv() => match ask {
                Some(Ask::Do { job, renews }) => {
                    job(turn.desk);
                    if renews {
                        turn.renew_roster();
                    }
                }
                Some(Ask::Wish(wish)) => turn.wish(&wish),
                Some(Ask::PressItself(presses)) => {
                    turn.booth.press_itself(presses, clock::moment());
                }
                Some(Ask::Bench(reply)) => {
                    let _sent = reply.send(bench(&turn).map(Some));
                }
                Some(Ask::Keep(values)) => {
                    turn.watch.set_otherwise();
                    turn.camera.keep(values);
                }
                Some(Ask::Open(_, reply)) => {
                    let _sent = reply.send(Err(StationError::Refused("booth-open")));
                }
                Some(Ask::Close(reply)) => {
                    turn.close();
                    closed = Some(reply);
                    break false;
                }
                Some(Ask::Shut) | None => {
                    turn.close();
                    break true;
                }
            },
            _ = ticker.tick() => turn.tick(),
        }
        if turn.fault.is_some() {
            // Doubt closes: nobody goes on shooting over a disk that does not write.
            turn.close();
            break false;
        }
        outlet.publish(&turn);
    };
    let fault = turn.fault.as_ref().map(StationError::code);
    drop(turn);
    outlet.publish_closed(desk, fault);
    if let Some(reply) = closed {
        let _sent = reply.send(());
    }
    shut
}

/// A handle to the controls of the booth's camera.
fn bench(turn: &Turn<'_>) -> Result<Bench, StationError> {
    Ok(Bench {
        device: turn.camera.device(),
        controls: turn.camera.controls().map_err(StationError::Control)?,
        _camera: None,
    })
}

/// Where the room's view goes.
struct Outlet {
    bands: Bands,
    view: watch::Sender<Arc<BoothView>>,
    frames: watch::Sender<LatestFrame>,
    gallery: Arc<Mutex<Gallery>>,
    job: JobLine,
    class: Option<ClassView>,
    /// What the lines that cost a query were made for.
    shown: Option<u64>,
    rate: Rate,
}

impl Outlet {
    fn publish(&mut self, turn: &Turn<'_>) {
        if self.shown != Some(turn.changes) {
            self.shown = Some(turn.changes);
            self.renew_lines(turn);
        }
        self.publish_frame(turn);
        self.publish_pictures(turn);
        let seq = self.view.borrow().seq;
        let (bands, job, class) = (self.bands.clone(), self.job.clone(), self.class.clone());
        let next = view(turn, seq, bands, job, class, self.rate.of_a_second);
        self.send(next);
    }

    fn publish_closed(&mut self, desk: &Desk, fault: Option<&str>) {
        if let Ok(line) = job_line(desk) {
            self.job = line;
        }
        (self.shown, self.class) = (None, None);
        self.frames.send_replace(None);
        *self.gallery.lock().unwrap_or_else(PoisonError::into_inner) = Gallery::default();
        let seq = self.view.borrow().seq;
        self.send(closed_view(desk, seq, self.job.clone(), fault));
    }

    /// Sends a view that differs, under a number of its own.
    fn send(&self, mut next: BoothView) {
        if *self.view.borrow().as_ref() != next {
            next.seq += 1;
            self.view.send_replace(Arc::new(next));
        }
    }

    /// The lines that cost a query: after each seat, each end and each import.
    fn renew_lines(&mut self, turn: &Turn<'_>) {
        if let Ok(line) = job_line(turn.desk) {
            self.job = line;
        }
        let Some(entry) = &turn.stage_show.entry else {
            return;
        };
        let sits = turn.stage_show.seated.is_some().then_some(entry);
        let rows = turn.desk.job.entries(Some(&entry.class));
        self.class = rows.ok().map(|rows| class_view(&rows, entry, sits));
    }

    fn publish_frame(&mut self, turn: &Turn<'_>) {
        let latest = turn.frame();
        let before = self.frames.borrow().clone();
        let same = match (&before, &latest) {
            (Some((_, shown)), Some(newest)) => shown.is_of(newest),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        self.rate.count(turn.camera.counters().frames);
        if same {
            return;
        }
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let seq = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.frames
            .send_replace(latest.map(|preview| (seq, Arc::new(WindowFrame::new(preview)))));
    }

    fn publish_pictures(&self, turn: &Turn<'_>) {
        let mut gallery = self.gallery.lock().unwrap_or_else(PoisonError::into_inner);
        let offered = on_the_screen(turn);
        let token = offered.map_or("", |offered| offered.report.token.as_str());
        let chip = chip_picture(turn);
        let chip_path = chip.as_ref().map_or("", |(path, _)| path.as_str());
        if gallery.token == token && gallery.chip == chip_path {
            return;
        }
        gallery.token = token.to_owned();
        gallery.chip = chip_path.to_owned();
        gallery.pictures.clear();
        gallery.pictures.extend(chip);
        let Some(offered) = offered else {
            return;
        };
        let files = [
            ("portrait", Some(&offered.jpeg)),
            ("copy", offered.copy.as_ref()),
        ];
        for (name, file) in files {
            let picture = file.map(|bytes| Picture {
                encoding: Encoding::Jpeg,
                bytes: Arc::clone(bytes),
            });
            let named = picture.map(|picture| (format!("{name}/{token}"), picture));
            gallery.pictures.extend(named);
        }
        for (at, (encoding, bytes)) in offered.burst.iter().enumerate() {
            let picture = Picture {
                encoding: *encoding,
                bytes: Arc::clone(bytes),
            };
            gallery
                .pictures
                .insert(format!("burst/{token}/{}", count(at)), picture);
        }
    }
}

/// The portrait of the chip of whoever sits, under the name that the view uses.
fn chip_picture(turn: &Turn<'_>) -> Option<(String, Picture)> {
    turn.stage_show.seated.as_ref()?;
    let chip = turn.stage_show.chip.as_ref()?.as_ref().ok()?;
    let picture = Picture {
        encoding: Encoding::Png,
        bytes: Arc::clone(&chip.png),
    };
    Some((chip.path.clone(), picture))
}

/// Frames a second, counted by the source.
struct Rate {
    since: Instant,
    frames: u64,
    of_a_second: f32,
}

impl Rate {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            frames: 0,
            of_a_second: 0.0,
        }
    }

    fn count(&mut self, frames: u64) {
        let passed = self.since.elapsed();
        if passed >= RATE_SPAN {
            let new = frames.saturating_sub(self.frames) as f32;
            self.of_a_second = (new / passed.as_secs_f32()).round();
            (self.since, self.frames) = (Instant::now(), frames);
        }
    }
}
