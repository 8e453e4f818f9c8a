//! Readers, cameras and programs that go and come back, in a real window: nothing is filed
//! meanwhile, the screen names fault and remedy, and the way back needs no mouse.

#![cfg(target_os = "linux")]

use likeness_tests::Person;
use likeness_tests::pcscd::Pcscd;
use likeness_tests::window::booth::{Booth, card_of, painted, records_of};
use likeness_tests::window::{Screen, Window, key};
use serde_json::json;
use simulator::vpcd::{Misdeed, Slot};
use std::time::Duration;

/// What the page says beside the state line: the reason, and what to do about it.
async fn remedy(window: &Window) -> String {
    let script = "return [...document.querySelectorAll('.why--remedy, .health .is-bad p, .note.is-bad p')].map((e) => e.textContent).join(' | ');";
    window.run(script).await.as_str().unwrap_or("").to_owned()
}

/// The fault stands on the booth's page with its remedy, and by Alt and 5 in the list of
/// devices; Alt and 1 leads back.
async fn named(window: &Window, code: &str, remedies: [&str; 2]) {
    window.until(code).await;
    window
        .until_true("document.querySelector('.why--remedy')")
        .await;
    window.shot_for_people(code).await;
    let [booth, devices] = remedies;
    let said = remedy(window).await;
    assert!(said.contains(booth), "{code}: {said}");
    // Keys of the booth change nothing about it.
    for pressed in [key::SPACE, key::ENTER, 'r'] {
        window.press(pressed).await;
    }
    assert_eq!(window.code().await, code);
    window.press_alt('5').await;
    window
        .until_true("document.querySelector('.health .is-bad p')")
        .await;
    let said = remedy(window).await;
    assert!(said.contains(devices), "{code}: {said}");
    window.press_alt('1').await;
    window.until(code).await;
    assert_eq!(records_of(window).await, json!([]));
}

async fn no_longer(window: &Window, code: &str) {
    let other = format!("document.querySelector('[data-code]').dataset.code !== '{code}'");
    window.until_true(&other).await;
}

/// After a fault: the document goes, and its owner is filed in a sitting from the start.
async fn files_again(booth: &Booth, slot: &mut Slot, window: Window, person: &Person) {
    booth.leave(slot, &window).await;
    booth.file(slot, &window, person).await;
    window.close().await;
    assert_eq!(booth.records(), [(person.student_number.clone(), 1)]);
    booth.prove();
}

#[tokio::test]
async fn a_reader_service_that_is_killed_under_a_portrait_voids_it_and_comes_back() {
    let (Some(mut service), Some(screen)) = (Pcscd::start_own(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = &booth.people[0];
    booth.seat(&mut slot, &window, person).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    service.kill();
    named(&window, "reader-service-down", ["pcscd", "pcscd"]).await;
    service.restart();
    no_longer(&window, "reader-service-down").await;
    files_again(&booth, &mut slot, window, person).await;
}

#[tokio::test]
async fn a_reader_service_that_hangs_is_told_and_comes_back() {
    let (Some(service), Some(screen)) = (Pcscd::start_own(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = &booth.people[0];
    booth.seat(&mut slot, &window, person).await;
    service.freeze();
    // What was read stands until somebody reads again: beside the exposure.
    window.press(key::SPACE).await;
    named(&window, "reader-hung", ["拔插读卡器", "拔插读卡器"]).await;
    service.thaw();
    no_longer(&window, "reader-hung").await;
    files_again(&booth, &mut slot, window, person).await;
}

#[tokio::test]
async fn a_lost_camera_is_a_dead_picture_and_comes_back() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let person = &booth.people[0];
    booth.sit(Some(person));
    let script = booth.screen.dir().join("camera.toml");
    let text = format!(
        "picture = {:?}\ndisconnect_after_ms = 9000\nreconnect_after_ms = 18000\n",
        booth.chair()
    );
    std::fs::write(&script, text).expect("written");
    booth.remember("pcsc", &format!("still:{}", script.display()));
    let window = booth.window().await;
    window.until("put-document").await;
    booth.seat(&mut slot, &window, person).await;
    window
        .until_true("document.querySelector('[data-code]').dataset.code.startsWith('camera-')")
        .await;
    let gone = "document.querySelector('canvas.is-gone') !== null || document.querySelector('.plate') !== null";
    window.until_true(gone).await;
    let plug_in = "插好同一台相机";
    named(&window, "camera-disconnected", [plug_in, plug_in]).await;
    slot.remove();
    window
        .until_true("!document.querySelector('[data-code]').dataset.code.startsWith('camera-disc')")
        .await;
    booth.file(&mut slot, &window, person).await;
    window.close().await;
    assert_eq!(booth.records(), [(person.student_number.clone(), 1)]);
    booth.prove();
}

/// Kills the program in this state and starts it anew: the document has to leave first.
async fn dies_in(state: &[&str], card: impl Fn(&Person) -> simulator::vpcd::Card) {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let person = &booth.people[0];
    let window = booth.window().await;
    window.until("put-document").await;
    booth
        .seat_with(&mut slot, &window, person, card(person))
        .await;
    window.press(key::SPACE).await;
    let wanted = format!("{state:?}.includes(document.querySelector('[data-code]').dataset.code)");
    window.until_true(&wanted).await;
    window.kill_program();
    window.close().await;
    assert!(booth.records().is_empty());
    // The document still lies there; nobody saw it leave.
    let window = booth.window().await;
    window.until("take-document").await;
    for pressed in [key::SPACE, key::ENTER] {
        window.press(pressed).await;
    }
    assert_eq!(window.code().await, "take-document");
    files_again(&booth, &mut slot, window, person).await;
}

#[tokio::test]
async fn a_program_that_dies_over_a_portrait_files_nothing_and_starts_again() {
    dies_in(&["review"], card_of).await;
}

#[tokio::test]
async fn a_program_that_dies_in_the_exposure_files_nothing_and_starts_again() {
    // The read beside the exposure, which is the fifth command, does not end in time.
    let slow = |person: &Person| card_of(person).at(5, Misdeed::Slow(Duration::from_secs(8)));
    dies_in(&["exposing", "developing"], slow).await;
}
