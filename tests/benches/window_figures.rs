//! Figures of the real window: how soon it is ready, how many frames it shows and at what
//! price, how soon a key is answered, and what a long day does to its memory.
//!
//! ```text
//! cargo build --release --workspace
//! cargo bench --workspace --bench window_figures -- --sittings 500
//! cargo bench --workspace --bench window_figures -- --only-renderers
//! ```
//!
//! A screen of its own (Xvfb, no graphics card), the demo's simulated reader and camera
//! (960x1280, a stamp and noise in each; 30 frames a second while WebKit's two renderers are
//! compared, taking turns, and 15 after that). Shown frames are counted in
//! the framebuffer of the screen and not in the page: a patch of the picture that changed
//! was shown. Times are those of the page's own clock. Memory is the proportional set
//! (PSS) of the program and all of its WebKit processes.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "the figures are the product")]

use likeness_tests::Person;
use likeness_tests::window::{Renderer, Screen, Window, key};
use serde_json::Value;
use station::StationHome;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SIZE: (u32, u32) = (1366, 768);
/// Kernel ticks of CPU time a second; the same on every Linux that we know.
const TICKS: f64 = 100.0;
const EARLY: usize = 50;

fn main() {
    let sittings = sittings();
    let Some(screen) = Screen::open(SIZE.0, SIZE.1) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let day = Day::prepare(&screen, sittings);
        compare_renderers(&screen, &day).await;
        if !std::env::args().any(|word| word == "--only-renderers") {
            measure(&screen, &day, sittings).await;
        }
    });
}

/// The living picture with each of WebKit's renderers, in turns.
async fn compare_renderers(screen: &Screen, day: &Day) {
    const ROUNDS: usize = 3;
    day.set_rate(30);
    let (job, framebuffer) = (day.job.to_string_lossy().into_owned(), screen.framebuffer());
    let renderers = [Renderer::Plain, Renderer::Shared];
    let mut figures = renderers.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (renderer, figures) in renderers.into_iter().zip(&mut figures) {
            let window = screen.window_drawn(&["--job", &job], renderer).await;
            window.until("put-document").await;
            day.comes(&day.people[0]);
            window.until("seated").await;
            tokio::time::sleep(Duration::from_secs(3)).await;
            let what = format!("seated, 30 frames a second sent, renderer {renderer:?}");
            figures.push(live(&window, &framebuffer, &what).await);
            window.close().await;
            day.leaves();
        }
    }
    let [plain, shared] = figures.map(|rounds| {
        let median = |of: fn(&Live) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        [median(|live| live.shown), median(|live| live.cores)]
    });
    println!(
        "renderers, median of {ROUNDS} rounds in turns: plain shows {:.1} frames a second at {:.0} % of one core in the whole tree of processes, \
         shared {:.1} at {:.0} %; plain to shared: frames {:.2}, CPU {:.2}, CPU of a shown frame {:.2}",
        plain[0],
        plain[1] * 100.0,
        shared[0],
        shared[1] * 100.0,
        plain[0] / shared[0],
        plain[1] / shared[1],
        (plain[1] / plain[0]) / (shared[1] / shared[0])
    );
}

fn sittings() -> usize {
    let words: Vec<String> = std::env::args().collect();
    let told = words.windows(2).find(|pair| pair[0] == "--sittings");
    told.map_or(EARLY, |pair| pair[1].parse().expect("a number of sittings"))
}

