//! A real window for tests: the station's program in WebKitGTK on a screen of its own,
//! driven through WebDriver.
//!
//! A window needs Xvfb, a session bus, WebKitWebDriver and the built program. Where one
//! is missing the test skips loudly, or fails when `LIKENESS_REQUIRE_WINDOW` is `1`.

pub mod booth;
mod hands;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything on the screen is waited for.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// A key that WebDriver names by a private character.
pub mod key {
    /// Space.
    pub const SPACE: char = ' ';
    /// Enter.
    pub const ENTER: char = '\u{E007}';
    /// Escape.
    pub const ESCAPE: char = '\u{E00C}';
    /// Arrow to the right.
    pub const RIGHT: char = '\u{E014}';
    /// Arrow to the left.
    pub const LEFT: char = '\u{E012}';
    /// Arrow up.
    pub const UP: char = '\u{E013}';
    /// Arrow down.
    pub const DOWN: char = '\u{E015}';
    /// Shift, which turns the tabulator round.
    pub const SHIFT: char = '\u{E008}';
    /// The next page, as presenters and foot pedals send it.
    pub const PAGE_DOWN: char = '\u{E00F}';
    /// What asks for a student number.
    pub const F2: char = '\u{E032}';
    /// Tabulator.
    pub const TAB: char = '\u{E004}';
    /// The key that goes to another place together with a digit.
    pub const ALT: char = '\u{E00A}';
}

/// The screen and everything that runs on it; ends with the value.
pub struct Screen {
    display: String,
    xvfb: Child,
    dir: tempfile::TempDir,
}

/// How WebKit brings a picture to the screen.
#[derive(Clone, Copy, Debug)]
pub enum Renderer {
    /// By copying: what the program chooses where there is no graphics processor.
    Plain,
    /// Through buffers that it shares with a graphics processor: WebKit's own choice.
    Shared,
}

impl Renderer {
    /// For `WEBKIT_DISABLE_DMABUF_RENDERER`; set in both cases, so that the program leaves it.
    const fn switch(self) -> &'static str {
        match self {
            Self::Plain => "1",
            Self::Shared => "0",
        }
    }
}

/// An open window.
pub struct Window {
    /// The WebDriver session.
    pub client: Client,
    driver: Child,
}

/// The program that the build made.
fn program() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let named = test.parent()?.parent()?.join("likeness");
    named.is_file().then_some(named)
}

