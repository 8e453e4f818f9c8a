//! 引导: the living picture looked at while somebody sits, on a thread of its own.
//!
//! One frame is in work at a time, the newest there is when the last one is done; nothing waits for it
//! and nothing queues. It has models of its own, so that a press never waits for a look, and gets frames
//! only while the shutter is armed: during a press the developer has the machine. What it saw goes into
//! the loop's inbox with the seat it is of, and counts for no other.
//!
//! It tells what to do and decides nothing: the portrait is judged by the photo standard, as ever.

use crate::sitting::Input;
use crate::studio::decode_preview;
use booth::{Epoch, FrameStamp, SittingId, SourceKind, Timestamp};
use camera::Preview;
use portrait::{Advice, Guidance, Guide, Profile, Sight};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;
use vision::{Analyst, Rise};

/// A look begins at most this often: more is not seen, and costs a core that the window needs.
const EACH_MIN: Duration = Duration::from_millis(100);
/// And at least this often, so that a slow machine still sees a pose that is held.
const EACH_MAX: Duration = Duration::from_millis(400);
/// What was seen longer ago than this is told to nobody: they have moved since. What was told stands
/// for twice as long at most.
const AGE_MAX: Duration = Duration::from_secs(1);
/// In between, looks take this share of the time: one part in so many. Looks of more than 133 ms take
/// more.
const SHARE: u32 = 3;
/// How much the thread yields to all others (nice, where the system has it).
#[cfg(target_os = "linux")]
const NICE: i32 = 5;
/// The crown is measured anew this often; see [`Analyst::glance`].
const CROWN_EACH: Duration = Duration::from_secs(3);

/// Which armed shutter a look is of: a press ends it, a retake begins another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SeatOf {
    pub(crate) sitting: SittingId,
    /// The camera's life.
    pub(crate) epoch: Epoch,
    /// Since when it is armed; frames from before are of something else.
    pub(crate) since: Timestamp,
}

impl SeatOf {
    /// Whether a frame shows whoever sits here.
    fn shows(&self, stamp: &FrameStamp) -> bool {
        stamp.kind == SourceKind::Live
            && stamp.epoch == self.epoch
            && stamp.birth.at().since(self.since).is_some()
    }
}

/// What was seen of one frame.
pub(crate) struct Seen {
    pub(crate) seat: SeatOf,
    pub(crate) born: Timestamp,
    /// How long the look took.
    pub(crate) took: Duration,
    /// Nothing where the frame could not be read.
    pub(crate) sight: Option<Sight>,
}

struct Look {
    seat: SeatOf,
    frame: Arc<Preview>,
}

/// The thread, as the loop has it.
pub(crate) struct Watcher {
    looks: SyncSender<Look>,
    busy: bool,
    begun: Option<Timestamp>,
    /// From the beginning of one look to the next.
    each: Duration,
    /// The armed shutter, and what was told there.
    seat: Option<(SeatOf, Guide)>,
    /// And of a frame born when.
    told: Option<(Guidance, Timestamp)>,
    profile: Profile,
}

impl Watcher {
    /// Starts the thread; it ends with the watcher. Without it nothing is told.
    pub(crate) fn start(profile: Profile, outbox: UnboundedSender<Input>) -> Self {
        let (looks, asked) = sync_channel(1);
        let spawned = std::thread::Builder::new()
            .name("guidance".to_owned())
            .spawn(move || run(&asked, &outbox));
        if let Err(error) = spawned {
            tracing::warn!(%error, "nobody looks at the living picture");
        }
        Self {
            looks,
            busy: false,
            begun: None,
            each: EACH_MIN,
            seat: None,
            told: None,
            profile,
        }
    }

    /// The shutter is armed for this seat, or for none. Another one is told nothing of before.
    pub(crate) fn arm(&mut self, seat: Option<SeatOf>) {
        if self.seat.as_ref().map(|(seat, _)| *seat) != seat {
            self.seat = seat.map(|seat| (seat, Guide::default()));
            self.told = None;
        }
    }