async fn measure(screen: &Screen, day: &Day, sittings: usize) {
    day.set_rate(15);
    let job = day.job.to_string_lossy().into_owned();
    let asked = Instant::now();
    let window = screen.window(&["--job", &job]).await;
    window.until("put-document").await;
    let ready = asked.elapsed();
    println!(
        "start to `put your document` on the screen, WebDriver's own start in it: {ready:.2?}"
    );
    window.run(WATCH).await;

    let screen_file = screen.framebuffer();
    let people = &day.people;
    day.comes(&people[0]);
    window.until("seated").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let _seated = live(&window, &screen_file, "seated, live preview").await;
    assert!(day.sit_through(&window).await, "the first sitting is void");
    let mut voided = 0;

    let mut early = None;
    for (done, person) in people.iter().enumerate().skip(1).take(sittings - 1) {
        loop {
            day.comes(person);
            window.until("seated").await;
            tokio::time::sleep(Duration::from_millis(500)).await;
            if day.sit_through(&window).await {
                break;
            }
            voided += 1;
        }
        if done + 1 == EARLY {
            early = Some(tell_memory(&window, EARLY));
        } else if (done + 1) % 100 == 0 {
            tell_memory(&window, done + 1);
        }
    }
    println!("sittings void because the machine held the camera up: {voided}");
    let late = memory(&window).iter().sum::<f64>();
    if let Some(early) = early {
        println!(
            "memory after {sittings} sittings against after {EARLY}: {:.2}",
            late / early
        );
    }
    tell_answers(&window).await;

    // What the window costs when there is nothing to show: the twin of the live figure.
    let devices = "window.dispatchEvent(new KeyboardEvent('keydown', { key: '6', code: 'Digit6', altKey: true }));";
    window.run(devices).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let _behind = live(&window, &screen_file, "settings, booth open behind it").await;
    window.close().await;
}

