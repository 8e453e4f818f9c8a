//! The booth in a real window: keys in, the state line out, the real smart-card service
//! underneath.

#![cfg(target_os = "linux")]

use likeness_tests::Person;
use likeness_tests::pcscd::{Pcscd, resident_text};
use likeness_tests::window::{PATIENCE, Screen, Window, key};
use serde_json::{Value, json};
use simulator::subject;
use simulator::vpcd::{Card, Slot};
use station::{Desk, StationHome, desk};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A training job with a class, and a chair before a simulated camera.
struct Booth {
    screen: Screen,
    home: StationHome,
    people: Vec<Person>,
}

impl Booth {
    fn open(screen: Screen, reader: &str) -> Self {
        let home = StationHome::at(screen.station_dir());
        let job = screen.dir().join("job");
        home.create_job(&job, "national-60kb", true)
            .expect("a job is created");
        let people: Vec<Person> = ["林一", "周二", "吴三", "郑四", "王五"]
            .iter()
            .zip(41..)
            .map(|(name, seed)| Person::new(&format!("20260{seed:03}"), name, "测试 2201 班"))
            .collect();
        let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
        for person in &people {
            let Person {
                student_number,
                name,
                number,
                class,
                ..
            } = person;
            writeln!(csv, "{student_number},{name},{number},{class}").expect("written");
        }
        let roster = screen.dir().join("roster.csv");
        std::fs::write(&roster, csv).expect("the roster is written");
        let mut opened = home.open_job(&job).expect("the job opens");
        let imported = opened.import_roster(&roster, false, false);
        assert!(imported.expect("imported").imported);
        drop(opened);
        let booth = Self {
            screen,
            home,
            people,
        };
        booth.sit(None);
        let settings = json!({
            "recent": [],
            "reader": reader,
            "camera": format!("still:{}", booth.chair().display()),
            "operator": "tester",
        });
        let file = booth.screen.station_dir().join("settings.json");
        std::fs::write(file, settings.to_string()).expect("settings");
        booth
    }

    fn job(&self) -> PathBuf {
        self.screen.dir().join("job")
    }

    fn chair(&self) -> PathBuf {
        self.screen.dir().join("chair.png")
    }

    /// Somebody sits down before the camera, or nobody does.
    fn sit(&self, person: Option<&Person>) {
        let next = self.screen.dir().join("next.png");
        if let Some(person) = person {
            std::fs::copy(person.picture(self.screen.dir()), &next).expect("copied");
        } else {
            let cloth = image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]));
            cloth.save(&next).expect("an empty chair");
        }
        std::fs::rename(next, self.chair()).expect("renamed");
    }

    async fn window(&self) -> Window {
        let job = self.job();
        self.screen.window(&["--job", &job.to_string_lossy()]).await
    }

    /// The job, once the program that ended has let go of it: the system closes a dying
    /// process's files after everything else of it is gone.
    fn job_again(&self) -> Desk {
        let begun = std::time::Instant::now();
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

    fn records(&self) -> Vec<(String, u32)> {
        let opened = self.job_again();
        let records = opened.records().expect("records");
        records
            .into_iter()
            .map(|record| (record.student_number, record.generation))
            .collect()
    }

    /// Every portrait on file shows whom it is filed under, and the job is whole.
    fn prove(&self) {
        let opened = self.job_again();
        for (number, generation) in opened
            .records()
            .expect("records")
            .into_iter()
            .map(|record| (record.student_number, record.generation))
        {
            let out = self.screen.dir().join(format!("{number}-{generation}.jpg"));
            opened
                .export(&number, Some(generation), &out)
                .expect("exported");
            let picture = image::open(&out).expect("a JPEG").into_rgb8();
            let person = self.people.iter().find(|p| p.student_number == number);
            let shown = subject::decode(&picture).expect("a badge").id;
            assert_eq!(Some(shown), person.map(|person| person.subject), "{number}");
        }
        drop(opened);
        let key = self.home.key().expect("a key").station_key_file;
        let verdict = desk::verify(&self.job(), Some(&key)).expect("verified");
        assert!(verdict.ok && !verdict.unpinned, "{:?}", verdict.faults);
    }
}

fn card_of(person: &Person) -> Card {
    Card::new(resident_text(&person.name, &person.number))
}

