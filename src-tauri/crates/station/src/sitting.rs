//! The booth loop: devices in, rules, store and reports out.
//!
//! One thread of control owns the [`Booth`] and the [`Job`]. Devices and the
//! developer send their results into one inbox; each result becomes one event,
//! each event a list of effects that are carried out in order. Nothing is decided
//! here that the rules could decide.

use crate::calibration::CameraWatch;
use crate::desk::Desk;
use crate::desk::FindingLine;
use crate::device::{
    CameraChoice, ReaderChoice, admit_camera, admit_reader, open_camera, open_reader,
};
use crate::error::StationError;
use crate::guidance::{SeatOf, Seen, Watcher};
use crate::report::{EndReport, FiledReport, Report, ReviewReport, SeatedReport};
use crate::show::{Chip, Shown, StageShow, difference, is_of_the_seat, offered, reviewed};
use crate::studio::{self, Cut, Studio, StudioError};
use crate::view::Wish;
use booth::{
    Attendance, Booth, CardRead, Claim, ClosedPortrait, DevelopFault, Developed, Digest, Effect,
    Epoch, Event, ExposureControls, ExposureId, Filing, FilingFault, Framed, Intent, Offer,
    Outcome, Refusal, Rules, Seating, SittingId, StageName, Timestamp, Token, Undeveloped,
    VoidCause,
};
use camera::{
    Camera, CameraEvent, ControlsDoor, ExposeRequest, LossCause, Preview, QuarantineReason,
};
use card::vendor::decoder::{ChipPortrait, Decoder, DecoderFault};
use card::{ReadRequest, Reader, ReaderEvent};
use portrait::Step;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How many frames of a burst are gathered around the press.
const BURST: usize = 5;
/// Devices that are not ready after this long at the start are a fault.
const READY_MAX: Duration = Duration::from_secs(6);
/// A document that is not verified after this long is given up.
const READING_MAX: Duration = Duration::from_secs(20);
/// A seat lasts as long as its ticket, less a margin (the ticket: 300 s).
const SEAT_MAX: Duration = Duration::from_secs(280);
/// Unattended, the shutter waits until the burst lies wholly after the seat.
const SETTLE: Duration = Duration::from_millis(350);
/// Unattended, this many presses may fail before the sitting is given up.
const PRESSES_MAX: u8 = 3;

/// What the operator types or presses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Press the shutter.
    Expose,
    /// Another exposure within the sitting.
    Retake,
    /// File what is shown; with a token, only if it is that.
    Accept(Option<Token>),
    /// Give the sitting up.
    Void,
    /// Nobody will type any more.
    EndOfInput,
}

/// How a sitting is to be held.
pub struct SittingOptions {
    /// Where documents are read.
    pub reader: ReaderChoice,
    /// Where frames come from.
    pub camera: CameraChoice,
    /// Whether a person exposes and accepts.
    pub attendance: Attendance,
    /// Who works at the booth.
    pub operator: String,
    /// What was typed beside the document.
    pub claim: Claim,
    /// How long to wait for a document.
    pub document_wait: Duration,
    /// What opens the portrait of the chip, to be looked at.
    pub decoder: Option<Decoder>,
}

pub(crate) enum Input {
    Reader(Box<ReaderEvent>),
    Camera(CameraEvent),
    /// The colour of the backdrop in a frame that was exposed.
    Backdrop(portrait::Patch),
    Developed(Box<Developed>, Box<Shown>),
    Undeveloped(Box<Undeveloped>, DevelopFault<StudioError>),
    /// Somebody looked at a frame of the living picture.
    Seen(Box<Seen>),
    /// The portrait of the chip of whoever was seated in this sitting.
    Opened(SittingId, Result<ChipPortrait, DecoderFault>),
}

/// Holds one sitting and returns when it is filed, refused or void.
///
/// # Errors
/// [`StationError`] when the sitting could not be held at all: a simulated device
/// in a production job, devices that are not ready, no document, a disk fault.
pub(crate) async fn hold_sitting(
    desk: &mut Desk,
    options: SittingOptions,
    commands: &mut UnboundedReceiver<Command>,
    report: &mut (dyn FnMut(Report) + Send),
) -> Result<Outcome, StationError> {
    let (outbox, mut inbox) = unbounded_channel();
    let mut turn = Turn::open(desk, options, Manner::OneSitting, outbox, report)?;
    turn.run(&mut inbox, commands).await
}

/// How long a booth stays open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// Until its one sitting is over.
    OneSitting,
    /// Until it is closed: subject after subject, devices may come and go.
    Day,
}

