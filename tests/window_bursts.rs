//! A scanner types like a keyboard. Whatever it types, however fast, wherever the station
//! is, it files, exposes and voids nothing, and presses no button.

#![cfg(target_os = "linux")]

use likeness_tests::pcscd::{Pcscd, resident_text};
use likeness_tests::window::booth::{Booth, card_of, painted, ready, records_of};
use likeness_tests::window::{Screen, Window, key};
use likeness_tests::{Person, write_roster};
use serde_json::json;
use simulator::vpcd::{Card, Misdeed};
use std::time::Duration;

/// Codes that hold every key of the booth; each begins with another one that acts.
const CODES: [&str; 4] = [
    " r1R2 9787111\u{E007}",
    "\u{E007}r 12345?\u{E007}",
    "\u{E00C}R 1\u{E00C}23\u{E007}",
    "r 4\u{E014}\u{E012}5?\u{E007}",
];
/// Begins with a key that does nothing, so that it takes two hiccups in a row of a busy
/// machine to make it the work of a hand.
const HARMLESS: &str = "A r1R2 9787111\u{E007}";
/// So often a code is typed until it came as fast as a scanner's.
const TRIES: u64 = 40;
/// A card that does not answer for so long keeps its sitting where it is.
const SLOW: Duration = Duration::from_millis(2500);

/// Scans at four speeds, with the endings that scanners are set to. Whether each code came
/// as fast as a scanner types before anything happened: if it did, nothing may have.
async fn scan(window: &Window, state: &str) -> bool {
    let slower = [
        (10, "r 1R23 456\u{E004}"),
        (20, "A r1 R2345"),
        (29, "A1 r 2R\u{E007}"),
    ];
    let codes = CODES.map(|code| (0, code)).into_iter().chain(slower);
    scan_these(window, state, codes).await
}

async fn scan_these(
    window: &Window,
    state: &str,
    codes: impl Iterator<Item = (u64, &'static str)>,
) -> bool {
    for (gap, code) in codes {
        let mut tries = 0;
        // What a busy machine adds to each pause is taken off it, try by try, in the end all:
        // such a machine pauses long enough by itself.
        let pause = |tries: u64| Duration::from_millis(gap.saturating_sub(2 * tries));
        while !window.burst(code, pause(tries)).await {
            // Typed like a hand: what it did is what a hand does.
            if window.code().await != state {
                return false;
            }
            tries += 1;
            assert!(tries < TRIES, "{code:?} cannot be typed fast enough");
        }
        assert_eq!(window.code().await, state, "after {code:?}");
    }
    true
}

/// At one speed, in a state that no key of the booth changes.
async fn nothing_happens(window: &Window, state: &str) {
    window.until(state).await;
    let codes = CODES.map(|code| (0, code)).into_iter();
    let stayed = scan_these(window, state, codes).await;
    assert!(stayed, "{state} was left");
}

/// One code, in a state that does not last: nothing later may come of it.
async fn scan_once(window: &Window) {
    window.burst(HARMLESS, Duration::ZERO).await;
}

#[tokio::test]
async fn a_scanner_files_exposes_and_voids_nothing_in_any_state_of_a_sitting() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    nothing_happens(&window, "put-document").await;

    // Whoever is lost to a code that was typed like a hand's comes no more.
    let mut class = booth.people.iter();
    let mut next = || class.next().expect("the machine is too busy to type");
    let (person, mut filed) = loop {
        let person = next();
        // The 1st, 5th and 7th command belong to the verification, the exposure, the filing.
        let card = [1, 5, 7].iter().fold(card_of(person), |card, command| {
            card.at(*command, Misdeed::Slow(SLOW))
        });
        booth.sit(Some(person));
        slot.insert(card).expect("laid down");
        window.until("reading").await;
        scan_once(&window).await;
        assert_eq!(window.code().await, "reading");
        window.until("seated").await;
        ready(&window, person).await;
        if scan(&window, "seated").await {
            window.press(key::SPACE).await;
            let exposing = window.code().await;
            let is_exposing = ["exposing", "developing"].contains(&exposing.as_str());
            assert!(is_exposing, "{exposing}");
            scan_once(&window).await;
            window.until("review").await;
            painted(&window).await;
            if scan(&window, "review").await {
                break (person, records_of(&window).await);
            }
        }
        booth.leave(&mut slot, &window).await;
    };
    let before = filed.as_array_mut().expect("records").len();
    window.press(key::ENTER).await;
    window.until("filing").await;
    scan_once(&window).await;
    nothing_happens(&window, "filed").await;
    booth.leave(&mut slot, &window).await;
    window.close().await;
    let records = booth.records();
    assert_eq!(records.len(), before + 1);
    assert!(records.contains(&(person.student_number.clone(), 1)));
    booth.prove();
}

