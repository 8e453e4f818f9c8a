//! The booth in a real window: keys in, the state line out, the real smart-card service
//! underneath.

#![cfg(target_os = "linux")]

use likeness_tests::pcscd::{Pcscd, resident_text};
use likeness_tests::window::booth::{Booth, card_of, painted, ready};
use likeness_tests::window::{PATIENCE, Screen, Window, key};
use likeness_tests::{Person, create_job, fake_decoder, fake_library, repaint};
use serde_json::json;
use simulator::library::Library;
use simulator::subject;
use simulator::vpcd::Slot;
use station::{StationHome, desk::Which};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Goes to the desk, chooses a record that is on file, and flags it, without a mouse.
async fn flag_by_keyboard(window: &Window, person: &Person, reason: &str, by: &str) {
    window.press_alt('3').await;
    window.tab_to(".tabs button:last-child").await;
    window.press(key::ENTER).await;
    let chosen = format!(
        "document.querySelector('.one .no')?.textContent.includes('{}')",
        person.student_number
    );
    // The first of the list is chosen; further down by the arrow.
    for _ in 0..6 {
        if window.run(&format!("return {chosen};")).await == true {
            break;
        }
        window.press(key::DOWN).await;
    }
    window.until_true(&chosen).await;
    window.tab_to(".one__act button").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('dialog[open]')")
        .await;
    window.tab_to("dialog select").await;
    window.choose(reason).await;
    window.tab_to("dialog input").await;
    window.enter_text(by).await;
    window.tab_to("dialog .is-main").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('dialog[open]') === null")
        .await;
}

/// Who is seen in the pictures of the person that is chosen at the desk, old before new.
async fn faces_at_the_desk(window: &Window) -> Vec<u32> {
    let loaded = "return [...document.querySelectorAll('.pair img')].filter((i) => i.complete && i.naturalWidth > 0).map((i) => i.src);";
    let addresses = window.run(loaded).await;
    let mut faces = Vec::new();
    for address in addresses.as_array().into_iter().flatten() {
        let address = address.as_str().expect("an address");
        let picture = window.picture(address).await.expect("it is given");
        faces.push(subject::decode(&picture).expect("a badge").id);
    }
    faces
}

/// The list shows whom it expects; the document brings the booth up, and afterwards old
/// and new stand side by side.
async fn reshoot(booth: &Booth, slot: &mut Slot, window: &Window, person: &Person) {
    window.tab_to(".tabs button:first-child").await;
    window.press(key::ENTER).await;
    let listed = format!(
        "document.querySelector('.rows tbody .k')?.textContent === '{}' && document.querySelectorAll('.rows tbody tr').length === 1",
        person.student_number
    );
    window.until_true(&listed).await;
    window
        .until_true("document.querySelectorAll('.pair img').length === 1")
        .await;
    booth.sit(Some(person));
    slot.insert(card_of(person)).expect("laid down");
    window.until("seated").await;
    ready(window, person).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    booth.leave(slot, window).await;

    window.press_alt('3').await;
    window.tab_to(".tabs button:last-child").await;
    window.press(key::ENTER).await;
    for _ in 0..6 {
        if faces_at_the_desk(window).await.len() == 2 {
            break;
        }
        window.press(key::DOWN).await;
    }
    window
        .until_true("[...document.querySelectorAll('.pair img')].filter((i) => i.complete && i.naturalWidth === 480).length === 2")
        .await;
    assert_eq!(faces_at_the_desk(window).await, [person.subject; 2]);
    window.shot_for_people("reshoot-old-and-new").await;
    let addresses =
        "return new Set([...document.querySelectorAll('.pair img')].map((i) => i.src)).size;";
    assert_eq!(
        window.run(addresses).await,
        2,
        "old and new are two pictures"
    );
    window.press_alt('1').await;
}

