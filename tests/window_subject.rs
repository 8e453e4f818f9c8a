//! The subject's window in the real program: what it shows, what it may ask, that it is
//! deaf, and that it goes with the operator's.

#![cfg(target_os = "linux")]

use likeness_tests::Person;
use likeness_tests::window::{PATIENCE, Screen, Window, key};
use serde_json::{Value, json};
use simulator::subject;
use station::{StationHome, desk::Which};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};

const OPERATOR: &str = "/";
const SUBJECT: &str = "/subject.html";

/// A training job with two people and a stranger, and a tray that they come through.
struct Demo {
    screen: Screen,
    people: Vec<Person>,
    _alone: MutexGuard<'static, ()>,
}

/// Two windows draw two pictures: two such tests at once would starve the camera of a
/// machine with two cores, and a camera that stalls voids the sitting.
static ALONE: Mutex<()> = Mutex::const_new(());

impl Demo {
    async fn open(screen: Screen) -> Self {
        let demo = Self {
            people: ["林一", "周二"]
                .iter()
                .zip(41..)
                .map(|(name, seed)| Person::new(&format!("20260{seed:03}"), name, "测试 2201 班"))
                .collect(),
            screen,
            _alone: ALONE.lock().await,
        };
        for folder in ["documents", "pictures", "now", "photos"] {
            std::fs::create_dir_all(demo.dir().join(folder)).expect("a folder");
        }
        let stranger = Person::new("20269999", "陌生人", "");
        for person in demo.people.iter().chain([&stranger]) {
            demo.admit(person);
        }
        let empty = demo.dir().join("pictures/empty.png");
        image::RgbImage::from_pixel(960, 1280, image::Rgb([100, 197, 255]))
            .save(&empty)
            .expect("an empty chair");
        std::fs::copy(empty, demo.dir().join("now/picture.png")).expect("copied");
        demo.create_job();
        let now = demo.dir().join("now");
        let settings = json!({
            "reader": format!("simulated:{}", now.display()),
            "camera": format!("still:{}", now.join("picture.png").display()),
            "operator": "tester",
        });
        let file = demo.screen.station_dir().join("settings.json");
        std::fs::write(file, settings.to_string()).expect("settings");
        demo
    }

    fn dir(&self) -> PathBuf {
        self.screen.dir().join("demo")
    }

    fn home(&self) -> StationHome {
        StationHome::at(self.screen.station_dir())
    }

    fn admit(&self, person: &Person) {
        let (dir, who) = (self.dir(), &person.student_number);
        let document = person.document(self.screen.dir(), "20400101", &[]);
        std::fs::copy(document, dir.join(format!("documents/{who}.toml"))).expect("copied");
        let picture = person.picture(self.screen.dir());
        std::fs::copy(picture, dir.join(format!("pictures/{who}.png"))).expect("copied");
    }

    fn create_job(&self) {
        let job = self.dir().join("job");
        let home = self.home();
        home.create_job(&job, "national-60kb", true).expect("a job");
        let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
        for person in &self.people {
            let fields = [
                &person.student_number,
                &person.name,
                &person.number,
                &person.class,
            ];
            csv += &fields.map(String::as_str).join(",");
            csv += "\n";
        }
        let roster = self.screen.dir().join("roster.csv");
        std::fs::write(&roster, csv).expect("written");
        let photo = self
            .dir()
            .join(format!("photos/{}.jpg", self.people[0].student_number));
        let drawn = subject::Subject::numbered(self.people[0].subject).draw(480, 640, 1);
        drawn.save(photo).expect("an admission photo");
        let mut desk = home.open_job(&job).expect("the job opens");
        let imported = desk.import_roster(&roster, false, false).expect("read");
        assert!(imported.imported);
        let photos = desk
            .import_photos(&self.dir().join("photos"), &mut |_, _| {
                ControlFlow::Continue(())
            })
            .expect("read");
        assert_eq!(photos.imported, 1);
    }

    async fn window(&self) -> Window {
        let (demo, job) = (self.dir(), self.dir().join("job"));
        let arguments = [
            "--demo",
            &demo.to_string_lossy(),
            "--job",
            &job.to_string_lossy(),
        ];
        let window = self.screen.window(&arguments).await;
        window.go_to(OPERATOR).await;
        window.until("put-document").await;
        window
    }