#[tokio::test]
async fn a_scanner_moves_no_refusal_void_or_fault_and_opens_no_booth() {
    let (Some(mut service), Some(screen)) = (Pcscd::start_own(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = &booth.people[0];
    let stranger = Person::new("20269999", "陌生人", "");
    window.until("put-document").await;
    slot.insert(Card::new(resident_text(&stranger.name, &stranger.number)))
        .expect("laid down");
    nothing_happens(&window, "not-on-roster").await;
    booth.leave(&mut slot, &window).await;

    // One person enrolled twice: the student number is asked for in a dialog.
    let again = booth.screen.dir().join("again.csv");
    let twice = Person {
        student_number: "20260099".into(),
        ..booth.people[4].clone()
    };
    write_roster(&again, &[twice]);
    let import = format!(
        "window.__TAURI_INTERNALS__.invoke('import_roster', {{ file: {again:?}, dryRun: false }}).then((r) => done(r.imported), (e) => done(e));"
    );
    assert_eq!(window.ask(&import).await, json!(true));
    slot.insert(card_of(&booth.people[4])).expect("laid down");
    nothing_happens(&window, "ambiguous-entry").await;
    window.press(key::F2).await;
    window
        .until_true("document.querySelector('dialog[open] input')")
        .await;
    assert!(scan_everywhere(&window, "dialog").await >= 2);
    window.press(key::ESCAPE).await;
    window
        .until_true("document.querySelector('dialog[open]') === null")
        .await;
    assert_eq!(window.code().await, "ambiguous-entry");
    booth.leave(&mut slot, &window).await;

    booth.seat(&mut slot, &window, person).await;
    window.press(key::ESCAPE).await;
    nothing_happens(&window, "voided-by-operator").await;
    booth.leave(&mut slot, &window).await;

    service.kill();
    nothing_happens(&window, "reader-service-down").await;
    service.restart();
    window
        .until_true("document.querySelector('[data-code]').dataset.code !== 'reader-service-down'")
        .await;

    // Closed: the field may take the text, its Enter opens nothing.
    close_booth(&window).await;
    window.tab_to("main.closed input").await;
    window.burst("A1 r 2R\u{E007}", Duration::ZERO).await;
    assert_eq!(window.code().await, "booth-closed");
    let typed = "return document.querySelector('main.closed input').value;";
    assert_eq!(window.run(typed).await, json!("A1 r 2R"));
    window.tab_to("main.closed .button.is-main").await;
    assert!(scan_button(&window).await);
    // The twin: the same button under a hand.
    window.tab_to("main.closed .button.is-main").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('[data-code]').dataset.code !== 'booth-closed'")
        .await;
    window.close().await;
    assert!(booth.records().is_empty());
}

/// What is left of the states: a portrait that was refused in mid-sitting, a document that
/// lay there when the booth was opened, a camera that is gone.
#[tokio::test]
async fn a_scanner_moves_no_instruction_no_forgotten_document_and_no_dead_camera() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    window.until("put-document").await;
    // A code that was typed like a hand's may have moved it: then once more.
    let mut class = booth.people.iter().take(4);
    loop {
        let person = class.next().expect("the machine is too busy to type");
        booth.seat(&mut slot, &window, person).await;
        booth.sit(None);
        tokio::time::sleep(Duration::from_secs(1)).await;
        window.press(key::SPACE).await;
        window.until("portrait-refused").await;
        if scan(&window, "portrait-refused").await {
            break;
        }
        booth.leave(&mut slot, &window).await;
    }
    // The document stays where it is while the booth is closed and opened.
    close_booth(&window).await;
    window.tab_to("main.closed .button.is-main").await;
    window.press(key::ENTER).await;
    nothing_happens(&window, "take-document").await;
    slot.remove();
    window.until("put-document").await;
    window.close().await;

    let script = booth.screen.dir().join("camera.toml");
    let text = format!(
        "picture = {:?}\ndisconnect_after_ms = 3000\n",
        booth.chair()
    );
    std::fs::write(&script, text).expect("written");
    booth.remember("pcsc", &format!("still:{}", script.display()));
    let window = booth.window().await;
    nothing_happens(&window, "camera-disconnected").await;
    window.close().await;
    assert!(booth.records().is_empty());
}

/// Codes into the button that opens the booth, which has the focus.
async fn scan_button(window: &Window) -> bool {
    for code in CODES {
        for tries in 0.. {
            assert!(tries < TRIES, "{code:?} cannot be typed fast enough");
            let fast = window.burst(code, Duration::ZERO).await;
            if !fast && window.code().await != "booth-closed" {
                close_booth(window).await;
                window.tab_to("main.closed .button.is-main").await;
            }
            if fast {
                assert_eq!(window.code().await, "booth-closed", "after {code:?}");
                break;
            }
        }
    }
    window.code().await == "booth-closed"
}

async fn close_booth(window: &Window) {
    let close = "window.__TAURI_INTERNALS__.invoke('close_booth').then(done, (e) => done(e));";
    window.ask(close).await;
    window.until("booth-closed").await;
}

/// Where the station is: its place, and the dialog over it.
async fn place(window: &Window) -> String {
    let script =
        "return (document.querySelector('nav [aria-current=page]')?.textContent ?? 'booth') + ' / '
        + (document.querySelector('dialog[open]')?.getAttribute('aria-label') ?? '-');";
    window.run(script).await.as_str().unwrap_or("").to_owned()
}

/// Scans into everything below `root` that can have the focus, one after the other.
async fn scan_everywhere(window: &Window, root: &str) -> usize {
    let before = place(window).await;
    let count = format!(
        "window.targets = [...document.querySelectorAll('{root} :is(button, input, select)')].filter((e) => !e.disabled && e.offsetParent !== null); return window.targets.length;"
    );
    let targets = window.run(&count).await.as_u64().unwrap_or(0);
    assert!(targets > 0, "nothing to press in {root}");
    let mut scanned = false;
    for at in 0..targets {
        window.run(&format!("window.targets[{at}].focus();")).await;
        // A list that a blank opens is the system's own and takes the keys with it.
        let is_list = window
            .run("return document.activeElement.tagName === 'SELECT';")
            .await;
        let code = if is_list == json!(true) {
            "912 4\u{E007}"
        } else {
            HARMLESS
        };
        scanned |= window.burst(code, Duration::ZERO).await;
        assert_eq!(place(window).await, before, "element {at} of {root}");
    }
    assert!(scanned, "no code came as fast as a scanner's in {root}");
    usize::try_from(targets).expect("small")
}

async fn flags(window: &Window) -> usize {
    let records = records_of(window).await;
    let records = records.as_array().cloned().unwrap_or_default();
    let flagged = |record: &&serde_json::Value| record["status"] == "flagged";
    records.iter().filter(flagged).count()
}

#[tokio::test]
async fn a_scanner_presses_no_button_of_the_office_or_of_a_dialog() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    booth.file(&mut slot, &window, &booth.people[0]).await;

    // The list of keys lies over the booth.
    window.press('?').await;
    window
        .until_true("document.querySelector('dialog[open]')")
        .await;
    assert!(scan_everywhere(&window, "dialog").await > 4);
    window.press(key::ESCAPE).await;
    window
        .until_true("document.querySelector('dialog[open]') === null")
        .await;

    for digit in ['2', '3', '4', '5', '6'] {
        window.press_alt(digit).await;
        window
            .until_true(&format!(
                "document.querySelector('nav [aria-current=page] kbd')?.textContent === '{digit}'"
            ))
            .await;
        let root = if digit == '2' { "body" } else { "main" };
        assert!(scan_everywhere(&window, root).await > 1, "place {digit}");
        let before = place(&window).await;
        window.burst_alt("12345").await;
        assert_eq!(place(&window).await, before);
    }

    // Dialogs: a path, the flag with its confirming button.
    window.press_alt('2').await;
    window.tab_to(".page__acts .button:last-child").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('dialog[open]')")
        .await;
    scan_everywhere(&window, "dialog").await;
    window.press(key::ESCAPE).await;
    window.press_alt('3').await;
    window.tab_to(".tabs button:last-child").await;
    window.press(key::ENTER).await;
    window.tab_to(".one__act button").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('dialog[open]')")
        .await;
    scan_everywhere(&window, "dialog").await;
    assert_eq!(flags(&window).await, 0);
    // The twin: a hand presses the same button.
    window.tab_to("dialog .is-main").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('dialog[open]') === null")
        .await;
    assert_eq!(flags(&window).await, 1);
    window.close().await;
    booth.prove();
}
