//! Every screen in every state, in both languages and both sizes: looked at by machine for
//! what a person would notice, and photographed for people in `target/screens/all`.
//!
//! The pages are those of the product with the in-memory backend behind them, in the engine
//! of the product's window. What this cannot see (the bridge to the station) the tests
//! `window_booth` and `window_day` do in the program itself.
#![cfg(target_os = "linux")]

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use likeness_tests::window::{Screen, Window};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

mod expected {
    include!("screens/expected.rs");
}
use expected::{EXPECTED, SUBJECT, Shows};

/// Finds on any page what a person would stumble over.
const LOOK: &str = include_str!("screens/look.js");
/// Waits until a page stands still.
const SETTLE: &str = include_str!("screens/settle.js");

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui")
}

/// Where the pages are served, or what is missing to build them.
fn pages() -> Result<&'static str, String> {
    static SERVED: OnceLock<Result<String, String>> = OnceLock::new();
    let served = SERVED.get_or_init(|| {
        if !ui().join("node_modules/vite").is_dir() {
            return Err("the packages of ui/ are not installed (npm ci)".into());
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
        let built = Command::new("npm")
            .current_dir(ui())
            .args(["run", "build:memory", "--", "--outDir"])
            .arg(&folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("npm does not run: {error}"))?;
        assert!(
            built.status.success(),
            "the pages are not built:\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        Ok(serve(folder))
    });
    served.as_ref().map(String::as_str).map_err(String::clone)
}

/// A server of this folder, for as long as the test program lives.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that goes away in mid-answer is no fault of the page.
            std::thread::spawn(move || drop(answer(connection, &folder)));
        }
    });
    format!("http://{address}")
}

fn answer(mut connection: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let asked = first.split(' ').nth(1).unwrap_or("/");
    let path = asked
        .split('?')
        .next()
        .unwrap_or("/")
        .trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let kind = match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let inside = !path.split('/').any(|part| part == "..");
    let found = std::fs::read(folder.join(path)).ok().filter(|_| inside);
    let status = if found.is_some() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    let body = found.unwrap_or_default();
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    connection.write_all(&body)
}

/// A browser whose page is exactly so large, and the address of the pages.
async fn browser(width: u32, height: u32) -> Option<(Screen, Window, &'static str)> {
    let pages = pages();
    // Room for the bars that the browser has around its page.
    let screen = Screen::open_for(width + 200, height + 200, pages.as_ref().err().cloned())?;
    let window = screen.browser().await;
    let pages = pages.expect("looked for above");
    window.client.goto(pages).await.expect("a page");
    let mut outer = (width, height);
    for _ in 0..5 {
        let resized = window.client.set_window_rect(0, 0, outer.0, outer.1);
        resized.await.expect("resized");
        let (w, h) = inner(&window).await;
        if (w, h) == (width, height) {
            return Some((screen, window, pages));
        }
        outer = (outer.0 + width - w, outer.1 + height - h);
    }
    panic!("the page does not become {width} x {height}");
}

async fn inner(window: &Window) -> (u32, u32) {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let size = window
        .run("return [window.innerWidth, window.innerHeight];")
        .await;
    let side = |at: usize| u32::try_from(size[at].as_u64().expect("a number")).expect("small");
    (side(0), side(1))
}

fn list(value: &Value) -> Vec<String> {
    let items = value.as_array().expect("a list");
    let text = |item: &Value| item.as_str().expect("words").to_owned();
    items.iter().map(text).collect()
}

/// All that is wrong with the page that is open.
async fn faults(window: &Window, language: &str) -> Vec<String> {
    list(
        &window
            .run(&format!("{LOOK}\nreturn look({});", json!(language)))
            .await,
    )
}

/// Whether the page shows what the state is about; what it shows instead otherwise.
async fn shows(window: &Window, shows: Shows) -> Option<String> {
    match shows {
        Shows::Code(code) => {
            let now = window.code().await;
            (now != code).then(|| format!("the state line says {now}, not {code}"))
        }
        Shows::Part(part) => {
            let script = format!("return document.querySelector({}) !== null;", json!(part));
            (window.run(&script).await != json!(true)).then(|| format!("nothing like {part}"))
        }
    }
}

