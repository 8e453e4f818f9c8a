//! What the page can do: what it is granted, and nothing else.

#![cfg(target_os = "linux")]

use likeness_tests::window::booth::Booth;
use likeness_tests::window::{PATIENCE, Screen, Window};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Not listed in the window's capabilities, each of them: other windows', the system's,
/// the framework's own.
const UNGRANTED: [&str; 24] = [
    "subject_view",
    "no_such_command",
    "plugin:dialog|open",
    "plugin:dialog|save",
    "plugin:fs|read_text_file",
    "plugin:shell|execute",
    "plugin:opener|open_url",
    "plugin:http|fetch",
    "plugin:process|exit",
    "plugin:event|listen",
    "plugin:event|emit",
    "plugin:event|emit_to",
    "plugin:webview|create_webview_window",
    "plugin:webview|create_webview",
    "plugin:webview|internal_toggle_devtools",
    "plugin:window|create",
    "plugin:window|close",
    "plugin:window|set_title",
    "plugin:window-state|restore_state",
    "plugin:app|version",
    "plugin:path|resolve_directory",
    "plugin:resources|close",
    "plugin:image|from_path",
    "plugin:menu|new",
];

async fn invoke(window: &Window, command: &str, arguments: &str) -> String {
    let script = format!(
        "window.__TAURI_INTERNALS__.invoke('{command}', {arguments}).then(() => done('allowed'), (e) => done('refused: ' + JSON.stringify(e)));"
    );
    let said = window.ask(&script).await;
    said.as_str().unwrap_or("").to_owned()
}

#[tokio::test]
async fn a_page_may_ask_for_what_it_is_granted_and_for_nothing_else() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    for command in UNGRANTED {
        let said = invoke(&window, command, "{ event: 'x', path: '/etc/hostname' }").await;
        let is_refused = said.starts_with("refused") && said.contains("not allowed");
        let is_unknown = said.starts_with("refused") && said.contains("not found");
        assert!(is_refused || is_unknown, "{command}: {said}");
    }
    // One that is granted, so that the others are not refused for a wrong reason; and it
    // judges what it is given.
    assert_eq!(invoke(&window, "station_info", "{}").await, "allowed");
    let said = invoke(&window, "open_job", "{ dir: '/nowhere' }").await;
    assert!(said.contains("job-missing"), "{said}");
    let global = "return typeof window.__TAURI__;";
    assert_eq!(window.run(global).await, json!("undefined"));
    window.close().await;
}

