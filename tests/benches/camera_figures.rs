//! What a Full HD frame costs: to be shown as a preview, and to be handed to the analysis,
//! ours against FFmpeg and OpenCV of Debian in the same run.
//!
//! ```text
//! apt-get install --no-install-recommends ffmpeg python3-opencv
//! cargo bench --workspace --bench camera_figures -- --frames 200 --rounds 7
//! ```
//!
//! The frames are drawn subjects, as MJPEG and as YUYV. Each side has one thread and is measured by the
//! CPU time (user and system) that its process used for N frames and for 2N: the difference is N
//! frames without any start-up. The sides take turns within a round, and the median round counts.
//! A ratio below one means that ours is cheaper.
//!
//! *Preview* is the frame as RGB of 960 x 540 pixels; *analysis* is what the face models cut from,
//! the whole frame as RGB and halved for as long as that is of use (here once, to 960 x 540 too). A
//! Full HD JPEG of a real camera is not decoded for the preview at all: it passes through.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the figures are the product")]
#![expect(clippy::print_stderr, reason = "what is missing is to be seen")]

use image::RgbImage;
use likeness_tests::cpu;
use portrait::{Raster, shrink};
use simulator::still::encode_jpeg;
use simulator::subject::Subject;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const SIZE: (u32, u32) = (1920, 1080);
const SMALL: u32 = 960;
/// Different frames of a file; longer runs repeat them.
const DRAWN: usize = 8;
/// The one with Debian's packages, whatever else is called so.
const PYTHON: &str = "/usr/bin/python3";

#[derive(Clone, Copy)]
enum Pixels {
    Mjpeg,
    Yuyv,
}

#[derive(Clone, Copy)]
enum Goal {
    Preview,
    Analysis,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--ours") {
        ours(&words[at + 1..]);
        return ExitCode::SUCCESS;
    }
    if !is_there("ffmpeg", &["-version"]) || !is_there(PYTHON, &["-c", "import cv2"]) {
        eprintln!(
            "NOT MEASURED: ffmpeg or python3-opencv is missing. \
             apt-get install --no-install-recommends ffmpeg python3-opencv"
        );
        return ExitCode::FAILURE;
    }
    let number = |name: &str, usual: usize| {
        let told = words.windows(2).find(|pair| pair[0] == name);
        told.map_or(usual, |pair| pair[1].parse().expect("a number"))
    };
    measure(number("--frames", 100), number("--rounds", 5));
    ExitCode::SUCCESS
}

fn is_there(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn measure(frames: usize, rounds: usize) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let drawn: Vec<RgbImage> = (0..DRAWN as u32)
        .map(|at| Subject::numbered(at + 1).draw(SIZE.0, SIZE.1, at))
        .collect();
    let jpegs: Vec<Vec<u8>> = drawn
        .iter()
        .map(|one| encode_jpeg(one).expect("small"))
        .collect();
    let mean = jpegs.iter().map(Vec::len).sum::<usize>() / jpegs.len();
    println!("{frames} frames of 1920 x 1080, {rounds} rounds; a JPEG has {mean} bytes (4:2:0)");
    println!("CPU milliseconds a frame, median round:");
    for pixels in [Pixels::Mjpeg, Pixels::Yuyv] {
        let all: Vec<Vec<u8>> = match pixels {
            Pixels::Mjpeg => jpegs.clone(),
            Pixels::Yuyv => drawn.iter().map(yuyv).collect(),
        };
        for (at, frame) in all.iter().enumerate() {
            let file = dir.path().join(format!("{}-{at}", pixels.name()));
            std::fs::write(file, frame).expect("written");
        }
        let together = dir.path().join(format!("{}-all", pixels.name()));
        std::fs::write(together, all.concat()).expect("written");
        for goal in [Goal::Preview, Goal::Analysis] {
            compare(dir.path(), pixels, goal, frames, rounds);
        }
    }
}

type Side = fn(&Path, Pixels, Goal, usize) -> Command;