    /// Has the newest frame looked at, if nobody looks yet and it shows whoever sits.
    /// What was told too long ago is taken back.
    pub(crate) fn offer(&mut self, frame: Option<Arc<Preview>>, now: Timestamp) {
        let is_of_now = |born: Timestamp| now.since(born).is_some_and(|age| age <= AGE_MAX * 2);
        self.told = self.told.take().filter(|(_, born)| is_of_now(*born));
        let (Some((seat, _)), Some(frame)) = (&self.seat, frame) else {
            return;
        };
        let is_soon = self
            .begun
            .is_some_and(|begun| now.since(begun).is_some_and(|since| since < self.each));
        if self.busy || is_soon || !seat.shows(&frame.stamp) {
            return;
        }
        let look = Look { seat: *seat, frame };
        // A thread that is gone takes nothing: nothing is told.
        self.busy = self.looks.try_send(look).is_ok();
        self.begun = Some(now);
    }

    /// Takes what was seen; whether all held, where it is of the seat that is armed now.
    pub(crate) fn take(&mut self, seen: &Seen, now: Timestamp) -> Option<bool> {
        self.busy = false;
        self.each = (seen.took * SHARE).clamp(EACH_MIN, EACH_MAX);
        let (seat, guide) = self.seat.as_mut()?;
        if *seat != seen.seat {
            return None;
        }
        let at_ms = seen.born.nanos() / 1_000_000;
        let is_young = now.since(seen.born).is_some_and(|age| age <= AGE_MAX);
        let told = seen
            .sight
            .as_ref()
            .filter(|_| is_young)
            .map(|sight| guide.see(sight, &self.profile, at_ms));
        self.told = told.map(|told| (told, seen.born));
        Some(told.is_some_and(|told| told.holds))
    }

    /// What is told at this armed shutter: one thing to do, or that all holds; nothing while nobody has
    /// looked there.
    pub(crate) fn told(&self, armed: SeatOf) -> Option<Option<Advice>> {
        let (seat, _) = self.seat.as_ref()?;
        let (told, _) = self.told.filter(|_| *seat == armed)?;
        Some(told.advice)
    }
}

/// How high somebody's hair reaches, and when that was found out.
struct Crown {
    of: SittingId,
    rise: Option<f32>,
    at: Timestamp,
}

/// What is known of whoever sits.
fn rise(crown: Option<&Crown>, sitting: SittingId, now: Timestamp) -> Rise {
    let of_them = crown.filter(|crown| crown.of == sitting);
    let young = of_them.filter(|crown| now.since(crown.at).is_some_and(|age| age < CROWN_EACH));
    young.map_or(Rise::Measure, |crown| Rise::Known(crown.rise))
}

