//! A camera of twelve megapixels: the window is shown a small picture, and what is filed is the
//! camera's own file at full resolution, byte for byte.

use likeness_tests::Person;
use rusqlite::Connection;
use simulator::still::encode_jpeg;
use simulator::subject::Subject;
use station::view::{BoothView, Wish};
use station::{REDUCED_SIDE_MAX, Station, StationHome};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIZE: (u32, u32) = (3024, 4032);
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_window_is_shown_a_small_picture_and_the_large_one_is_filed() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let dir = dir.path();
    let anna = Person::new("2024101", "安娜·试验", "一班");
    let station = booth_with_folder(dir, &anna);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");

    until(&runtime, &station, |view| view.live);
    let document = anna.document(dir, "20400101", &[]);
    std::fs::rename(document, dir.join("now/document.toml")).expect("laid down");
    until(&runtime, &station, |view| view.state.code == "seated");
    station.wish(Wish::Expose).expect("pressed");
    std::thread::sleep(Duration::from_millis(300));
    let given = encode_jpeg(&Subject::numbered(anna.subject).draw(SIZE.0, SIZE.1, 1))
        .expect("a JPEG of twelve megapixels");
    put(&dir.join("tether"), &given);
    let review = until(&runtime, &station, |view| view.review.is_some());

    let (_, shown) = runtime
        .block_on(station.frame(0))
        .expect("a frame is shown");
    let (bytes, kind) = shown.file().expect("it can be drawn");
    let small = (REDUCED_SIDE_MAX * SIZE.0 / SIZE.1, REDUCED_SIDE_MAX);
    assert_eq!((portrait::size_of(bytes), kind), (Ok(small), "image/jpeg"));
    assert!(bytes.len() * 4 < given.len(), "{} bytes", bytes.len());

    let token = review.review.as_ref().expect("a review").token.clone();
    station.wish(Wish::Accept { token }).expect("accepted");
    let end = until(&runtime, &station, |view| view.end.is_some());
    assert_eq!(end.end.as_ref().expect("an end").outcome, "filed");
    station.close_job();

    let original: Vec<u8> = Connection::open(dir.join("job/job.db"))
        .and_then(|job| job.query_row("SELECT original FROM photo", [], |row| row.get(0)))
        .expect("one photo");
    assert!(original == given, "the original is not the camera's file");
    assert_eq!(portrait::size_of(&original), Ok(SIZE));
}

/// A training job with an open booth: a reader that is the folder `now`, a camera that is `tether`.
fn booth_with_folder(dir: &Path, person: &Person) -> Station {
    let home = StationHome::at(dir.join("station"));
    for folder in ["now", "tether", "station"] {
        std::fs::create_dir_all(dir.join(folder)).expect("a folder");
    }
    let job = dir.join("job");
    home.create_job(&job, "national-60kb", true).expect("a job");
    let roster = dir.join("roster.csv");
    let line = format!(
        "学号,姓名,身份证号,班级\n{},{},{},{}\n",
        person.student_number, person.name, person.number, person.class
    );
    std::fs::write(&roster, line).expect("the roster is written");
    let mut desk = home.open_job(&job).expect("the job opens");
    let read = desk.import_roster(&roster, false, false).expect("read");
    assert!(read.imported);
    drop(desk);
    let settings = serde_json::json!({
        "recent": [],
        "reader": format!("simulated:{}", dir.join("now").display()),
        "camera": format!("folder:{}", dir.join("tether").display()),
        "operator": "tester",
    });
    let file = dir.join("station/settings.json");
    std::fs::write(file, settings.to_string()).expect("settings");
    let station = Station::new(home, None);
    station.open_job(&job).expect("the job opens");
    station.open_booth("tester").expect("the booth opens");
    station
}

/// The first view that is as wanted.
fn until(
    runtime: &tokio::runtime::Runtime,
    station: &Station,
    is_wanted: impl Fn(&BoothView) -> bool,
) -> Arc<BoothView> {
    let deadline = Instant::now() + PATIENCE;
    let mut seq = 0;
    loop {
        let view = runtime.block_on(station.view(seq)).expect("a view");
        if is_wanted(&view) {
            return view;
        }
        assert!(Instant::now() < deadline, "{:?}", view.state);
        seq = view.seq;
    }
}

/// A file that appears whole, as tethering programs write it.
fn put(dir: &Path, jpeg: &[u8]) {
    let beside = dir.join(".arriving");
    std::fs::write(&beside, jpeg).expect("written");
    std::fs::rename(beside, dir.join("IMG_0001.JPG")).expect("renamed");
}