/// Notes when a key went down and when the first change of the state line after it, and
/// the one that ends the matter, had been painted.
const WATCH: &str = "
    window.figures = { ' ': [], 'Enter': [], 'review': [], 'filed': [] };
    let pressed = null;
    let said = document.querySelector('[data-code]').dataset.code;
    const painted = (then) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => then(performance.now()); channel.port2.postMessage(0); });
    window.addEventListener('keydown', (event) => { if (event.key === ' ' || event.key === 'Enter') pressed = { key: event.key, at: event.timeStamp, first: false }; }, true);
    new MutationObserver(() => {
        const now = document.querySelector('[data-code]')?.dataset.code;
        if (now === said || pressed === null) { said = now; return; }
        said = now;
        const press = pressed;
        if (!press.first) { press.first = true; painted((at) => window.figures[press.key].push(at - press.at)); }
        if (now === 'review' || now === 'filed') painted((at) => window.figures[now].push(at - press.at));
    }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-code'] });
";

async fn tell_answers(window: &Window) {
    let figures = window.run("return window.figures;").await;
    for (name, what) in [
        (
            " ",
            "Space to the first answer painted (35 ms held back in it)",
        ),
        ("review", "Space to the portrait's review painted"),
        (
            "Enter",
            "Enter to the first answer painted (35 ms held back in it)",
        ),
        ("filed", "Enter to `filed` painted"),
    ] {
        let mut times: Vec<f64> = figures[name]
            .as_array()
            .map(|list| list.iter().filter_map(Value::as_f64).collect())
            .unwrap_or_default();
        times.sort_by(f64::total_cmp);
        let Some(worst) = times.last() else {
            println!("{what}: never seen");
            continue;
        };
        let (median, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
        println!(
            "{what}: median {median:.0} ms, 95 % {p95:.0} ms, worst {worst:.0} ms of {}",
            times.len()
        );
    }
}

/// What a living picture was and took.
struct Live {
    /// Frames a second.
    shown: f64,
    /// Cores in use, all processes together.
    cores: f64,
}

/// Ten seconds of a living picture: frames that were shown, and the CPU they took.
async fn live(window: &Window, framebuffer: &Path, what: &str) -> Live {
    const SPAN: Duration = Duration::from_secs(10);
    let place = window
        .run("const box = document.querySelector('canvas')?.getBoundingClientRect(); return box ? [box.x + box.width / 2, box.y + box.height / 3] : null;")
        .await;
    let drawn = "return Number(document.querySelector('canvas')?.dataset.frame ?? 0);";
    let before = window.run(drawn).await.as_f64().unwrap_or(0.0);
    let (cpu, begun) = (cpu_seconds(window), Instant::now());
    let shown = match place.as_array() {
        Some(place) => {
            let at = [0, 1].map(|i| place[i].as_f64().unwrap_or(0.0) as u32);
            let file = framebuffer.to_owned();
            tokio::task::spawn_blocking(move || changes(&file, at, SPAN))
                .await
                .expect("the patch is watched")
        }
        None => {
            tokio::time::sleep(SPAN).await;
            0
        }
    };
    let seconds = begun.elapsed().as_secs_f64();
    let now = cpu_seconds(window);
    let [own, webkit] = [0, 1].map(|part| (now[part] - cpu[part]) / seconds * 100.0);
    let drew = window.run(drawn).await.as_f64().unwrap_or(0.0) - before;
    println!(
        "{what}: {:.1} frames a second shown ({:.1} numbered by the station), {own:.0} % of one core in the program and its simulated camera, {webkit:.0} % in WebKit",
        f64::from(shown) / seconds,
        drew / seconds
    );
    Live {
        shown: f64::from(shown) / seconds,
        cores: (own + webkit) / 100.0,
    }
}

/// How often the patch around this place looked different.
fn changes(framebuffer: &Path, [x, y]: [u32; 2], span: Duration) -> u32 {
    let file = std::fs::File::open(framebuffer).expect("the framebuffer");
    let mut header = [0; 100];
    file.read_exact_at(&mut header, 0).expect("its header");
    let field =
        |at: usize| u32::from_be_bytes(header[at * 4..at * 4 + 4].try_into().expect("four bytes"));
    let (start, line) = (field(0) + field(19) * 12, field(12));
    let mut patch = vec![0; 24 * 4];
    let (mut last, mut seen) = (Vec::new(), 0);
    let begun = Instant::now();
    while begun.elapsed() < span {
        let mut now = Vec::new();
        for row in 0..6 {
            let at = u64::from(start + (y + row) * line + x * 4);
            file.read_exact_at(&mut patch, at).expect("a row");
            now.extend_from_slice(&patch);
        }
        if now != last {
            seen += 1;
            last = now;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    seen
}

/// CPU seconds that the program itself and the WebKit processes under it have used so far.
fn cpu_seconds(window: &Window) -> [f64; 2] {
    let ticks = |process: &String| {
        let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let after = text.rsplit(") ").next().unwrap_or_default().to_owned();
        let fields: Vec<f64> = after
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        // The state is no number; user and system time are fields 14 and 15 of the line.
        fields.get(10).unwrap_or(&0.0) + fields.get(11).unwrap_or(&0.0)
    };
    apart(window).map(|part| part.iter().map(ticks).sum::<f64>() / TICKS)
}

/// The program's own processes, and those of WebKit under it.
fn apart(window: &Window) -> [Vec<String>; 2] {
    let is_webkit = |process: &String| {
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        name.starts_with("WebKit")
    };
    let (webkit, own) = window.processes().into_iter().partition(is_webkit);
    [own, webkit]
}

/// Proportional set of the program and of WebKit's processes under it, in megabytes.
fn memory(window: &Window) -> [f64; 2] {
    let one = |process: &String| {
        let file = format!("/proc/{process}/smaps_rollup");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("Pss:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        kilobytes.unwrap_or(0.0)
    };
    apart(window).map(|part| part.iter().map(one).sum::<f64>() / 1024.0)
}

/// Tells it, and returns the sum.
fn tell_memory(window: &Window, sittings: usize) -> f64 {
    let [own, webkit] = memory(window);
    println!(
        "memory after {sittings} sittings: {:.0} MB, {own:.0} of the program and {webkit:.0} of WebKit",
        own + webkit
    );
    own + webkit
}

/// A training job, a reader made of a folder and a chair.
struct Day {
    job: PathBuf,
    now: PathBuf,
    people: Vec<Person>,
}

impl Day {
    fn prepare(screen: &Screen, sittings: usize) -> Self {
        let dir = screen.dir();
        let (job, now) = (dir.join("job"), dir.join("now"));
        std::fs::create_dir_all(&now).expect("a folder");
        let home = StationHome::at(screen.station_dir());
        home.create_job(&job, "national-60kb", true).expect("a job");
        let people: Vec<Person> = (1..=sittings.max(2))
            .map(|n| Person::new(&format!("20260{n:03}"), "林一", &format!("{} 班", n / 50)))
            .collect();
        let numbers: BTreeSet<&String> = people.iter().map(|person| &person.number).collect();
        assert_eq!(
            numbers.len(),
            people.len(),
            "too many people for their numbers"
        );
        let mut csv = "学号,姓名,身份证号,班级\n".to_owned();
        for who in &people {
            writeln!(
                csv,
                "{},{},{},{}",
                who.student_number, who.name, who.number, who.class
            )
            .expect("written");
        }
        let roster = dir.join("roster.csv");
        std::fs::write(&roster, csv).expect("written");
        let mut desk = home.open_job(&job).expect("the job opens");
        assert!(
            desk.import_roster(&roster, false, false)
                .expect("read")
                .imported
        );
        drop(desk);
        let settings = serde_json::json!({
            "recent": [],
            "reader": format!("simulated:{}", now.display()),
            "camera": format!("still:{}", now.join("chair.toml").display()),
            "operator": "figures",
        });
        std::fs::write(
            screen.station_dir().join("settings.json"),
            settings.to_string(),
        )
        .expect("settings");
        let day = Self { job, now, people };
        day.shows(&day.people[0]);
        day
    }

    fn shows(&self, person: &Person) {
        let (next, drawn) = (self.now.join("next.png"), person.picture(&self.now));
        std::fs::rename(drawn, &next).expect("drawn");
        std::fs::rename(next, self.now.join("chair.png")).expect("seated");
    }

    /// From the next opening of the camera on.
    fn set_rate(&self, rate: u32) {
        let text = format!("picture = \"chair.png\"\nrate = {rate}\n");
        std::fs::write(self.now.join("chair.toml"), text).expect("written");
    }

    fn leaves(&self) {
        std::fs::remove_file(self.now.join("document.toml")).expect("taken");
    }

    fn comes(&self, person: &Person) {
        self.shows(person);
        let document = person.document(&self.now, "20400101", &[]);
        std::fs::rename(document, self.now.join("document.toml")).expect("laid down");
    }

    /// Whether it was filed; the station voids a sitting when the camera stalls, as it does
    /// on a machine that is busy with other things.
    async fn sit_through(&self, window: &Window) -> bool {
        window.press(key::SPACE).await;
        let filed = comes_to(window, "review").await
            && {
                let shown = "[...document.querySelectorAll('img')].some(i => i.src.includes('/portrait/') && i.complete && i.naturalWidth === 480)";
                window.until_true(shown).await;
                tokio::time::sleep(Duration::from_millis(150)).await;
                window.press(key::ENTER).await;
                comes_to(window, "filed").await
            };
        self.leaves();
        window
            .until_true("document.querySelector('[data-document]')?.dataset.document === 'none'")
            .await;
        if !filed {
            let live = "!document.querySelector('[data-code]').dataset.code.startsWith('camera-')";
            window.until_true(live).await;
        }
        filed
    }
}

/// Whether the state line says this before it says that the sitting is over.
async fn comes_to(window: &Window, code: &str) -> bool {
    let over = format!(
        "['{code}', 'camera-lost', 'camera-interrupted', 'camera-stalled'].includes(document.querySelector('[data-code]').dataset.code)"
    );
    window.until_true(&over).await;
    window.code().await == code
}