/// The photo standard of a job that is what the station wrote.
fn sound_profile(desk: &Desk) -> Result<portrait::Profile, StationError> {
    refuse_changed(desk)?;
    desk.profile()
}

/// Nobody is verified against a roster that somebody changed behind the station's back.
fn refuse_changed(desk: &Desk) -> Result<(), StationError> {
    match desk.job.roster_fault()? {
        None => Ok(()),
        Some(fault) => Err(StationError::RefusedWith {
            code: "job-found-wrong",
            detail: format!("{} {} {}", fault.code, fault.table, fault.row),
        }),
    }
}

/// A sitting that was open when the program ended is void: doubt closes.
fn end_unfinished(desk: &mut Desk) -> Result<(), StationError> {
    while let Some(sitting) = desk.job.unfinished_sitting()? {
        desk.job
            .end_sitting(sitting, Outcome::Void(VoidCause::Restarted), clock::now())?;
    }
    Ok(())
}

fn sink<E: Send + 'static>(
    outbox: &UnboundedSender<Input>,
    wrap: fn(E) -> Input,
) -> Box<dyn Fn(E) + Send> {
    let outbox = outbox.clone();
    // A closed inbox means that the sitting is over: nobody wants the event.
    Box::new(move |event| drop(outbox.send(wrap(event))))
}

/// Says to whoever works aside that the booth has closed.
#[derive(Default)]
struct Closing(Arc<AtomicBool>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A booth that is open: the rules with their devices, and what is to be shown of them.
pub(crate) struct Turn<'a> {
    pub(crate) desk: &'a mut Desk,
    options: SittingOptions,
    manner: Manner,
    pub(crate) booth: Booth,
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) camera: Box<dyn Camera>,
    pub(crate) watch: CameraWatch,
    studio: Arc<Studio>,
    /// Looks at the living picture; only where a window tells what it sees.
    pub(crate) watcher: Option<Watcher>,
    outbox: UnboundedSender<Input>,
    report: &'a mut (dyn FnMut(Report) + Send),
    /// Commands that wait for the operator's turn.
    held: VecDeque<Command>,
    offer: Option<Offer>,
    review: Option<ReviewReport>,
    finding: Option<&'static str>,
    /// The cut that is to be moved, while the operator's wish is carried out.
    nudged: Option<(Cut, Step)>,
    /// Set when the booth closes: nobody waits for a decoder then.
    closing: Closing,
    /// The closed portrait of the last read.
    closed: Option<(Digest, Option<ClosedPortrait>)>,
    presses: u8,
    last_frame_fault: Option<booth::FrameFault>,
    begun: Instant,
    entered: Instant,
    /// When somebody was seated: the ticket of 300 s runs from there, retakes or not.
    seated_at: Option<Timestamp>,
    /// Since when the shutter is armed: the seat, a retake, a press that brought nothing.
    armed_at: Option<Timestamp>,
    /// The camera's life, as it was last told.
    epoch: Option<Epoch>,
    pub(crate) reader_ready: bool,
    pub(crate) camera_ready: bool,
    pub(crate) reader_state: &'static str,
    pub(crate) camera_state: &'static str,
    ended: Option<Outcome>,
    pub(crate) fault: Option<StationError>,
    pub(crate) stage_show: StageShow,
    /// Counts what changes anybody's standing: seats, ends, imports.
    pub(crate) changes: u64,
}

