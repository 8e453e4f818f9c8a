//! What hands, and things that type like hands, do at the keyboard.

use super::{PATIENCE, Window, key, program};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use image::RgbImage;
use serde_json::json;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than a hand's bounce and than what the page holds keys back for.
const SETTLED: Duration = Duration::from_millis(450);
/// Keys of a scanner come closer than this.
const SCANNER_GAP_MS: f64 = 30.0;
/// More than a burst is remembered for, and than the page holds a key back.
const AFTER_BURST: Duration = Duration::from_millis(220);

/// Hears every key and every press of anything, before the page does.
const LISTEN: &str = "if (!window.heard) {
    window.heard = { keys: [], clicks: 0 };
    addEventListener('keydown', (e) => window.heard.keys.push(e.timeStamp), true);
    addEventListener('click', () => { window.heard.clicks += 1; }, true);
}
window.heard.keys.length = 0;
window.heard.clicks = 0;";

const fn pause(duration: Duration) -> KeyAction {
    KeyAction::Pause { duration }
}

impl Window {
    /// Types a code with about this long between its keys; what ends the code is part of
    /// it. Whether no two keys came further apart than those of a scanner do: a busy
    /// machine types like a hand, and what comes of that proves nothing.
    ///
    /// # Panics
    /// If the session is gone, or if a scanner's code clicked something.
    pub async fn burst(&self, code: &str, gap: Duration) -> bool {
        self.run(LISTEN).await;
        let mut keys = KeyActions::new("scanner".into());
        for key in code.chars() {
            keys = keys
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
            if !gap.is_zero() {
                keys = keys.then(pause(gap));
            }
        }
        let typed = self.client.perform_actions(keys).await;
        typed.expect("a code is scanned");
        tokio::time::sleep(AFTER_BURST).await;
        let heard = self.run("return window.heard;").await;
        let at: Vec<f64> = heard["keys"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_f64)
            .collect();
        assert_eq!(at.len(), code.chars().count(), "keys of {code:?}");
        let is_scanner = at.windows(2).all(|pair| pair[1] - pair[0] < SCANNER_GAP_MS);
        let clicks = &heard["clicks"];
        assert!(
            !is_scanner || *clicks == json!(0),
            "{code:?} clicked something"
        );
        is_scanner
    }

    /// The burst of a scanner that types its characters as Alt and digits.
    ///
    /// # Panics
    /// If the session is gone or something was clicked.
    pub async fn burst_alt(&self, digits: &str) {
        self.run(LISTEN).await;
        let mut keys = KeyActions::new("scanner".into()).then(KeyAction::Down { value: key::ALT });
        for digit in digits.chars() {
            keys = keys
                .then(KeyAction::Down { value: digit })
                .then(KeyAction::Up { value: digit });
        }
        let keys = keys.then(KeyAction::Up { value: key::ALT });
        let typed = self.client.perform_actions(keys).await;
        typed.expect("a code is scanned");
        tokio::time::sleep(SETTLED).await;
        let clicks = self.run("return window.heard.clicks;").await;
        assert_eq!(clicks, json!(0), "a scanned code clicked something");
    }

