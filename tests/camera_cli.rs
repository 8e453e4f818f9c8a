//! `likeness-ctl camera` as a process of its own, on the simulated camera: what is set is kept
//! by camera, what did not take is named, and a drift since the calibration is told at the
//! bench and in a sitting. Each process finds the camera as it comes out of its box.

use likeness_tests::{Person, create_job, program};
use serde_json::Value;
use station::StationHome;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A station with a simulated camera, whose file can be changed.
struct Bench {
    dir: tempfile::TempDir,
    picture: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let picture = person().picture(dir.path());
        let bench = Self { dir, picture };
        bench.camera("");
        bench
    }

    /// The camera's file, with these lines beside its picture.
    fn camera(&self, lines: &str) {
        let picture = self.picture.file_name().expect("a name").to_string_lossy();
        let text = format!("picture = \"{picture}\"\n{lines}\n");
        std::fs::write(self.dir.path().join("camera.toml"), text).expect("the file is written");
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("station")
    }

    fn command(&self, words: &[&str]) -> Output {
        let mut command = Command::new(program());
        command.env("LIKENESS_STATION_DIR", self.home());
        command.args(["--json", "--lang", "en"]).args(words);
        command.output().expect("likeness-ctl runs")
    }

    /// `camera ...` on the simulated camera: exit status and the last line that was printed.
    fn run(&self, words: &[&str]) -> (Option<i32>, Value) {
        let camera = format!("still:{}", self.dir.path().join("camera.toml").display());
        let mut all = vec!["camera"];
        all.extend(words);
        all.extend(["--camera", &camera]);
        let output = self.command(&all);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let last = text.lines().last().unwrap_or_default();
        (
            output.status.code(),
            serde_json::from_str(last).unwrap_or(Value::Null),
        )
    }
}

fn person() -> Person {
    Person::new("2024001", "安娜·试验", "一班")
}