impl<'a> Turn<'a> {
    /// Opens the devices and takes the rules over from the job.
    ///
    /// # Errors
    /// A refusal for devices that the job does not admit; a fault of device or disk.
    pub(crate) fn open(
        desk: &'a mut Desk,
        options: SittingOptions,
        manner: Manner,
        outbox: UnboundedSender<Input>,
        report: &'a mut (dyn FnMut(Report) + Send),
    ) -> Result<Self, StationError> {
        let kind = desk.job.kind();
        let operator = crate::who(&options.operator)?;
        if let Some(second) = options.claim.referred_by.as_deref()
            && (crate::who(second)? == operator || options.attendance == Attendance::Unattended)
        {
            return Err(StationError::Refused("referral-needs-another"));
        }
        admit_reader(&options.reader, kind)?;
        admit_camera(&options.camera, kind)?;
        let profile = sound_profile(desk)?;
        let watcher =
            (manner == Manner::Day).then(|| Watcher::start(profile.clone(), outbox.clone()));
        let studio = Arc::new(Studio::new(profile, kind)?);
        end_unfinished(desk)?;
        let clock = crate::desk::camera_clock(&desk.job)?;
        let (job, mut watch) = (desk.job.id().to_string(), CameraWatch::idle());
        let mut kept = |device: &booth::Device| {
            let (of_this, values) = CameraWatch::open(&desk.home, device, &job);
            watch = of_this;
            values
        };
        let camera_sink = sink(&outbox, Input::Camera);
        let camera = open_camera(&options.camera, clock, &mut kept, camera_sink)?;
        let reader = open_reader(
            &options.reader,
            sink(&outbox, |event| Input::Reader(Box::new(event))),
        )?;
        let rules = Rules {
            job: kind,
            attendance: options.attendance,
            key: desk.job.digest_key(),
            next_sitting: desk.job.next_sitting()?,
            last_document_left: desk.job.last_document_left()?,
        };
        let booth = Booth::new(rules, desk.job.roster()?, options.claim.clone());
        Ok(Self {
            desk,
            options,
            manner,
            booth,
            reader,
            camera,
            watch,
            studio,
            watcher,
            outbox,
            report,
            held: VecDeque::new(),
            offer: None,
            review: None,
            finding: None,
            nudged: None,
            closing: Closing::default(),
            closed: None,
            presses: 0,
            last_frame_fault: None,
            begun: Instant::now(),
            entered: Instant::now(),
            seated_at: None,
            armed_at: None,
            epoch: None,
            reader_ready: false,
            camera_ready: false,
            reader_state: "reader-starting",
            camera_state: "camera-starting",
            ended: None,
            fault: None,
            stage_show: StageShow::default(),
            changes: 1,
        })
    }
}

// --- the loop -----------------------------------------------------------------------

