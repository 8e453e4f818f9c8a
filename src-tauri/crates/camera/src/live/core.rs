//! What a live source has seen, as a value: frames, faults and time go in, events
//! come out. No thread, no clock, no device.

use crate::jpeg;
use crate::live::{Format, RawFrame, earlier};
use crate::{CameraEvent, Counters, ExposeRequest, LossCause, Preview};
use booth::{Birth, Encoding, Epoch, FRAME_AGE_MAX, Frame, FrameStamp, SourceKind, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// No valid frame for this long is a dead camera (design, hazard H2). It is to be told
/// within 500 ms, and somebody has to look first.
pub const HEARTBEAT: Duration = Duration::from_millis(460);

/// A stream that was just opened may take this long to its first frame: exposure
/// settles, USB bandwidth is negotiated.
pub const FIRST_FRAME: Duration = Duration::from_secs(2);

/// How many validated frames are kept for the burst.
pub const RING: usize = 8;

/// So many repeated frames in a row are a frozen camera, even before the heartbeat
/// runs out. Sensor noise makes no two frames alike.
pub const REPEATS_MAX: u32 = 8;

/// Whether the device thread may go on with its stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Continue,
    /// Close it and open it anew.
    Reopen,
}

/// A press that waits for frames.
struct Pending {
    request: ExposeRequest,
    frames: Vec<Frame>,
}

/// Everything a live source knows.
pub(crate) struct Core {
    /// `None` while the camera is lost.
    epoch: Option<Epoch>,
    last_epoch: u64,
    /// Why it is lost, as far as it was reported.
    lost: Option<LossCause>,
    /// When the last valid frame came, or how far an opened stream is excused.
    alive_until: Option<Timestamp>,
    /// Frames of this epoch, oldest first.
    ring: VecDeque<Arc<Preview>>,
    /// The newest frames whatever their epoch: what comes again is compared to them.
    recent: VecDeque<Arc<Preview>>,
    repeats: u32,
    damaged: u32,
    last_sequence: Option<u64>,
    /// Sequence of the newest frame of this epoch that was handed over.
    delivered: Option<u64>,
    pending: VecDeque<Pending>,
    counters: Counters,
    events: VecDeque<CameraEvent>,
}

impl Core {
    pub(crate) fn new() -> Self {
        Self {
            epoch: None,
            last_epoch: 0,
            lost: None,
            alive_until: None,
            ring: VecDeque::with_capacity(RING),
            recent: VecDeque::with_capacity(RING),
            repeats: 0,
            damaged: 0,
            last_sequence: None,
            delivered: None,
            pending: VecDeque::new(),
            counters: Counters::default(),
            events: VecDeque::new(),
        }
    }

    pub(crate) fn latest(&self) -> Option<Arc<Preview>> {
        self.ring.back().cloned()
    }

    pub(crate) const fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn take_event(&mut self) -> Option<CameraEvent> {
        self.events.pop_front()
    }

    /// A stream was opened; its frames belong to a new epoch, whatever came before.
    pub(crate) fn opened(&mut self, now: Timestamp) {
        if self.epoch.is_some() {
            self.lose(LossCause::Stalled, now);
        }
        self.last_sequence = None;
        self.repeats = 0;
        self.damaged = 0;
        self.alive_until = Some(now.plus(FIRST_FRAME));
    }

    /// The stream, or the attempt to open it, failed.
    pub(crate) fn failed(&mut self, cause: LossCause, now: Timestamp) {
        self.alive_until = None;
        self.lose(cause, now);
    }

    /// One frame as the driver gave it.
    pub(crate) fn frame(&mut self, raw: &RawFrame<'_>, format: Format, now: Timestamp) -> Verdict {
        self.count_gap(raw.sequence);
        let Some((bytes, encoding)) = whole(raw, format) else {
            self.damaged = self.damaged.saturating_add(1);
            self.counters.damaged += 1;
            return Verdict::Continue;
        };
        if self.recent.iter().any(|earlier| earlier.bytes == bytes) {
            self.counters.repeated += 1;
            self.repeats = self.repeats.saturating_add(1);
            if self.repeats < REPEATS_MAX {
                return Verdict::Continue;
            }
            self.repeats = 0;
            self.lose(LossCause::Frozen, now);
            return Verdict::Reopen;
        }
        self.repeats = 0;
        self.damaged = 0;
        self.counters.frames += 1;
        self.alive_until = Some(now.plus(HEARTBEAT));
        let epoch = self.enter_epoch(now);
        let preview = Arc::new(Preview {
            bytes: bytes.to_vec(),
            encoding,
            stamp: FrameStamp {
                kind: SourceKind::Live,
                epoch,
                sequence: raw.sequence,
                birth: raw.birth,
                arrived: now,
            },
        });
        push(&mut self.ring, Arc::clone(&preview));
        push(&mut self.recent, Arc::clone(&preview));
        self.feed(&preview);
        Verdict::Continue
    }

