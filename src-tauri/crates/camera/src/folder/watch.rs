//! What a watched folder has shown, as a value: listings and time go in, events
//! come out.

use crate::clockcode::{ClockCode, ClockOffset};
use crate::exif::{self, ExifFacts};
use crate::folder::birth::birth;
use crate::folder::picture::{Look, Picture, look_into};
use crate::folder::{FILE_BYTES_MAX, GROWING_MAX};
use crate::{CameraEvent, Counters, ExposeRequest, FileName, LossCause, Preview, QuarantineReason};
use booth::{Birth, Digest, Encoding, Epoch, Frame, FrameStamp, SourceKind, Timestamp, sha256};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Two looks may follow each other at once when a press comes between; a file has come
/// to rest only when it was the same for this long.
const REST_MIN: Duration = Duration::from_millis(90);
/// Clocks that are right to the second, and pictures of one burst, may differ by so much.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);
/// How many pictures wait at most for a press; the oldest is dropped.
const WAITING_MAX: usize = 16;
/// Of the files that were there before the watch, so many are reported one by one.
const BEFORE_SHOWN_MAX: usize = 100;

/// One file of a listing.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) mark: Mark,
}

/// By what a file is recognised as unchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Size in bytes.
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
}

/// A file that is not judged yet.
struct Arriving {
    mark: Mark,
    /// When it was first seen as it is now.
    since: Timestamp,
    /// Whether it was read as it is now, and found unfinished.
    unfinished: bool,
}

pub(super) struct Watch {
    offset: Option<ClockOffset>,
    epoch: Option<Epoch>,
    last_epoch: u64,
    lost: Option<LossCause>,
    sequence: u64,
    /// Files that were judged, whatever the verdict, as they were then.
    judged: HashMap<String, Mark>,
    arriving: HashMap<String, Arriving>,
    digests: HashSet<Digest>,
    unique_ids: HashSet<String>,
    body: Option<String>,
    number: Option<u16>,
    /// When the newest picture was taken, by the measured clock.
    born: Option<Timestamp>,
    waiting: VecDeque<Frame>,
    pending: VecDeque<ExposeRequest>,
    latest: Option<Arc<Preview>>,
    counters: Counters,
    events: Vec<CameraEvent>,
}

impl Watch {
    pub(super) fn new(offset: Option<ClockOffset>) -> Self {
        Self {
            offset,
            epoch: None,
            last_epoch: 0,
            lost: None,
            sequence: 0,
            judged: HashMap::new(),
            arriving: HashMap::new(),
            digests: HashSet::new(),
            unique_ids: HashSet::new(),
            body: None,
            number: None,
            born: None,
            waiting: VecDeque::new(),
            pending: VecDeque::new(),
            latest: None,
            counters: Counters::default(),
            events: Vec::new(),
        }
    }

    pub(super) fn take_events(&mut self) -> Vec<CameraEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn latest(&self) -> Option<Arc<Preview>> {
        self.latest.clone()
    }

    pub(super) const fn counters(&self) -> Counters {
        self.counters
    }

    pub(super) fn expose(&mut self, request: ExposeRequest) {
        self.pending.push_back(request);
        self.hand_over();
    }

    /// One look at the folder. `read` gives the bytes of a file.
    pub(super) fn look(
        &mut self,
        listing: io::Result<Vec<Listed>>,
        now: ClockCode,
        read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
    ) {
        match listing {
            Err(_gone) => self.gone(now.at),
            Ok(files) if self.epoch.is_none() => self.begin(&files, now.at),
            Ok(files) => self.compare(&files, now, read),
        }
        self.hand_over();
        while let Some(index) = self
            .pending
            .iter()
            .position(|request| now.at.since(request.deadline).is_some())
        {
            self.answer(index, Vec::new());
        }
    }

    /// The disk does not answer.
    pub(super) fn gone(&mut self, now: Timestamp) {
        self.lose(LossCause::FolderGone, now);
    }

    /// A panic while a file was judged, e.g. in a library.
    pub(super) fn crashed(&mut self, now: Timestamp) {
        self.lose(LossCause::Crashed, now);
    }

    /// Begins an epoch: what lies there now was not seen to arrive.
    fn begin(&mut self, files: &[Listed], now: Timestamp) {
        self.arriving.clear();
        let mut shown = 0;
        for file in files {
            let known = self.judged.insert(file.name.clone(), file.mark).is_some();
            if !known && shown < BEFORE_SHOWN_MAX {
                shown += 1;
                self.quarantine(&file.name, QuarantineReason::BeforeWatch, now);
            }
        }
        self.live(now);
    }

    fn live(&mut self, now: Timestamp) {
        self.last_epoch = now.nanos().max(self.last_epoch.saturating_add(1));
        let epoch = Epoch(self.last_epoch);
        self.epoch = Some(epoch);
        self.lost = None;
        self.sequence = 0;
        self.number = None;
        self.born = None;
        self.events.push(CameraEvent::Live { epoch, at: now });
    }

