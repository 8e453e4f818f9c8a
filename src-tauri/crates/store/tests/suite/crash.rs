//! The process is killed while it files. The test starts itself again as the process
//! to be killed: the same test, told by the environment to play the other part.

use crate::world::{PEOPLE, World, number_of};
use booth::{Claim, FlagReason, Outcome, SittingId, Standing, VoidCause};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::{Job, RecordFilter, verify};

/// Names the world's folder to the process to be killed.
const ROOT: &str = "LIKENESS_TEST_CRASH_ROOT";

fn told_root() -> Option<PathBuf> {
    std::env::var_os(ROOT).map(PathBuf::from)
}

/// This test binary once more, running one test as the process to be killed.
fn start(test: &str, root: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ROOT, root)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Says a line that the other process reads at once. `println!` would do it through
/// the test harness.
fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "\n> {line}").unwrap();
    out.flush().unwrap();
}

/// What was said, without what the test harness says.
fn heard(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.filter_map(|line| line.ok()?.strip_prefix("> ").map(str::to_owned))
}

/// SIGKILL, and the end of it.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn void_what_is_open(world: &mut World) {
    if let Some(sitting) = world.job().unfinished_sitting().unwrap() {
        let void = Outcome::Void(VoidCause::Restarted);
        let now = crate::world::at(world.ms);
        world.job().end_sitting(sitting, void, now).unwrap();
    }
}

/// Files one after the other until it is killed, saying before and after each.
fn file_for_ever(root: PathBuf) -> ! {
    let mut world = World::lent(root);
    void_what_is_open(&mut world);
    say("ready");
    for place in (0..PEOPLE.len()).cycle() {
        let student = number_of(PEOPLE[place].0);
        let filed = world.job().entries(None).unwrap()[place].standing;
        if matches!(filed, Standing::Filed(_)) {
            let glare = FlagReason::Glare;
            world.job().flag(&student, glare, "li").unwrap();
        }
        let filing = world.filing(place, Claim::default(), PEOPLE[place]);
        let (sitting, portrait) = (filing.sitting().0, filing.portrait().digest());
        say(&format!("try {sitting} {portrait}"));
        world.job().file(&filing, "op").unwrap();
        say(&format!("done {sitting} {portrait}"));
    }
    unreachable!("a cycle has no end")
}

/// What the killed processes said, all together.
#[derive(Default)]
struct Told {
    tried: HashMap<i64, String>,
    done: HashMap<i64, String>,
    /// How often the last word was a try.
    between: usize,
    /// How often a sitting was left open.
    unfinished: usize,
}

impl Told {
    fn hear(&mut self, lines: &[String]) {
        for line in lines {
            if let [word, sitting, portrait] = line.split(' ').collect::<Vec<_>>()[..] {
                let book = match word {
                    "try" => &mut self.tried,
                    _ => &mut self.done,
                };
                book.insert(sitting.parse().unwrap(), portrait.to_owned());
            }
        }
        let last = lines.last().unwrap();
        self.between += usize::from(last.starts_with("try"));
    }

    /// Nothing that was acknowledged is lost, nothing is there that was not tried.
    fn compare(&mut self, job: &Job) {
        let records = job.records(&RecordFilter::default()).unwrap();
        let there: HashMap<i64, String> = records
            .iter()
            .map(|record| (record.sitting.0, record.portrait.to_string()))
            .collect();
        assert_eq!(there.len(), records.len(), "two records of one sitting");
        for (sitting, portrait) in &self.done {
            assert_eq!(
                there.get(sitting),
                Some(portrait),
                "sitting {sitting} is lost"
            );
        }
        for (sitting, portrait) in &there {
            assert_eq!(self.tried.get(sitting), Some(portrait), "nobody filed it");
        }
        for record in &records {
            let student = &record.entry.student_number;
            let generation = Some(record.generation);
            // Both compute the digest again: a torn picture is an error.
            job.record_portrait(student, generation).unwrap();
            job.record_original(student, generation).unwrap();
        }
        self.unfinished += usize::from(job.unfinished_sitting().unwrap().is_some());
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    if let Some(root) = told_root() {
        file_for_ever(root);
    }
    let mut world = World::new();
    world.close();
    let (root, key) = (world.root.path().to_owned(), world.key.clone());
    let mut told = Told::default();
    for round in 0..25u64 {
        let test = "crash::a_killed_process_loses_nothing_that_it_acknowledged";
        let mut child = start(test, &root);
        let mut lines = heard(&mut child);
        assert_eq!(lines.next().as_deref(), Some("ready"));
        let busy = Job::open(&world.dir(), &key).unwrap_err();
        assert_eq!(busy.code(), "job-busy", "two processes on one job");
        let mut said = vec!["ready".to_owned()];
        if round % 2 == 0 {
            // Spread over a sitting or two, each time elsewhere.
            std::thread::sleep(Duration::from_millis(20 + round * 37 % 200));
        } else {
            // In the midst of the transaction that files.
            let line = lines.find(|line| line.starts_with("try"));
            said.extend(line);
            std::thread::sleep(Duration::from_micros(round * 137 % 2_000));
        }
        kill(&mut child);
        said.extend(lines);
        told.hear(&said);
        let report = verify(&world.dir(), Some(&key.public())).unwrap();
        assert_eq!(report.faults, [], "round {round}");
        told.compare(&Job::open(&world.dir(), &key).unwrap());
    }
    let (done, between) = (told.done.len(), told.between);
    let unfinished = told.unfinished;
    assert!(done >= 20, "only {done} were filed");
    assert!(between >= 1, "no kill hit a filing");
    assert!(unfinished >= 5, "only {unfinished} kills hit a sitting");
    println!("{done} acknowledged, {unfinished} left open, {between} killed while filing");
}

#[test]
fn a_sitting_that_was_killed_is_found_voided_and_held_again() {
    if let Some(root) = told_root() {
        let mut world = World::lent(root);
        world.seat(0);
        say("seated");
        loop {
            std::thread::park();
        }
    }
    let mut world = World::new();
    world.close();
    let test = "crash::a_sitting_that_was_killed_is_found_voided_and_held_again";
    let mut child = start(test, world.root.path());
    assert_eq!(heard(&mut child).next().as_deref(), Some("seated"));
    let busy = verify(&world.dir(), None).unwrap_err();
    assert_eq!(
        busy.code(),
        "job-busy",
        "the checker does not look meanwhile"
    );
    kill(&mut child);
    world.reopen();
    let left = world.job().unfinished_sitting().unwrap();
    assert_eq!(left, Some(SittingId(1)));
    assert!(!world.job().last_document_left().unwrap());
    void_what_is_open(&mut world);
    world.file(0);
    assert_eq!(world.job().verify(None).unwrap().faults, []);
    let records = world.job().records(&RecordFilter::default()).unwrap();
    assert_eq!(records[0].sitting, SittingId(2));
}
