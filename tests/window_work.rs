//! Long work in a window: how far it is can be seen, and stopping it leaves nothing half.

#![cfg(target_os = "linux")]

use likeness_tests::window::{Screen, Window, key};
use likeness_tests::{Person, create_job, id_number, write_roster};
use station::{
    CameraChoice, Command, ReaderChoice, Report, SittingOptions, StationHome, attendance, claim,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

/// So many that a proof takes longer than a hand needs to stop it.
const ENTRIES: u32 = 20_000;
/// So many come later.
const NEW: u64 = 900;

fn somebody(seed: u32) -> Person {
    Person {
        student_number: format!("2026{seed:06}"),
        name: "林一".to_owned(),
        number: id_number(seed),
        class: format!("测试 {} 班", seed % 3),
        subject: seed,
    }
}

/// A job of a whole school with one record on file.
async fn school(screen: &Screen) -> (PathBuf, Vec<Person>) {
    let home = StationHome::at(screen.station_dir());
    let job = screen.dir().join("job");
    let people: Vec<Person> = (0..ENTRIES).map(somebody).collect();
    create_job(&home, &job, &people);
    let sitter = &people[7];
    for _ in 0..5 {
        let options = SittingOptions {
            reader: ReaderChoice::Simulated(sitter.document(screen.dir(), "20400101", &[])),
            camera: CameraChoice::Still(sitter.picture(screen.dir())),
            attendance: attendance(true),
            operator: "tester".into(),
            claim: claim(None, None).expect("no claim"),
            document_wait: Duration::from_secs(3),
            decoder: None,
        };
        let (sender, mut commands) = unbounded_channel::<Command>();
        drop(sender);
        let mut code = "";
        let mut desk = home.open_job(&job).expect("the job opens");
        let mut hear = |report: Report| {
            if let Report::End(end) = report {
                code = end.code;
            }
        };
        let held = desk.hold_sitting(options, &mut commands, &mut hear);
        held.await.expect("held");
        if code == "filed" {
            return (job, people);
        }
        // A machine that is starved of time starves the simulated camera too.
        assert!(code.starts_with("camera-"), "{code}");
    }
    panic!("nobody could be filed");
}

async fn push(window: &Window, button: &str) {
    window.tab_to(button).await;
    window.press(key::ENTER).await;
}

async fn give_path(window: &Window, path: &Path) {
    window
        .until_true("document.querySelector('dialog[open] .pick input')")
        .await;
    window.enter_text(&path.to_string_lossy()).await;
    push(window, "dialog .dialog__foot .is-main").await;
}

/// Waits for the work to show how far it is, and stops it, without a mouse.
async fn stop(window: &Window, with_measure: bool) {
    let shown = if with_measure {
        "document.querySelector('.work progress')?.value > 0"
    } else {
        "document.querySelector('.work progress')"
    };
    window.until_true(shown).await;
    if with_measure {
        window.tab_back_to(".work button").await;
    } else if !window.tab_back_while(".work button", ".work").await {
        // Work that is too small to be stopped on a fast machine: it has ended.
        return;
    }
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('.work') === null")
        .await;
}

/// Waits until the window tells one of these, and says all that it tells.
async fn told(window: &Window, any: &[&str]) -> String {
    let all = "[...document.querySelectorAll('.note, dialog[open]')].map((n) => n.textContent).join(' | ')";
    window
        .until_true(&format!("{any:?}.some((words) => {all}.includes(words))"))
        .await;
    let said = window.run(&format!("return {all};")).await;
    said.as_str().unwrap_or("").to_owned()
}

async fn entries(window: &Window) -> u64 {
    let script = "window.__TAURI_INTERNALS__.invoke('roster', { class: null }).then((r) => done(r.length), (e) => done(e));";
    window.ask(script).await.as_u64().expect("a number")
}

fn listing(dir: &Path) -> BTreeSet<PathBuf> {
    let files = std::fs::read_dir(dir).expect("a folder");
    files.map(|file| file.expect("a file").path()).collect()
}

#[tokio::test]
async fn work_that_is_stopped_leaves_nothing_half() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let (job, mut people) = school(&screen).await;
    let window = screen.window(&["--job", &job.to_string_lossy()]).await;
    window
        .until_true("document.querySelector('[data-code]')")
        .await;
    window.press_alt('4').await;

    push(&window, ".half:last-child .half__act button:first-child").await;
    stop(&window, true).await;
    told(&window, &["work-cancelled"]).await;

    let package = screen.dir().join("out/package");
    std::fs::create_dir(screen.dir().join("out")).expect("a folder");
    push(&window, ".half:first-child .half__act .is-main").await;
    give_path(&window, &package).await;
    stop(&window, true).await;
    let end = told(&window, &["package-cancelled"]).await;
    assert!(end.contains("没有留下文件"), "{end}");
    assert_eq!(listing(&screen.dir().join("out")), BTreeSet::new());

    // More are to come onto the roster.
    people.extend((ENTRIES..).take(900).map(somebody));
    let more = screen.dir().join("more.csv");
    write_roster(&more, &people);
    window.press_alt('2').await;
    push(&window, ".page__acts .button:last-child").await;
    give_path(&window, &more).await;
    stop(&window, false).await;
    // The proof's own note stands on another page. A preview that was faster writes nothing.
    let end = told(&window, &["work-cancelled", "导入之前看一看", "新增"]).await;
    if !end.contains("work-cancelled") {
        window.press(key::ESCAPE).await;
    }
    assert_eq!(entries(&window).await, u64::from(ENTRIES));

    // The preview again, to its end; then the import itself is stopped: it is there as a
    // whole or not at all, and the window says which.
    push(&window, ".page__acts .button:last-child").await;
    give_path(&window, &more).await;
    window
        .until_true("document.querySelector('dialog[open] .figures')")
        .await;
    push(&window, "dialog .dialog__foot .is-main").await;
    stop(&window, false).await;
    // The roster is written in one turn: a stop comes before it, or too late.
    let end = told(&window, &["work-cancelled", "已导入"]).await;
    let now = entries(&window).await;
    if end.contains("work-cancelled") {
        assert_eq!(now, u64::from(ENTRIES));
    } else {
        assert_eq!(now, u64::from(ENTRIES) + NEW);
    }

    // What was stopped can be done after all.
    window.press_alt('4').await;
    push(&window, ".half:first-child .half__act .is-main").await;
    give_path(&window, &package).await;
    window
        .until_true("document.querySelector('.half:first-child .note.is-good')")
        .await;
    assert!(package.is_dir());
    window.close().await;
}
