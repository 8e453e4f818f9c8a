//! The open booth's own camera as the window has it: its controls and its calibration, for which it makes
//! room and comes back calibrated; and what is seen in its living picture while somebody sits.

use likeness_tests::{Person, create_job_of, repaint, standard_with_copies};
use station::view::{BoothView, CameraPanel, NudgeStep, ReviewView, Wish};
use station::{ControlLine, Region, Station, StationHome};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
/// The looks at the living picture yield to everything else, so on a busy machine they take their time.
const PATIENCE_LOOKS: Duration = Duration::from_secs(100);
/// So often somebody sits down again where the camera was lost: the simulated one streams from a thread
/// that a busy machine may starve for the 460 ms of its heartbeat, and then the sitting is rightly void.
/// Whatever else goes wrong fails at once, so that no fault of ours hides behind another try.
const SITTINGS_MAX: usize = 5;

/// A station with an open booth: an empty tray for a reader, a picture for a camera.
struct Rig {
    dir: tempfile::TempDir,
    person: Person,
    station: Arc<Station>,
    runtime: tokio::runtime::Runtime,
}

impl Rig {
    fn open() -> Self {
        Self::of(|_| "national-60kb".to_owned(), |seen, _| seen)
    }

    /// A job of another photo standard, written into the folder.
    fn of_standard(standard: impl Fn(&Path) -> String) -> Self {
        Self::of(standard, |seen, _| seen)
    }

    /// The person before a cloth that is painted anew, from its colour and how far right it is, 0 to 1.
    fn before(paint: impl Fn([u8; 3], f32) -> [u8; 3]) -> Self {
        Self::of(|_| "national-60kb".to_owned(), paint)
    }

    fn of(standard: impl Fn(&Path) -> String, paint: impl Fn([u8; 3], f32) -> [u8; 3]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let person = Person::new("2024001", "安娜·试验", "一班");
        let home = StationHome::at(dir.path().join("station"));
        let job = dir.path().join("job");
        let people = std::slice::from_ref(&person);
        create_job_of(&home, &job, people, &standard(dir.path()));
        std::fs::create_dir(dir.path().join("tray")).expect("a folder");
        let station = Arc::new(Station::new(home, None));
        station.open_job(&job).expect("the job opens");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let rig = Self {
            dir,
            person,
            station,
            runtime,
        };
        let picture = rig.person.picture(rig.dir.path());
        repaint(&picture, paint);
        rig.choose(&format!("still:{}", picture.display()));
        rig.station.open_booth("tester").expect("the booth opens");
        rig.until(|view| view.live);
        rig
    }

    fn choose(&self, camera: &str) {
        let reader = format!("simulated:{}", self.dir.path().join("tray").display());
        let chosen = self.station.choose_devices(&reader, camera, None);
        chosen.expect("chosen");
    }

    fn view(&self) -> Arc<BoothView> {
        self.runtime.block_on(self.station.view(0)).expect("a view")
    }