    /// The bytes on file, once the program let go of the job.
    fn filed(&self, person: &Person) -> Vec<u8> {
        let begun = Instant::now();
        let desk = loop {
            match self.home().open_job(&self.dir().join("job")) {
                Ok(desk) => break desk,
                Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        let out = self.screen.dir().join("filed.jpg");
        desk.export(&person.student_number, None, Which::Portrait, &out)
            .expect("exported");
        std::fs::read(out).expect("read")
    }
}

/// Asks the shell from the page that is shown now.
async fn invoke(window: &Window, command: &str, arguments: &Value) -> Result<Value, String> {
    let script = format!(
        "window.__TAURI_INTERNALS__.invoke('{command}', {arguments}).then((v) => done({{ ok: v }}), \
         (e) => done({{ error: typeof e === 'string' ? e : JSON.stringify(e) }}));"
    );
    let answer = window.ask(&script).await;
    match answer.get("error") {
        Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
        None => Ok(answer["ok"].clone()),
    }
}

/// Status, and a digest of the bytes, of a picture for the page that is shown now.
async fn fetched(window: &Window, path: &str) -> (u64, String) {
    let script = format!(
        "fetch('likeness://localhost/{path}', {{ cache: 'no-store' }}).then(async (r) => {{ \
         const bytes = new Uint8Array(await r.arrayBuffer()); let sum = ''; \
         for (const b of bytes) sum += b.toString(16).padStart(2, '0'); \
         done([r.status, sum]); }}, (e) => done([0, String(e)]));"
    );
    let answer = window.ask(&script).await;
    let hex = answer[1].as_str().unwrap_or_default().to_owned();
    (answer[0].as_u64().unwrap_or_default(), hex)
}

async fn show(window: &Window) {
    let opened = invoke(window, "subject_window", &json!({ "open": true })).await;
    assert_eq!(opened, Ok(json!(true)));
}

/// Somebody sits down, and a while later lays the document down: the camera made of
/// files takes its time over another picture, and a camera that stalls voids a sitting.
async fn sit(demo: &Demo, who: &str) {
    let (dir, now) = (demo.dir(), demo.dir().join("now"));
    let appear = |from: PathBuf, to: PathBuf| {
        let beside = to.with_extension("new");
        std::fs::copy(from, &beside).expect("copied");
        std::fs::rename(beside, to).expect("renamed");
    };
    appear(
        dir.join(format!("pictures/{who}.png")),
        now.join("picture.png"),
    );
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    appear(
        dir.join(format!("documents/{who}.toml")),
        now.join("document.toml"),
    );
}

async fn leave(demo: &Demo, window: &Window) {
    std::fs::remove_file(demo.dir().join("now/document.toml")).expect("taken");
    window.go_to(OPERATOR).await;
    window
        .until_true("document.querySelector('[data-document]')?.dataset.document === 'none'")
        .await;
}

/// Sits down until the shutter is armed and the burst lies behind the seat.
async fn seat(demo: &Demo, window: &Window, person: &Person) {
    window.go_to(OPERATOR).await;
    sit(demo, &person.student_number).await;
    window.until("seated").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
}

async fn to_review(window: &Window) {
    window.go_to(OPERATOR).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(window).await;
}

async fn painted(window: &Window) {
    let shown = "[...document.querySelectorAll('img')].some(i => i.src.includes('/portrait/') && i.complete && i.naturalWidth === 480)";
    window.until_true(shown).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
}

/// Waits for the subject's window to show this stage.
async fn shows(window: &Window, stage: &str) {
    window.go_to(SUBJECT).await;
    let begun = Instant::now();
    loop {
        let script =
            "return document.querySelector('[data-subject]')?.dataset.subject ?? 'no page';";
        let now = window.run(script).await;
        if now == json!(stage) {
            return;
        }
        if begun.elapsed() >= PATIENCE {
            let told = invoke(window, "subject_view", &json!({ "after": 0 })).await;
            panic!("the subject's window shows {now} and not {stage}; told is {told:?}");
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// What a reader of the page sees of it.
async fn text(window: &Window) -> String {
    let text = window.run("return document.body.innerText;").await;
    text.as_str().unwrap_or_default().to_owned()
}

async fn assert_nobody(window: &Window, people: &[Person]) {
    let seen = text(window).await;
    for person in people {
        let tail = &person.student_number[4..];
        assert!(
            !seen.contains(&person.name) && !seen.contains(tail),
            "{seen}"
        );
    }
    let pictures = window
        .run("return document.querySelectorAll('img, canvas').length;")
        .await;
    assert_eq!(pictures, json!(0), "a face is left");
}

/// Whose picture the mirror shows, turned round as a mirror does.
async fn mirrored(demo: &Demo, window: &Window) -> String {
    let script = "return document.querySelector('.mirror canvas').toDataURL('image/png');";
    let url = window.run(script).await;
    let encoded = url.as_str().and_then(|url| url.split(',').nth(1));
    let png = base64(encoded.expect("a picture"));
    let small = |picture: &image::DynamicImage| picture.thumbnail_exact(72, 96).into_luma8();
    let seen = small(&image::load_from_memory(&png).expect("it decodes"));
    let apart = |other: &image::GrayImage| -> u32 {
        let pairs = seen.pixels().zip(other.pixels());
        pairs.map(|(a, b)| u32::from(a.0[0].abs_diff(b.0[0]))).sum()
    };
    let mut fits: Vec<(u32, String)> = Vec::new();
    for person in &demo.people {
        let picture = image::open(person.picture(demo.screen.dir())).expect("it decodes");
        let plain = small(&picture);
        let turned = image::imageops::flip_horizontal(&plain);
        fits.push((apart(&turned), person.name.clone()));
        fits.push((apart(&plain), format!("{}, not mirrored", person.name)));
    }
    fits.sort();
    assert!(3 * fits[0].0 < 2 * fits[1].0, "hardly told apart: {fits:?}");
    fits.swap_remove(0).1
}

fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|b| *b != b'=').map(value).collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let word = four
            .iter()
            .enumerate()
            .fold(0, |word, (at, digit)| word | digit << (18 - 6 * at));
        bytes.extend(&word.to_be_bytes()[1..four.len()]);
    }
    bytes
}

fn shots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens/subject")
}

async fn shot(window: &Window, name: &str) {
    window.go_to(SUBJECT).await;
    window.shot(&shots().join(format!("{name}.png"))).await;
    // What keeps a page repainting for its picture would go on for the whole sitting.
    window
        .run("clearInterval(window.ticker); window.ticker = undefined;")
        .await;
}

/// Before the mirror stand one's own name, the last four of the number and one's face.
async fn assert_mirrors(demo: &Demo, window: &Window, person: &Person, others: &[&str]) {
    shows(window, "framing").await;
    let seen = text(window).await;
    let tail = format!("****{}", &person.student_number[4..]);
    assert!(
        seen.contains(&person.name) && seen.contains(&tail),
        "{seen}"
    );
    for other in others {
        assert!(!seen.contains(other), "{seen}");
    }
    window
        .until_true("document.querySelector('.mirror canvas:not(.is-gone)')?.dataset.frame")
        .await;
    assert_eq!(mirrored(demo, window).await, person.name);
}

/// The picture to confirm is the operator's, byte for byte, and not turned round; its path
/// and bytes.
async fn assert_confirms(window: &Window, person: &Person) -> (String, String) {
    window.go_to(OPERATOR).await;
    let source =
        "return [...document.querySelectorAll('img')].find(i => i.src.includes('/portrait/')).src;";
    let address = window.run(source).await;
    let path = address
        .as_str()
        .and_then(|address| address.split("localhost/").nth(1));
    let path = path.expect("a path").to_owned();
    let operators = fetched(window, &path).await;
    shows(window, "confirm").await;
    painted(window).await;
    assert_eq!(window.run(source).await, address);
    assert_eq!(fetched(window, &path).await, operators);
    assert_eq!(operators.0, 200);
    let turned = "return getComputedStyle(document.querySelector('.mirror img')).transform;";
    assert_eq!(window.run(turned).await, json!("none"), "never mirrored");
    let seen = text(window).await;
    for told in [person.name.as_str(), "左右相反", "not mirrored"] {
        assert!(seen.contains(told), "{seen}");
    }
    (path, operators.1)
}

#[tokio::test]
async fn the_subject_sees_their_own_name_face_and_portrait_and_nothing_after() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let (person, other) = (demo.people[0].clone(), demo.people[1].clone());
    let window = demo.window().await;
    show(&window).await;
    shows(&window, "welcome").await;
    let sized = window.client.set_window_rect(0, 0, 1366, 768).await;
    sized.expect("resized");
    assert_nobody(&window, &demo.people).await;
    shot(&window, "welcome").await;