fn control<'a>(report: &'a Value, name: &str) -> &'a Value {
    let controls = report["controls"].as_array().expect("a list of controls");
    let found = controls.iter().find(|line| line["control"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {report}"))
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("a list of findings");
    let codes = findings.iter().map(|finding| finding["code"].as_str());
    codes.map(|code| code.expect("a code")).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

#[test]
fn controls_are_told_with_their_ranges() {
    let bench = Bench::new();
    let (status, report) = bench.run(&["controls"]);
    assert_eq!(status, Some(0), "{report}");
    let exposure = control(&report, "exposure");
    assert_eq!(
        (&exposure["min"], &exposure["max"]),
        (&3.into(), &2047.into())
    );
    assert_eq!(exposure["governed"], true);
    assert_eq!(control(&report, "power-line")["offers"][1], "1 50 Hz");
    // A folder's camera is set on the camera.
    let folder = format!("folder:{}", bench.dir.path().display());
    let output = bench.command(&["camera", "controls", "--camera", &folder]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("camera-controls-none"));
    assert_eq!(bench.command(&["camera", "list"]).status.code(), Some(0));
}

#[test]
fn what_is_set_is_kept_for_the_camera_and_what_did_not_take_is_named() {
    let bench = Bench::new();
    let (status, report) = bench.run(&["set", "exposure=200", "power-line=50hz"]);
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(control(&report, "exposure")["value"], 200);
    assert_eq!(control(&report, "exposure-auto")["value"], 0);
    let (_, later) = bench.run(&["controls"]);
    assert_eq!(control(&later, "exposure")["kept"], 200);
    assert_eq!(control(&later, "power-line")["kept"], 1);

    let (status, report) = bench.run(&["set", "gain=9999"]);
    assert_eq!((status, codes(&report)), (Some(1), vec!["control-clamped"]));
    let gain = control(&report, "gain").clone();
    assert_eq!(gain["kept"], gain["max"], "the value that stands is kept");
    bench.camera("deaf_control = \"gain\"");
    let (status, report) = bench.run(&["set", "gain=7"]);
    assert_eq!(
        (status, codes(&report)),
        (Some(1), vec!["control-not-taken"])
    );
    let (_, later) = bench.run(&["controls"]);
    assert_eq!(control(&later, "gain")["kept"], gain["max"], "as before");
    let (status, _) = bench.run(&["set", "shutter=1"]);
    assert_eq!(status, Some(2), "no such name");
}

#[test]
fn a_drift_since_the_calibration_is_named_in_stops_and_in_colour() {
    let bench = Bench::new();
    let (status, refused) = bench.run(&["check"]);
    assert_eq!(status, Some(1));
    assert_eq!(refused["code"], "camera-uncalibrated");

    let (status, locked) = bench.run(&["lock"]);
    assert_eq!(status, Some(0), "{locked}");
    for automatic in ["exposure-auto", "white-balance-auto"] {
        assert_eq!(control(&locked, automatic)["kept"], 0);
    }
    // Nobody sits there, so there is nothing to lock the focus on.
    assert_eq!(control(&locked, "focus-auto")["kept"], 1);
    assert_eq!(control(&locked, "exposure")["kept"], 156);
    assert_eq!(locked["reference"]["region"], "backdrop");
    let (status, same) = bench.run(&["check"]);
    assert_eq!((status, codes(&same)), (Some(0), vec![]), "{same}");

    bench.camera("light_stops = -0.6");
    let (status, darker) = bench.run(&["check"]);
    assert_eq!((status, codes(&darker)), (Some(1), vec!["camera-drift"]));
    let stops = number(&darker["drift"]["stops"]);
    assert!((stops + 0.6).abs() < 0.08, "{darker}");
    assert!(number(&darker["drift"]["delta_e"]) < 2.0, "{darker}");

    bench.camera("light_kelvin = 3300");
    let (status, warmer) = bench.run(&["check"]);
    assert_eq!((status, codes(&warmer)), (Some(1), vec!["camera-drift"]));
    assert!(number(&warmer["drift"]["delta_e"]) > 4.0, "{warmer}");

    // What the camera forgot is set again, and what it does not take is told.
    bench.camera("deaf_control = \"white-balance-auto\"");
    let (status, deaf) = bench.run(&["check"]);
    assert_eq!(status, Some(1), "{deaf}");
    assert!(codes(&deaf).contains(&"control-not-taken"), "{deaf}");

    // Other values, other reference.
    bench.camera("");
    assert_eq!(bench.run(&["set", "brightness=140"]).0, Some(0));
    assert_eq!(bench.run(&["check"]).1["code"], "camera-uncalibrated");
}

#[test]
fn settings_that_contradict_each_other_are_told() {
    let bench = Bench::new();
    let told = |words: &[&str]| {
        let (status, report) = bench.run(&[&["set"], words].concat());
        let detail = report["findings"][0]["detail"].as_str().map(str::to_owned);
        (status, codes(&report).concat(), detail)
    };
    let overruled = |detail: &str| {
        let code = "control-overruled".to_owned();
        (Some(1), code, Some(detail.to_owned()))
    };
    let (value, auto) = ("exposure=300", "exposure-auto=on");
    assert_eq!(told(&[auto, value]), overruled("exposure-auto=1"));
    assert_eq!(told(&[value, auto]), overruled("exposure=300"));
    assert_eq!(told(&["exposure-auto=off", value]).0, Some(0));
}

/// Nobody waits for the light to settle in a picture that does not move.
#[test]
fn a_frozen_picture_is_named_at_the_calibration() {
    let bench = Bench::new();
    bench.camera("freeze_after_ms = 700");
    let (status, report) = bench.run(&["lock", "--wait", "6"]);
    assert_eq!(status, Some(3), "{report}");
    assert_eq!(report["code"], "camera-not-ready", "{report}");
    assert_eq!(report["detail"], "camera-frozen", "{report}");
    bench.camera("");
    assert_eq!(bench.run(&["check"]).1["code"], "camera-uncalibrated");
}

#[test]
fn a_camera_that_cannot_be_locked_is_not_calibrated() {
    let bench = Bench::new();
    bench.camera("deaf_control = \"exposure-auto\"");
    let (status, report) = bench.run(&["lock"]);
    assert_eq!(status, Some(1), "{report}");
    assert!(codes(&report).contains(&"control-not-taken"), "{report}");
    bench.camera("");
    assert_eq!(bench.run(&["check"]).1["code"], "camera-uncalibrated");
    // A face is no grey card.
    let (status, report) = bench.run(&["lock", "--region", "centre"]);
    assert_eq!(status, Some(1));
    assert_eq!(report["code"], "camera-reference-unusable", "{report}");
}

#[test]
fn the_jobs_own_calibration_warns_in_a_sitting_and_refuses_nobody() {
    let bench = Bench::new();
    let job = bench.dir.path().join("job");
    create_job(&StationHome::at(bench.home()), &job, &[person()]);
    let job = job.to_string_lossy().into_owned();
    let (status, locked) = bench.run(&["lock", "--job", &job]);
    assert_eq!(status, Some(0), "{locked}");

    bench.camera("light_stops = -0.35");
    let told = sit(&bench, &job);
    let notes: Vec<&Value> = told
        .iter()
        .filter(|line| line["event"] == "camera-note")
        .collect();
    assert_eq!(notes.len(), 1, "{told:?}");
    assert_eq!(notes[0]["code"], "camera-drift");
    assert!(
        notes[0]["detail"]
            .as_str()
            .is_some_and(|text| text.contains("-0.3")),
        "{notes:?}"
    );
    let end = told.iter().find(|line| line["event"] == "end");
    let end = end.expect("the sitting ends");
    assert_eq!(end["outcome"], "filed", "{end}");
    // The record knows which camera it was and what it was set to.
    let listed = bench.command(&["record", "list", &job]);
    let record: Value = serde_json::from_slice(&listed.stdout).expect("one record");
    assert!(record["camera"].as_str().is_some_and(|id| !id.is_empty()));
    let controls = record["controls"].as_str().expect("what it was set to");
    for name in ["exposure", "white-balance", "gain"] {
        let set = format!("{name}={}", control(&locked, name)["value"]);
        let is_told = controls.split(' ').any(|word| word == set);
        assert!(is_told, "{set} in {controls}");
    }
    assert!(controls.contains("focus=auto:"), "{controls}");

    let other = bench.dir.path().join("other");
    create_job(&StationHome::at(bench.home()), &other, &[person()]);
    let told = sit(&bench, &other.to_string_lossy());
    let notes = told.iter().filter(|line| line["event"] == "camera-note");
    let codes: Vec<&Value> = notes.map(|line| &line["code"]).collect();
    assert_eq!(codes, ["calibration-of-another-job"]);
}

/// One unattended sitting: what it told, line by line.
fn sit(bench: &Bench, job: &str) -> Vec<Value> {
    let document = person().document(bench.dir.path(), "20400101", &[]);
    let reader = format!("simulated:{}", document.display());
    let camera = format!(
        "still:{}",
        Path::new(bench.dir.path()).join("camera.toml").display()
    );
    let output = bench.command(&[
        "sit", job, "--reader", &reader, "--camera", &camera, "--auto",
    ]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().map(serde_json::from_str);
    lines.map(|line| line.expect("JSON")).collect()
}

/// What was typed in the wrong place is somebody's file, and the job itself in the worst case.
#[test]
fn the_clock_code_takes_the_place_of_no_file() {
    let bench = Bench::new();
    let job = bench.dir.path().join("job");
    create_job(&StationHome::at(bench.home()), &job, &[person()]);
    let pictures = bench.dir.path().join("tethered");
    std::fs::create_dir(&pictures).expect("a folder");
    let camera = format!("folder:{}", pictures.display());
    let job_text = job.to_string_lossy().into_owned();
    let measure = |code: &Path| {
        let code = code.to_string_lossy().into_owned();
        let words = ["camera", "clock", &job_text, "--camera", &camera];
        let output = bench.command(&[&words[..], &["--code", &code, "--wait", "1"]].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told: Value = serde_json::from_str(text.trim()).expect("JSON");
        (
            output.status.code(),
            told["code"].as_str().map(str::to_owned),
        )
    };
    let database = job.join("job.db");
    let before = std::fs::read(&database).expect("the job");
    assert_eq!(measure(&database), (Some(1), Some("target-exists".into())));
    assert_eq!(std::fs::read(&database).expect("the job"), before);
    // Its own picture is gone at the end.
    let code = bench.dir.path().join("code.png");
    for _ in 0..2 {
        assert_eq!(measure(&code), (Some(1), Some("clock-no-picture".into())));
        assert!(!code.exists());
    }
}

#[test]
fn a_reader_that_has_gone_is_no_panic() {
    let mut command = Command::new(program());
    command.arg("codes").stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("likeness-ctl runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(3));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}