    fn until(&self, is_so: impl Fn(&BoothView) -> bool) {
        let begun = Instant::now();
        while !is_so(&self.view()) {
            assert!(begun.elapsed() < PATIENCE, "{}", self.view().state.code);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it is so; nothing where the camera was lost meanwhile.
    fn comes_to(&self, is_so: impl Fn(&BoothView) -> bool) -> Option<Arc<BoothView>> {
        let begun = Instant::now();
        loop {
            let view = self.view();
            if is_so(&view) {
                return Some(view);
            }
            if view.state.code == "camera-lost" {
                return None;
            }
            let stays = begun.elapsed() > PATIENCE_LOOKS;
            assert!(!stays, "it stays at {}", view.state.code);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The person lays their document down.
    fn come(&self) {
        let document = self.person.document(self.dir.path(), "20400101", &[]);
        let there = self.dir.path().join("tray/document.toml");
        std::fs::copy(document, there).expect("laid down");
    }

    fn panel(&self) -> CameraPanel {
        self.station.camera_panel().expect("controls")
    }

    fn control(&self, name: &str) -> ControlLine {
        let lines = self.panel().controls.controls;
        let found = lines.into_iter().find(|line| line.control == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }
}

#[test]
fn a_control_is_set_on_the_booths_own_camera_and_read_back() {
    let rig = Rig::open();
    assert_eq!(rig.control("exposure-auto").value, 1, "as out of its box");
    let set = rig.station.set_control("power-line", 2).expect("set");
    assert!(set.ok);
    let line = rig.control("power-line");
    assert_eq!((line.value, line.kept), (2, Some(2)));
    // Out of its range: the nearest, and told.
    let set = rig.station.set_control("gain", 1_000_000).expect("set");
    assert!(!set.ok);
    assert_eq!(set.findings[0].code, "control-clamped");
    let line = rig.control("gain");
    assert_eq!(Some(line.value), line.max);
    let unknown = rig.station.set_control("shutter", 1).expect_err("unknown");
    assert_eq!(unknown.code(), "control-missing");
    assert!(rig.view().open, "the booth stayed open");
}

#[test]
fn a_calibration_makes_room_locks_and_opens_the_booth_again() {
    let rig = Rig::open();
    assert!(rig.panel().calibration.is_none());
    let locked = rig.station.calibrate(Region::Backdrop).expect("calibrated");
    assert!(locked.ok, "{:?}", locked.findings);
    let view = rig.view();
    assert!(view.open && view.live, "it streams again");
    let calibration = rig.panel().calibration.expect("calibrated");
    assert_eq!(calibration.region, "backdrop");
    assert!(!calibration.other_job);
    for automatic in ["exposure-auto", "white-balance-auto"] {
        assert_eq!(rig.control(automatic).value, 0, "{automatic}");
    }
    let focus = rig.control("focus-auto").value;
    assert_eq!(focus, 1, "an empty chair is no place to focus on");
    // A value by hand: the colour that was measured counts no more.
    rig.station.set_control("exposure", 100).expect("set");
    assert!(rig.panel().calibration.is_none());
}

#[test]
fn a_cancelled_calibration_keeps_nothing_and_opens_the_booth_again() {
    let rig = Rig::open();
    let station = Arc::clone(&rig.station);
    let calibrating = std::thread::spawn(move || station.calibrate(Region::Backdrop));
    let begun = Instant::now();
    let settles = || {
        let work = rig.runtime.block_on(rig.station.work(0));
        work.kind.as_deref() == Some("calibrate") && work.done == 1
    };
    while !settles() {
        assert!(begun.elapsed() < PATIENCE, "it does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    rig.station.cancel_work();
    let refused = calibrating
        .join()
        .expect("no panic")
        .expect_err("cancelled");
    assert_eq!(refused.code(), "work-cancelled");
    rig.until(|view| view.open && view.live);
    assert!(rig.panel().calibration.is_none());
    assert_eq!(rig.control("exposure-auto").kept, None);
}

#[test]
fn nothing_is_set_while_somebody_sits() {
    let rig = Rig::open();
    rig.come();
    rig.until(|view| view.stage == "seated");
    let set = rig.station.set_control("gain", 4).expect_err("refused");
    assert_eq!(set.code(), "booth-occupied");
    let locked = rig.station.calibrate(Region::Backdrop);
    assert_eq!(locked.expect_err("refused").code(), "booth-occupied");
    assert_eq!(rig.view().stage, "seated", "the sitting goes on");
    assert_eq!(rig.control("gain").kept, None);
}

#[test]
fn a_source_without_controls_says_so() {
    let rig = Rig::open();
    rig.station.close_booth().expect("closed");
    let folder = rig.dir.path().join("tray");
    rig.choose(&format!("folder:{}", folder.display()));
    let none = rig.station.camera_panel().expect_err("none");
    assert_eq!(none.code(), "camera-controls-none");
    let locked = rig.station.calibrate(Region::Backdrop).expect_err("none");
    assert_eq!(locked.code(), "camera-controls-none");
}

/// Plays a sitting, and again from the beginning where the machine starved.
fn in_one_of_some_sittings(play: impl Fn(&Rig) -> Option<()>) {
    in_sittings_of(Rig::open, play);
}

fn in_sittings_of(open: impl Fn() -> Rig, play: impl Fn(&Rig) -> Option<()>) {
    let is_played = (0..SITTINGS_MAX).any(|_| {
        let rig = open();
        rig.come();
        play(&rig).is_some()
    });
    assert!(is_played, "it came true in none of {SITTINGS_MAX} sittings");
}

#[test]
fn the_cut_is_moved_by_hand_up_to_a_band_and_what_is_seen_is_filed() {
    in_sittings_of(|| Rig::of_standard(standard_with_copies), cut_by_hand);
}

fn cut_by_hand(rig: &Rig) -> Option<()> {
    rig.comes_to(|view| view.stage == "seated")?;
    rig.station.wish(Wish::Expose).expect("pressed");
    let before = rig.comes_to(|view| view.review.is_some())?.review.clone()?;
    // The standard allows a copy: it is made anew with each cut, and belongs to that cut alone.
    let copy = |review: &ReviewView| review.copy.clone().and_then(|copy| copy.picture);
    let copy_before = copy(&before)?;
    assert!(rig.station.picture(&copy_before).is_ok());
    let crown = |review: &ReviewView| review.measures.expect("measures").crown_px;
    let down = |before: &ReviewView| {
        let step = NudgeStep::Down;
        rig.station.wish(Wish::Nudge { step }).expect("a step");
        let is_new = |review: &ReviewView| {
            review.token != before.token || (review.stopped.is_some() && before.stopped.is_none())
        };
        let view = rig.comes_to(|view| view.review.as_ref().is_some_and(is_new))?;
        view.review.clone()
    };
    let mut now = down(&before)?;
    assert!(
        (crown(&now) - crown(&before) - 4.0).abs() < 0.01,
        "one step"
    );
    assert_eq!(now.stopped, None);
    let gone = rig.station.picture(&before.portrait).is_err();
    assert!(gone, "what is not shown any more is gone");
    assert!(rig.station.picture(&copy_before).is_err(), "and its copy");
    assert_ne!(copy(&now)?, copy_before);
    for _ in 0..40 {
        if now.stopped.is_some() {
            break;
        }
        now = down(&now)?;
    }
    let stopped = now.stopped.clone().unwrap_or_default();
    assert!(["crown-out-of-band", "eye-line-out-of-band"].contains(&stopped.as_str()));
    let (bands, measures) = (rig.view().bands.clone(), now.measures?);
    assert!(f64::from(measures.crown_px) <= bands.crown.max);
    assert!(f64::from(measures.eye_line_px) <= bands.eye_line.max);
    // The very bytes that are seen are filed.
    let seen = rig.station.picture(&now.portrait).ok()?.bytes;
    let seen_copy = rig.station.picture(&copy(&now)?).ok()?.bytes;
    let token = now.token;
    rig.station.wish(Wish::Accept { token }).expect("accepted");
    let is_filed = |view: &BoothView| view.end.as_ref().is_some_and(|end| end.outcome == "filed");
    let filed = rig.comes_to(is_filed)?.end.clone()?.portrait;
    let filed = rig
        .station
        .picture(&filed.unwrap_or_default())
        .expect("filed");
    assert!(filed.bytes == seen, "other bytes than those that were seen");
    let record = rig.station.records().expect("records").remove(0);
    let digest = |bytes: &[u8]| booth::sha256(bytes).to_string();
    assert_eq!(record.portrait_sha256, digest(&seen));
    assert_eq!(record.normalised_sha256, Some(digest(&seen_copy)));
    Some(())
}

#[test]
fn where_the_background_fails_belongs_to_the_portrait_on_the_screen_alone() {
    let shadow_at_the_right = |seen: [u8; 3], right: f32| {
        let share = if right > 0.72 { 0.78 } else { 1.0 };
        seen.map(|level| (f32::from(level) * share) as u8)
    };
    in_sittings_of(|| Rig::before(shadow_at_the_right), places_of_this_portrait);
}

/// The left edge of what lies in a shadow, in widths of the portrait.
fn shadow(review: &ReviewView) -> f32 {
    let shadows = review.places.iter().filter(|place| place.flaw == "shadow");
    shadows.map(|place| place.left).fold(1.0, f32::min)
}

fn places_of_this_portrait(rig: &Rig) -> Option<()> {
    rig.comes_to(|view| view.stage == "seated")?;
    rig.station.wish(Wish::Expose).expect("pressed");
    let first = rig.comes_to(|view| view.review.is_some())?.review.clone()?;
    let told = |review: &ReviewView, code: &str| review.findings.iter().any(|it| it.code == code);
    assert!(told(&first, "background-shadow"), "not found");
    assert!((0.5..1.0).contains(&shadow(&first)), "{}", shadow(&first));
    for place in &first.places {
        assert!(place.left >= 0.0 && place.left + place.width <= 1.001);
        assert!(place.top >= 0.0 && place.top + place.height <= 1.001);
    }

    // A step of the cut: the former portrait stands there with its own marks, and cannot be filed.
    let (mut now, mut steps, mut seen) = (first.clone(), 0.0_f32, 0);
    while steps < 5.0 && now.stopped.is_none() {
        let step = NudgeStep::Left;
        rig.station.wish(Wish::Nudge { step }).expect("a step");
        let is_new = |review: &ReviewView| review.token != now.token || review.stopped.is_some();
        let is_made = |view: &BoothView| view.review.as_ref().is_some_and(is_new);
        let view = rig.comes_to(|view| view.stage == "exposing" || is_made(view))?;
        if view.stage == "exposing" {
            assert!(view.review.is_some(), "it stands there");
            let stands = view.review.clone()?;
            assert!(stands.token == now.token && stands.places == now.places);
            assert_eq!(view.state.code, "developing");
            assert!(rig.station.picture(&stands.portrait).is_ok());
            let token = stands.token;
            rig.station.wish(Wish::Accept { token }).expect("told");
            seen += 1;
        }
        let made = rig.comes_to(|view| view.stage == "review" && is_made(view))?;
        (now, steps) = (made.review.clone()?, steps + 1.0);
    }
    if seen == 0 {
        return None; // Each was made between two looks at the view.
    }
    // The marks went with the picture, to the block.
    let moved = (shadow(&first) - shadow(&now)) * 480.0;
    assert!(
        moved > 0.0 && (moved - 4.0 * steps).abs() <= 10.0,
        "{moved}"
    );

    // Another frame of the press has marks of its own.
    let other = u32::from(now.chosen == 0);
    rig.station
        .wish(Wish::Choose { index: other })
        .expect("chosen");
    let is_other = |review: &ReviewView| review.chosen == other;
    let chosen = rig.comes_to(|view| view.review.as_ref().is_some_and(is_other))?;
    let chosen = chosen.review.clone()?;
    assert!((shadow(&chosen) - shadow(&first)).abs() < 0.03, "cut anew");

    // Retaken, nothing of it is left; nor when the sitting is given up.
    rig.station.wish(Wish::Retake).expect("retaken");
    let seated = rig.comes_to(|view| view.stage == "seated")?;
    assert!(seated.review.is_none() && rig.station.picture(&chosen.portrait).is_err());
    rig.station.wish(Wish::Expose).expect("pressed");
    let again = rig.comes_to(|view| view.review.is_some())?.review.clone()?;
    assert!(again.token != chosen.token && !again.places.is_empty());
    rig.station.wish(Wish::Void).expect("given up");
    let ended = rig.comes_to(|view| view.end.is_some())?;
    assert!(ended.review.is_none());
    Some(())
}

#[test]
fn whoever_sits_is_guided_and_exposed_by_itself_only_if_that_is_wanted() {
    in_one_of_some_sittings(guided);
}

fn guided(rig: &Rig) -> Option<()> {
    let holds = |view: &BoothView| {
        view.guidance
            .as_ref()
            .is_some_and(|told| told.code.is_none())
    };
    let view = rig.comes_to(holds)?;
    assert!(!view.presses_itself, "off until somebody wants it");
    std::thread::sleep(Duration::from_millis(1_500));
    rig.comes_to(|view| view.stage == "seated")?;
    // From now on the booth presses, by the operator's own way: the portrait is offered and not filed.
    rig.station.press_itself(true).expect("switched on");
    assert!(rig.station.info().presses_itself);
    let first = rig.comes_to(|view| view.review.is_some())?;
    assert!(first.guidance.is_none() && first.presses_itself);
    // A retake is another press by itself, and its portrait another one.
    rig.station.wish(Wish::Retake).expect("retaken");
    let token = |view: &BoothView| view.review.as_ref().map(|review| review.token.clone());
    rig.comes_to(|view| view.review.is_some() && token(view) != token(&first))?;
    // Nobody sits any more.
    std::fs::remove_file(rig.dir.path().join("tray/document.toml")).expect("taken");
    assert!(
        rig.comes_to(|view| view.stage == "vacant")?
            .guidance
            .is_none()
    );
    Some(())
}