impl Turn<'_> {
    async fn run(
        &mut self,
        inbox: &mut UnboundedReceiver<Input>,
        commands: &mut UnboundedReceiver<Command>,
    ) -> Result<Outcome, StationError> {
        let mut ticker = tokio::time::interval(Duration::from_millis(20));
        let mut listening = true;
        while self.ended.is_none() && self.fault.is_none() {
            tokio::select! {
                Some(input) = inbox.recv() => self.take(input),
                command = commands.recv(), if listening => {
                    listening = command.is_some();
                    self.held.push_back(command.unwrap_or(Command::EndOfInput));
                }
                _ = ticker.tick() => self.tick(),
            }
            self.serve_commands();
        }
        // A fault leaves nothing open behind it.
        if self.ended.is_none() && self.booth.sitting().is_some() {
            self.tell(Event::Intent(Intent::GiveUp(VoidCause::Filing(
                FilingFault::Disk,
            ))));
        }
        match (self.fault.take(), self.ended) {
            (Some(fault), _) => Err(fault),
            (None, Some(outcome)) => {
                self.refuse_leftovers(commands);
                Ok(outcome)
            }
            (None, None) => Err(StationError::Fault {
                code: "disk",
                detail: "the sitting ended without an outcome".into(),
            }),
        }
    }

    fn refuse_leftovers(&mut self, commands: &mut UnboundedReceiver<Command>) {
        while let Ok(command) = commands.try_recv() {
            self.held.push_back(command);
        }
        for command in std::mem::take(&mut self.held) {
            if command != Command::EndOfInput {
                (self.report)(Report::Refused {
                    code: "sitting-over",
                    finding: None,
                });
            }
        }
    }

    pub(crate) fn take(&mut self, input: Input) {
        match input {
            Input::Reader(event) => self.take_reader(*event),
            Input::Camera(event) => self.take_camera(event),
            Input::Backdrop(patch) => {
                let told = self.watch.exposed(patch);
                told.into_iter().for_each(|report| (self.report)(report));
            }
            Input::Developed(developed, _) if !self.booth.awaits_developed(&developed) => {
                // Of a sitting or a press that is over: nothing of it is shown.
                self.tell(Event::Developed(developed));
            }
            Input::Developed(developed, shown) => {
                let portrait = developed.portrait();
                let report = ReviewReport {
                    sitting: developed.sitting().0,
                    token: developed.token().digest().to_string(),
                    portrait_sha256: portrait.digest().to_string(),
                    normalised_sha256: portrait.normalised().map(|copy| copy.digest().to_string()),
                    normalised_code: shown
                        .copy
                        .as_ref()
                        .and_then(|copy| copy.as_ref().err().copied()),
                    findings: shown.findings.iter().map(FindingLine::from).collect(),
                    normalised_findings: match &shown.copy {
                        Some(Ok(findings)) => findings.iter().map(FindingLine::from).collect(),
                        Some(Err(_)) | None => Vec::new(),
                    },
                    bytes: portrait.jpeg().len(),
                    quality: portrait.quality(),
                };
                self.review = Some(report.clone());
                // What came too early is of before this portrait.
                self.stage_show.refused = None;
                if self.manner == Manner::Day {
                    self.stage_show.offered = Some(offered(&developed, report, *shown));
                }
                self.tell(Event::Developed(developed));
            }
            Input::Opened(sitting, opened) => self.show_chip(sitting, opened),
            Input::Seen(seen) => self.take_seen(&seen),
            Input::Undeveloped(undeveloped, fault) => {
                let foreign = match fault {
                    DevelopFault::Foreign => true,
                    DevelopFault::Portrait(error) => {
                        if self.booth.awaits_undeveloped(&undeveloped) {
                            self.finding = Some(error.code());
                        }
                        false
                    }
                };
                self.tell(Event::Undeveloped {
                    undeveloped,
                    foreign,
                });
            }
        }
    }

    fn take_reader(&mut self, event: ReaderEvent) {
        match event {
            ReaderEvent::Health(health) => {
                let ready = health.is_ready();
                let lost = self.reader_ready && !ready;
                self.reader_ready = ready;
                self.reader_state = health.code();
                (self.report)(Report::Reader {
                    state: health.code().to_owned(),
                });
                if lost {
                    self.tell(Event::ReaderLost);
                }
            }
            ReaderEvent::Empty { .. } => self.tell(Event::ReaderEmpty),
            ReaderEvent::Presented {
                insertion,
                already_there,
                ..
            } => {
                self.tell(Event::Presented {
                    insertion,
                    already_there,
                });
            }
            ReaderEvent::Removed { insertion, .. } => self.tell(Event::Removed { insertion }),
            ReaderEvent::Read {
                read,
                insertion,
                result,
            } => {
                // The answer to a question of a sitting that is over is kept nowhere.
                let is_held = self.booth.sitting().is_some();
                if let (Manner::Day, true, Ok(card_read)) = (self.manner, is_held, &result) {
                    self.stage_show.document = Some(card_read.fields().clone());
                    self.keep_closed(card_read);
                }
                let result = result.map(Box::new).map_err(|fault| fault.failure());
                self.tell(Event::Read {
                    read,
                    insertion,
                    result,
                });
            }
        }
    }

    fn take_camera(&mut self, event: CameraEvent) {
        match event {
            CameraEvent::Live { epoch, .. } => {
                self.camera_ready = true;
                self.camera_state = "live";
                self.epoch = Some(epoch);
                (self.report)(Report::Camera {
                    state: "live".into(),
                });
                let device = self.camera.device();
                self.tell(Event::CameraLive { device, epoch });
            }
            CameraEvent::Lost { cause, .. } => {
                self.camera_ready = false;
                self.camera_state = cause.code();
                if cause == LossCause::ClockJumped
                    && let Err(error) = self.desk.job.void_camera_clock()
                {
                    self.fault = Some(error.into());
                }
                if matches!(cause, LossCause::ClockJumped | LossCause::BodyChanged) {
                    // The folder is live again at once; why it was lost has to stand.
                    self.watch.told_of_a_file(cause.code());
                }
                (self.report)(Report::Camera {
                    state: cause.code().to_owned(),
                });
                self.tell(Event::CameraLost);
            }
            CameraEvent::Exposed { exposure, frames } => {
                self.tell(Event::Frames { exposure, frames });
            }
            CameraEvent::Quarantined { reason, file, .. } => {
                if reason != QuarantineReason::BeforeWatch {
                    self.watch.told_of_a_file(reason.code());
                }
                (self.report)(Report::Quarantined {
                    code: reason.code(),
                    file,
                });
            }
        }
    }

    /// Tells the booth and carries out what it wants, in order.
    pub(crate) fn tell(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.booth.handle(event, clock::moment()) {
                match self.carry_out(effect) {
                    Ok(Some(next)) => events.push_back(next),
                    Ok(None) => {}
                    Err(fault) => {
                        // What follows from it must not be done: the booth is given up.
                        tracing::error!(code = fault.code(), "an effect could not be carried out");
                        self.fault.get_or_insert(fault);
                        return;
                    }
                }
            }
        }
    }
}

// --- effects --------------------------------------------------------------------------