/// Sits down with a document and waits for the seat.
async fn seat(booth: &Booth, slot: &mut Slot, window: &Window, person: &Person) {
    booth.sit(Some(person));
    slot.insert(card_of(person)).expect("the card is laid down");
    window.until("seated").await;
    // The chair's picture changed a moment ago; the burst looks a quarter second back.
    tokio::time::sleep(Duration::from_millis(600)).await;
}

async fn file(booth: &Booth, slot: &mut Slot, window: &Window, person: &Person) {
    seat(booth, slot, window, person).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    leave(booth, slot, window).await;
}

async fn painted(window: &Window) {
    let shown = "[...document.querySelectorAll('img')].some(i => i.src.includes('/portrait/') && i.complete && i.naturalWidth === 480)";
    window.until_true(shown).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
}

async fn leave(booth: &Booth, slot: &mut Slot, window: &Window) {
    slot.remove();
    booth.sit(None);
    let empty = "document.querySelector('[data-document]')?.dataset.document === 'none'";
    window.until_true(empty).await;
}

#[tokio::test]
async fn a_class_of_five_by_keyboard_alone() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    window.until("put-document").await;
    let people = booth.people.clone();

    file(&booth, &mut slot, &window, &people[0]).await;

    // A stranger is refused, and no key does anything about it.
    let stranger = Person::new("20269999", "陌生人", "");
    slot.insert(card_of(&stranger)).expect("laid down");
    window.until("not-on-roster").await;
    window.press(key::SPACE).await;
    window.press(key::ENTER).await;
    assert_eq!(window.code().await, "not-on-roster");
    leave(&booth, &mut slot, &window).await;

    // Retaken, and another frame of the burst looked at.
    seat(&booth, &mut slot, &window, &people[1]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    window.press('r').await;
    window.until("seated").await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    window.press(key::RIGHT).await;
    window.until("review").await;
    painted(&window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    leave(&booth, &mut slot, &window).await;

    // The card is swapped under a portrait that waits: void, and nothing filed.
    seat(&booth, &mut slot, &window, &people[2]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    slot.swap(card_of(&people[3]), Duration::from_millis(900))
        .expect("swapped");
    window
        .until_true("['document-taken','document-changed','second-document'].includes(document.querySelector('[data-code]').dataset.code)")
        .await;
    window.press(key::ENTER).await;
    leave(&booth, &mut slot, &window).await;
    file(&booth, &mut slot, &window, &people[3]).await;

    // Flagged at the desk, shot again at the booth.
    let flagged = window
        .ask(&format!(
            "window.__TAURI_INTERNALS__.invoke('flag', {{ studentNumber: '{}', reason: 'eyes-closed', by: 'registrar' }}).then(() => done('ok'), (e) => done(e));",
            people[0].student_number
        ))
        .await;
    assert_eq!(flagged, json!("ok"));
    file(&booth, &mut slot, &window, &people[0]).await;

    window.close().await;
    let numbers: Vec<_> = booth.records();
    let expected = [(0, 1), (0, 2), (1, 1), (3, 1)].map(|(person, generation): (usize, u32)| {
        (people[person].student_number.clone(), generation)
    });
    assert_eq!(numbers, expected);
    booth.prove();
}

#[tokio::test]
async fn a_scanner_files_exposes_and_voids_nothing_in_any_state() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = booth.people[0].clone();
    // A code that holds every key of the booth.
    let code = " r1 R2 9787111";
    window.until("put-document").await;
    window.scan(code).await;
    assert_eq!(window.code().await, "put-document");
    seat(&booth, &mut slot, &window, &person).await;
    window.scan(code).await;
    assert_eq!(window.code().await, "seated");
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    window.scan(code).await;
    assert_eq!(window.code().await, "review");
    assert!(
        booth_is_empty(&window).await,
        "a scanned code filed a portrait"
    );
    window.press(key::ENTER).await;
    window.until("filed").await;
    window.scan(code).await;
    assert_eq!(window.code().await, "filed");
    leave(&booth, &mut slot, &window).await;
    window.close().await;
    assert_eq!(booth.records().len(), 1);
    booth.prove();
}

async fn booth_is_empty(window: &Window) -> bool {
    let records = window
        .ask("window.__TAURI_INTERNALS__.invoke('records').then(done, (e) => done(e));")
        .await;
    records.as_array().is_some_and(Vec::is_empty)
}

#[tokio::test]
async fn devices_that_go_and_come_back_are_named_and_nothing_is_filed_meanwhile() {
    let (Some(mut service), Some(screen)) = (Pcscd::start_own(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = booth.people[0].clone();
    seat(&booth, &mut slot, &window, &person).await;
    service.kill();
    window.until("reader-service-down").await;
    window.press(key::SPACE).await;
    service.restart();
    window
        .until_true("document.querySelector('[data-code]').dataset.code !== 'reader-service-down'")
        .await;
    leave(&booth, &mut slot, &window).await;
    file(&booth, &mut slot, &window, &person).await;
    window.close().await;
    assert_eq!(booth.records().len(), 1);
    booth.prove();
}

#[tokio::test]
async fn a_lost_camera_is_a_dead_picture_and_comes_back() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let person = booth.people[0].clone();
    booth.sit(Some(&person));
    let script = booth.screen.dir().join("camera.toml");
    let text = format!(
        "picture = {:?}\ndisconnect_after_ms = 9000\nreconnect_after_ms = 14000\n",
        booth.chair()
    );
    std::fs::write(&script, text).expect("written");
    let settings = booth.screen.station_dir().join("settings.json");
    let text = std::fs::read_to_string(&settings).expect("settings");
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    value["camera"] = json!(format!("still:{}", script.display()));
    std::fs::write(&settings, value.to_string()).expect("written");
    let window = booth.window().await;
    window.until("put-document").await;
    slot.insert(card_of(&person)).expect("laid down");
    window.until("seated").await;
    window
        .until_true("document.querySelector('[data-code]').dataset.code.startsWith('camera-')")
        .await;
    let gone = "document.querySelector('canvas.is-gone') !== null || document.querySelector('canvas') === null";
    window.until_true(gone).await;
    window.press(key::SPACE).await;
    slot.remove();
    window
        .until_true("!document.querySelector('[data-code]').dataset.code.startsWith('camera-disc')")
        .await;
    file(&booth, &mut slot, &window, &person).await;
    window.close().await;
    assert_eq!(booth.records().len(), 1);
}

#[tokio::test]
async fn a_program_that_dies_in_mid_sitting_files_nothing_and_starts_again() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let person = booth.people[0].clone();
    let window = booth.window().await;
    seat(&booth, &mut slot, &window, &person).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    window.kill_program();
    window.close().await;
    assert!(booth.records().is_empty());
    // The document still lies there; nobody saw it leave.
    let window = booth.window().await;
    window.until("take-document").await;
    leave(&booth, &mut slot, &window).await;
    file(&booth, &mut slot, &window, &person).await;
    window.close().await;
    booth.prove();
}

#[tokio::test]
async fn a_page_can_do_nothing_that_it_is_not_granted() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let refused = |command: &str| {
        format!(
            "window.__TAURI_INTERNALS__.invoke('{command}', {{}}).then(() => done('allowed'), (e) => done('refused: ' + JSON.stringify(e)));"
        )
    };
    for command in [
        "subject_view",
        "plugin:dialog|open",
        "plugin:window|set_title",
        "plugin:fs|read_text_file",
        "plugin:shell|execute",
        "no_such_command",
    ] {
        let answer = window.ask(&refused(command)).await;
        let said = answer.as_str().unwrap_or("").to_owned();
        assert!(said.starts_with("refused"), "{command}: {said}");
    }
    // One that is granted, so that the others are not refused for a wrong reason.
    let granted = window
        .ask("window.__TAURI_INTERNALS__.invoke('station_info').then(() => done('allowed'), (e) => done(e));")
        .await;
    assert_eq!(granted, json!("allowed"));
    let fetched = window
        .ask("fetch('http://127.0.0.1:9/').then(() => done('fetched'), (e) => done(e.name));")
        .await;
    assert_eq!(fetched, json!("TypeError"));
    let violated = window
        .ask(
            "document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective), { once: true });
             const script = document.createElement('script');
             script.textContent = 'window.injected = 1';
             document.body.append(script);
             setTimeout(() => done('ran: ' + window.injected), 1500);",
        )
        .await;
    assert!(
        violated
            .as_str()
            .is_some_and(|said| said.starts_with("script-src")),
        "{violated}"
    );
    assert_eq!(
        window.run("return typeof window.__TAURI__;").await,
        json!("undefined")
    );
    window.close().await;
}