    fn lose(&mut self, cause: LossCause, now: Timestamp) {
        if self.epoch.take().is_some() {
            self.counters.losses += 1;
        }
        self.waiting.clear();
        self.latest = None;
        if self.lost.replace(cause) != Some(cause) {
            self.events.push(CameraEvent::Lost { cause, at: now });
        }
        while !self.pending.is_empty() {
            self.answer(0, Vec::new());
        }
    }

    /// Compares a listing with the last one, and judges what has come to rest.
    fn compare(
        &mut self,
        files: &[Listed],
        now: ClockCode,
        read: &dyn Fn(&str) -> io::Result<Vec<u8>>,
    ) {
        let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        self.arriving
            .retain(|name, _| names.contains(name.as_str()));
        for file in files {
            if let Some(mark) = self.judged.get_mut(&file.name) {
                if *mark != file.mark {
                    *mark = file.mark;
                    self.quarantine(&file.name, QuarantineReason::Changed, now.at);
                }
                continue;
            }
            if self.has_come_to_rest(file, now.at) {
                self.judge(file, now, read);
            }
        }
    }

    /// Whether a file is as it was at the last look, and worth another judgement.
    fn has_come_to_rest(&mut self, file: &Listed, now: Timestamp) -> bool {
        let fresh = Arriving {
            mark: file.mark,
            since: now,
            unfinished: false,
        };
        let Some(arriving) = self.arriving.get_mut(&file.name) else {
            self.arriving.insert(file.name.clone(), fresh);
            return false;
        };
        if arriving.mark != file.mark {
            *arriving = fresh;
            return false;
        }
        let rested = now.since(arriving.since).unwrap_or_default();
        let looked_at = arriving.unfinished || file.mark.size == 0;
        rested >= GROWING_MAX || (!looked_at && rested >= REST_MIN)
    }

    fn judge(&mut self, file: &Listed, now: ClockCode, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) {
        let verdict = if file.mark.size > FILE_BYTES_MAX {
            Err(QuarantineReason::TooLarge)
        } else if file.mark.size == 0 {
            Err(QuarantineReason::Empty)
        } else {
            match read(&file.name).map(|bytes| look_into(&file.name, bytes)) {
                Err(_unreadable) => Err(QuarantineReason::Unreadable),
                Ok(Look::Foreign) => Err(QuarantineReason::Unsupported),
                Ok(Look::Broken) => Err(QuarantineReason::Incomplete),
                Ok(Look::Unfinished) => {
                    let arriving = self.arriving.get_mut(&file.name);
                    if let Some(arriving) = arriving.filter(|arriving| !arriving.unfinished) {
                        arriving.unfinished = true;
                        return;
                    }
                    Err(QuarantineReason::Incomplete)
                }
                Ok(Look::Whole(picture)) => Ok(picture),
            }
        };
        self.arriving.remove(&file.name);
        self.judged.insert(file.name.clone(), file.mark);
        let taken = verdict.and_then(|picture| self.take_in(&file.name, picture, now));
        if let Err(reason) = taken {
            self.counters.damaged += u64::from(reason != QuarantineReason::Duplicate);
            self.counters.repeated += u64::from(reason == QuarantineReason::Duplicate);
            self.quarantine(&file.name, reason, now.at);
        }
    }

    /// Checks that a whole picture continues the series, and keeps it for a press.
    fn take_in(
        &mut self,
        name: &str,
        picture: Picture,
        now: ClockCode,
    ) -> Result<(), QuarantineReason> {
        let facts = match picture.encoding {
            Encoding::Jpeg => exif::read(&picture.bytes),
            Encoding::Png | Encoding::Yuyv { .. } => ExifFacts::default(),
        };
        let repeated_id = facts
            .unique_id
            .clone()
            .is_some_and(|id| !self.unique_ids.insert(id));
        if !self.digests.insert(sha256(&picture.bytes)) || repeated_id {
            return Err(QuarantineReason::Duplicate);
        }
        self.check_body(facts.body.as_ref(), now.at)?;
        let is_next = self.check_number(name)?;
        let birth = birth(&facts, self.offset.as_ref(), now);
        self.check_clock(birth, is_next, now.at)?;
        self.keep(picture, birth, now.at);
        Ok(())
    }

    /// The first body of a life is its body. Another one ends the life: somebody has
    /// changed the camera, and the clock that was measured with it.
    fn check_body(
        &mut self,
        body: Option<&String>,
        now: Timestamp,
    ) -> Result<(), QuarantineReason> {
        match (&self.body, body) {
            (None, None) => Ok(()),
            (None, Some(first)) => {
                self.body = Some(first.clone());
                Ok(())
            }
            (Some(known), Some(body)) if known == body => Ok(()),
            (Some(_), None) => Err(QuarantineReason::OtherBody),
            (Some(_), Some(other)) => {
                self.body = Some(other.clone());
                self.lose(LossCause::BodyChanged, now);
                self.live(now);
                Err(QuarantineReason::OtherBody)
            }
        }
    }

