//! A watched folder on a real disk: what is offered, what is not, and when it was born.

use booth::{Birth, Encoding, ExposureId, Frame, Nature, SourceKind};
use camera::clockcode::ClockOffset;
use camera::{Camera, CameraEvent, ExposeRequest, LossCause, QuarantineReason, folder};
use image::RgbImage;
use simulator::still::{ExifFields, encode_jpeg, with_exif, with_exif_fields};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
/// Long enough for several looks.
const A_WHILE: Duration = Duration::from_millis(500);

struct Watched {
    dir: tempfile::TempDir,
    camera: Box<dyn Camera>,
    events: Receiver<CameraEvent>,
}

fn watch(before: &[(&str, Vec<u8>)], offset: Option<ClockOffset>) -> Watched {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in before {
        put(dir.path(), name, bytes);
    }
    let (sender, events) = channel();
    let sink = Box::new(move |event| {
        let _gone = sender.send(event);
    });
    let camera = folder::open(dir.path(), offset, sink).expect("it can be watched");
    Watched {
        dir,
        camera,
        events,
    }
}

impl Watched {
    fn live(&self) -> booth::Epoch {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("it is live") {
                CameraEvent::Live { epoch, .. } => return epoch,
                CameraEvent::Quarantined { .. }
                | CameraEvent::Lost { .. }
                | CameraEvent::Exposed { .. } => {}
            }
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        put(self.dir.path(), name, bytes);
    }

    /// The next file that is not offered.
    fn quarantined(&self) -> (String, QuarantineReason) {
        loop {
            match self.events.recv_timeout(PATIENCE).expect("it is shown") {
                CameraEvent::Quarantined { file, reason, .. } => {
                    return (file.as_str().to_owned(), reason);
                }
                CameraEvent::Live { .. }
                | CameraEvent::Lost { .. }
                | CameraEvent::Exposed { .. } => {}
            }
        }
    }

    fn press(&self, within: Duration) -> Vec<Frame> {
        let pressed = clock::now();
        self.camera.expose(ExposeRequest {
            exposure: ExposureId(1),
            pressed,
            frames: 1,
            deadline: pressed.plus(within),
        });
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an answer") {
                CameraEvent::Exposed { frames, .. } => return frames,
                CameraEvent::Live { .. }
                | CameraEvent::Lost { .. }
                | CameraEvent::Quarantined { .. } => {}
            }
        }
    }
}

fn put(dir: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(dir.join(name), bytes).expect("it can be written");
}

fn jpeg(seed: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, y| image::Rgb([seed, x as u8, y as u8]));
    encode_jpeg(&picture).expect("it is small")
}

/// A picture of body 0042 taken at that second after 2026-06-01 09:30.
fn shot(seed: u8, second: u32) -> Vec<u8> {
    let taken = format!("2026:06:01 09:30:{second:02}");
    with_exif(&jpeg(seed), &taken, None, Some("0042"))
}

#[test]
fn a_new_picture_is_offered_once_and_left_as_it_is() {
    let watched = watch(&[], None);
    let epoch = watched.live();
    let device = watched.camera.device();
    assert_eq!(
        (device.nature, device.driver.as_str()),
        (Nature::Virtual, "folder")
    );
    let bytes = jpeg(1);
    watched.put("one.jpg", &bytes);
    let frames = watched.press(PATIENCE);
    assert_eq!(frames.len(), 1);
    let stamp = frames[0].stamp();
    assert_eq!(frames[0].bytes(), bytes);
    assert_eq!(frames[0].encoding(), Encoding::Jpeg);
    assert_eq!((stamp.kind, stamp.epoch), (SourceKind::Folder, epoch));
    assert_eq!(stamp.birth, Birth::Arrived(stamp.arrived));
    assert_eq!(watched.camera.latest().expect("it is shown").bytes, bytes);
    assert!(
        watched.press(A_WHILE).is_empty(),
        "it was handed over before"
    );
    let on_disk = std::fs::read(watched.dir.path().join("one.jpg")).expect("it is still there");
    assert_eq!(on_disk, bytes);
}

#[test]
fn a_picture_that_came_before_the_press_is_handed_over_at_once() {
    let watched = watch(&[], None);
    watched.live();
    watched.put("one.jpg", &jpeg(1));
    watched.put("two.jpg", &jpeg(2));
    std::thread::sleep(A_WHILE);
    let sequences: Vec<u64> = watched
        .press(A_WHILE)
        .iter()
        .map(|frame| frame.stamp().sequence)
        .collect();
    assert_eq!(sequences, [1, 2]);
}

#[test]
fn what_lay_there_before_is_never_offered() {
    let watched = watch(&[("old.jpg", jpeg(1))], None);
    assert_eq!(
        watched.quarantined(),
        ("old.jpg".to_owned(), QuarantineReason::BeforeWatch)
    );
    watched.live();
    watched.put("old.jpg", &jpeg(2));
    assert_eq!(
        watched.quarantined(),
        ("old.jpg".to_owned(), QuarantineReason::Changed)
    );
    assert!(watched.press(A_WHILE).is_empty());
}