    /// Time passes: the heartbeat and the deadlines are looked at.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        if let Some(until) = self.alive_until
            && now.since(until).is_some()
        {
            self.alive_until = None;
            self.lose(self.silence(), now);
        }
        while let Some(index) = self
            .pending
            .iter()
            .position(|pending| now.since(pending.request.deadline).is_some())
        {
            self.hand_over_stale(index);
            self.answer(index);
        }
    }

    /// A press that is still empty-handed at its deadline gets the newest frame there
    /// is, too old as it is: the rules refuse it, and say by name what is wrong with the
    /// camera. Nothing at all would say only that nothing came.
    fn hand_over_stale(&mut self, index: usize) {
        let Some(pending) = self.pending.get_mut(index) else {
            return;
        };
        if let (true, Some(newest)) = (pending.frames.is_empty(), self.ring.back()) {
            pending.frames.push(frame_of(newest));
        }
    }

    /// Takes a press. Frames from before it come from the ring, newest first and at
    /// most half of what is wanted, so that a burst lies around the press.
    pub(crate) fn expose(&mut self, request: ExposeRequest) {
        let mut pending = Pending {
            request,
            frames: Vec::new(),
        };
        if self.epoch.is_some() {
            let before = self.frames_before(request);
            for preview in before {
                self.delivered = Some(preview.stamp.sequence);
                pending.frames.push(frame_of(&preview));
            }
        }
        let done = self.epoch.is_none() || pending.frames.len() >= request.frames;
        self.pending.push_back(pending);
        if done {
            self.answer(self.pending.len() - 1);
        }
    }

    /// The frames of the ring that answer this press, oldest first.
    fn frames_before(&self, request: ExposeRequest) -> Vec<Arc<Preview>> {
        let half = request.frames.div_ceil(2);
        let (mut early, mut late) = (Vec::new(), Vec::new());
        for preview in &self.ring {
            let stamp = preview.stamp;
            if self
                .delivered
                .is_some_and(|delivered| stamp.sequence <= delivered)
            {
                continue;
            }
            let age = request.pressed.since(stamp.birth.at());
            if age.is_none() {
                late.push(Arc::clone(preview));
            } else if age.is_some_and(|age| age <= FRAME_AGE_MAX) {
                early.push(Arc::clone(preview));
            }
        }
        let mut chosen = early.split_off(early.len().saturating_sub(half));
        chosen.append(&mut late);
        chosen.truncate(request.frames);
        chosen
    }

    /// Gives a new frame to every press that still wants one.
    fn feed(&mut self, preview: &Arc<Preview>) {
        let sequence = preview.stamp.sequence;
        let Some(pending) = self.pending.front_mut() else {
            return;
        };
        let stale = pending
            .request
            .pressed
            .since(preview.stamp.birth.at())
            .is_some_and(|age| age > FRAME_AGE_MAX);
        if stale {
            return;
        }
        pending.frames.push(frame_of(preview));
        self.delivered = Some(sequence);
        if pending.frames.len() >= pending.request.frames {
            self.answer(0);
        }
    }

    fn answer(&mut self, index: usize) {
        if let Some(pending) = self.pending.remove(index) {
            self.events.push_back(CameraEvent::Exposed {
                exposure: pending.request.exposure,
                frames: pending.frames,
            });
        }
    }

    /// Which silence it is, when no valid frame came in time.
    const fn silence(&self) -> LossCause {
        if self.repeats > 0 {
            LossCause::Frozen
        } else if self.damaged > 0 {
            LossCause::Garbled
        } else {
            LossCause::Stalled
        }
    }

    fn lose(&mut self, cause: LossCause, now: Timestamp) {
        if self.epoch.take().is_some() {
            self.counters.losses += 1;
        }
        self.ring.clear();
        self.delivered = None;
        if self.lost.replace(cause) != Some(cause) {
            self.events.push_back(CameraEvent::Lost { cause, at: now });
        }
        // What was gathered belongs to a life that has ended: it is not handed over.
        while let Some(pending) = self.pending.pop_front() {
            self.events.push_back(CameraEvent::Exposed {
                exposure: pending.request.exposure,
                frames: Vec::new(),
            });
        }
    }

    /// The running epoch, or a new one: later than every earlier one of this boot,
    /// in whichever process it was.
    fn enter_epoch(&mut self, now: Timestamp) -> Epoch {
        if let Some(epoch) = self.epoch {
            return epoch;
        }
        self.last_epoch = now.nanos().max(self.last_epoch.saturating_add(1));
        let epoch = Epoch(self.last_epoch);
        self.epoch = Some(epoch);
        self.lost = None;
        self.events.push_back(CameraEvent::Live { epoch, at: now });
        epoch
    }

    fn count_gap(&mut self, sequence: u64) {
        if let Some(last) = self.last_sequence {
            let step = sequence.saturating_sub(last);
            self.counters.missed += step.saturating_sub(1);
        }
        self.last_sequence = Some(sequence);
    }
}

fn push(ring: &mut VecDeque<Arc<Preview>>, preview: Arc<Preview>) {
    if ring.len() == RING {
        ring.pop_front();
    }
    ring.push_back(preview);
}

fn frame_of(preview: &Preview) -> Frame {
    Frame::new(preview.stamp, preview.encoding, preview.bytes.clone())
}

/// The bytes of a whole picture of the negotiated format; `None` for anything else.
fn whole<'a>(raw: &RawFrame<'a>, format: Format) -> Option<(&'a [u8], Encoding)> {
    if raw.flawed {
        return None;
    }
    match format {
        Format::Jpeg { size, tail } => {
            let walked = jpeg::walk(raw.bytes).ok()?;
            if size.is_some_and(|size| size != (walked.width, walked.height)) {
                return None;
            }
            let (picture, rest) = raw.bytes.split_at(walked.length);
            let padding = tail || rest.iter().all(|&byte| byte == 0);
            padding.then_some((picture, Encoding::Jpeg))
        }
        Format::Yuyv { width, height } => {
            let length = (width as usize)
                .checked_mul(height as usize)?
                .checked_mul(2)?;
            (raw.bytes.len() == length).then_some((raw.bytes, Encoding::Yuyv { width, height }))
        }
    }
}

/// The earliest birth that a time of delivery proves: every buffer of the queue may
/// have been filled one frame interval after the other before this one was taken.
#[must_use]
pub fn dequeued(now: Timestamp, queue_depth: u32, interval: Duration) -> Birth {
    Birth::Dequeued(earlier(now, interval.saturating_mul(queue_depth)))
}

#[cfg(test)]
mod tests;
