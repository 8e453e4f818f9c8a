//! From a program that was started with nothing to a proven delivery, by keyboard alone;
//! and what a second program is told.

#![cfg(target_os = "linux")]

use likeness_tests::pcscd::Pcscd;
use likeness_tests::window::booth::{Booth, card_of, painted, ready};
use likeness_tests::window::{Screen, Window, key};
use likeness_tests::{Person, standard_with_copies, write_roster};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Steps on the way: a button that is reached by Tab and pressed with Enter.
async fn push(window: &Window, button: &str) {
    window.tab_to(button).await;
    window.press(key::ENTER).await;
}

/// Types a path into the dialog that asks for one, and goes on.
async fn give_path(window: &Window, path: &Path) {
    window
        .until_true("document.querySelector('dialog[open] .pick input')")
        .await;
    window.enter_text(&path.to_string_lossy()).await;
    push(window, "dialog .dialog__foot .is-main").await;
}

async fn text_of(window: &Window, of: &str) -> String {
    let script = format!("return document.querySelector({of:?})?.textContent ?? '';");
    window.run(&script).await.as_str().unwrap_or("").to_owned()
}

async fn until_there(window: &Window, what: &str) {
    window
        .until_true(&format!("document.querySelector({what:?})"))
        .await;
}

async fn until_gone(window: &Window, what: &str) {
    window
        .until_true(&format!("document.querySelector({what:?}) === null"))
        .await;
}

struct FirstDay {
    screen: Screen,
    people: Vec<Person>,
}

impl FirstDay {
    fn open(screen: Screen) -> Self {
        let person = |(seed, name): (u32, &str)| {
            Person::new(&format!("20260{seed:03}"), name, "测试 2201 班")
        };
        let people = [(51, "林一"), (52, "周二")].map(person).to_vec();
        let day = Self { screen, people };
        day.sit(None);
        day
    }

    fn at(&self, name: &str) -> PathBuf {
        self.screen.dir().join(name)
    }

    fn sit(&self, person: Option<&Person>) {
        let next = self.at("next.png");
        if let Some(person) = person {
            std::fs::copy(person.picture(self.screen.dir()), &next).expect("copied");
        } else {
            let cloth = image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]));
            cloth.save(&next).expect("an empty chair");
        }
        std::fs::rename(next, self.at("chair.png")).expect("renamed");
    }

    async fn create_job(&self, window: &Window) {
        until_there(window, "main.start").await;
        window.tab_to(".start__lead input").await;
        window.enter_text("tester").await;
        push(window, ".start__two button").await;
        until_there(window, "dialog[open] .pick input").await;
        window.enter_text(&self.at("job").to_string_lossy()).await;
        window.tab_to("dialog select").await;
        // A photo standard of one's own, which allows copies; nothing is made before its file is named.
        window.choose("").await;
        let disabled = "return document.querySelector('dialog .dialog__foot .is-main').disabled;";
        assert_eq!(window.run(disabled).await, json!(true));
        window.tab_to("dialog label.field + .field input").await;
        let own = standard_with_copies(self.screen.dir());
        window.enter_text(&own).await;
        window.tab_to("dialog input[type=checkbox]").await;
        window.press(key::SPACE).await;
        window.shot_for_people("start-create").await;
        push(window, "dialog .dialog__foot .is-main").await;
        until_there(window, ".page .empty").await;
    }

    async fn import_roster(&self, window: &Window) {
        // One with faults imports nothing, and says where and what to do.
        let faulty = self.at("faulty.csv");
        let mut wrong = self.people[1].clone();
        wrong.number.replace_range(0..1, "9");
        write_roster(&faulty, &[self.people[0].clone(), wrong]);
        push(window, ".empty .button").await;
        give_path(window, &faulty).await;
        until_there(window, "dialog .note.is-bad table").await;
        let said = text_of(window, "dialog .note.is-bad").await;
        assert!(said.contains("行 3") && said.contains("身份证号"), "{said}");
        let remedy = text_of(window, "dialog .note.is-bad table small").await;
        assert!(!remedy.trim().is_empty(), "no remedy beside: {said}");
        let disabled = "return document.querySelector('dialog .dialog__foot .is-main').disabled;";
        assert_eq!(window.run(disabled).await, json!(true));
        window.shot_for_people("roster-faults").await;
        window.press(key::ESCAPE).await;
        until_gone(window, "dialog[open]").await;
        let roster = "window.__TAURI_INTERNALS__.invoke('roster', { class: null }).then((r) => done(r.length), (e) => done(e));";
        assert_eq!(window.ask(roster).await, json!(0));

        let good = self.at("roster.csv");
        write_roster(&good, &self.people);
        push(window, ".empty .button").await;
        give_path(window, &good).await;
        until_there(window, "dialog .figures").await;
        push(window, "dialog .dialog__foot .is-main").await;
        until_there(window, ".note.is-good").await;
        assert_eq!(window.ask(roster).await, json!(2));
    }

    async fn choose_devices(&self, window: &Window) {
        window.press_alt('5').await;
        until_there(window, "input[name=reader]").await;
        window.tab_to("input[name=reader]").await;
        window.press(key::SPACE).await;
        let chosen = "return document.querySelector('input[name=reader]:checked').value;";
        assert_eq!(window.run(chosen).await, json!("pcsc:Virtual PCD 00 00"));
        window.tab_to("fieldset:last-of-type .input").await;
        let camera = self.camera();
        window.enter_text(&camera).await;
        push(window, ".one__act .is-main").await;
        window
            .until_true("document.querySelectorAll('.health .health__state.is-ok').length >= 3")
            .await;
        window.shot_for_people("devices-chosen").await;
    }

    fn camera(&self) -> String {
        format!("still:{}", self.at("chair.png").display())
    }

    async fn deliver_and_verify(&self, window: &Window) {
        window.press_alt('4').await;
        push(window, ".half:first-child .half__act .is-main").await;
        let package = self.at("package");
        give_path(window, &package).await;
        until_there(window, ".half:first-child .note.is-good").await;
        let told = text_of(window, ".half:first-child .note.is-good").await;
        assert!(told.contains(&*package.to_string_lossy()), "{told}");
        assert!(package.is_dir());
        assert!(told.contains("换底副本"), "{told}");
        let name = format!("{}.jpg", self.people[0].student_number);
        for folder in ["portraits", "normalised"] {
            assert!(package.join(folder).join(&name).is_file(), "{folder}");
        }
        push(window, ".half:last-child .half__act button:first-child").await;
        until_there(window, ".half:last-child .note.is-good").await;
        let verdict = text_of(window, ".half:last-child .note.is-good").await;
        assert!(verdict.contains("任务：全部相符"), "{verdict}");
        push(window, ".half:last-child .half__act button:last-child").await;
        give_path(window, &package).await;
        window
            .until_true("document.querySelector('.half:last-child .note.is-good')?.textContent.includes('交付包：全部相符')")
            .await;
        window.shot_for_people("delivery-verified").await;
    }
}

