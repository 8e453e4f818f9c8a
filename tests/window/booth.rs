//! A booth in a window: a job, a chair before a simulated camera, documents on virtual
//! readers of the real service, and what a photographer does there.

use super::{PATIENCE, Screen, Window, key};
use crate::pcscd::resident_text;
use crate::{Person, create_job};
use serde_json::{Value, json};
use simulator::subject;
use simulator::vpcd::{Card, Slot};
use station::{Desk, StationHome, desk, desk::Which};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A press looks this far back for its frames.
const BURST_BACK: Duration = Duration::from_millis(300);

/// A training job with a class of five, and a chair before a simulated camera.
pub struct Booth {
    /// Where the window is.
    pub screen: Screen,
    /// The station's key and settings.
    pub home: StationHome,
    /// The class, in the roster's order.
    pub people: Vec<Person>,
}

impl Booth {
    /// Makes the job and remembers reader and camera as if they had been chosen before.
    ///
    /// # Panics
    /// If the station refuses.
    #[must_use]
    pub fn open(screen: Screen, reader: &str) -> Self {
        let home = StationHome::at(screen.station_dir());
        let people: Vec<Person> = ["林一", "周二", "吴三", "郑四", "王五"]
            .iter()
            .zip(41..)
            .map(|(name, seed)| Person::new(&format!("20260{seed:03}"), name, "测试 2201 班"))
            .collect();
        create_job(&home, &screen.dir().join("job"), &people);
        let booth = Self {
            screen,
            home,
            people,
        };
        booth.sit(None);
        booth.remember(reader, &format!("still:{}", booth.chair().display()));
        booth
    }

    /// Has the station remember these devices and an operator.
    ///
    /// # Panics
    /// If the settings cannot be written.
    pub fn remember(&self, reader: &str, camera: &str) {
        let settings = json!({
            "recent": [], "reader": reader, "camera": camera, "operator": "tester",
        });
        let file = self.screen.station_dir().join("settings.json");
        std::fs::write(file, settings.to_string()).expect("settings");
    }

    /// The job's folder.
    #[must_use]
    pub fn job(&self) -> PathBuf {
        self.screen.dir().join("job")
    }

    /// The picture that the camera shows.
    #[must_use]
    pub fn chair(&self) -> PathBuf {
        self.screen.dir().join("chair.png")
    }

    /// Somebody sits down before the camera, or nobody does.
    ///
    /// # Panics
    /// If the picture cannot be written.
    pub fn sit(&self, person: Option<&Person>) {
        let next = self.screen.dir().join("next.png");
        if let Some(person) = person {
            std::fs::copy(person.picture(self.screen.dir()), &next).expect("copied");
        } else {
            let cloth = image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]));
            cloth.save(&next).expect("an empty chair");
        }
        std::fs::rename(next, self.chair()).expect("renamed");
    }

    /// The program, started on the job.
    pub async fn window(&self) -> Window {
        let job = self.job();
        self.screen.window(&["--job", &job.to_string_lossy()]).await
    }

    /// The job, once the program that ended has let go of it: the system closes a dying
    /// process's files after everything else of it is gone.
    ///
    /// # Panics
    /// If it stays held.
    #[must_use]
    pub fn job_again(&self) -> Desk {
        let begun = Instant::now();
        loop {
            match self.home.open_job(&self.job()) {
                Ok(desk) => return desk,
                Err(error) => {
                    let waits = error.code() == "job-busy" && begun.elapsed() < PATIENCE;
                    assert!(waits, "the job does not open: {error}");
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    /// What is on file, by student number and generation; the program must have ended.
    ///
    /// # Panics
    /// If the job cannot be read.
    #[must_use]
    pub fn records(&self) -> Vec<(String, u32)> {
        let records = self.job_again().records().expect("records");
        let named = |record: station::RecordLine| (record.student_number, record.generation);
        records.into_iter().map(named).collect()
    }

    /// Every portrait on file shows whom it is filed under, and the job is whole.
    ///
    /// # Panics
    /// If it is not so.
    pub fn prove(&self) {
        for (number, generation) in self.records() {
            let out = self.screen.dir().join(format!("{number}-{generation}.jpg"));
            self.job_again()
                .export(&number, Some(generation), Which::Portrait, &out)
                .expect("exported");
            let picture = image::open(&out).expect("a JPEG").into_rgb8();
            let person = self.people.iter().find(|p| p.student_number == number);
            let shown = subject::decode(&picture).expect("a badge").id;
            assert_eq!(Some(shown), person.map(|person| person.subject), "{number}");
        }
        let key = self.home.key().expect("a key").station_key_file;
        let verdict = desk::verify(&self.job(), Some(&key)).expect("verified");
        assert!(verdict.ok && !verdict.unpinned, "{:?}", verdict.faults);
    }

    /// Sits down with a document and waits for the seat.
    ///
    /// # Panics
    /// If it is not reached.
    pub async fn seat(&self, slot: &mut Slot, window: &Window, person: &Person) {
        self.seat_with(slot, window, person, card_of(person)).await;
    }

    /// Sits down with this very card.
    ///
    /// # Panics
    /// If the seat is not reached.
    pub async fn seat_with(&self, slot: &mut Slot, window: &Window, person: &Person, card: Card) {
        self.sit(Some(person));
        slot.insert(card).expect("the card is laid down");
        window.until("seated").await;
        ready(window, person).await;
    }

    /// One whole sitting, from the chair to the leaving document.
    ///
    /// # Panics
    /// If it does not end filed.
    pub async fn file(&self, slot: &mut Slot, window: &Window, person: &Person) {
        self.seat(slot, window, person).await;
        window.press(key::SPACE).await;
        window.until("review").await;
        painted(window).await;
        window.press(key::ENTER).await;
        window.until("filed").await;
        self.leave(slot, window).await;
    }

    /// The document and its owner go.
    ///
    /// # Panics
    /// If the window does not notice.
    pub async fn leave(&self, slot: &mut Slot, window: &Window) {
        slot.remove();
        self.sit(None);
        let empty = "document.querySelector('[data-document]')?.dataset.document === 'none'";
        window.until_true(empty).await;
    }
}

/// The resident card of somebody.
#[must_use]
pub fn card_of(person: &Person) -> Card {
    Card::new(resident_text(&person.name, &person.number))
}

/// Waits until every frame that a press would take shows this person: the chair's picture
/// changed a moment ago, and on a busy machine that takes its time.
///
/// # Panics
/// If the camera shows somebody else, or nothing.
pub async fn ready(window: &Window, person: &Person) {
    let begun = Instant::now();
    loop {
        let frame = window.picture("likeness://localhost/frame?after=0").await;
        let shown = frame.and_then(|frame| subject::decode(&frame));
        if shown.is_some_and(|badge| badge.id == person.subject) {
            break;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "the camera does not show who sits"
        );
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    tokio::time::sleep(BURST_BACK).await;
}

/// Waits until the portrait is on the screen and Enter stands for it.
///
/// # Panics
/// If it does not come.
pub async fn painted(window: &Window) {
    let offered = "document.querySelector('main.review') !== null && !document.querySelector('.keys .fwd').classList.contains('shut')";
    window.until_true(offered).await;
}

/// What is on file, as the program itself tells it.
pub async fn records_of(window: &Window) -> Value {
    window
        .ask("window.__TAURI_INTERNALS__.invoke('records').then(done, (e) => done(e));")
        .await
}
