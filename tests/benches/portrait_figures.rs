//! What a look at the person costs while they sit, and a shot from the camera's bytes to the portrait
//! on disk: ours against OpenCV of Debian, and against HivisionIDPhotos as far as it can be run.
//!
//! ```text
//! apt-get install --no-install-recommends python3-opencv opencv-data
//! cargo bench --workspace --bench portrait_figures -- --shots 20 --rounds 7
//! ```
//!
//! Each side has one thread on one core, and is measured by the CPU time (user and system) that its
//! process used for N pictures and for 2N: the difference is N pictures without any start-up. The sides
//! take turns within a round, and the median round counts. A ratio below one means that ours is cheaper.
//! A side that finds no face, or misses the byte window, ends the run: nobody is fast by doing nothing.
//!
//! The face is the one real one of the tests (`fixtures/astronaut.png`), on a Full HD frame as a camera
//! gives it, and on its preview of 960 x 540.
//!
//! *Guidance* is a preview frame decoded and measured: ours once with the landmarks of the eyes alone
//! (what chooses a frame of a press), once with everything that the bands ask about, the crown by the
//! person mask among it; OpenCV's with its cascades for face and eyes (`portrait_figures/opencv.py`).
//!
//! *A shot* is all of it: decode, find the face, its eyes and the top of the hair, cut, scale, find the
//! quality for the byte window, write, decode again and judge. Ours is `portrait make` on a folder.
//!
//! HivisionIDPhotos publishes its weights for the person outside of the package registries. Its most
//! expensive step, the cut-out, is therefore run with a network of the same architecture and input as one of
//! those that it offers, with other weights (ISNet for RMBG-1.4), and once left out; its own face finder
//! (`mtcnn-runtime` of PyPI) and the rest of its published steps are run as they are
//! (`portrait_figures/hivision.py`). It has no crown by hair, no lower end of the byte window, and does not
//! read its file again.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the figures are the product")]
#![expect(clippy::print_stderr, reason = "what is missing is to be seen")]

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use likeness_tests::cpu;
use portrait::{Profile, compose, judge};
use simulator::still::encode_jpeg;
use station::desk::{Batch, portraits};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use vision::Analyst;

/// The one with Debian's packages, whatever else is called so.
const PYTHON: &str = "/usr/bin/python3";
const CASCADES: &str = "/usr/share/opencv4/haarcascades/haarcascade_eye.xml";
const CUTTER: &str = "tests/evaluate/cutter.py";
/// What HivisionIDPhotos needs, pinned.
const LIBRARIES: [&str; 5] = [
    "mtcnn-runtime==1.0.0",
    "onnxruntime==1.20.1",
    "opencv-python-headless==4.12.0.88",
    "numpy==2.2.6",
    "pillow==11.3.0",
];
/// The frame, how wide the square picture of the astronaut is on it, and where it begins from above: the
/// face is then an eighth of the frame wide, as before a booth's camera.
const FRAME: (u32, u32) = (1920, 1080);
const FACE_PICTURE: u32 = 1400;
const FACE_TOP: u32 = 120;
/// A look costs less than a shot.
const LOOKS_PER_SHOT: usize = 5;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--ours") {
        ours(&words[at + 1..]);
        return ExitCode::SUCCESS;
    }
    if !succeeds(Command::new(PYTHON).args(["-c", "import cv2"])) || !Path::new(CASCADES).exists() {
        eprintln!(
            "NOT MEASURED: python3-opencv or its cascades are missing. \
             apt-get install --no-install-recommends python3-opencv opencv-data"
        );
        return ExitCode::FAILURE;
    }
    let number = |name: &str, usual: usize| {
        let told = words.windows(2).find(|pair| pair[0] == name);
        told.map_or(usual, |pair| pair[1].parse().expect("a number"))
    };
    let (shots, rounds) = (number("--shots", 10), number("--rounds", 5));
    let bench = Bench::new(shots);
    println!("{shots} shots, {rounds} rounds; CPU milliseconds each, median round, one core:");
    let looks = shots * LOOKS_PER_SHOT;
    let opencv = |goal: &str| Side::Script(PYTHON.into(), "opencv.py", goal.to_owned());
    for (what, goal) in [
        ("guidance, the eyes", "eyes"),
        ("guidance, all that the bands ask", "bands"),
    ] {
        let sides = [("ours", Side::Ours(goal)), ("OpenCV", opencv("guidance"))];
        bench.compare(what, &sides, looks, rounds);
    }
    let mut sides = vec![("ours", Side::Ours("shot")), ("OpenCV", opencv("shot"))];
    if let Some(python) = hivision() {
        let cutter = cutter(&python);
        let mut side = |name, model: &str| {
            let script = Side::Script(python.clone(), "hivision.py", model.to_owned());
            sides.push((name, script));
        };
        side("HivisionIDPhotos without its cut-out", "none");
        match cutter {
            Some(model) => side("HivisionIDPhotos cut out by ISNet", &model),
            None => eprintln!("NOT MEASURED: the cut-out, {CUTTER} cannot fetch its network"),
        }
    } else {
        eprintln!("NOT MEASURED: HivisionIDPhotos, {LIBRARIES:?} cannot be installed");
    }
    bench.compare("a shot", &sides, shots, rounds);
    ExitCode::SUCCESS
}

fn succeeds(command: &mut Command) -> bool {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A Python with what HivisionIDPhotos needs, made where there is none yet.
fn hivision() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let home = root.join("target/figures/python");
    let python = home.join("bin/python");
    let is_whole = |python: &Path| {
        succeeds(Command::new(python).args(["-c", "import mtcnnruntime, cv2, PIL"]))
    };
    if !is_whole(&python) {
        let made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&home));
        let install = ["-m", "pip", "install", "--disable-pip-version-check"];
        let has = made && succeeds(Command::new(&python).args(install).args(LIBRARIES));
        return (has && is_whole(&python)).then_some(python);
    }
    Some(python)
}