#[tokio::test]
async fn a_first_day_by_keyboard_alone() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let day = FirstDay::open(screen);
    let window = day.screen.window(&[]).await;
    day.create_job(&window).await;
    day.import_roster(&window).await;
    day.choose_devices(&window).await;

    window.press_alt('1').await;
    window.until("put-document").await;
    let person = &day.people[0];
    day.sit(Some(person));
    slot.insert(card_of(person)).expect("laid down");
    window.until("seated").await;
    ready(&window, person).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    // Portrait and copy side by side, and the copy is a picture too.
    let copy = "document.querySelector('.files [data-copy]')?.naturalWidth === 480";
    window.until_true(copy).await;
    window.shot_for_people("review-copy").await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    slot.remove();
    window.until("put-document").await;
    day.deliver_and_verify(&window).await;
    window.close().await;

    // What was chosen is remembered, and the job is offered again.
    let window = day.screen.window(&[]).await;
    until_there(&window, ".jobs button").await;
    push(&window, ".jobs button").await;
    window.until("put-document").await;
    window.press_alt('5').await;
    until_there(&window, "input[name=reader]:checked").await;
    let chosen = "return document.querySelector('input[name=reader]:checked').value;";
    assert_eq!(window.run(chosen).await, json!("pcsc:Virtual PCD 00 00"));
    let camera = "return document.querySelector('fieldset:last-of-type .input').value;";
    assert_eq!(window.run(camera).await, json!(day.camera()));
    window.close().await;
}

#[tokio::test]
async fn a_second_start_opens_no_second_station() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    until_there(&window, "[data-code]").await;
    let before = window.handles().await.len();
    for arguments in [vec![], vec!["--job", "/nowhere"]] {
        let ended = window.start_again(&arguments);
        assert!(ended.success(), "{ended}");
    }
    assert_eq!(window.handles().await.len(), before);
    let alive = "window.__TAURI_INTERNALS__.invoke('station_info').then((i) => done(i.job !== null), (e) => done(e));";
    assert_eq!(window.ask(alive).await, json!(true));
    window.close().await;
}

#[tokio::test]
async fn a_job_that_another_station_holds_is_told_with_what_to_do() {
    let (Some(screen), Some(other)) = (Screen::open(1366, 768), Screen::open(1366, 768)) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let first = booth.window().await;
    until_there(&first, "[data-code]").await;
    // The same station in a session of its own, as a second log-in on the machine is.
    std::fs::create_dir(other.station_dir()).expect("a folder");
    for file in std::fs::read_dir(booth.screen.station_dir()).expect("the station's folder") {
        let file = file.expect("a file");
        let copy = other.station_dir().join(file.file_name());
        std::fs::copy(file.path(), copy).expect("copied");
    }
    let job = booth.job();
    let second = other.window(&["--job", &job.to_string_lossy()]).await;
    until_there(&second, "main.start .note.is-bad").await;
    let said = text_of(&second, "main.start .note.is-bad").await;
    for words in [
        "启动时指定的任务没有打开",
        "另一个程序正在使用该任务",
        "关闭另一个程序",
        "job-busy",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    second.shot_for_people("start-busy").await;
    // Nor does it open by hand while the other one runs; afterwards it does.
    push(&second, ".start__do header button").await;
    give_path(&second, &job).await;
    until_there(&second, "main.start .note.is-bad").await;
    let said = text_of(&second, "main.start .note.is-bad").await;
    assert!(said.contains("job-busy"), "{said}");
    first.close().await;
    drop(booth.job_again());
    push(&second, ".start__do header button").await;
    give_path(&second, &job).await;
    until_gone(&second, "main.start").await;
    second.close().await;
}