    seat(&demo, &window, &person).await;
    let secret = [&person.student_number, &person.class, &other.name].map(String::as_str);
    assert_mirrors(&demo, &window, &person, &secret).await;
    shot(&window, "framing").await;
    to_review(&window).await;
    let (path, shown) = assert_confirms(&window, &person).await;
    shot(&window, "confirm").await;

    window.go_to(OPERATOR).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    shows(&window, "filed").await;
    assert_nobody(&window, &demo.people).await;
    assert_eq!(fetched(&window, &path).await.0, 404);
    assert_eq!(fetched(&window, "frame?after=0").await.0, 204);
    shot(&window, "filed").await;
    leave(&demo, &window).await;
    shows(&window, "welcome").await;

    // The next one sees nothing of the first.
    seat(&demo, &window, &other).await;
    assert_mirrors(&demo, &window, &other, &[&person.name, "0041"]).await;
    window.close().await;
    let filed = demo.filed(&person);
    let filed: String = filed.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(filed, shown, "what was shown is what is on file");
}

#[tokio::test]
async fn whoever_is_voided_or_refused_leaves_nothing_and_a_closed_booth_shows_nothing() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let person = demo.people[0].clone();
    let window = demo.window().await;
    show(&window).await;
    seat(&demo, &window, &person).await;
    to_review(&window).await;
    let (path, _) = assert_confirms(&window, &person).await;
    window.go_to(OPERATOR).await;
    window.press(key::ESCAPE).await;
    window.until("voided-by-operator").await;
    shows(&window, "stopped").await;
    assert_nobody(&window, &demo.people).await;
    assert_eq!(fetched(&window, &path).await.0, 404);
    leave(&demo, &window).await;

    // Whoever is refused is told what to do, and nobody's name.
    sit(&demo, "20269999").await;
    window.until("not-on-roster").await;
    shows(&window, "stopped").await;
    assert_nobody(&window, &demo.people).await;
    let seen = text(&window).await;
    assert!(
        seen.contains("登记处") && !seen.contains("陌生人"),
        "{seen}"
    );
    shot(&window, "refused").await;
    leave(&demo, &window).await;
    shows(&window, "welcome").await;

    window.go_to(OPERATOR).await;
    let closed = invoke(&window, "close_booth", &json!({})).await;
    assert_eq!(closed, Ok(Value::Null));
    shows(&window, "nothing").await;
    assert_eq!(text(&window).await.trim(), "");
    window.close().await;
}