impl Turn<'_> {
    fn carry_out(&mut self, effect: Effect) -> Result<Option<Event>, StationError> {
        match effect {
            Effect::OpenSitting { sitting, at } => {
                self.forget_the_last_one();
                let Self { desk, options, .. } = self;
                let operator = &options.operator;
                desk.job
                    .open_sitting(sitting, operator, options.attendance, at)?;
            }
            Effect::Read {
                read,
                insertion,
                quiet,
            } => {
                self.reader.request(ReadRequest {
                    read,
                    insertion,
                    quiet,
                });
            }
            Effect::Seat(seating) => self.seat(&seating)?,
            Effect::Expose { exposure, pressed } => self.expose(exposure, pressed),
            Effect::Develop(framed) => self.develop(framed),
            Effect::Offer(offer) => self.offer(offer),
            Effect::File(filing) => return Ok(Some(self.file(*filing))),
            Effect::Refused(refusal) => self.refused(refusal),
            Effect::TakeDocument => {
                self.stage_show.must_leave = true;
                (self.report)(Report::TakeDocument);
            }
            Effect::EndSitting { sitting, outcome } => {
                if outcome != Outcome::Filed {
                    self.desk.job.end_sitting(sitting, outcome, clock::now())?;
                    self.report_end(sitting.0, outcome, None);
                }
                match self.manner {
                    Manner::OneSitting => self.ended = Some(outcome),
                    Manner::Day => self.leave_the_seat(),
                }
            }
            Effect::Journal(change) => {
                self.entered = Instant::now();
                self.desk.job.note(&change)?;
                self.armed_at = (change.to == StageName::Seated).then_some(change.at);
                if change.to == StageName::Vacant {
                    self.stage_show.must_leave = false;
                }
                (self.report)(Report::stage(change.to, change.why, change.sitting));
            }
        }
        Ok(None)
    }

    fn report_end(
        &mut self,
        sitting: i64,
        outcome: Outcome,
        record: Option<crate::report::FiledReport>,
    ) {
        let finding = match outcome {
            Outcome::Filed => None,
            Outcome::Refused(_) | Outcome::Void(_) => self.finding,
        };
        let (kind, code) = (outcome.kind(), outcome.code());
        let end = EndReport {
            sitting,
            outcome: kind,
            code,
            finding,
            record,
        };
        self.stage_show.difference = difference(end.code, self);
        self.stage_show.end = Some(end.clone());
        self.changes += 1;
        (self.report)(Report::End(end));
    }

    fn seat(&mut self, seating: &Seating) -> Result<(), StationError> {
        self.desk.job.seat(seating)?;
        let entry = seating.entry();
        let admission_photo = self.desk.job.admission_photo(entry.id)?.is_some();
        let seated = SeatedReport {
            sitting: seating.sitting().0,
            student_number: entry.student_number.as_str().to_owned(),
            name: entry.name.as_str().to_owned(),
            class: entry.class.clone(),
            number: entry.number.masked(),
            generation: seating.generation().0,
            basis: seating.basis(),
            detail: seating.detail(),
            admission_photo,
        };
        self.stage_show.entry = Some(entry.clone());
        self.stage_show.seated = Some(seated.clone());
        self.seated_at = Some(seating.seated_at());
        self.open_chip(seating);
        self.changes += 1;
        (self.report)(Report::Seated(seated));
        Ok(())
    }

    /// The newest frame, for the windows. A folder's newest picture may be of the last
    /// subject: beside the name of who sits now it is not shown.
    pub(crate) fn frame(&self) -> Option<Arc<Preview>> {
        let sits = self.stage_show.seated.is_some();
        let seat = self.seated_at.filter(|_| sits);
        let latest = self.camera.latest();
        let kind = self.desk.job.kind();
        latest.filter(|shown| is_of_the_seat(shown.stamp, seat, kind))
    }

    /// The armed shutter: who sits before it, in which life of the camera, and since when.
    pub(crate) fn armed(&self) -> Option<SeatOf> {
        let is_armed = self.booth.stage() == StageName::Seated && self.camera_ready;
        let since = self.armed_at.filter(|_| is_armed)?;
        Some(SeatOf {
            sitting: self.booth.sitting()?,
            epoch: self.epoch?,
            since,
        })
    }

    /// Has the newest frame looked at while the shutter is armed.
    fn look(&mut self) {
        let armed = self.armed();
        let frame = armed.and_then(|_| self.camera.latest());
        if let Some(watcher) = &mut self.watcher {
            watcher.arm(armed);
            watcher.offer(frame, clock::now());
        }
    }

    /// What was seen is told, and counts for the booth, while it is of who sits there now.
    fn take_seen(&mut self, seen: &Seen) {
        let armed = self.armed();
        let holds = self.watcher.as_mut().and_then(|watcher| {
            watcher.arm(armed);
            watcher.take(seen, clock::now())
        });
        if let Some(holds) = holds {
            self.tell(Event::Posed {
                sitting: seen.seat.sitting,
                epoch: seen.seat.epoch,
                born: seen.born,
                holds,
            });
        }
    }

    /// Keeps the closed portrait of the last read, unless two reads of one document differ in
    /// it: then nobody knows whose it is.
    fn keep_closed(&mut self, read: &CardRead) {
        if self.options.decoder.is_none() {
            return;
        }
        let new = read.portrait().cloned();
        let agrees = match &self.closed {
            Some((raw, before)) if *raw == read.raw() => *before == new,
            Some(_) | None => true,
        };
        if !agrees {
            self.stage_show.chip = None;
        }
        self.closed = Some((read.raw(), new.filter(|_| agrees)));
    }

    /// Has the portrait of the chip opened, away from the loop. It is looked at and counts
    /// for nothing: the sitting goes on without it.
    fn open_chip(&self, seating: &Seating) {
        // Kept until the end: the reads at exposure and filing are compared with it.
        let (Some((raw, Some(closed))), Some(decoder)) = (&self.closed, &self.options.decoder)
        else {
            return;
        };
        if *raw != seating.raw() {
            return;
        }
        let (closed, decoder) = (closed.clone(), decoder.clone());
        let (sitting, outbox) = (seating.sitting(), self.outbox.clone());
        let closing = Arc::clone(&self.closing.0);
        tokio::task::spawn_blocking(move || {
            let opened = decoder.open(&closed, closing);
            drop(outbox.send(Input::Opened(sitting, opened)));
        });
    }

    /// Only while the same one sits there, and no later read has brought another portrait.
    fn show_chip(&mut self, sitting: SittingId, opened: Result<ChipPortrait, DecoderFault>) {
        let sits = self.stage_show.seated.as_ref();
        let stands = matches!(self.closed, Some((_, Some(_))));
        if !stands || sits.is_none_or(|seated| seated.sitting != sitting.0) {
            return;
        }
        let shown = opened.map_err(|fault| {
            tracing::warn!(%fault, "the portrait of the chip is not shown");
            fault.code()
        });
        self.stage_show.chip = Some(shown.and_then(|chip| {
            let png = studio::png(chip.rgb(), ChipPortrait::WIDTH, ChipPortrait::HEIGHT);
            png.map(Chip::new).ok_or("decoder-failed")
        }));
    }

    fn expose(&mut self, exposure: ExposureId, pressed: booth::Timestamp) {
        self.offer = None;
        self.finding = None;
        self.stage_show.offered = None;
        self.stage_show.refused = None;
        let patience = self.options.camera.patience_ms(self.booth.unattended());
        let deadline = pressed.plus(Duration::from_millis(patience));
        self.camera.expose(ExposeRequest {
            exposure,
            pressed,
            frames: BURST,
            deadline,
        });
    }

    fn develop(&mut self, mut framed: Box<Framed>) {
        let nudged = self.nudged.take();
        let (studio, outbox) = (Arc::clone(&self.studio), self.outbox.clone());
        let door = self.camera.door_to_controls();
        // Away from the loop: the reader must be heard while the portrait is made.
        tokio::task::spawn_blocking(move || {
            framed.note_controls(|| read_controls(door));
            let blink = if let Some((cut, _)) = &nudged {
                // The same frame of the same press, which was looked at.
                cut.blink
            } else {
                let press = studio.look_at(framed.burst());
                framed.propose(|_| portrait::propose(&press));
                portrait::blink(&press, framed.chosen(), studio.profile())
            };
            let (mut shown, mut seen) = (Shown::default(), None);
            let developed = framed.develop(|frame| {
                let (portrait, measured) = studio.develop(frame, blink, nudged, &mut seen)?;
                shown = measured;
                Ok(portrait)
            });
            drop(seen.map(|patch| outbox.send(Input::Backdrop(patch))));
            let input = match developed {
                Ok(developed) => Input::Developed(Box::new(developed), Box::new(shown)),
                Err((undeveloped, fault)) => Input::Undeveloped(undeveloped, fault),
            };
            drop(outbox.send(input));
        });
    }

    fn offer(&mut self, offer: Offer) {
        self.offer = Some(offer);
        if let Some(offered) = &mut self.stage_show.offered {
            offered.is_open = true;
        }
        if let Some(review) = &self.review {
            (self.report)(Report::Review(review.clone()));
        }
    }

    /// Writes the record. The answer is an event like any other.
    fn file(&mut self, filing: Filing) -> Event {
        let sitting = filing.sitting();
        let (pressed, portrait) = (filing.pressed_at(), filing.portrait());
        let mut record = FiledReport {
            student_number: filing.entry().student_number.as_str().to_owned(),
            generation: filing.generation().0,
            portrait_sha256: portrait.digest().to_string(),
            normalised_sha256: portrait.normalised().map(|copy| copy.digest().to_string()),
            press_to_record_ms: 0,
            store_ms: 0.0,
        };
        let begun = Instant::now();
        match self.desk.job.file(&filing, &self.options.operator) {
            Ok(_) => {
                record.store_ms = begun.elapsed().as_secs_f64() * 1000.0;
                let since = clock::now().since(pressed).unwrap_or_default();
                record.press_to_record_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
                self.report_end(sitting.0, Outcome::Filed, Some(record));
                Event::Filed { sitting }
            }
            Err(error) => {
                tracing::error!(code = error.code(), "the record was not written");
                Event::FilingFailed {
                    sitting,
                    fault: error.filing_fault(),
                }
            }
        }
    }

    fn refused(&mut self, refusal: Refusal) {
        let finding = if refusal == Refusal::Portrait {
            self.finding
        } else {
            None
        };
        // A result that came too late is no news for the operator.
        if refusal != Refusal::LateResult {
            self.stage_show.refused = Some((refusal.code(), finding));
        }
        (self.report)(Report::Refused {
            code: refusal.code(),
            finding,
        });
        if let Refusal::Frame(fault) = refusal {
            let telling = fault != booth::FrameFault::None || self.last_frame_fault.is_none();
            if telling {
                self.last_frame_fault = Some(fault);
            }
        }
    }
}

