//! The shell: a window around the station, as thin as can be.
//!
//! Every command is one line into [`station::Station`]; nothing is decided here. The
//! window draws what the view says and sends wishes.
//!
//! **Architecture invariant:** this crate is the only one that knows Tauri.

mod commands;
mod pictures;
pub mod renderer;
mod subject;

use station::{Station, StationError, StationHome};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::plugin::TauriPlugin;
use tauri::{Manager, Runtime, Url};

/// How the program was started.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// `--demo DIR`: simulated people and devices lie there.
    pub demo: Option<PathBuf>,
    /// `--job DIR`: opened at once.
    pub job: Option<PathBuf>,
}

impl Start {
    /// Reads the arguments of the program.
    ///
    /// # Errors
    /// What is wrong with them, for the terminal.
    pub fn from_arguments(words: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut start = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let place = match word.to_str() {
                Some("--demo") => &mut start.demo,
                Some("--job") => &mut start.job,
                _ => return Err("usage: likeness [--demo DIR] [--job DIR]".to_owned()),
            };
            let dir = words.next().ok_or("a folder is missing at the end")?;
            *place = Some(PathBuf::from(dir));
        }
        Ok(start)
    }

    /// The station for this start. A job that cannot be opened is no reason not to
    /// start: the first screen says why and offers others.
    ///
    /// # Errors
    /// A fault when the environment names no place for the station's key.
    pub fn station(&self) -> Result<Arc<Station>, StationError> {
        let home = StationHome::from_environment()?;
        let station = Station::new(home, self.demo.clone());
        if let Some(job) = &self.job {
            station.open_first(job);
        }
        Ok(Arc::new(station))
    }
}

/// The program, with everything but its window's configuration.
#[must_use]
pub fn builder<R: Runtime>(station: Arc<Station>) -> tauri::Builder<R> {
    tauri::Builder::<R>::new()
        // Two stations on one camera, reader and job are a wrong face in the making.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            if let Some(window) = app.get_webview_window("main") {
                let _shown = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(staying())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .skip_initial_state(subject::LABEL)
                .build(),
        )
        .manage(station)
        .setup(|app| {
            subject::open_as_before(app.handle());
            Ok(())
        })
        .on_window_event(subject::follow)
        .register_asynchronous_uri_scheme_protocol("likeness", pictures::answer)
        .invoke_handler(tauri::generate_handler![
            commands::station_info,
            commands::create_job,
            commands::open_job,
            commands::close_job,
            commands::open_demo,
            commands::import_roster,
            commands::import_photos,
            commands::roster,
            commands::records,
            commands::flag,
            commands::devices,
            commands::choose_devices,
            commands::camera_panel,
            commands::set_control,
            commands::calibrate,
            commands::remote_key,
            commands::press_itself,
            commands::open_booth,
            commands::close_booth,
            commands::view,
            commands::intent,
            commands::work,
            commands::cancel_work,
            commands::deliver,
            commands::verify,
            commands::pick_file,
            commands::pick_folder,
            commands::tray,
            commands::tray_put,
            commands::tray_take,
            commands::subject_view,
            commands::subject_window,
        ])
}

/// Keeps every window on the program's own pages: a content policy says nothing about
/// where a page goes, and a page that went elsewhere would be shown as the station.
fn staying<R: Runtime>() -> TauriPlugin<R> {
    tauri::plugin::Builder::new("staying")
        .on_navigation(|_, url| is_ours(url))
        .build()
}

/// Windows and Android serve the pages under a host name, the others under a scheme.
fn is_ours(url: &Url) -> bool {
    let (scheme, host) = if cfg!(any(windows, target_os = "android")) {
        ("http", "tauri.localhost")
    } else {
        ("tauri", "localhost")
    };
    url.scheme() == scheme && url.host_str() == Some(host) && url.port().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Start, String> {
        Start::from_arguments(words.iter().map(OsString::from))
    }

    #[test]
    fn only_the_programs_own_pages_are_ours() {
        let ours = |url: &str| is_ours(&Url::parse(url).unwrap());
        let (own, other) = ("tauri://localhost", "http://tauri.localhost");
        let (own, other) = if cfg!(any(windows, target_os = "android")) {
            (other, own)
        } else {
            (own, other)
        };
        assert!(ours(&format!("{own}/")));
        assert!(ours(&format!("{own}/subject.html")));
        for foreign in [
            &format!("{other}/subject.html"),
            &format!("{own}:8080/"),
            "https://tauri.localhost/",
            "http://localhost/",
            "https://tauri.localhost.example/",
            "likeness://localhost/frame",
            "file:///etc/hostname",
            "data:text/html,x",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn arguments_name_folders_and_nothing_else() {
        let both = read(&["--demo", "d", "--job", "j"]);
        let wanted = Start {
            demo: Some("d".into()),
            job: Some("j".into()),
        };
        assert_eq!(both, Ok(wanted));
        assert_eq!(read(&[]), Ok(Start::default()));
        assert!(read(&["--demo"]).is_err());
        assert!(read(&["--jobs", "x"]).is_err());
        assert!(read(&["x"]).is_err());
    }
}
