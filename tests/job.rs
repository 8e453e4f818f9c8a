//! A training job with invented people on its roster.

use crate::Person;
use station::StationHome;
use std::fmt::Write as _;
use std::path::Path;

/// Writes a roster of these people, as a school sends it.
///
/// # Panics
/// If the file cannot be written.
pub fn write_roster(file: &Path, people: &[Person]) {
    let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
    for person in people {
        let Person {
            student_number,
            name,
            number,
            class,
            ..
        } = person;
        writeln!(csv, "{student_number},{name},{number},{class}").expect("written");
    }
    std::fs::write(file, csv).expect("the roster is written");
}

/// Creates a training job in a new folder and imports a roster of these people.
///
/// # Panics
/// If the station refuses.
pub fn create_job(home: &StationHome, dir: &Path, people: &[Person]) {
    create_job_of(home, dir, people, "national-60kb");
}

/// The same with a photo standard of one's choice.
///
/// # Panics
/// If the station refuses.
pub fn create_job_of(home: &StationHome, dir: &Path, people: &[Person], standard: &str) {
    home.create_job(dir, standard, true)
        .expect("a job is created");
    let roster = dir.with_extension("csv");
    write_roster(&roster, people);
    let mut desk = home.open_job(dir).expect("the job opens");
    let imported = desk.import_roster(&roster, false, false);
    let imported = imported.expect("the roster is read");
    assert!(
        imported.imported,
        "faults of the roster: {:?}",
        imported.faults
    );
}