    /// Whether the file's number shows that it was taken after the one before it.
    fn check_number(&mut self, name: &str) -> Result<bool, QuarantineReason> {
        let Some(number) = file_number(name) else {
            return Ok(false);
        };
        if self.number.is_some_and(|last| !continues(last, number)) {
            return Err(QuarantineReason::CounterBack);
        }
        Ok(self.number.replace(number).is_some())
    }

    /// Every picture tries the measured clock again: none is taken after it arrived, and
    /// none before the one before it. A clock that jumped is measured no longer; the epoch
    /// ends with it, and with the epoch whatever was under way.
    fn check_clock(
        &mut self,
        birth: Birth,
        is_next: bool,
        now: Timestamp,
    ) -> Result<(), QuarantineReason> {
        let Birth::Exif(born) = birth else {
            return Ok(());
        };
        let is_ahead = born.since(now.plus(CLOCK_TOLERANCE)).is_some();
        let is_back = self
            .born
            .is_some_and(|last| last.since(born.plus(CLOCK_TOLERANCE)).is_some());
        if is_back && !is_ahead && !is_next {
            // No number tells whether the file or the clock is out of order.
            return Err(QuarantineReason::OutOfOrder);
        }
        if is_ahead || is_back {
            self.offset = None;
            self.lose(LossCause::ClockJumped, now);
            self.live(now);
            return Err(QuarantineReason::ClockJumped);
        }
        self.born = Some(born);
        Ok(())
    }

    fn keep(&mut self, picture: Picture, birth: Birth, now: Timestamp) {
        let Some(epoch) = self.epoch else {
            return;
        };
        self.sequence += 1;
        self.counters.frames += 1;
        let stamp = FrameStamp {
            kind: SourceKind::Folder,
            epoch,
            sequence: self.sequence,
            birth,
            arrived: now,
        };
        self.latest = Some(Arc::new(Preview {
            bytes: picture.bytes.clone(),
            encoding: picture.encoding,
            stamp,
        }));
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
            self.counters.missed += 1;
        }
        self.waiting
            .push_back(Frame::new(stamp, picture.encoding, picture.bytes));
    }

    /// Answers the oldest press with every picture that nobody was given yet. Which
    /// of them may be used, only the rules know: they know who was seated when.
    fn hand_over(&mut self) {
        if !self.waiting.is_empty() && !self.pending.is_empty() {
            let frames = self.waiting.drain(..).collect();
            self.answer(0, frames);
        }
        if self.epoch.is_none() && self.lost.is_some() {
            while !self.pending.is_empty() {
                self.answer(0, Vec::new());
            }
        }
    }

    fn answer(&mut self, index: usize, frames: Vec<Frame>) {
        if let Some(request) = self.pending.remove(index) {
            self.events.push(CameraEvent::Exposed {
                exposure: request.exposure,
                frames,
            });
        }
    }

    fn quarantine(&mut self, name: &str, reason: QuarantineReason, now: Timestamp) {
        self.events.push(CameraEvent::Quarantined {
            file: FileName::new(name.to_owned()),
            reason,
            at: now,
        });
    }
}

/// The camera's file number: the last four of the eight characters that the DCF
/// standard gives a camera's file name (`IMG_1234`, `DSC01234`, `_MG_1234`). Other
/// names carry none.
fn file_number(name: &str) -> Option<u16> {
    let (stem, _ending) = name.rsplit_once('.')?;
    let bytes = stem.as_bytes();
    let dcf = bytes.len() == 8
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if !dcf {
        return None;
    }
    let digits = stem.get(4..)?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok())?
}

/// Whether a file number may follow another: upwards, or over the end at 9999 to the
/// beginning, with a hundred numbers' room for deleted pictures on both sides.
const fn continues(last: u16, next: u16) -> bool {
    const ROOM: u16 = 100;
    next > last || (last >= 10_000 - ROOM && next <= ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_camera_names_only() {
        assert_eq!(file_number("IMG_1234.JPG"), Some(1234));
        assert_eq!(file_number("DSC00042.jpg"), Some(42));
        assert_eq!(file_number("_MG_9999.jpg"), Some(9999));
        assert_eq!(file_number("IMG_20260601_093000.jpg"), None);
        assert_eq!(file_number("portrait.jpg"), None);
        assert_eq!(file_number("IMG_12a4.jpg"), None);
        assert_eq!(file_number("IMG_1234"), None);
    }

    #[test]
    fn a_number_goes_up_or_over_the_end() {
        assert!(continues(1, 2) && continues(1, 300));
        assert!(continues(9999, 1) && continues(9999, 0) && continues(9950, 20));
        assert!(!continues(5, 5) && !continues(5, 4));
        assert!(!continues(9000, 1) && !continues(9999, 500));
    }
}