/// Somebody elsewhere on the net, who hears of anything that the page sends.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("not blocking");
        Self(listener)
    }

    fn address(&self) -> String {
        self.0.local_addr().expect("an address").to_string()
    }

    /// Whether a single byte came. At a click on a link WebKit connects ahead and says
    /// nothing, before it asks whether the page may go there.
    fn was_called(&self) -> bool {
        match self.0.accept() {
            Ok((mut stream, _)) => {
                let patience = Duration::from_millis(300);
                stream.set_nonblocking(false).expect("blocking");
                stream.set_read_timeout(Some(patience)).expect("a limit");
                stream.read(&mut [0]).is_ok_and(|read| read > 0)
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    }
}

/// Each way out of a page, as a script that does it; what it says is what became of it.
fn ways_out(elsewhere: &str) -> [(&'static str, String); 9] {
    let call = |script: &str| script.replace("ELSEWHERE", elsewhere);
    [
        (
            "fetch",
            call("fetch('http://ELSEWHERE/').then(() => done('went'), () => done('stopped'));"),
        ),
        (
            "image",
            call(
                "const i = new Image(); i.onload = () => done('went'); i.onerror = () => done('stopped'); i.src = 'http://ELSEWHERE/x.png';",
            ),
        ),
        (
            "socket",
            call(
                "try { const s = new WebSocket('ws://ELSEWHERE/'); s.onopen = () => done('went'); s.onerror = () => done('stopped'); } catch { done('stopped'); }",
            ),
        ),
        (
            "frame",
            call(
                "const f = document.createElement('iframe'); f.src = 'http://ELSEWHERE/'; document.body.append(f); setTimeout(() => { f.remove(); done('stopped'); }, 600);",
            ),
        ),
        (
            "beacon",
            call(
                "navigator.sendBeacon('http://ELSEWHERE/', 'x'); setTimeout(() => done('stopped'), 600);",
            ),
        ),
        (
            "style",
            call(
                "const d = document.createElement('div'); d.style.background = 'url(http://ELSEWHERE/x.png)'; document.body.append(d); setTimeout(() => { d.remove(); done('stopped'); }, 600);",
            ),
        ),
        (
            "window",
            call(
                "const w = window.open('http://ELSEWHERE/'); setTimeout(() => done('stopped'), 600);",
            ),
        ),
        (
            "form",
            call(
                "const f = document.createElement('form'); f.action = 'http://ELSEWHERE/'; document.body.append(f); f.submit(); setTimeout(() => { f.remove(); done('stopped'); }, 600);",
            ),
        ),
        (
            "link",
            call(
                "const a = document.createElement('a'); a.href = 'http://ELSEWHERE/'; a.target = '_blank'; document.body.append(a); a.click(); setTimeout(() => { a.remove(); done('stopped'); }, 600);",
            ),
        ),
    ]
}

#[tokio::test]
async fn a_page_reaches_nobody_elsewhere_and_stays_where_it_is() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let elsewhere = Elsewhere::open();
    let address = elsewhere.address();
    for (name, script) in ways_out(&address) {
        let said = window.ask(&script).await;
        assert_eq!(said, json!("stopped"), "{name}");
        assert!(!elsewhere.was_called(), "{name} got out");
        assert_eq!(window.handles().await.len(), 1, "{name} opened a window");
    }
    let here = window.run("return location.href;").await;
    for away in [
        format!("http://{address}/"),
        "file:///etc/hostname".to_owned(),
        "likeness://localhost/frame".to_owned(),
        "data:text/html,x".to_owned(),
        "about:blank".to_owned(),
    ] {
        let go = format!("setTimeout(() => {{ location.href = '{away}'; }}, 0);");
        window.run(&go).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!elsewhere.was_called(), "{away} was asked");
        let now = window.run("return location.href;").await;
        assert_eq!(now, here, "{away}");
    }
    // It is alive, and shows what it showed.
    window
        .until_true("document.querySelector('[data-code]') !== null")
        .await;
    window.close().await;
}

#[tokio::test]
async fn a_page_runs_no_script_of_another_and_is_given_no_file() {
    let Some(screen) = Screen::open(1366, 768) else {
        return;
    };
    let booth = Booth::open(screen, "pcsc");
    let window = booth.window().await;
    let inline = "document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective), { once: true });
         const script = document.createElement('script');
         script.textContent = 'window.injected = 1';
         document.body.append(script);
         setTimeout(() => done('ran: ' + window.injected), 1500);";
    let violated = window.ask(inline).await;
    let named = |said: &Value| said.as_str().is_some_and(|s| s.starts_with("script-src"));
    assert!(named(&violated), "{violated}");
    for code in [
        "eval('1')",
        "new Function('return 1')()",
        "document.body.setAttribute('onclick', 'window.injected = 1') ?? document.body.click() ?? (() => { if (window.injected === undefined) throw new EvalError('') })()",
    ] {
        let script = format!("try {{ {code}; done('ran'); }} catch (e) {{ done(e.name); }}");
        assert_eq!(window.ask(&script).await, json!("EvalError"), "{code}");
    }
    let student = &booth.people[0].student_number;
    for path in [
        "likeness://localhost/../../../../etc/hostname",
        "likeness://localhost/%2e%2e/%2e%2e/etc/hostname",
        "likeness://localhost//etc/hostname",
        "likeness://localhost/record/../../job.db",
        "likeness://localhost/portrait/",
        "likeness://localhost/portrait/0000",
        "likeness://localhost/burst/0000/0",
        "likeness://elsewhere/job.db",
        "file:///etc/hostname",
    ] {
        assert_eq!(given(&window, path).await, json!(""), "{path}");
    }
    // A record that does not exist is no picture; the frame is one.
    let record = format!("likeness://localhost/record/{student}/1");
    assert_eq!(given(&window, &record).await, json!(""));
    let begun = Instant::now();
    let frame = "likeness://localhost/frame?after=0";
    while window.picture(frame).await.is_none() {
        assert!(begun.elapsed() < PATIENCE, "no frame is given");
    }
    window.close().await;
}

/// What is given for an address, as text; nothing when it is refused.
async fn given(window: &Window, address: &str) -> Value {
    let script = format!(
        "fetch('{address}').then(async (answer) => done(answer.ok ? await answer.text() : ''), () => done(''));"
    );
    window.ask(&script).await
}