    /// Alt and a digit, as a hand presses them.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn press_alt(&self, digit: char) {
        let keys = KeyActions::new("hand".into())
            .then(KeyAction::Down { value: key::ALT })
            .then(pause(Duration::from_millis(60)))
            .then(KeyAction::Down { value: digit })
            .then(pause(Duration::from_millis(40)))
            .then(KeyAction::Up { value: digit })
            .then(KeyAction::Up { value: key::ALT });
        let pressed = self.client.perform_actions(keys).await;
        pressed.expect("Alt and a digit are pressed");
        tokio::time::sleep(SETTLED).await;
    }

    /// Text into whatever has the focus, as when it is pasted.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn enter_text(&self, text: &str) {
        let mut keys = KeyActions::new("hand".into());
        for key in text.chars() {
            keys = keys
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        let typed = self.client.perform_actions(keys).await;
        typed.expect("text is typed");
        tokio::time::sleep(SETTLED).await;
    }

    /// Goes on with Tab until the focus is where a selector says.
    ///
    /// # Panics
    /// If Tab never gets there: a hand without a mouse would not either.
    pub async fn tab_to(&self, wanted: &str) {
        self.walk_to(wanted, &[key::TAB]).await;
    }

    /// As [`Window::tab_to`], the other way round.
    ///
    /// # Panics
    /// As there.
    pub async fn tab_back_to(&self, wanted: &str) {
        self.walk_to(wanted, &[key::SHIFT, key::TAB]).await;
    }

    /// As [`Window::tab_back_to`], as long as something else is there; whether it was reached.
    ///
    /// # Panics
    /// As there.
    pub async fn tab_back_while(&self, wanted: &str, other: &str) -> bool {
        let there = format!("return document.querySelector({other:?}) !== null;");
        let reached = format!("return document.activeElement?.matches({wanted:?}) ?? false;");
        let begun = Instant::now();
        while self.run(&reached).await != json!(true) {
            if self.run(&there).await != json!(true) {
                return false;
            }
            assert!(begun.elapsed() < PATIENCE, "Tab never reaches {wanted}");
            self.chord(&[key::SHIFT, key::TAB]).await;
        }
        // Tab and the next key are no burst.
        tokio::time::sleep(Duration::from_millis(120)).await;
        true
    }

    /// Keys held down together for a moment, as a hand does.
    async fn chord(&self, chord: &[char]) {
        let hand = KeyActions::new("hand".into());
        let down = |hand: KeyActions, key: &char| hand.then(KeyAction::Down { value: *key });
        let up = |hand: KeyActions, key: &char| hand.then(KeyAction::Up { value: *key });
        let held = chord.iter().fold(hand, down);
        let held = held.then(pause(Duration::from_millis(20)));
        let tab = chord.iter().rev().fold(held, up);
        self.client.perform_actions(tab).await.expect("Tab");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }

    async fn walk_to(&self, wanted: &str, chord: &[char]) {
        let there = format!("return document.activeElement?.matches({wanted:?}) ?? false;");
        let begun = Instant::now();
        while self.run(&there).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "Tab never reaches {wanted}");
            self.chord(chord).await;
        }
        // Tab and the next key are no burst.
        tokio::time::sleep(Duration::from_millis(120)).await;
    }

    /// A picture of the real program for people, in Chinese and of the small screen.
    ///
    /// # Panics
    /// If none comes.
    pub async fn shot_for_people(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screens/1366x768-zh");
        self.shot(&folder.join(name).with_extension("png")).await;
    }

    /// Chooses in the list that has the focus, with arrows.
    ///
    /// # Panics
    /// If no arrow gets there.
    pub async fn choose(&self, wanted: &str) {
        for arrow in [key::DOWN, key::UP] {
            for _ in 0..20 {
                if self.run("return document.activeElement.value;").await == json!(wanted) {
                    return;
                }
                self.press(arrow).await;
            }
        }
        panic!("no arrow reaches {wanted}");
    }

    /// Starts the program once more, as the same person in the same session would, and
    /// tells how it ended.
    ///
    /// # Panics
    /// If it does not end: two stations on one camera are a wrong face in the making.
    #[must_use]
    pub fn start_again(&self, arguments: &[&str]) -> ExitStatus {
        let first = self.programs();
        let first = first.first().expect("the program runs");
        let environment = std::fs::read(format!("/proc/{first}/environ")).expect("its environment");
        let environment = environment.split(|byte| *byte == 0).filter_map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            pair.split_once('=')
        });
        let mut second = Command::new(program().expect("the program is built"))
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let begun = Instant::now();
        loop {
            if let Some(status) = second.try_wait().expect("our own child") {
                return status;
            }
            if begun.elapsed() > PATIENCE {
                let _killed = second.kill();
                let _ended = second.wait();
                panic!("a second station stays open beside the first");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The pixels of a picture that the page may load; nothing when it is not given.
    pub async fn picture(&self, address: &str) -> Option<RgbImage> {
        let bytes = self
            .ask(&format!(
                "fetch({address:?}, {{ cache: 'no-store' }}).then(async (answer) => {{
                   const bytes = new Uint8Array(await answer.arrayBuffer());
                   done(answer.ok ? Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('') : '');
                 }}, () => done(''));"
            ))
            .await;
        let text = bytes.as_str()?;
        let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(digits).collect();
        let read = image::load_from_memory(&bytes?);
        read.ok().map(image::DynamicImage::into_rgb8)
    }
}