/// Opens a state, looks at it and photographs it.
async fn visit(window: &Window, address: &str, shown: Shows, language: &str) -> Vec<String> {
    window.client.goto(address).await.expect("a page");
    // A mirror is empty until its first frame; a part that never comes is told below.
    for _ in 0..60 {
        if shows(window, shown).await.is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let unsettled = window.ask(SETTLE).await;
    let mut wrong = faults(window, language).await;
    wrong.extend(
        unsettled
            .as_str()
            .filter(|what| !what.is_empty())
            .map(str::to_owned),
    );
    wrong.extend(shows(window, shown).await);
    wrong
}

async fn every_state_at(width: u32, height: u32) {
    let Some((_screen, window, pages)) = browser(width, height).await else {
        return;
    };
    complete(&window, EXPECTED).await;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens/all");
    let mut told = String::new();
    for language in ["zh", "en"] {
        for (state, shown) in EXPECTED {
            let address = format!("{pages}/?memory={state}&lang={language}");
            for wrong in visit(&window, &address, *shown, language).await {
                writeln!(told, "{state} {language}: {wrong}").expect("a string");
            }
            let file = format!("{width}x{height}-{language}/{state}.png");
            window.shot(&target.join(file)).await;
        }
    }
    // The subject's page says everything in both languages, Chinese first.
    let page = format!("{pages}/subject.html");
    window.client.goto(&page).await.expect("a page");
    complete(&window, SUBJECT).await;
    for (state, shown) in SUBJECT {
        for wrong in visit(&window, &format!("{page}?memory={state}"), *shown, "zh").await {
            writeln!(told, "{state}: {wrong}").expect("a string");
        }
        let file = format!("{width}x{height}-subject/{state}.png");
        window.shot(&target.join(file)).await;
    }
    assert!(told.is_empty(), "{width}x{height}\n{told}");
    window.close().await;
}

/// Each state of the page's backend has something to show, and the other way round.
async fn complete(window: &Window, expected: &[(&str, Shows)]) {
    window.until_true("window.likenessMemory").await;
    let states = window.run("return window.likenessMemory.states;").await;
    let states: BTreeSet<String> = list(&states).into_iter().collect();
    let expected: BTreeSet<String> = expected.iter().map(|(name, _)| (*name).into()).collect();
    assert_eq!(states, expected);
}

#[tokio::test]
async fn every_state_on_a_laptop() {
    every_state_at(1366, 768).await;
}

#[tokio::test]
async fn every_state_on_a_large_screen() {
    every_state_at(1920, 1080).await;
}

/// Presses Tab often enough to come round and gives the names of what had the focus.
async fn tabbed(window: &Window) -> (BTreeSet<String>, BTreeSet<String>) {
    let listed = "window.had = []; document.addEventListener('focusin', (event) => window.had.push(event.target)); \
        window.all = [...document.querySelectorAll('button, input, select')].filter((one) => !one.disabled && one.tabIndex >= 0 && \
        (one.type !== 'radio' || one.checked)); return window.all.length;";
    let count = window.run(listed).await.as_u64().expect("a number");
    let mut tabs = KeyActions::new("hand".into());
    for _ in 0..count + 3 {
        tabs = tabs
            .then(KeyAction::Down { value: '\u{E004}' })
            .then(KeyAction::Up { value: '\u{E004}' });
    }
    window.client.perform_actions(tabs).await.expect("pressed");
    let names = "const name = (one) => `${window.all.indexOf(one)} ${one.textContent.trim() || one.ariaLabel || one.type}`; \
        return [window.all.map(name), window.had.filter((one) => window.all.includes(one)).map(name)];";
    let names = window.run(names).await;
    let set = |at: usize| list(&names[at]).into_iter().collect();
    (set(0), set(1))
}

#[tokio::test]
async fn every_button_of_the_office_is_reached_by_tab() {
    let Some((_screen, window, pages)) = browser(1366, 768).await else {
        return;
    };
    for state in [
        "start",
        "start-create",
        "roster",
        "roster-preview",
        "reshoot",
        "reshoot-filed",
        "flag",
        "delivery",
        "devices",
        "settings",
        "booth-failed",
    ] {
        let address = format!("{pages}/?memory={state}&lang=en");
        window.client.goto(&address).await.expect("a page");
        window.ask(SETTLE).await;
        if window
            .run("return document.querySelector('dialog[open]') !== null;")
            .await
            == json!(true)
        {
            // What lies behind a dialog cannot be reached, and must not.
            window
                .run("document.querySelectorAll('#window > :not(dialog)').forEach((part) => (part.inert = true));")
                .await;
        }
        let (all, had) = tabbed(&window).await;
        let all: BTreeSet<_> = match state {
            "start-create" | "roster-preview" | "flag" => within_dialog(&window).await,
            _ => all,
        };
        assert!(!all.is_empty(), "{state} has nothing to press");
        let unreached: Vec<_> = all.difference(&had).collect();
        assert!(unreached.is_empty(), "{state}: {unreached:?}");
    }
    // The twin: a page that keeps the focus in one place.
    let trap = "document.body.innerHTML = '<button>a</button><button>b</button>'; \
        document.addEventListener('keydown', (event) => { event.preventDefault(); event.stopPropagation(); }, true); \
        document.querySelector('button').focus();";
    window.run(trap).await;
    let (all, had) = tabbed(&window).await;
    assert_eq!(
        all.difference(&had).count(),
        all.len(),
        "a trap was not noticed"
    );
    window.close().await;
}

/// The marks of the background are there while somebody wants to see them, and for no scanner.
#[tokio::test]
async fn the_marks_come_and_go_by_their_key() {
    let Some((_screen, window, pages)) = browser(1366, 768).await else {
        return;
    };
    let marks = "return document.querySelectorAll('.big .places rect').length;";
    let open = |state: &str| format!("{pages}/?memory={state}&lang=en");
    for (state, has_marks) in [("review-places", true), ("review", false)] {
        window.client.goto(&open(state)).await.expect("a page");
        window.ask(SETTLE).await;
        assert_eq!(window.run(marks).await, json!(0), "{state}: not asked for");
        window.scan("b6901234b").await;
        assert_eq!(window.run(marks).await, json!(0), "{state}: a scanner");
        window.press('b').await;
        let shown = window.run(marks).await.as_u64().expect("a number") > 0;
        assert_eq!(shown, has_marks, "{state}");
        let remedy = "return document.querySelectorAll('.where__do li').length > 0;";
        assert_eq!(window.run(remedy).await, json!(has_marks), "{state}");
        window.press('b').await;
        assert_eq!(window.run(marks).await, json!(0), "{state}: taken away");
    }
    window.close().await;
}

async fn within_dialog(window: &Window) -> BTreeSet<String> {
    let names = "const name = (one) => `${window.all.indexOf(one)} ${one.textContent.trim() || one.ariaLabel || one.type}`; \
        return window.all.filter((one) => one.closest('dialog[open]') !== null).map(name);";
    list(&window.run(names).await).into_iter().collect()
}

/// Broken pieces of a page, each with what must be found there and its mended twin.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "the page is wider",
        "<p style='width: 3000px; height: 1em'>Wide</p>",
        "<p style='width: 300px; height: 1em'>Wide</p>",
    ),
    (
        "the page is higher",
        "<p style='height: 3000px'>High</p>",
        "<p style='height: 300px'>High</p>",
    ),
    (
        "text leaves the window",
        "<p style='position: absolute; left: 10px; top: -12px; line-height: 1'>Away</p>",
        "<p style='position: absolute; left: 10px; top: 12px; line-height: 1'>Here</p>",
    ),
    (
        "text is cut across",
        "<p style='width: 60px; overflow: hidden; white-space: nowrap'>Longer than its box</p>",
        "<p style='width: 300px; overflow: hidden; white-space: nowrap'>Shorter than its box</p>",
    ),
    (
        "text is cut in height",
        "<p style='height: 6px; overflow: hidden'>Higher than its box</p>",
        "<p style='height: 30px; overflow: hidden'>Lower than its box</p>",
    ),
    (
        "a box is wider inside",
        "<div style='width: 60px; overflow: hidden'>A<i style='display: block; width: 90px; height: 4px'></i></div>",
        "<div style='width: 60px; overflow: hidden'>A<i style='display: block; width: 50px; height: 4px'></i></div>",
    ),
    (
        "a box is higher inside",
        "<div style='height: 60px; overflow: hidden'>A<i style='display: block; height: 90px'></i></div>",
        "<div style='height: 60px; overflow: hidden'>A<i style='display: block; height: 10px'></i></div>",
    ),
    (
        "text is cut by an ellipsis",
        "<p style='width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis'>Longer than its box</p>",
        "<p style='width: 300px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis'>Shorter than its box</p>",
    ),
    (
        "text is cut in height",
        "<p style='height: 20px; width: 90px; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 1'>More rows than one</p>",
        "<p style='height: 30px; width: 300px; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 1'>One row</p>",
    ),
    (
        "text sticks out of its column",
        "<p style='width: 90px; white-space: nowrap'>Longer than its column</p>",
        "<p style='width: 90px'>Longer than its column</p>",
    ),
    (
        "a part scrolls by a hair",
        "<div style='height: 60px; overflow: auto'><p style='height: 64px'>High</p></div>",
        "<div style='height: 60px; overflow: auto'><p style='height: 99px'>High</p></div>",
    ),
    (
        "a part scrolls sideways",
        "<div style='width: 60px; overflow: auto; white-space: nowrap'>Longer than its box</div>",
        "<div style='width: 300px; overflow: auto; white-space: nowrap'>Shorter than its box</div>",
    ),
    (
        "words lie on words",
        "<p>One</p><p style='margin-top: -30px'>Two</p>",
        "<p>One</p><p style='margin-top: 3px'>Two</p>",
    ),
    (
        "a program's word",
        "<p>Size: undefined</p>",
        "<p>Size: 12</p>",
    ),
    ("a program's word", "<p>NaN KB</p>", "<p>12 KB</p>"),
    (
        "a program's word",
        "<p>[object Object]</p>",
        "<p>Object</p>",
    ),
    (
        "a key of the dictionary",
        "<p>camera-lost</p>",
        "<p><code>camera-lost</code></p>",
    ),
    (
        "Chinese in an English page",
        "<p>Roster 名册</p>",
        "<p>Roster <span lang='zh-CN'>名册</span></p>",
    ),
    (
        "a picture did not load",
        "<img src='/nothing.png' width='20' height='20' alt=''>",
        "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E\" alt=''>",
    ),
    (
        "no frame was drawn",
        "<div class='view__pic'><canvas></canvas></div>",
        "<div class='view__pic'><canvas data-frame='1'></canvas></div>",
    ),
    (
        "the state line cannot be read",
        "<p class='state__large' style='font-size: 36px'>Ready</p>",
        "<p class='state__large' style='font-size: 64px'>Ready</p>",
    ),
    (
        "letters too small",
        "<p style='font-size: 11px'>Fine print</p>",
        "<p style='font-size: 14px'>Fine print</p>",
    ),
    (
        "too little contrast",
        "<p style='background: #ffffff; color: #999999'>Pale</p>",
        "<p style='background: #ffffff; color: #555555'>Dark</p>",
    ),
    (
        "something without a name",
        "<button type='button' style='width: 40px; height: 40px'></button>",
        "<button type='button' style='width: 40px; height: 40px' aria-label='Go'></button>",
    ),
    (
        "too small to be hit",
        "<button type='button' aria-label='Go' style='width: 8px; height: 8px; padding: 0; border: 0'></button>",
        "<button type='button' aria-label='Go' style='width: 24px; height: 24px; padding: 0; border: 0'></button>",
    ),
    (
        "two dialogs hold the focus",
        "<dialog open tabindex='-1'>One</dialog><dialog open>Two</dialog>",
        "<dialog open tabindex='-1'>One</dialog>",
    ),
    (
        "the focus is not in the dialog",
        "<dialog open>One</dialog>",
        "<dialog open tabindex='-1'>One</dialog>",
    ),
];

