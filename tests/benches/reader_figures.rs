//! From the card on the reader to the name on the screen: the real smart-card service, the
//! real window, a thousand times.
//!
//! ```text
//! cargo build --release --workspace
//! cargo bench --workspace --bench reader_figures -- --insertions 1000
//! ```
//!
//! A screen of its own (Xvfb, no graphics card), a virtual card that answers at once, two
//! people in turn. The name is on the screen when the frame after it has been painted; the
//! page tells that by the wall clock, as does the card. A card is *seen* when the service
//! first asks which one it is. The second read waits on purpose until the reader has been
//! quiet for 500 ms ([`booth::QUIET_MIN`]); our share is what is left without that wait and
//! without the time that the card took to answer. The service's and the driver's own time
//! is in it: nothing tells them apart from outside.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the figures are the product")]

use likeness_tests::pcscd::Pcscd;
use likeness_tests::window::booth::{Booth, card_of};
use likeness_tests::window::{Screen, Window};
use simulator::vpcd::{Asked, Slot};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const INSERTIONS: usize = 50;

fn main() {
    // Before anything else has a thread: all of it then sees this service.
    let Some(service) = Pcscd::start_apart() else {
        return;
    };
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(&booth, service.slot(), insertions()));
}

fn insertions() -> usize {
    let words: Vec<String> = std::env::args().collect();
    let told = words.windows(2).find(|pair| pair[0] == "--insertions");
    told.map_or(INSERTIONS, |pair| {
        pair[1].parse().expect("a number of insertions")
    })
}

/// Notes by the wall clock, in milliseconds, when a name had been painted that was not there
/// before.
const WATCH: &str = "
    window.painted = [];
    let shown = null;
    new MutationObserver(() => {
        const seated = document.querySelector('[data-code]')?.dataset.code === 'seated';
        const name = seated ? document.querySelector('main')?.textContent ?? null : null;
        if (name === shown) return;
        const is_new = shown === null && name !== null;
        shown = name;
        if (is_new) requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => window.painted.push([performance.timeOrigin + performance.now(), document.querySelector('main').textContent]);
            channel.port2.postMessage(0);
        });
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['data-code'] });
";

/// One insertion, in milliseconds.
struct Figure {
    /// From the card on the reader to the name.
    whole: f64,
    /// From the card seen to the name.
    seen: f64,
    /// Of that, ours.
    own: f64,
}

async fn measure(booth: &Booth, mut slot: Slot, insertions: usize) {
    let window = booth.window().await;
    window.until("put-document").await;
    window.run(WATCH).await;
    let mut figures = Vec::new();
    for turn in 0..insertions {
        let person = &booth.people[turn % 2];
        let (laid, wall) = (Instant::now(), SystemTime::now());
        slot.insert(card_of(person)).expect("vpcd listens");
        let (at_ms, text) = painted(&window, turn).await;
        assert!(text.contains(&person.name), "another name is on the screen");
        let since = at_ms - milliseconds(wall.duration_since(UNIX_EPOCH).expect("after 1970"));
        figures.push(figure(laid, since, &slot.take_asked()));
        slot.remove();
        let empty = "document.querySelector('[data-document]')?.dataset.document === 'none'";
        window.until_true(empty).await;
        if (turn + 1) % 100 == 0 {
            tell(&figures);
        }
    }
    tell(&figures);
    window.close().await;
}

/// When and what the `turn`-th name was.
async fn painted(window: &Window, turn: usize) -> (f64, String) {
    window
        .until_true(&format!("window.painted.length > {turn}"))
        .await;
    let told = window.run(&format!("return window.painted[{turn}];")).await;
    let text = told[1].as_str().expect("a text").to_owned();
    (told[0].as_f64().expect("a time"), text)
}

/// `painted` is in milliseconds after the card was laid down.
fn figure(laid: Instant, painted: f64, asked: &[Asked]) -> Figure {
    let first = asked.first().expect("the service asked which card it is");
    let seen = milliseconds(first.answered - laid);
    let quiet = seen + milliseconds(booth::QUIET_MIN);
    let commands = asked.iter().filter(|asked| asked.is_command);
    // What the card answers while we wait on purpose costs nobody anything.
    let after = commands.filter(|asked| milliseconds(asked.at - laid) >= quiet);
    let card: Duration = after.map(|asked| asked.answered - asked.at).sum();
    Figure {
        whole: painted,
        seen: painted - seen,
        own: painted - quiet - milliseconds(card),
    }
}

fn tell(figures: &[Figure]) {
    let of = |part: fn(&Figure) -> f64| figures.iter().map(part).collect();
    let told: [(&str, Vec<f64>); 3] = [
        ("card laid down to name painted", of(|figure| figure.whole)),
        ("card seen to name painted", of(|figure| figure.seen)),
        (
            "of that ours: without the 500 ms of quiet and the card's own time",
            of(|figure| figure.own),
        ),
    ];
    for (what, mut times) in told {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        println!(
            "{what}: median {:.0} ms, 95 % {:.0} ms, worst {:.0} ms of {}",
            at(50),
            at(95),
            at(100),
            times.len()
        );
    }
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