#[tokio::test]
async fn keys_in_the_subjects_window_are_dead_and_the_operators_go_on() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let person = demo.people[0].clone();
    let window = demo.window().await;
    show(&window).await;
    seat(&demo, &window, &person).await;
    shows(&window, "framing").await;
    for key in [key::SPACE, key::ENTER, key::ESCAPE, 'r'] {
        window.press(key).await;
    }
    window.scan(" r1 R2 9787111").await;
    window.go_to(OPERATOR).await;
    assert_eq!(window.code().await, "seated");
    to_review(&window).await;
    shows(&window, "confirm").await;
    for key in [key::SPACE, key::ENTER, 'r', key::ESCAPE] {
        window.press(key).await;
    }
    window.scan(" r1 R2 9787111").await;
    assert_eq!(
        window
            .run("return document.querySelectorAll('button, a, input, [tabindex]').length;")
            .await,
        json!(0)
    );
    window.go_to(OPERATOR).await;
    assert_eq!(window.code().await, "review");
    assert_eq!(invoke(&window, "records", &json!({})).await, Ok(json!([])));
    // The twin: the operator's own key does it, after all that was typed elsewhere.
    window.press(key::ENTER).await;
    window.until("filed").await;
    window.close().await;
}

/// Every command of the shell, as its own list has it.
fn commands() -> Vec<String> {
    let list = include_str!("../src-tauri/build.rs");
    let list = list
        .split("COMMANDS: &[&str] = &[")
        .nth(1)
        .expect("the list");
    let list = list.split("];").next().expect("its end");
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_subjects_page_may_ask_for_its_view_and_for_nothing_else() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let window = demo.window().await;
    show(&window).await;
    shows(&window, "welcome").await;
    let commands = commands();
    assert!(commands.len() > 25 && commands.contains(&"intent".to_owned()));
    let system = [
        "plugin:window|set_fullscreen",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:dialog|open",
        "plugin:event|emit",
        "plugin:window-state|filename",
    ];
    for command in commands
        .iter()
        .map(String::as_str)
        .filter(|command| *command != "subject_view")
        .chain(system)
    {
        let refused = invoke(
            &window,
            command,
            &json!({ "intent": { "kind": "expose" }, "after": 0 }),
        )
        .await;
        let reason = refused.expect_err(command);
        assert!(reason.contains("not allowed"), "{command}: {reason}");
    }
    let own = invoke(&window, "subject_view", &json!({ "after": 0 }))
        .await
        .expect("granted");
    assert_eq!(own["stage"], json!("welcome"));
    window.go_to(OPERATOR).await;
    let refused = invoke(&window, "subject_view", &json!({ "after": 0 })).await;
    assert!(refused.is_err_and(|reason| reason.contains("not allowed")));
    assert_eq!(
        invoke(&window, "subject_window", &json!({ "open": null })).await,
        Ok(json!(true))
    );
    window.close().await;
}