// --- a day: subject after subject ---

impl Turn<'_> {
    /// Another document came: what stood there of the last sitting goes.
    fn forget_the_last_one(&mut self) {
        self.stage_show = StageShow::default();
        self.closed = None;
        (self.offer, self.review, self.finding) = (None, None, None);
        (self.presses, self.last_frame_fault) = (0, None);
    }

    /// The sitting is over: nobody's name or picture stays on the screen but the record's.
    fn leave_the_seat(&mut self) {
        self.offer = None;
        // What differs stands there for the operator to say; the rest of the document goes.
        self.stage_show.document = None;
        self.stage_show.seated = None;
        self.stage_show.chip = None;
        self.stage_show.offered = None;
        self.stage_show.refused = None;
        self.closed = None;
    }

    /// What the operator wants now; refused by name when it is not the moment.
    pub(crate) fn wish(&mut self, wish: &Wish) {
        let intent = match wish {
            Wish::Expose => Intent::Expose,
            Wish::Retake => Intent::Retake,
            Wish::Accept { token } => Intent::Accept(crate::parse_token(token)),
            Wish::Void => Intent::Void,
            Wish::Choose { index } => Intent::Choose(*index as usize),
            Wish::Nudge { step } => {
                let cut = reviewed(self).and_then(|offered| offered.shown.cut.clone());
                if cut.is_none() && self.booth.stage() == StageName::Review {
                    return; // Not to be seen yet: the read beside it is under way.
                }
                self.nudged = cut.map(|cut| (cut, Step::from(*step)));
                Intent::Recut
            }
            Wish::Claim { student_number } => {
                let claim = crate::claim(Some(student_number), None);
                match claim {
                    Ok(claim) => self.booth.claim(claim),
                    Err(error) => self.stage_show.refused = Some((error.code(), None)),
                }
                return;
            }
        };
        self.stage_show.refused = None;
        self.tell(Event::Intent(intent));
        self.nudged = None;
    }

    /// The roster was imported or a record flagged: the rules take it as it now is.
    pub(crate) fn renew_roster(&mut self) {
        self.changes += 1;
        let proven = refuse_changed(self.desk);
        match proven.and_then(|()| Ok(self.desk.job.roster()?)) {
            Ok(roster) => self.booth.renew_roster(roster),
            Err(error) => self.fault = Some(error),
        }
    }

    /// Closes the booth: an open sitting is void.
    pub(crate) fn close(&mut self) {
        if self.booth.sitting().is_some() {
            self.tell(Event::Intent(Intent::Void));
        }
    }
}