fn compare(dir: &Path, pixels: Pixels, goal: Goal, frames: usize, rounds: usize) {
    let mut sides: Vec<(&str, Side)> = vec![
        ("ours", own_command),
        ("FFmpeg", ffmpeg),
        ("OpenCV", opencv),
    ];
    if matches!((pixels, goal), (Pixels::Mjpeg, Goal::Preview)) {
        sides.push(("OpenCV at half size", opencv_reduced));
    }
    let mut times = vec![Vec::new(); sides.len()];
    for _ in 0..rounds {
        for ((_, side), times) in sides.iter().zip(&mut times) {
            let [short, long] =
                [1, 2].map(|part| cpu::seconds_of(side(dir, pixels, goal, frames * part)));
            times.push((long - short) / frames as f64 * 1000.0);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(cpu::median).collect();
    let own = medians[0];
    print!("{} to {}: ours {own:.2}", pixels.name(), goal.name());
    for ((name, _), other) in sides.iter().zip(&medians).skip(1) {
        print!("; {name} {other:.2}, ratio {:.2}", own / other);
    }
    println!();
}

// --- the sides: each reads its frames from the page cache, one after the other -----------------

fn own_command(dir: &Path, pixels: Pixels, goal: Goal, frames: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--ours", pixels.name(), goal.name(), &frames.to_string()]);
    command.arg(dir);
    command
}

/// What the child of [`own_command`] does.
fn ours(words: &[String]) {
    let [pixels, goal, frames, dir] = words else {
        panic!("--ours PIXELS GOAL FRAMES DIR");
    };
    let frames: usize = frames.parse().expect("a number");
    let files: Vec<PathBuf> = files(Path::new(dir), pixels);
    for file in files.iter().cycle().take(frames) {
        let bytes = std::fs::read(file).expect("a frame");
        let whole: Raster = if pixels == Pixels::Yuyv.name() {
            portrait::decode_yuyv(&bytes, SIZE.0, SIZE.1).expect("pixels")
        } else {
            portrait::decode(&bytes).expect("a picture")
        };
        black_box(shrink(&whole, SMALL).expect("smaller"));
        if goal == Goal::Analysis.name() {
            black_box(&whole);
        }
    }
}

fn files(dir: &Path, pixels: &str) -> Vec<PathBuf> {
    (0..DRAWN)
        .map(|at| dir.join(format!("{pixels}-{at}")))
        .collect()
}

fn ffmpeg(dir: &Path, pixels: Pixels, goal: Goal, frames: usize) -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-threads", "1", "-filter_threads", "1"]);
    command.args(["-filter_complex_threads", "1", "-stream_loop", "-1"]);
    match pixels {
        Pixels::Mjpeg => command.args(["-f", "mjpeg"]),
        Pixels::Yuyv => command.args(["-f", "rawvideo", "-pix_fmt", "yuyv422", "-s", "1920x1080"]),
    };
    let count = frames.to_string();
    command
        .arg("-i")
        .arg(dir.join(format!("{}-all", pixels.name())));
    let small = "scale=960:540:flags=bilinear,format=rgb24";
    // A file that is begun again counts on, as a camera does.
    let count_on = "setpts=N/25/TB";
    match goal {
        Goal::Preview => {
            let chain = format!("{count_on},{small}");
            command.args(["-vf", &chain, "-frames:v", &count, "-f", "null", "-"])
        }
        Goal::Analysis => {
            let both = format!(
                "{count_on},scale=flags=bilinear,format=rgb24,split[whole][copy];[copy]{small}[small]"
            );
            command.args(["-filter_complex", &both]);
            command.args(["-map", "[whole]", "-frames:v", &count, "-f", "null", "-"]);
            command.args(["-map", "[small]", "-frames:v", &count, "-f", "null", "-"])
        }
    };
    command
}

const OPENCV: &str = "
import sys, cv2, numpy
pixels, frames, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
cv2.setNumThreads(1)
for at in range(frames):
    data = numpy.fromfile(files[at % len(files)], dtype=numpy.uint8)
    if pixels == 'yuyv':
        whole = cv2.cvtColor(data.reshape(1080, 1920, 2), cv2.COLOR_YUV2RGB_YUYV)
    else:
        whole = cv2.imdecode(data, cv2.IMREAD_COLOR)
    small = cv2.resize(whole, (960, 540), interpolation=cv2.INTER_AREA)
";

fn opencv(dir: &Path, pixels: Pixels, _goal: Goal, frames: usize) -> Command {
    let mut command = Command::new(PYTHON);
    command.args(["-c", OPENCV, pixels.name(), &frames.to_string()]);
    command.args(files(dir, pixels.name()));
    command
}

/// Decoded at half size, which saves most of the inverse transform: what ours has not.
fn opencv_reduced(dir: &Path, pixels: Pixels, _goal: Goal, frames: usize) -> Command {
    let script = OPENCV
        .replace("IMREAD_COLOR", "IMREAD_REDUCED_COLOR_2")
        .replace(
            "small = cv2.resize(whole, (960, 540), interpolation=cv2.INTER_AREA)",
            "pass",
        );
    let mut command = Command::new(PYTHON);
    command.args(["-c", &script, pixels.name(), &frames.to_string()]);
    command.args(files(dir, pixels.name()));
    command
}

impl Pixels {
    const fn name(self) -> &'static str {
        match self {
            Self::Mjpeg => "mjpeg",
            Self::Yuyv => "yuyv",
        }
    }
}

impl Goal {
    const fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Analysis => "analysis",
        }
    }
}

/// BT.601 in studio range, two pixels sharing their colour.
fn yuyv(picture: &RgbImage) -> Vec<u8> {
    let pixels: Vec<[f64; 3]> = picture
        .pixels()
        .map(|pixel| {
            let [r, g, b] = pixel.0.map(f64::from);
            let luma = 0.299 * r + 0.587 * g + 0.114 * b;
            [
                16.0 + luma * 219.0 / 255.0,
                128.0 + (b - luma) / 1.772 * 224.0 / 255.0,
                128.0 + (r - luma) / 1.402 * 224.0 / 255.0,
            ]
        })
        .collect();
    pixels
        .chunks_exact(2)
        .flat_map(|pair| {
            let mean = |at: usize| f64::midpoint(pair[0][at], pair[1][at]).round() as u8;
            [
                pair[0][0].round() as u8,
                mean(1),
                pair[1][0].round() as u8,
                mean(2),
            ]
        })
        .collect()
}
