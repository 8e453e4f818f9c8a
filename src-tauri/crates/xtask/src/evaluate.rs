//! `evaluate portrait DIR`: how many pictures become portraits by the standard, why the
//! others do not, and what somebody else measures on the portraits.
//!
//! The second opinion is a script with libraries that have nothing of ours: the landmarks
//! of dlib from PyPI and a network that cuts people out, from npm, in an environment of their own.

use crate::step::{cargo, run_and_show, timed};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SCRIPT: &str = "tests/evaluate/remeasure.py";
const CUTTER: &str = "tests/evaluate/cutter.py";
/// Pinned; the landmarks' weights are for evaluation and never shipped.
const LIBRARIES: [&str; 6] = [
    "numpy==2.2.6",
    "opencv-python-headless==4.12.0.88",
    "dlib-bin==20.0.1",
    "face-recognition-models==0.3.0",
    "onnxruntime==1.32.0",
    "setuptools==80.9.0",
];

/// Makes portraits of every picture of `dir`, and of each of its folders apart, and measures
/// them again.
pub(crate) fn portrait(root: &Path, dir: &Path) -> Result<(), String> {
    let sets = sets(dir)?;
    timed("likeness-ctl", || {
        let words = ["build", "--workspace", "--bin", "likeness-ctl"];
        run_and_show(&mut cargo(root, &words))
    })?;
    let place = root.join("target/evaluate");
    fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    let python = timed("a second opinion", || second_opinion(&place));
    for set in sets {
        let name = set.file_name().unwrap_or_default().to_string_lossy();
        let out = place.join(format!("{name}-portraits"));
        let lines = place.join(format!("{name}.jsonl"));
        timed(&format!("portraits of {name}"), || {
            if out.exists() {
                fs::remove_dir_all(&out).map_err(|error| error.to_string())?;
            }
            make(root, &set, &out, &lines)
        })?;
        match &python {
            Ok(python) => run_and_show(Command::new(python).current_dir(root).arg(SCRIPT).args([
                &lines,
                &out,
                &place.join("isnet.onnx"),
            ]))?,
            Err(_) => println!("    {}", last_line(&lines)),
        }
        println!(
            "    what failed, with pictures: {}",
            out.join("contact-sheet.html").display()
        );
    }
    python
        .map(drop)
        .map_err(|why| format!("the portraits were NOT measured again by anybody else: {why}"))
}

/// The folder itself where it has pictures, and each folder in it that has.
fn sets(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let mut sets = vec![dir.to_owned()];
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut inner: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    inner.sort();
    sets.extend(inner);
    sets.retain(|set| has_pictures(set));
    if sets.is_empty() {
        return Err(format!("no JPEG or PNG lies in {}", dir.display()));
    }
    sets.iter()
        .map(|set| fs::canonicalize(set).map_err(|error| error.to_string()))
        .collect()
}

fn has_pictures(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        ending.is_some_and(|ending| ["jpg", "jpeg", "png"].iter().any(|known| ending == *known))
    })
}

/// One JSON line a picture, and one for all. That some fail is what is asked about.
fn make(root: &Path, set: &Path, out: &Path, lines: &Path) -> Result<(), String> {
    let file = fs::File::create(lines).map_err(|error| error.to_string())?;
    let status = Command::new(root.join("target/debug/likeness-ctl"))
        .args(["--json", "portrait", "make"])
        .args([set, out])
        .stdin(Stdio::null())
        .stdout(file)
        .status()
        .map_err(|error| error.to_string())?;
    match status.code() {
        Some(0 | 1) if lines.metadata().is_ok_and(|about| about.len() > 0) => Ok(()),
        _ => Err(format!(
            "likeness-ctl ended with {status}: {}",
            last_line(lines)
        )),
    }
}

fn last_line(lines: &Path) -> String {
    let text = fs::read_to_string(lines).unwrap_or_default();
    text.lines().last().unwrap_or_default().to_owned()
}

/// A Python with the libraries, made where there is none yet.
fn second_opinion(place: &Path) -> Result<PathBuf, String> {
    let home = place.join("python");
    let python = home.join("bin/python");
    let has_all = |python: &Path| {
        let mut asked = Command::new(python);
        let asked = asked.args([
            "-c",
            "import cv2, dlib, numpy, face_recognition_models, onnxruntime",
        ]);
        asked
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    if !has_all(&python) {
        run_and_show(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        let mut install = Command::new(&python);
        install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        run_and_show(install.args(LIBRARIES))?;
    }
    if !has_all(&python) {
        return Err("the libraries cannot be loaded".to_owned());
    }
    if let Err(why) = run_and_show(Command::new(&python).arg(CUTTER).arg(place)) {
        println!("    the top of the hair is NOT measured again: {why}");
    }
    Ok(python)
}