/// The file of the network that cuts people out; downloaded where it is not there yet.
fn cutter(python: &Path) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let place = root.join("target/figures");
    let fetched = Command::new(python)
        .arg(root.join(CUTTER))
        .arg(&place)
        .output()
        .ok()?;
    let file = String::from_utf8(fetched.stdout).ok()?;
    fetched.status.success().then(|| file.trim().to_owned())
}

/// Who is measured.
enum Side {
    /// This program, for a goal.
    Ours(&'static str),
    /// An interpreter, its script, and the goal or the network that the script is told.
    Script(PathBuf, &'static str, String),
}

/// The pictures of a run.
struct Bench {
    dir: tempfile::TempDir,
}

const SHOT: &str = "frame.jpg";
const PREVIEW: &str = "preview.jpg";

impl Bench {
    fn new(shots: usize) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let frame = frame();
        let preview = imageops::resize(&frame, FRAME.0 / 2, FRAME.1 / 2, FilterType::Triangle);
        for (name, picture) in [(SHOT, &frame), (PREVIEW, &preview)] {
            let jpeg = encode_jpeg(picture).expect("a JPEG");
            println!("{name}: {} bytes", jpeg.len());
            std::fs::write(dir.path().join(name), jpeg).expect("written");
        }
        // A folder is made of one picture, so many times.
        for count in [shots, 2 * shots] {
            let folder = dir.path().join(format!("shots-{count}"));
            std::fs::create_dir(&folder).expect("a folder");
            for at in 0..count {
                let link = folder.join(format!("{at:04}.jpg"));
                std::fs::hard_link(dir.path().join(SHOT), link).expect("a link");
            }
        }
        Self { dir }
    }

    fn compare(&self, what: &str, sides: &[(&str, Side)], count: usize, rounds: usize) {
        let mut times = vec![Vec::new(); sides.len()];
        for _ in 0..rounds {
            for ((_, side), times) in sides.iter().zip(&mut times) {
                let [short, long] =
                    [1, 2].map(|part| cpu::seconds_of(self.command(side, count * part)));
                times.push((long - short) / count as f64 * 1000.0);
            }
        }
        let medians: Vec<f64> = times.into_iter().map(cpu::median).collect();
        let own = medians[0];
        print!("{what}: ours {own:.1}");
        for ((name, _), other) in sides.iter().zip(&medians).skip(1) {
            print!("; {name} {other:.1}, ratio {:.2}", own / other);
        }
        println!();
    }

    fn command(&self, side: &Side, count: usize) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", "0"]);
        let (dir, count) = (self.dir.path(), count.to_string());
        match side {
            Side::Ours(goal) => {
                let own = std::env::current_exe().expect("this program");
                command.arg(own).args(["--ours", goal, &count]).arg(dir);
            }
            Side::Script(python, script, goal) => {
                let scripts =
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/portrait_figures");
                command.arg(python).arg(scripts.join(script));
                command.arg(goal);
                let picture = if goal == "guidance" { PREVIEW } else { SHOT };
                command.arg(count).arg(dir.join(picture));
                command.arg(dir.join("theirs.jpg"));
            }
        }
        command
    }
}

/// The astronaut before a light blue cloth, in the middle of a Full HD frame.
fn frame() -> RgbImage {
    let face = include_bytes!("../fixtures/astronaut.png");
    let face = image::load_from_memory(face)
        .expect("a picture")
        .into_rgb8();
    let face = imageops::resize(&face, FACE_PICTURE, FACE_PICTURE, FilterType::CatmullRom);
    let mut frame = RgbImage::from_pixel(FRAME.0, FRAME.1, Rgb([100, 197, 255]));
    let left = (FRAME.0 - FACE_PICTURE) / 2;
    imageops::replace(&mut frame, &face, i64::from(left), i64::from(FACE_TOP));
    frame
}

/// What the child of [`Side::Ours`] does.
fn ours(words: &[String]) {
    let [goal, count, dir] = words else {
        panic!("--ours GOAL COUNT DIR");
    };
    let dir = Path::new(dir);
    if goal == "shot" {
        shoot(&dir.join(format!("shots-{count}")));
    } else {
        let count: usize = count.parse().expect("a number");
        look(&dir.join(PREVIEW), count, goal == "bands");
    }
}

fn shoot(pictures: &Path) {
    let out = tempfile::tempdir().expect("a folder");
    let batch = Batch::Make { out: out.path() };
    let mut go_on = |_: &_, _, _| ControlFlow::Continue(());
    let done = portraits(pictures, batch, "national", &mut go_on).expect("portraits");
    assert_eq!(done.passed, done.pictures, "{:?}", done.failed);
}

fn look(preview: &Path, count: usize, all: bool) {
    let analyst = Analyst::new().expect("the models");
    let profile = Profile::named("national").expect("the profile");
    for _ in 0..count {
        let bytes = std::fs::read(preview).expect("a preview");
        let picture = portrait::decode(&bytes).expect("a picture");
        if all {
            let found = analyst.analyse(&picture).expect("the models run");
            let face = found.geometry.expect("a face");
            let crop = compose(&profile, &face).expect("a crop");
            black_box(judge(&profile, &face.through(&crop), Some(&crop)));
        } else {
            black_box(
                analyst
                    .look(&picture)
                    .expect("the models run")
                    .expect("eyes"),
            );
        }
    }
}
