//! The subject's window: where it opens, and that it goes with the operator's.
//!
//! It never takes the keyboard: the keys of the booth belong to the operator's window
//! wherever somebody clicks, so nobody can be stuck because the other one has the focus.

use station::Station;
use std::sync::Arc;
use tauri::{
    AppHandle, Manager, Monitor, Runtime, Theme, WebviewUrl, WebviewWindowBuilder, Window,
    WindowEvent,
};
use tauri_plugin_window_state::{StateFlags, WindowExt};

/// Its name; the capabilities and the pictures are granted by it.
pub(crate) const LABEL: &str = "subject";
const OPERATOR: &str = "main";

/// Opens or closes the window and remembers which; says whether it is open.
///
/// # Errors
/// The system gives no window.
pub(crate) fn switch<R: Runtime>(app: &AppHandle<R>, open: Option<bool>) -> tauri::Result<bool> {
    let window = app.get_webview_window(LABEL);
    match (open, &window) {
        (Some(true), None) => show(app)?,
        (Some(false), Some(window)) => window.destroy()?,
        (None, _) | (Some(true), Some(_)) | (Some(false), None) => {}
    }
    if let Some(open) = open {
        app.state::<Arc<Station>>().keep_subject_window(open);
    }
    Ok(open.unwrap_or(window.is_some()))
}

/// Opens the window where it was open when the program ended. One that cannot be opened
/// is no reason not to start.
pub(crate) fn open_as_before<R: Runtime>(app: &AppHandle<R>) {
    let wanted = app.state::<Arc<Station>>().wants_subject_window();
    if wanted && let Err(error) = show(app) {
        tracing::warn!(%error, "the subject's window did not open");
    }
}

/// Goes with the operator's window; one that somebody closed by hand stays closed.
pub(crate) fn follow<R: Runtime>(window: &Window<R>, event: &WindowEvent) {
    let app = window.app_handle();
    if window.label() == LABEL && matches!(event, WindowEvent::CloseRequested { .. }) {
        app.state::<Arc<Station>>().keep_subject_window(false);
    }
    let operator_is_gone = window.label() == OPERATOR && matches!(event, WindowEvent::Destroyed);
    if let Some(subject) = app.get_webview_window(LABEL).filter(|_| operator_is_gone) {
        // A window that is gone already is what was wanted.
        let _closed = subject.destroy();
    }
}

fn show<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let page = WebviewUrl::App("subject.html".into());
    let window = WebviewWindowBuilder::new(app, LABEL, page)
        .title("照准 Likeness · 被采集人")
        .inner_size(1024.0, 576.0)
        .min_inner_size(640.0, 360.0)
        .theme(Some(Theme::Dark))
        .focused(false)
        .focusable(false)
        .build()?;
    match second_monitor(app)? {
        Some(monitor) => {
            window.set_position(*monitor.position())?;
            window.set_fullscreen(true)
        }
        None => window.restore_state(StateFlags::SIZE | StateFlags::POSITION),
    }
}

/// The monitor that the operator does not look at.
fn second_monitor<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Option<Monitor>> {
    let operators = match app.get_webview_window(OPERATOR) {
        Some(window) => window.current_monitor()?,
        None => None,
    };
    let first = operators.or(app.primary_monitor()?);
    let others = app.available_monitors()?.into_iter();
    let place = |monitor: &Monitor| *monitor.position();
    Ok(first.and_then(|first| {
        others
            .into_iter()
            .find(|other| place(other) != place(&first))
    }))
}
