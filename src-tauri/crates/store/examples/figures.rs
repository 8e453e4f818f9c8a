//! How long a filing takes until it is on disk, and how long it takes to find somebody
//! in a large roster: `cargo run --release -p store --example figures`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a measurement prints, and stops where it cannot go on"
)]

#[expect(dead_code, reason = "the tests' world can do more than is measured")]
#[path = "../tests/suite/world.rs"]
mod world;

use booth::{Claim, DocumentNumber, FlagReason, PersonName, StudentNumber, sha256};
use std::time::{Duration, Instant};
use store::NewEntry;
use world::{PEOPLE, World, number_of};

const FILINGS: usize = 400;
const ENTRIES: usize = 20_000;

fn main() {
    let mut world = World::new();
    world.sizes = (40 * 1024, 200 * 1024);
    println!("job in {}", world.dir().display());
    println!("filing, 40 KiB portrait and 200 KiB original, durable:");
    let mut whole = Vec::new();
    let mut filings = Vec::new();
    for turn in 0..FILINGS {
        let place = turn % PEOPLE.len();
        if turn >= PEOPLE.len() {
            let student = number_of(PEOPLE[place].0);
            let glare = FlagReason::Glare;
            world.job().flag(&student, glare, "li").unwrap();
        }
        let begun = Instant::now();
        let filing = world.filing(place, Claim::default(), PEOPLE[place]);
        let accepted = Instant::now();
        world.job().file(&filing, "op").unwrap();
        filings.push(accepted.elapsed());
        whole.push(begun.elapsed());
    }
    print("file()", &mut filings);
    print("every commit of a sitting, with file()", &mut whole);
    let begun = Instant::now();
    let report = world.job().verify(None).unwrap();
    let (records, journal) = (report.counts.records, report.counts.journal);
    assert_eq!(report.faults, []);
    println!(
        "verify of {records} records, {journal} lines: {:?}",
        begun.elapsed()
    );
    lookups(&mut world);
}

fn entry(at: usize) -> NewEntry {
    NewEntry {
        student_number: StudentNumber::parse(&format!("S{at:07}")).unwrap(),
        name: PersonName::parse("戴大").unwrap(),
        number: DocumentNumber::parse(&format!("P{at:08}")).unwrap(),
        sex: None,
        college: "文学院".into(),
        major: "汉语".into(),
        class: format!("{} 班", at / 40),
    }
}

fn lookups(world: &mut World) {
    let rows: Vec<_> = (0..ENTRIES).map(entry).collect();
    let begun = Instant::now();
    world
        .job()
        .import_roster(&rows, sha256(b"large"), "op", false)
        .unwrap();
    println!("import of {ENTRIES} entries: {:?}", begun.elapsed());
    let begun = Instant::now();
    let roster = world.job().roster().unwrap();
    println!("roster into memory: {:?}", begun.elapsed());
    let (mut by_card, mut by_student) = (Vec::new(), Vec::new());
    for at in (0..ENTRIES).step_by(7) {
        let begun = Instant::now();
        assert_eq!(roster.with_number(&format!("P{at:08}")).count(), 1);
        by_card.push(begun.elapsed());
        let student = &rows[at].student_number;
        let begun = Instant::now();
        world.job().entry_id(student).unwrap();
        by_student.push(begun.elapsed());
    }
    print("document number in memory", &mut by_card);
    print("student number in the job", &mut by_student);
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |percent: usize| times[times.len() * percent / 100];
    println!(
        "{what}: p50 {:?}, p95 {:?}, p99 {:?}",
        at(50),
        at(95),
        at(99)
    );
}