#[tokio::test]
async fn the_subjects_page_gets_the_mirror_and_its_own_portrait_and_no_other_picture() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let person = demo.people[0].clone();
    let number = person.student_number.clone();
    let window = demo.window().await;
    show(&window).await;
    // A record, flagged, so that a former portrait stands beside the next sitting.
    seat(&demo, &window, &person).await;
    to_review(&window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    leave(&demo, &window).await;
    let flag = json!({ "studentNumber": number, "reason": "glare", "by": "registrar" });
    assert_eq!(invoke(&window, "flag", &flag).await, Ok(Value::Null));
    shows(&window, "welcome").await;
    assert_eq!(
        fetched(&window, "frame?after=0").await.0,
        204,
        "nobody sits"
    );
    seat(&demo, &window, &person).await;
    shows(&window, "framing").await;
    assert_eq!(fetched(&window, "frame?after=0").await.0, 200);
    to_review(&window).await;
    let view = invoke(&window, "view", &json!({ "after": 0 }))
        .await
        .expect("a view");
    let path = |value: &Value| value.as_str().expect("a path").to_owned();
    let portrait = path(&view["review"]["portrait"]);
    let others = [
        path(&view["review"]["burst"][0]),
        path(&view["subject"]["admission_photo"]),
        path(&view["subject"]["former_portrait"]),
    ];
    assert_eq!(others[2], format!("record/{number}/1"));
    let rosters = ["frame?after=0".to_owned(), portrait.clone()];
    // The twins: the operator is shown every one of them.
    for path in others.iter().chain(&rosters) {
        assert_eq!(fetched(&window, path).await.0, 200, "{path}");
    }
    shows(&window, "confirm").await;
    for path in &others {
        assert_eq!(fetched(&window, path).await.0, 404, "{path}");
        let escaped = path.replace('/', "%2F");
        assert_eq!(fetched(&window, &escaped).await.0, 404, "{escaped}");
    }
    assert_eq!(
        fetched(&window, "frame?after=0").await.0,
        204,
        "one face at a time"
    );
    assert_eq!(fetched(&window, &portrait).await.0, 200);
    let stale = format!("portrait/{}", "0".repeat(64));
    assert_eq!(fetched(&window, &stale).await.0, 404);
    window.close().await;
}

#[tokio::test]
async fn the_switch_opens_and_closes_the_window_and_it_is_remembered() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let demo = Demo::open(screen).await;
    let window = demo.window().await;
    assert_eq!(window.handles().await.len(), 1);
    window.run("window.dispatchEvent(new KeyboardEvent('keydown', { key: '6', code: 'Digit6', altKey: true }));").await;
    let stands = |what: &str| {
        format!(
            "document.querySelector('[data-subject-window]')?.dataset.subjectWindow === '{what}'"
        )
    };
    let button = "document.querySelector('[data-subject-window] + button')";
    window
        .until_true(&format!("{} && !{button}.disabled", stands("closed")))
        .await;
    window.run(&format!("{button}.click();")).await;
    window.until_true(&stands("open")).await;
    shows(&window, "welcome").await;
    for language in ["zh", "en"] {
        window.go_to(OPERATOR).await;
        window.run(&format!("[...document.querySelectorAll('.segments button')].find((b) => b.lang.startsWith('{language}')).click();")).await;
        window
            .shot(&shots().join(format!("settings-{language}.png")))
            .await;
    }
    window
        .run("[...document.querySelectorAll('.segments button')][0].click();")
        .await;
    window.close().await;

    // It was open when the program ended.
    let window = demo.window().await;
    shows(&window, "welcome").await;
    window.go_to(OPERATOR).await;
    let closed = invoke(&window, "subject_window", &json!({ "open": false })).await;
    assert_eq!(closed, Ok(json!(false)));
    let begun = Instant::now();
    while window.handles().await.len() != 1 {
        assert!(begun.elapsed() < PATIENCE, "the window does not close");
    }
    window.close().await;
    let window = demo.window().await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(window.handles().await.len(), 1);

    window.close().await;
}