#[test]
fn a_growing_file_is_waited_for() {
    let watched = watch(&[], None);
    watched.live();
    let bytes = jpeg(1);
    for tenth in 0..10 {
        watched.put("slow.jpg", &bytes[..bytes.len() * tenth / 10]);
        std::thread::sleep(Duration::from_millis(130));
    }
    assert!(watched.press(Duration::from_millis(1)).is_empty());
    watched.put("slow.jpg", &bytes);
    let frames = watched.press(PATIENCE);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].bytes(), bytes);
}

#[test]
fn foreign_broken_and_repeated_files_are_shown_and_not_offered() {
    let watched = watch(&[], None);
    watched.live();
    watched.put("notes.txt", b"hello");
    assert_eq!(watched.quarantined().1, QuarantineReason::Unsupported);
    let (one, other) = (jpeg(1), jpeg(2));
    let mut spliced = one[..one.len() / 2].to_vec();
    spliced.extend_from_slice(&other);
    watched.put("spliced.jpg", &spliced);
    assert_eq!(watched.quarantined().1, QuarantineReason::Incomplete);
    watched.put("one.jpg", &one);
    assert_eq!(watched.press(PATIENCE).len(), 1);
    watched.put("copy.jpg", &one);
    assert_eq!(
        watched.quarantined(),
        ("copy.jpg".to_owned(), QuarantineReason::Duplicate)
    );
    let with_id = |seed| {
        let fields = ExifFields {
            unique_id: Some("00c0ffee"),
            ..ExifFields::default()
        };
        with_exif_fields(&jpeg(seed), &fields)
    };
    watched.put("id1.jpg", &with_id(3));
    assert_eq!(watched.press(PATIENCE).len(), 1);
    watched.put("id2.jpg", &with_id(4));
    assert_eq!(watched.quarantined().1, QuarantineReason::Duplicate);
}

#[test]
fn an_empty_or_half_file_is_given_up_after_a_while() {
    let watched = watch(&[], None);
    watched.live();
    watched.put("empty.jpg", b"");
    let bytes = jpeg(1);
    watched.put("half.jpg", &bytes[..bytes.len() / 2]);
    let early = watched.events.recv_timeout(Duration::from_secs(1));
    assert_eq!(early.err(), Some(RecvTimeoutError::Timeout));
    std::thread::sleep(folder::GROWING_MAX.saturating_sub(Duration::from_secs(1)));
    assert_eq!(
        watched.quarantined(),
        ("empty.jpg".to_owned(), QuarantineReason::Empty)
    );
    assert_eq!(
        watched.quarantined(),
        ("half.jpg".to_owned(), QuarantineReason::Incomplete)
    );
}

#[test]
fn another_body_ends_the_epoch() {
    let watched = watch(&[], None);
    let first = watched.live();
    watched.put("IMG_0001.jpg", &shot(1, 0));
    assert_eq!(watched.press(PATIENCE).len(), 1);
    let other = with_exif(&jpeg(2), "2026:06:01 09:31:00", None, Some("0043"));
    watched.put("IMG_0002.jpg", &other);
    let lost = watched.events.recv_timeout(PATIENCE).expect("it is lost");
    let cause = LossCause::BodyChanged;
    assert!(matches!(lost, CameraEvent::Lost { cause: c, .. } if c == cause));
    let second = watched.live();
    assert!(second.0 > first.0);
    assert_eq!(watched.quarantined().1, QuarantineReason::OtherBody);
    assert!(watched.press(A_WHILE).is_empty());
    watched.put("IMG_0003.jpg", &jpeg(3));
    assert_eq!(watched.quarantined().1, QuarantineReason::OtherBody);
}

#[test]
fn a_file_number_that_goes_back_is_not_offered() {
    let watched = watch(&[], None);
    watched.live();
    watched.put("IMG_9998.jpg", &shot(1, 0));
    assert_eq!(watched.press(PATIENCE).len(), 1);
    watched.put("IMG_0001.jpg", &shot(2, 1));
    assert_eq!(watched.press(PATIENCE).len(), 1, "over the end is forwards");
    watched.put("IMG_9999.jpg", &shot(3, 2));
    assert_eq!(
        watched.press(PATIENCE).len(),
        1,
        "9999 follows 1: numbers may be skipped"
    );
    watched.put("IMG_5000.jpg", &shot(4, 3));
    assert_eq!(watched.quarantined().1, QuarantineReason::CounterBack);
}