fn run(asked: &Receiver<Look>, outbox: &UnboundedSender<Input>) {
    // Before the models, whose thread takes it over.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "looks are as urgent as anything else");
    }
    let analyst = match Analyst::new() {
        Ok(analyst) => analyst,
        Err(error) => {
            tracing::warn!(code = error.code(), "nobody looks at the living picture");
            return;
        }
    };
    let mut crown: Option<Crown> = None;
    while let Ok(look) = asked.recv() {
        let (sitting, born) = (look.seat.sitting, look.frame.at());
        let begun = Instant::now();
        let known = rise(crown.as_ref(), sitting, born);
        // A panic in a library is a frame that could not be read, and not the end of all looks.
        let glance = catch_unwind(AssertUnwindSafe(|| {
            analyst
                .glance(&decode_preview(&look.frame).ok()?, known)
                .ok()
        }));
        let glance = glance.ok().flatten();
        if let Some(glance) = &glance
            && known == Rise::Measure
            && glance.sight.face.is_some()
        {
            crown = Some(Crown {
                of: sitting,
                rise: glance.rise,
                at: born,
            });
        }
        let sight = glance.map(|glance| glance.sight);
        let seen = Seen {
            seat: look.seat,
            born,
            took: begun.elapsed(),
            sight,
        };
        if outbox.send(Input::Seen(Box::new(seen))).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use booth::{Birth, BootId, Encoding};
    use portrait::{Arrow, Raster, advise};
    use simulator::subject::Subject;
    use tokio::sync::mpsc::unbounded_channel;

    fn at(ms: u64) -> Timestamp {
        Timestamp::new(BootId([4; 16]), ms * 1_000_000)
    }

    fn seat(sitting: i64, epoch: u64, since: u64) -> SeatOf {
        SeatOf {
            sitting: SittingId(sitting),
            epoch: Epoch(epoch),
            since: at(since),
        }
    }

    fn stamp(epoch: u64, born: u64) -> FrameStamp {
        FrameStamp {
            kind: SourceKind::Live,
            epoch: Epoch(epoch),
            sequence: born,
            birth: Birth::Driver(at(born)),
            arrived: at(born),
        }
    }

    fn national() -> Profile {
        Profile::named("national").unwrap()
    }

    /// A drawn person in a frame of a webcam, `off` pixels to the right of its middle.
    fn webcam(subject: &Subject, off: i64) -> Raster {
        let drawn = subject.draw(540, 720, 1);
        let mut frame = image::RgbImage::from_pixel(1280, 720, *drawn.get_pixel(3, 3));
        image::imageops::overlay(&mut frame, &drawn, 370 + off, 0);
        Raster::new(1280, 720, frame.into_raw()).unwrap()
    }

    /// The whole way from pixels: somebody at the left of the camera's picture sits on their own right, and
    /// is sent to their own left, which is the left of the mirror as well.
    #[test]
    fn drawn_people_are_sent_to_their_own_side() {
        let (analyst, profile) = (Analyst::new().unwrap(), national());
        for id in 1..=6 {
            let subject = Subject::numbered(id);
            let told = |off: i64| {
                let glance = analyst.glance(&webcam(&subject, off), Rise::Measure);
                advise(&glance.unwrap().sight, &profile, None)
            };
            assert_eq!(told(0), None, "{id}");
            assert_eq!(told(-320), Some(Advice::Left), "{id}");
            assert_eq!(told(320), Some(Advice::Right), "{id}");
        }
        assert_eq!(Advice::Left.arrow(), Some(Arrow::Left));
        let empty = Raster::filled(1280, 720, [100, 197, 255]).unwrap();
        let glance = analyst.glance(&empty, Rise::Measure).unwrap();
        assert_eq!(advise(&glance.sight, &profile, None), Some(Advice::Nobody));
    }

    /// A head that leans to its own left shoulder leans to the right of the camera's picture.
    #[test]
    fn a_drawn_head_that_leans_is_straightened_to_the_other_side() {
        let (analyst, profile) = (Analyst::new().unwrap(), national());
        let upright = webcam(&Subject::numbered(3), 0);
        let leaning = |degrees: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let mut turned = Raster::filled(1280, 720, upright.pixel(3, 3)).unwrap();
            for y in 0..720 {
                for x in 0..1280 {
                    // Clockwise about the middle, looked up backwards.
                    let (dx, dy) = (x as f32 - 640.0, y as f32 - 360.0);
                    let (from_x, from_y) =
                        (640.0 + dx * cos + dy * sin, 360.0 - dx * sin + dy * cos);
                    if (0.0..1280.0).contains(&from_x) && (0.0..720.0).contains(&from_y) {
                        turned.set_pixel(x, y, upright.pixel(from_x as u32, from_y as u32));
                    }
                }
            }
            let glance = analyst.glance(&turned, Rise::Measure).unwrap();
            advise(&glance.sight, &profile, None)
        };
        assert_eq!(leaning(9.0), Some(Advice::TiltRight));
        assert_eq!(leaning(-9.0), Some(Advice::TiltLeft));
    }

    fn seen(seat: SeatOf, born: u64) -> Seen {
        Seen {
            seat,
            born: at(born),
            took: Duration::ZERO,
            sight: Some(Sight {
                faces: 0,
                face: None,
                light: portrait::Light {
                    dark: 0.0,
                    mean: 0.5,
                },
            }),
        }
    }

    #[test]
    fn nothing_is_told_of_a_seat_that_is_over() {
        let mut watcher = Watcher::start(national(), unbounded_channel().0);
        let (first, second) = (seat(1, 5, 1_000), seat(2, 5, 9_000));
        watcher.arm(Some(first));
        assert_eq!(watcher.take(&seen(first, 1_100), at(1_150)), Some(false));
        assert_eq!(watcher.told(first), Some(Some(Advice::Nobody)));
        // The next one sits; a look at the last one comes late.
        watcher.arm(Some(second));
        assert_eq!(
            watcher.told(second),
            None,
            "what was told goes with its seat"
        );
        for over in [first, seat(2, 4, 9_000), seat(2, 5, 8_000)] {
            assert_eq!(watcher.take(&seen(over, 9_100), at(9_150)), None);
            assert_eq!(watcher.told(second), None);
        }
        assert_eq!(watcher.take(&seen(second, 9_100), at(9_150)), Some(false));
        assert_eq!(watcher.told(first), None);
        // Nobody sits: nothing is told, nothing counts.
        watcher.arm(None);
        assert_eq!(watcher.take(&seen(second, 9_200), at(9_250)), None);
        assert_eq!(watcher.told(second), None);
    }

    #[test]
    fn a_frame_that_nobody_could_read_takes_back_what_was_told() {
        let mut watcher = Watcher::start(national(), unbounded_channel().0);
        let here = seat(1, 5, 1_000);
        watcher.arm(Some(here));
        watcher.take(&seen(here, 1_100), at(1_150));
        let unread = Seen {
            sight: None,
            ..seen(here, 1_200)
        };
        assert_eq!(
            watcher.take(&unread, at(1_250)),
            Some(false),
            "nothing holds"
        );
        assert_eq!(watcher.told(here), None);
    }

    #[test]
    fn what_was_seen_long_ago_is_told_to_nobody() {
        let mut watcher = Watcher::start(national(), unbounded_channel().0);
        let here = seat(1, 5, 1_000);
        watcher.arm(Some(here));
        watcher.take(&seen(here, 1_100), at(2_100));
        assert_eq!(watcher.told(here), Some(Some(Advice::Nobody)));
        watcher.offer(None, at(3_100));
        assert_eq!(watcher.told(here), Some(Some(Advice::Nobody)));
        watcher.offer(None, at(3_101));
        assert_eq!(watcher.told(here), None, "nobody has looked since");
        let holds = watcher.take(&seen(here, 1_200), at(2_201));
        assert_eq!((holds, watcher.told(here)), (Some(false), None));
    }

    #[test]
    fn only_frames_of_the_seat_are_looked_at_one_at_a_time() {
        let here = seat(1, 5, 1_000);
        assert!(here.shows(&stamp(5, 1_000)));
        assert!(!here.shows(&stamp(5, 999)), "the chair before");
        assert!(!here.shows(&stamp(4, 1_100)), "another life of the camera");
        let folder = FrameStamp {
            kind: SourceKind::Folder,
            ..stamp(5, 1_100)
        };
        assert!(!here.shows(&folder), "a folder shows no present");
        let (outbox, mut inbox) = unbounded_channel();
        let mut watcher = Watcher::start(national(), outbox);
        let frame = |born: u64| {
            Some(Arc::new(Preview {
                bytes: vec![0; 8],
                encoding: Encoding::Jpeg,
                stamp: stamp(5, born),
            }))
        };
        watcher.offer(frame(1_100), at(1_100));
        watcher.arm(Some(here));
        watcher.offer(frame(999), at(1_200));
        watcher.offer(frame(1_300), at(1_300));
        watcher.offer(frame(1_500), at(1_500));
        let Some(Input::Seen(first)) = inbox.blocking_recv() else {
            panic!("a look");
        };
        assert_eq!(first.born, at(1_300), "the ones before were of nobody here");
        assert!(first.sight.is_none(), "these bytes are no picture");
        watcher.take(&first, at(1_390));
        watcher.offer(frame(1_390), at(1_399));
        watcher.offer(frame(1_600), at(1_600));
        let Some(Input::Seen(second)) = inbox.blocking_recv() else {
            panic!("a look");
        };
        assert_eq!(second.born, at(1_600), "not sooner, and 1500 found it busy");
    }

    #[test]
    fn a_slow_machine_looks_less_often_but_does_not_stop_looking() {
        let mut watcher = Watcher::start(national(), unbounded_channel().0);
        let here = seat(1, 5, 1_000);
        watcher.arm(Some(here));
        for (took, each) in [(10, 100), (60, 180), (900, 400)] {
            let took = Duration::from_millis(took);
            let seen = Seen {
                took,
                ..seen(here, 1_100)
            };
            watcher.take(&seen, at(1_150));
            assert_eq!(watcher.each, Duration::from_millis(each));
        }
    }

    #[test]
    fn hair_is_measured_anew_for_the_next_one_and_after_a_while() {
        let known = Crown {
            of: SittingId(1),
            rise: Some(0.9),
            at: at(1_000),
        };
        let of = |sitting: i64, ms: u64| rise(Some(&known), SittingId(sitting), at(ms));
        assert_eq!(of(1, 3_999), Rise::Known(Some(0.9)));
        assert_eq!(of(1, 4_000), Rise::Measure);
        assert_eq!(of(2, 1_100), Rise::Measure);
        assert_eq!(rise(None, SittingId(1), at(1_100)), Rise::Measure);
    }
}