/// Another frame of the burst. While it is developed the former portrait stays: no flash of the living
/// picture.
async fn another_frame(window: &Window) {
    let watch = "window.flashes = 0; window.dimmed = 0; new MutationObserver(() => { \
        const review = document.querySelector('main.review'); \
        if (review === null) window.flashes += 1; \
        if (review?.querySelector('.big img.is-former') != null) window.dimmed += 1; \
        }).observe(document.body, { subtree: true, childList: true, attributes: true });";
    window.run(watch).await;
    window.press(key::RIGHT).await;
    window.until_true("window.dimmed > 0").await;
    window.until("review").await;
    painted(window).await;
    let flashes = window.run("return window.flashes;").await;
    assert_eq!(flashes, json!(0), "the portrait went away");
    let left = "return document.querySelectorAll('main.review .big img').length;";
    assert_eq!(window.run(left).await, json!(1), "the former one is gone");
}

/// The two knocks come again and again while a document lies there that must leave, and
/// not once after it has left.
async fn asked_for_until_gone(booth: &Booth, slot: &mut Slot, window: &Window) {
    let listen = "
        window.knocks = 0;
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) {
            if (this.frequency.value === 988) window.knocks += 1;
            return start.apply(this, when);
        };";
    window.run(listen).await;
    window.until_true("window.knocks >= 4").await;
    booth.leave(slot, window).await;
    let heard = window.run("return window.knocks;").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(window.run("return window.knocks;").await, heard);
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
    let people = &booth.people;

    booth.file(&mut slot, &window, &people[0]).await;

    // A stranger is refused, and no key does anything about it.
    let stranger = Person::new("20269999", "陌生人", "");
    slot.insert(card_of(&stranger)).expect("laid down");
    window.until("not-on-roster").await;
    window.press(key::SPACE).await;
    window.press(key::ENTER).await;
    assert_eq!(window.code().await, "not-on-roster");
    asked_for_until_gone(&booth, &mut slot, &window).await;

    // Retaken, and another frame of the burst looked at.
    booth.seat(&mut slot, &window, &people[1]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    let shown = "return document.querySelector('main.review .big img').src;";
    let former = window.run(shown).await;
    let former = former.as_str().expect("an address");
    assert!(window.picture(former).await.is_some());
    window.press('r').await;
    window.until("seated").await;
    // What the view does not name any more is nobody's to look at.
    assert!(window.picture(former).await.is_none());
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    another_frame(&window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    booth.leave(&mut slot, &window).await;

    // The card is swapped under a portrait that waits: void, and nothing filed.
    booth.seat(&mut slot, &window, &people[2]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    slot.swap(card_of(&people[3]), Duration::from_millis(900))
        .expect("swapped");
    window
        .until_true("['document-taken','document-changed','second-document'].includes(document.querySelector('[data-code]').dataset.code)")
        .await;
    window.press(key::ENTER).await;
    booth.leave(&mut slot, &window).await;
    booth.file(&mut slot, &window, &people[3]).await;

    flag_by_keyboard(&window, &people[0], "eyes-closed", "registrar").await;
    reshoot(&booth, &mut slot, &window, &people[0]).await;

    window.close().await;
    let numbers: Vec<_> = booth.records();
    let expected = [(0, 1), (0, 2), (1, 1), (3, 1)].map(|(person, generation): (usize, u32)| {
        (people[person].student_number.clone(), generation)
    });
    assert_eq!(numbers, expected);
    booth.prove();
}

/// Teaches the window the key of a pedal, after one that is refused.
async fn learn(window: &Window) {
    window.press_alt('6').await;
    for (key, answer) in [
        (key::ESCAPE, "[data-remote=heard] .note.is-bad"),
        (key::PAGE_DOWN, "[data-remote=heard] .keep"),
    ] {
        window.tab_to(".learn").await;
        window.press(key::ENTER).await;
        window
            .until_true("document.querySelector('[data-remote=learning]')")
            .await;
        window.press(key).await;
        window
            .until_true(&format!("document.querySelector('{answer}')"))
            .await;
    }
    let refused = "return document.querySelector('[data-remote] .note') !== null;";
    assert_eq!(window.run(refused).await, false);
    window.tab_to(".keep").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('[data-remote=learned] .cap')?.textContent === 'PgDn'")
        .await;
    window.press_alt('1').await;
}

/// Looks at the camera's controls and locks them, without a mouse.
async fn lock_camera(window: &Window) {
    window.press_alt('5').await;
    window.tab_to(".tabs button:last-child").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('[data-calibration=none] .calibrate:enabled')")
        .await;
    window.tab_to(".calibrate").await;
    window.press(key::ENTER).await;
    window
        .until_true("document.querySelector('[data-calibration=locked] [role=status].is-ok')")
        .await;
    let fixed = "return document.querySelector('[data-control=exposure-auto] .on').textContent;";
    assert_eq!(window.run(fixed).await, "固定");
    window.shot_for_people("devices-controls").await;
}

/// How many pixels of the screen a pixel of the camera has; 0 in the whole picture.
const SCALE: &str = "Number(document.querySelector('.view canvas')?.dataset.scale)";

#[tokio::test]
async fn a_pedal_learned_in_settings_exposes_once_while_armed_and_does_nothing_else() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let person = &booth.people[0];
    window.until("put-document").await;
    lock_camera(&window).await;
    learn(&window).await;
    window.until("put-document").await;
    window.press(key::PAGE_DOWN).await;
    assert_eq!(window.code().await, "put-document", "nobody sits");

    booth.seat(&mut slot, &window, person).await;
    window
        .until_true("document.querySelector('.keys .fwd .remote')?.textContent === 'PgDn'")
        .await;
    window.press('z').await;
    window.until_true(&format!("{SCALE} >= 1")).await;
    window.shot_for_people("booth-zoomed").await;
    window.press(key::PAGE_DOWN).await;
    window.until("review").await;
    painted(&window).await;
    // It neither files nor retakes; and what was large at the press is whole after it.
    window.press(key::PAGE_DOWN).await;
    assert_eq!(window.code().await, "review");
    window.press('r').await;
    window.until("seated").await;
    window.until_true(&format!("{SCALE} === 0")).await;
    window.press(key::PAGE_DOWN).await;
    window.until("review").await;
    painted(&window).await;
    window.press(key::ENTER).await;
    window.until("filed").await;
    window.press(key::PAGE_DOWN).await;
    assert_eq!(window.code().await, "filed");
    booth.leave(&mut slot, &window).await;
    window.close().await;
    assert_eq!(booth.records(), [(person.student_number.clone(), 1)]);

    // It is remembered when the program starts again.
    let kept = std::fs::read_to_string(booth.screen.station_dir().join("settings.json"));
    let kept: serde_json::Value = serde_json::from_str(&kept.expect("kept")).expect("JSON");
    assert_eq!(kept["remote"]["key"], "PageDown");
}

/// In the program's own window: the marks lie where the shadow is, and what is filed knows nothing of them.
#[tokio::test]
async fn where_the_background_fails_is_marked_on_the_screen_and_not_in_the_file() {
    let (Some(service), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let mut slot = service.slot();
    let booth = Booth::open(screen, "pcsc");
    let person = &booth.people[0];
    repaint(&person.picture(booth.screen.dir()), |seen, right| {
        let share = if right > 0.7 { 0.78 } else { 1.0 };
        seen.map(|level| (f32::from(level) * share) as u8)
    });
    let window = booth.window().await;
    window.until("put-document").await;
    booth.seat(&mut slot, &window, person).await;
    window.press('b').await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    let marks = "return document.querySelectorAll('.big .places').length;";
    assert_eq!(window.run(marks).await, json!(0), "not asked for");
    window.press('b').await;
    assert_eq!(window.run(marks).await, json!(1));
    let places = "const box = document.querySelector('.big').getBoundingClientRect(); \
        const rects = [...document.querySelectorAll('.big .places > g:first-of-type rect')].map((r) => r.getBoundingClientRect()); \
        return [Math.min(...rects.map((r) => (r.left - box.left) / box.width)), Math.max(...rects.map((r) => (r.right - box.left) / box.width))];";
    let places = window.run(places).await;
    let (left, right) = (places[0].as_f64(), places[1].as_f64());
    assert!(
        left > Some(0.5) && right > Some(0.97) && right < Some(1.01),
        "{places}"
    );
    let remedy = "return document.querySelector('.where__do').textContent;";
    let remedy = window.run(remedy).await;
    assert!(
        remedy
            .as_str()
            .is_some_and(|text| text.contains("让人离背景布远一些")),
        "{remedy}"
    );
    window.shot_for_people("booth-marks").await;
    // A step of the cut keeps them on, of the new portrait.
    window.press('+').await;
    window.until("review").await;
    painted(&window).await;
    assert_eq!(window.run(marks).await, json!(1));
    window.press(key::ENTER).await;
    window.until("filed").await;
    booth.leave(&mut slot, &window).await;
    // The next one's portrait is shown without.
    booth.seat(&mut slot, &window, &booth.people[1]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    assert_eq!(window.run(marks).await, json!(0));
    window.close().await;
    assert_eq!(
        filed_at(&booth, person, 470, 200),
        "the cloth in its shadow"
    );
}

/// What is to be seen at a place of a filed portrait.
fn filed_at(booth: &Booth, person: &Person, x: u32, y: u32) -> String {
    let out = booth.screen.dir().join("filed.jpg");
    let job = booth.job_again();
    let exported = job.export(&person.student_number, None, Which::Portrait, &out);
    exported.expect("exported");
    let filed = image::open(&out).expect("a JPEG").into_rgb8();
    let seen = filed.get_pixel(x, y).0;
    let in_shadow: [u8; 3] = [78, 154, 199];
    let near = seen
        .iter()
        .zip(in_shadow)
        .all(|(is, was)| is.abs_diff(was) < 16);
    if near {
        "the cloth in its shadow".to_owned()
    } else {
        format!("{seen:?}")
    }
}

/// Where the school has a reader with its maker's library and a decoder, chosen on the
/// devices screen, the portrait of the chip stands beside its owner, and nobody else's does.
#[tokio::test]
async fn the_chips_portrait_is_shown_while_its_owner_sits() {
    // The service is not asked for anything: holding it is this test's turn at the machine.
    let (Some(_turn), Some(screen)) = (Pcscd::start(), Screen::open(1366, 768)) else {
        return;
    };
    let dir = screen.dir().join("reader");
    std::fs::create_dir_all(&dir).expect("a folder");
    let booth = Booth::open(screen, "pcsc");
    let documents =
        [0, 1].map(|at| resident_text(&booth.people[at].name, &booth.people[at].number));
    let mut library = Library::prepare(&dir, &documents).expect("written");
    let code = std::fs::read(fake_library()).expect("built");
    library.install(&code).expect("written");
    let reader = format!("sdtapi:{}#1001", library.path().display());
    booth.remember(&reader, &format!("still:{}", booth.chair().display()));
    let window = booth.window().await;
    window.until("put-document").await;

    // Nothing is shown before a decoder is named, and a wrong one is refused by name.
    booth.sit(Some(&booth.people[0]));
    library.lay_down(0).expect("laid down");
    window.until("seated").await;
    assert_eq!(chip_of(&window).await, None);
    library.lift();
    window.until("document-taken").await;
    choose_decoder(&window, "/nowhere/libwlt.so", ".note").await;
    choose_decoder(&window, &fake_decoder().to_string_lossy(), "p.is-ok").await;
    window.press_alt('1').await;
    window.until("put-document").await;

    for document in [0, 1] {
        booth.sit(Some(&booth.people[document]));
        library.lay_down(document).expect("laid down");
        let chip = chip_shown(&window, u8::try_from(document).expect("small")).await;
        window.shot_for_people(&format!("chip-{document}")).await;
        library.lift();
        window.until("document-taken").await;
        let after = window.picture(&chip).await;
        assert!(after.is_none(), "it went with its owner");
    }

    // A decoder that answers when its owner has gone and another sits: nothing, or theirs.
    library.set_portrait_kind(7).expect("written");
    library.lay_down(0).expect("laid down");
    window.until("seated").await;
    library.lift();
    window.until("document-taken").await;
    library.lay_down(1).expect("laid down");
    window.until("seated").await;
    library.set_portrait_kind(0x5A).expect("written");
    chip_shown(&window, 1).await;

    // The same document with another portrait at the exposure: nobody knows whose it is.
    booth.sit(Some(&booth.people[1]));
    ready(&window, &booth.people[1]).await;
    window.press(key::SPACE).await;
    window.until("review").await;
    painted(&window).await;
    assert_eq!(chip_of(&window).await, None);
    window.close().await;
}

/// The address of the chip's portrait on the page.
async fn chip_of(window: &Window) -> Option<String> {
    let address = "return [...document.querySelectorAll('img')].map(i => i.src).find(src => src.includes('/chip/')) ?? null;";
    window.run(address).await.as_str().map(str::to_owned)
}

/// Waits for the chip's portrait; whatever is shown until then and then is this one's, whose
/// grey it has. Returns its address.
async fn chip_shown(window: &Window, document: u8) -> String {
    let grey = 0x30 * (1 + document);
    let begun = Instant::now();
    loop {
        if let Some(chip) = chip_of(window).await
            && let Some(picture) = window.picture(&chip).await
        {
            assert_eq!(picture.dimensions(), (102, 126));
            assert_eq!(picture.get_pixel(50, 3).0, [grey; 3], "whose is it?");
            assert_eq!(picture.get_pixel(50, 120).0, [grey / 2; 3], "upside down");
            let drawn = "[...document.querySelectorAll('.who img')].some(i => i.src.includes('/chip/') && i.complete && i.naturalWidth === 102)";
            window.until_true(drawn).await;
            return chip;
        }
        assert!(begun.elapsed() < PATIENCE, "no portrait of the chip");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Names a decoder on the devices screen, and waits for the answer.
async fn choose_decoder(window: &Window, decoder: &str, answer: &str) {
    window.press_alt('5').await;
    window
        .until_true("document.querySelector('.decoder') !== null")
        .await;
    window.tab_to(".decoder").await;
    window
        .run("document.querySelector('.decoder').select();")
        .await;
    window.enter_text(decoder).await;
    window.tab_to(".one__act .is-main:not(:disabled)").await;
    window.press(key::SPACE).await;
    window
        .until_true(&format!("document.querySelector({answer:?}) !== null"))
        .await;
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
    create_job(&home, &demo.join("job"), std::slice::from_ref(&person));
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
            booth.seat(&mut slot, &window, &person).await;
            window.shot(&at.join("booth-seated.png")).await;
            window.press(key::SPACE).await;
            window.until("review").await;
            painted(&window).await;
            window.shot(&at.join("booth-review.png")).await;
            window.press(key::ESCAPE).await;
            window.until("voided-by-operator").await;
            window.shot(&at.join("booth-void.png")).await;
            booth.leave(&mut slot, &window).await;
            let stranger = Person::new("20269999", "陌生人", "");
            slot.insert(card_of(&stranger)).expect("laid down");
            window.until("not-on-roster").await;
            window.shot(&at.join("booth-refused.png")).await;
            booth.leave(&mut slot, &window).await;
            for (place, name) in [
                ('2', "roster"),
                ('3', "reshoot"),
                ('4', "delivery"),
                ('5', "devices"),
                ('6', "settings"),
            ] {
                window.press_alt(place).await;
                let there = format!(
                    "document.querySelector('nav [aria-current=page] kbd')?.textContent.includes('{place}') && document.documentElement.lang.startsWith('{language}')"
                );
                window.until_true(&there).await;
                tokio::time::sleep(Duration::from_millis(500)).await;
                window.shot(&at.join(format!("{name}.png"))).await;
            }
        }
        window.close().await;
    }
}