/// What a stranger does after the README's first command: open the demo, let somebody
/// come, Space, Enter.
#[tokio::test]
async fn a_stranger_reaches_the_first_filed_portrait() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = screen.dir().join("demo");
    for folder in ["documents", "pictures", "now"] {
        std::fs::create_dir_all(demo.join(folder)).expect("a folder");
    }
    let person = Person::new("20260061", "林一", "一班");
    let home = StationHome::at(screen.station_dir());
    home.create_job(&demo.join("job"), "national-60kb", true)
        .expect("a job");
    let roster = screen.dir().join("roster.csv");
    let csv = format!(
        "学号,姓名,身份证号,班级\n{},{},{},{}\n",
        person.student_number, person.name, person.number, person.class
    );
    std::fs::write(&roster, csv).expect("written");
    let mut desk = home.open_job(&demo.join("job")).expect("the job opens");
    assert!(
        desk.import_roster(&roster, false, false)
            .expect("read")
            .imported
    );
    drop(desk);
    let document = person.document(screen.dir(), "20400101", &[]);
    std::fs::copy(document, demo.join("documents/1.toml")).expect("copied");
    let picture = person.picture(screen.dir());
    std::fs::copy(picture, demo.join("pictures/1.png")).expect("copied");
    image::RgbImage::from_pixel(1280, 960, image::Rgb([100, 197, 255]))
        .save(demo.join("pictures/empty.png"))
        .expect("an empty chair");

    let window = screen.window(&["--demo", &demo.to_string_lossy()]).await;
    let button = "[...document.querySelectorAll('button')].find((b) => b.textContent.includes('打开演示任务'))";
    window.until_true(button).await;
    window.run(&format!("{button}.click();")).await;
    window.until("put-document").await;
    window
        .until_true("document.querySelector('.tray button')")
        .await;
    window
        .run("document.querySelector('.tray button').click();")
        .await;
    window.until("seated").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    window.close().await;
}

