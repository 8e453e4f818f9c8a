//! A stream for as long as one likes: nothing grows, and nothing falls behind. Alone in
//! its program, which counts what the process holds.
#![cfg(target_os = "linux")]

use camera::{Camera, Sink};
use image::RgbImage;
use simulator::stamp::read_stamp;
use simulator::still::{Schedule, SimulatedCamera, Still};
use std::time::{Duration, Instant};

/// Open files, threads and resident memory in KiB of this process.
fn held() -> (usize, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status");
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let words = line.expect("a line").split_whitespace();
        words
            .take(1)
            .find_map(|word| word.parse().ok())
            .expect("a number")
    };
    let files = std::fs::read_dir("/proc/self/fd")
        .expect("the files")
        .count();
    (files, number("Threads:"), number("VmRSS:"))
}

/// A tenth of the time: how old the newest frame was when it was looked at, and what the
/// process held at its end.
struct Tenth {
    median: Duration,
    worst: Duration,
    frames: usize,
    held: (usize, usize, usize),
}

/// Looks at each frame as a window does, and at its pixels a few times a second.
fn watch(camera: &dyn Camera, span: Duration) -> Tenth {
    let (begun, mut last, mut ages) = (Instant::now(), 0, Vec::new());
    while begun.elapsed() < span {
        if let Some(shown) = camera.latest().filter(|shown| shown.sequence() != last) {
            last = shown.sequence();
            ages.push(clock::now().since(shown.at()).expect("it was before"));
            if last.is_multiple_of(10) {
                let pixels = image::load_from_memory(&shown.bytes).expect("a picture");
                let stamp = read_stamp(&pixels.into_rgb8()).expect("it is stamped");
                assert_eq!(u64::from(stamp.frame), last);
            }
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    ages.sort();
    Tenth {
        median: ages[ages.len() / 2],
        worst: ages[ages.len() - 1],
        frames: ages.len(),
        held: held(),
    }
}

/// With `LIKENESS_STREAM_S=3272` for an hour: a tenth more than that is watched.
#[test]
fn streaming_on_and_on_neither_grows_nor_falls_behind() {
    let asked = std::env::var("LIKENESS_STREAM_S");
    let seconds: u64 = asked.map_or(5, |text| text.parse().expect("seconds"));
    let picture = RgbImage::from_fn(640, 480, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let still = Still::new(picture, 1).expect("room for the stamp");
    let schedule = Schedule {
        rate: Some(30),
        ..Schedule::default()
    };
    let sink: Sink = Box::new(drop);
    let (camera, _control) = SimulatedCamera::start(vec![still], schedule, sink).expect("a thread");
    let tenth = Duration::from_secs(seconds) / 10;
    watch(&camera, tenth);
    let all: Vec<_> = (0..10).map(|_| watch(&camera, tenth)).collect();
    for (at, told) in all.iter().enumerate() {
        let Tenth {
            median,
            worst,
            frames,
            held,
        } = told;
        println!(
            "{at}: {frames} frames, age {median:?} median, {worst:?} worst; files, threads, KiB: {held:?}"
        );
    }
    // A busy machine may be late with some.
    let (told, due) = (
        all.iter().map(|told| told.frames).sum::<usize>(),
        seconds * 30,
    );
    assert!(
        told * 2 > usize::try_from(due).expect("few"),
        "{told} of {due}"
    );
    let (first, last) = (&all[0], &all[9]);
    let (before, after) = (first.held, last.held);
    assert_eq!((before.0, before.1), (after.0, after.1));
    // A thousandth of the frames of an hour would be more.
    assert!(after.2 < before.2 + (4 << 10), "{before:?} {after:?}");
    assert!(last.median < first.median + Duration::from_millis(20));
}