fn is_there(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// What a window needs of the machine, and what a test needs besides.
fn missing(besides: Option<String>) -> Option<String> {
    let programs = ["Xvfb", "dbus-run-session", "WebKitWebDriver"];
    let absent = programs.into_iter().find(|program| !is_there(program));
    absent.map(str::to_owned).or(besides)
}

impl Screen {
    /// A screen of this size, with folders of its own for everything a desktop has.
    ///
    /// # Panics
    /// If something is missing and `LIKENESS_REQUIRE_WINDOW` is `1`.
    #[must_use]
    pub fn open(width: u32, height: u32) -> Option<Self> {
        let unbuilt = program().is_none();
        Self::open_for(
            width,
            height,
            unbuilt.then(|| "the program `likeness` is not built".into()),
        )
    }

    /// The same for a test that opens pages in a browser and has looked itself for what it
    /// needs besides.
    ///
    /// # Panics
    /// If something is missing and `LIKENESS_REQUIRE_WINDOW` is `1`.
    #[must_use]
    pub fn open_for(width: u32, height: u32, lacking: Option<String>) -> Option<Self> {
        if let Some(missing) = missing(lacking) {
            let required = std::env::var("LIKENESS_REQUIRE_WINDOW").is_ok_and(|v| v == "1");
            assert!(!required, "no window: {missing}");
            // Past the capture of the test runner: a skip that nobody sees is a lie.
            let mut terminal = std::io::stderr().lock();
            writeln!(terminal, "SKIPPED window: {missing}").expect("standard error");
            return None;
        }
        Some(Self::start(width, height))
    }

    fn start(width: u32, height: u32) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for name in ["data", "config", "cache", "run"] {
            let folder = dir.path().join(name);
            std::fs::create_dir(&folder).expect("a folder");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&folder, mode).expect("private");
        }
        let mut xvfb = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0"])
            .arg(format!("{width}x{height}x24"))
            .args(["-nolisten", "tcp", "-fbdir"])
            .arg(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let told = xvfb.stdout.take().expect("standard output");
        let mut number = String::new();
        BufReader::new(told)
            .read_line(&mut number)
            .expect("the number of the screen");
        Self {
            display: format!(":{}", number.trim()),
            xvfb,
            dir,
        }
    }

    /// Where the station keeps its key and settings on this screen.
    #[must_use]
    pub fn station_dir(&self) -> PathBuf {
        self.dir.path().join("station")
    }

    /// A folder for the test's own things.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The pixels of the screen as they are now: a file in the format of `xwd`.
    #[must_use]
    pub fn framebuffer(&self) -> PathBuf {
        self.dir.path().join("Xvfb_screen0")
    }

    /// Starts the program with these arguments in a window.
    ///
    /// # Panics
    /// If no session comes up.
    pub async fn window(&self, arguments: &[&str]) -> Window {
        self.window_drawn(arguments, Renderer::Plain).await
    }

    /// The same with a renderer.
    ///
    /// # Panics
    /// If no session comes up.
    pub async fn window_drawn(&self, arguments: &[&str], renderer: Renderer) -> Window {
        let binary = program().expect("the program is built");
        let options = json!({ "binary": binary, "args": arguments });
        self.session(Some(options), renderer).await
    }

    /// Opens an empty page in the browser that comes with WebKitGTK: the same engine as the
    /// program's window, without the program.
    ///
    /// # Panics
    /// If no session comes up.
    pub async fn browser(&self) -> Window {
        self.session(None, Renderer::Plain).await
    }

    async fn session(&self, options: Option<Value>, renderer: Renderer) -> Window {
        let port = free_port();
        let folder = |name: &str| self.dir.path().join(name);
        let driver = Command::new("dbus-run-session")
            .args(["--", "WebKitWebDriver"])
            .arg(format!("--port={port}"))
            .env("DISPLAY", &self.display)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", renderer.switch())
            .env("NO_AT_BRIDGE", "1")
            .env("XDG_DATA_HOME", folder("data"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_RUNTIME_DIR", folder("run"))
            .env("LIKENESS_STATION_DIR", self.station_dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let mut capabilities = serde_json::Map::new();
        // Without options the driver starts the browser of its own package.
        capabilities.extend(options.map(|options| ("webkitgtk:browserOptions".into(), options)));
        let url = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        let client = loop {
            let built = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&url)
                .await;
            match built {
                Ok(client) => break client,
                Err(error) => {
                    assert!(begun.elapsed() < PATIENCE, "no session: {error}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        };
        Window { client, driver }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _killed = self.xvfb.kill();
        let _ended = self.xvfb.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Window {
    /// Runs a script in the page.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn run(&self, script: &str) -> Value {
        let done = self.client.execute(script, Vec::new()).await;
        done.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script whose last argument is called with the result.
    ///
    /// # Panics
    /// If the session is gone or the script never calls.
    pub async fn ask(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        let asked = self.client.execute_async(&script, Vec::new()).await;
        asked.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The code of the state line, empty when there is none.
    pub async fn code(&self) -> String {
        let script = "return document.querySelector('[data-code]')?.dataset.code ?? '';";
        self.run(script).await.as_str().unwrap_or("").to_owned()
    }

    /// Waits for the state line to say this.
    ///
    /// # Panics
    /// If it does not in time; says what it says instead.
    pub async fn until(&self, code: &str) {
        let begun = Instant::now();
        loop {
            let now = self.code().await;
            if now == code {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the state line does not say {code} but {now}"
            );
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Waits for an expression of the page to be true.
    ///
    /// # Panics
    /// If it does not become true in time.
    pub async fn until_true(&self, expression: &str) {
        let begun = Instant::now();
        while self.run(&format!("return !!({expression});")).await != json!(true) {
            assert!(begun.elapsed() < PATIENCE, "never true: {expression}");
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }

    /// Presses a key and lets it go, as a hand does.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn press(&self, key: char) {
        let stroke = KeyActions::new("hand".into())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Pause {
                duration: Duration::from_millis(40),
            })
            .then(KeyAction::Up { value: key });
        self.client
            .perform_actions(stroke)
            .await
            .expect("a key is pressed");
        // Longer than a hand's bounce and than what the page holds keys back for.
        tokio::time::sleep(Duration::from_millis(450)).await;
    }

    /// Types a code with Enter as a scanner does, within milliseconds.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn scan(&self, code: &str) {
        let mut burst = KeyActions::new("scanner".into());
        for key in code.chars().chain([key::ENTER]) {
            burst = burst
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        self.client
            .perform_actions(burst)
            .await
            .expect("a code is scanned");
        tokio::time::sleep(Duration::from_millis(450)).await;
    }

    /// Takes a picture of the window when what was asked for is painted.
    ///
    /// # Panics
    /// If none comes.
    pub async fn shot(&self, file: &Path) {
        // The snapshot of a page that nothing repaints may never come.
        let ticker = "window.ticker ??= setInterval(() => { const page = document.documentElement; \
                      page.style.opacity = page.style.opacity === '0.999' ? '1' : '0.999'; }, 50);";
        self.run(ticker).await;
        let painted = "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(1), 120)));";
        self.ask(painted).await;
        let png = self.client.screenshot().await.expect("a screenshot");
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, png).expect("written");
    }

    /// Goes on in the window whose page has this address; waits for it to open.
    ///
    /// # Panics
    /// If no window shows that page in time.
    pub async fn go_to(&self, page: &str) {
        let begun = Instant::now();
        loop {
            for handle in self.handles().await {
                let there = self.client.switch_to_window(handle).await;
                let shows = "return location.pathname;";
                // A window that closes meanwhile is not the one that is looked for.
                let path = match there {
                    Ok(()) => self.client.execute(shows, Vec::new()).await.ok(),
                    Err(_) => None,
                };
                if path.is_some_and(|path| path == json!(page)) {
                    return;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "no window shows {page}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The open windows.
    ///
    /// # Panics
    /// If the session is gone.
    pub async fn handles(&self) -> Vec<fantoccini::wd::WindowHandle> {
        self.client.windows().await.expect("the windows are told")
    }

    /// Ends the program as a crash would: at once, whatever it does.
    pub fn kill_program(&self) {
        for program in self.programs() {
            signal("-9", &program);
        }
    }

    /// The program and everything that it started, as process numbers.
    #[must_use]
    pub fn processes(&self) -> Vec<String> {
        let mut found = self.programs();
        let mut at = 0;
        while let Some(process) = found.get(at) {
            let below = children(process);
            found.extend(below);
            at += 1;
        }
        found
    }

    /// dbus-run-session has the driver as its child, and that the program.
    fn programs(&self) -> Vec<String> {
        let drivers = children(&self.driver.id().to_string());
        drivers.iter().flat_map(|driver| children(driver)).collect()
    }

    /// Closes the window and waits until the program is gone, and with it its hold on the
    /// job.
    ///
    /// # Panics
    /// If it does not end in time.
    pub async fn close(mut self) {
        let programs = self.programs();
        // A program that was killed has no session to close.
        drop(self.client.clone().close().await);
        let begun = Instant::now();
        let lives = |program: &String| Path::new("/proc").join(program).join("exe").exists();
        while programs.iter().any(lives) {
            assert!(begun.elapsed() < PATIENCE, "the program does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // The session's bus dies without taking the driver along.
        for driver in children(&self.driver.id().to_string()) {
            signal("-9", &driver);
        }
        let _killed = self.driver.kill();
        let _ended = self.driver.wait();
    }
}

fn children(of: &str) -> Vec<String> {
    let found = Command::new("pgrep").args(["-P", of]).output();
    let found = found.expect("pgrep runs").stdout;
    let text = String::from_utf8_lossy(&found).into_owned();
    text.lines().map(str::to_owned).collect()
}

fn signal(signal: &str, process: &str) {
    // A process that is gone already is what was wanted.
    let _done = Command::new("kill")
        .args([signal, process])
        .stderr(Stdio::null())
        .status();
}

impl Drop for Window {
    fn drop(&mut self) {
        let drivers = children(&self.driver.id().to_string());
        for process in self.programs().iter().chain(&drivers) {
            signal("-9", process);
        }
        let _killed = self.driver.kill();
        let _ended = self.driver.wait();
    }
}