async fn set_page(window: &Window, body: &str) {
    let html = format!(
        "<!doctype html><html><head><style>html, body {{ margin: 0; height: 100%; background: #fff; color: #000; font: 18px/1.5 sans-serif; }} \
         p {{ margin: 0; }}</style></head><body><main>{body}</main></body></html>"
    );
    let script = format!(
        "document.open(); document.write({}); document.close(); window.likenessMemory = undefined; \
         document.querySelector('dialog[tabindex]')?.focus();",
        json!(html)
    );
    window.run(&script).await;
    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
}

#[tokio::test]
async fn each_check_finds_its_fault_and_leaves_the_twin_alone() {
    let Some((_screen, window, pages)) = browser(1366, 768).await else {
        return;
    };
    window
        .client
        .goto(&format!("{pages}/?memory=waiting&lang=en"))
        .await
        .expect("a page");
    window.ask(SETTLE).await;
    assert_eq!(shows(&window, Shows::Code("put-document")).await, None);
    assert_eq!(
        shows(&window, Shows::Code("seated")).await,
        Some("the state line says put-document, not seated".into())
    );
    assert_eq!(shows(&window, Shows::Part(".put")).await, None);
    assert_eq!(
        shows(&window, Shows::Part(".big img")).await,
        Some("nothing like .big img".into())
    );
    for (fault, broken, mended) in BROKEN {
        set_page(&window, broken).await;
        let found = faults(&window, "en").await;
        assert!(
            found.iter().any(|found| found.starts_with(fault)),
            "{broken}: {found:?}"
        );
        set_page(&window, mended).await;
        assert_eq!(
            faults(&window, "en").await,
            Vec::<String>::new(),
            "{mended}"
        );
    }
    set_page(&window, "<p>Please put the document on the reader</p>").await;
    let found = faults(&window, "zh").await;
    assert!(
        found[0].starts_with("English in a Chinese page"),
        "{found:?}"
    );
    set_page(
        &window,
        "<p>请放证件</p><p lang='en'>Please put the document on</p>",
    )
    .await;
    assert_eq!(faults(&window, "zh").await, Vec::<String>::new());
    window.close().await;
}