// --- time and intents -------------------------------------------------------------------

impl Turn<'_> {
    pub(crate) fn tick(&mut self) {
        let told = self.watch.look(self.camera.as_ref());
        told.into_iter().for_each(|report| (self.report)(report));
        self.look();
        let waited = self.entered.elapsed();
        match self.booth.stage() {
            StageName::Vacant | StageName::Leaving => {
                if self.manner == Manner::OneSitting {
                    self.tick_vacant();
                }
            }
            StageName::Presented if waited > READING_MAX => {
                self.give_up(if self.camera_ready {
                    VoidCause::TimedOut
                } else {
                    VoidCause::CameraLost
                });
            }
            StageName::Seated if self.booth.unattended() && waited > SETTLE => {
                self.press_unattended();
            }
            StageName::Review if self.booth.unattended() => {
                if let Some(offer) = self.offer.take() {
                    self.tell(Event::Intent(Intent::Accept(offer.token)));
                }
            }
            StageName::Seated | StageName::Review | StageName::Exposing
                if self
                    .seated_at
                    .is_some_and(|at| clock::now().since(at) > Some(SEAT_MAX)) =>
            {
                self.give_up(VoidCause::TimedOut);
            }
            StageName::Filing if waited > READING_MAX => self.give_up(VoidCause::TimedOut),
            StageName::Presented
            | StageName::Seated
            | StageName::Review
            | StageName::Exposing
            | StageName::Filing => {}
        }
    }

    fn tick_vacant(&mut self) {
        let waited = self.begun.elapsed();
        if waited > READY_MAX && !self.reader_ready {
            self.fault = Some(StationError::Fault {
                code: "reader-not-ready",
                detail: self.reader_state.to_owned(),
            });
        } else if waited > READY_MAX && !self.camera_ready {
            self.fault = Some(StationError::Fault {
                code: "camera-not-ready",
                detail: self.camera_state.to_owned(),
            });
        } else if waited > self.options.document_wait {
            let code = match self.booth.stage() {
                StageName::Leaving => "document-not-removed",
                StageName::Vacant
                | StageName::Presented
                | StageName::Seated
                | StageName::Exposing
                | StageName::Review
                | StageName::Filing => "no-document",
            };
            self.fault = Some(if code == "no-document" {
                StationError::Fault {
                    code,
                    detail: "nothing was put on the reader".into(),
                }
            } else {
                StationError::Refused(code)
            });
        }
    }

    fn press_unattended(&mut self) {
        if self.presses < PRESSES_MAX {
            self.presses += 1;
            self.entered = Instant::now();
            self.tell(Event::Intent(Intent::Expose));
        } else if let (None, Some(fault)) = (self.finding, self.last_frame_fault) {
            self.give_up(VoidCause::Frame(fault));
        } else {
            self.give_up(VoidCause::PortraitRefused);
        }
    }

    fn give_up(&mut self, cause: VoidCause) {
        self.tell(Event::Intent(Intent::GiveUp(cause)));
    }

    /// Serves what the operator typed, in order, each at the operator's turn.
    fn serve_commands(&mut self) {
        while self.ended.is_none()
            && let Some(command) = self.held.front().copied()
        {
            if !self.is_turn_for(command) {
                return;
            }
            self.held.pop_front();
            if command == Command::Void && self.booth.sitting().is_none() {
                self.fault = Some(StationError::Refused("voided-by-operator"));
                return;
            }
            self.tell(Event::Intent(match command {
                Command::Expose => Intent::Expose,
                Command::Retake => Intent::Retake,
                Command::Accept(Some(token)) => Intent::Accept(token),
                Command::Accept(None) => Intent::Accept(self.shown()),
                Command::Void | Command::EndOfInput => Intent::Void,
            }));
        }
    }

    /// The token of what is shown; one that fits nothing when nothing is.
    fn shown(&self) -> Token {
        let nothing = Token::echoed(booth::sha256(b"nothing is shown"));
        self.offer.map_or(nothing, |offer| offer.token)
    }

    fn is_turn_for(&self, command: Command) -> bool {
        let stage = self.booth.stage();
        let operators_turn = match stage {
            StageName::Seated => true,
            StageName::Review => self.offer.is_some(),
            StageName::Vacant
            | StageName::Presented
            | StageName::Exposing
            | StageName::Filing
            | StageName::Leaving => false,
        };
        match command {
            Command::Void => stage != StageName::Filing,
            // A second acceptance is answered at once: it is refused.
            Command::Accept(_) => operators_turn || stage == StageName::Filing,
            Command::EndOfInput => operators_turn && !self.booth.unattended(),
            Command::Expose | Command::Retake => operators_turn,
        }
    }
}

/// What the camera is set to, on a thread of its own: a camera that answers slowly, or a
/// driver that panics, costs the record this note and the portrait no time.
fn read_controls(door: ControlsDoor) -> Option<ExposureControls> {
    const PATIENCE: Duration = Duration::from_millis(300);
    let (answer, read) = std::sync::mpsc::channel();
    let ask = move || {
        let states = door().and_then(|controls| controls.read()).ok();
        drop(answer.send(states.map(|states| camera::controls::line(&states))));
    };
    let asked = std::thread::Builder::new().name("camera-controls".to_owned());
    asked.spawn(ask).ok()?;
    let line = read.recv_timeout(PATIENCE).ok()?;
    line.and_then(ExposureControls::new)
}