#[test]
fn a_folder_that_goes_and_comes_back_is_another_life() {
    let watched = watch(&[], None);
    let first = watched.live();
    let aside = watched.dir.path().with_extension("aside");
    std::fs::rename(watched.dir.path(), &aside).expect("it can be moved");
    put(&aside, "meanwhile.jpg", &jpeg(1));
    let lost = watched.events.recv_timeout(PATIENCE).expect("it is lost");
    assert!(matches!(
        lost,
        CameraEvent::Lost {
            cause: LossCause::FolderGone,
            ..
        }
    ));
    std::fs::rename(&aside, watched.dir.path()).expect("it can be moved back");
    assert_eq!(watched.quarantined().1, QuarantineReason::BeforeWatch);
    assert!(watched.live().0 > first.0);
    assert!(watched.press(A_WHILE).is_empty());
}

#[test]
fn the_birth_rests_on_the_measured_offset_of_that_body() {
    let now = clock::now();
    let now_ms = i64::try_from(now.nanos() / 1_000_000).expect("years");
    // 2026-06-01 09:30:00 on the dial is five seconds ago.
    let dial_ms = 1_780_306_200_000;
    let offset = ClockOffset {
        body: "0042".to_owned(),
        wall_offset_ms: 0,
        boot: now.boot(),
        monotonic_offset_ms: dial_ms - (now_ms - 5_000),
        coarse_ms: 0,
        zone_min: None,
    };
    let watched = watch(&[], Some(offset));
    watched.live();
    watched.put("one.jpg", &shot(1, 2));
    let frames = watched.press(PATIENCE);
    let Birth::Exif(born) = frames[0].stamp().birth else {
        panic!("it is measured");
    };
    let expected = u64::try_from(now_ms - 3_000).expect("after the boot") * 1_000_000;
    assert_eq!(born.nanos(), expected);
    assert!(frames[0].stamp().arrived.since(now).is_some());
}

/// A camera whose dial is right to the second: `shot(_, s)` was taken `s - ago_s` seconds
/// from now.
fn measured(ago_s: i64) -> ClockOffset {
    let now = clock::now();
    let now_ms = i64::try_from(now.nanos() / 1_000_000).expect("years");
    // 2026-06-01 09:30:00 on the dial.
    let dial_ms = 1_780_306_200_000;
    ClockOffset {
        body: "0042".to_owned(),
        wall_offset_ms: 0,
        boot: now.boot(),
        monotonic_offset_ms: dial_ms - (now_ms - ago_s * 1_000),
        coarse_ms: 0,
        zone_min: None,
    }
}

fn basis(frames: &[Frame]) -> Vec<&'static str> {
    let stamps = frames.iter().map(Frame::stamp);
    stamps.map(|stamp| stamp.birth.basis()).collect()
}

#[test]
fn a_picture_from_the_future_ends_the_epoch_and_the_trust_in_the_clock() {
    let watched = watch(&[], Some(measured(30)));
    let first = watched.live();
    watched.put("IMG_0001.jpg", &shot(1, 20));
    assert_eq!(basis(&watched.press(PATIENCE)), ["exif"]);
    watched.put("IMG_0002.jpg", &shot(2, 50));
    let lost = watched.events.recv_timeout(PATIENCE).expect("it is lost");
    let cause = LossCause::ClockJumped;
    assert!(matches!(lost, CameraEvent::Lost { cause: c, .. } if c == cause));
    assert!(watched.live().0 > first.0);
    assert_eq!(watched.quarantined().1, QuarantineReason::ClockJumped);
    // Whatever comes now rests on a clock that nobody has measured.
    watched.put("IMG_0003.jpg", &shot(3, 29));
    assert_eq!(basis(&watched.press(PATIENCE)), ["exif_unmapped"]);
}

#[test]
fn a_clock_that_was_put_back_is_told_by_the_number_that_went_on() {
    let watched = watch(&[], Some(measured(30)));
    let first = watched.live();
    watched.put("IMG_0001.jpg", &shot(1, 20));
    assert_eq!(watched.press(PATIENCE).len(), 1);
    watched.put("IMG_0002.jpg", &shot(2, 10));
    assert!(watched.live().0 > first.0);
    assert_eq!(watched.quarantined().1, QuarantineReason::ClockJumped);
    watched.put("IMG_0003.jpg", &shot(3, 12));
    assert_eq!(basis(&watched.press(PATIENCE)), ["exif_unmapped"]);
}

#[test]
fn an_earlier_picture_that_comes_later_is_not_offered() {
    let watched = watch(&[], Some(measured(30)));
    watched.live();
    watched.put("later.jpg", &shot(1, 20));
    assert_eq!(watched.press(PATIENCE).len(), 1);
    watched.put("earlier.jpg", &shot(2, 10));
    assert_eq!(watched.quarantined().1, QuarantineReason::OutOfOrder);
    assert!(watched.press(A_WHILE).is_empty());
    watched.put("next.jpg", &shot(3, 21));
    assert_eq!(basis(&watched.press(PATIENCE)), ["exif"]);
}

#[test]
fn a_folder_that_is_not_there_cannot_be_watched() {
    let gone = tempfile::tempdir().expect("a folder").path().join("gone");
    let opened = folder::open(&gone, None, Box::new(|_| {}));
    assert_eq!(
        opened.err().map(|error| error.code()),
        Some("camera-not-found")
    );
}