/// Shown by `cargo xtask test` in `target/screens`.
fn shots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens")
}

#[tokio::test]
async fn every_screen_is_photographed_in_both_languages_and_sizes() {
    for (width, height) in [(1366, 768), (1920, 1080)] {
        let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(width, height)) else {
            return;
        };
        let mut slot = service.slot();
        let booth = Booth::open(screen, "pcsc");
        let window = booth.window().await;
        window
            .client
            .set_window_rect(0, 0, width, height)
            .await
            .expect("resized");
        let person = booth.people[0].clone();
        for language in ["zh", "en"] {
            let at = shots().join(format!("{width}x{height}-{language}"));
            window
                .run(&format!(
                    "localStorage.setItem('likeness.language', '{language}');"
                ))
                .await;
            // A booth that is opened anew forgets how the last sitting ended.
            window
                .ask("window.__TAURI_INTERNALS__.invoke('close_booth').then(done, (e) => done(e));")
                .await;
            window.client.refresh().await.expect("reloaded");
            window.until("put-document").await;
            window.shot(&at.join("booth-waiting.png")).await;
            seat(&booth, &mut slot, &window, &person).await;
            window.shot(&at.join("booth-seated.png")).await;
            window.press(key::SPACE).await;
            window.until("review").await;
            painted(&window).await;
            window.shot(&at.join("booth-review.png")).await;
            window.press(key::ESCAPE).await;
            window.until("voided-by-operator").await;
            window.shot(&at.join("booth-void.png")).await;
            leave(&booth, &mut slot, &window).await;
            let stranger = Person::new("20269999", "陌生人", "");
            slot.insert(card_of(&stranger)).expect("laid down");
            window.until("not-on-roster").await;
            window.shot(&at.join("booth-refused.png")).await;
            leave(&booth, &mut slot, &window).await;
            for (place, name) in [
                (2, "roster"),
                (3, "reshoot"),
                (4, "delivery"),
                (5, "devices"),
                (6, "settings"),
            ] {
                window
                    .run(&format!(
                        "window.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{place}', code: 'Digit{place}', altKey: true }}));"
                    ))
                    .await;
                tokio::time::sleep(Duration::from_millis(500)).await;
                window.shot(&at.join(format!("{name}.png"))).await;
            }
        }
        window.close().await;
    }
}
