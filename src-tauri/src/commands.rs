//! What a window may ask, one line each. Blocking work runs off the main thread.

use crate::subject;
use station::desk::Delivered;
use station::view::{
    BoothView, CameraPanel, DeviceList, Failure, JobLine, PhotosImport, RosterImport, StationInfo,
    SubjectScreen, TrayView, Wish, WorkView,
};
use station::{
    CameraLocked, ControlsSet, RecordLine, Region, RemoteKey, RosterLine, Station, StationError,
    Verdict,
};
use std::path::PathBuf;
use std::sync::Arc;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

type Home<'a> = State<'a, Arc<Station>>;
type Answer<T> = Result<T, Failure>;

/// Does something that may block on a thread that may.
async fn aside<T: Send + 'static>(
    station: &Home<'_>,
    work: impl FnOnce(&Station) -> Result<T, StationError> + Send + 'static,
) -> Answer<T> {
    let station = Arc::clone(station);
    let done = tauri::async_runtime::spawn_blocking(move || work(&station)).await;
    match done {
        Ok(answer) => answer.map_err(|error| Failure::from(&error)),
        Err(_) => Err(Failure {
            code: "station-fault".to_owned(),
            detail: None,
        }),
    }
}

#[tauri::command]
pub(crate) async fn station_info(station: Home<'_>) -> Answer<StationInfo> {
    aside(&station, |station| Ok(station.info())).await
}

#[tauri::command]
pub(crate) async fn create_job(
    station: Home<'_>,
    dir: PathBuf,
    profile: String,
    training: bool,
) -> Answer<JobLine> {
    aside(&station, move |station| {
        station.create_job(&dir, &profile, training)
    })
    .await
}

#[tauri::command]
pub(crate) async fn open_job(station: Home<'_>, dir: PathBuf) -> Answer<JobLine> {
    aside(&station, move |station| station.open_job(&dir)).await
}

#[tauri::command]
pub(crate) async fn close_job(station: Home<'_>) -> Answer<()> {
    aside(&station, |station| {
        station.close_job();
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn open_demo(station: Home<'_>) -> Answer<JobLine> {
    aside(&station, Station::open_demo).await
}

#[tauri::command]
pub(crate) async fn import_roster(
    station: Home<'_>,
    file: PathBuf,
    dry_run: bool,
) -> Answer<RosterImport> {
    aside(&station, move |station| {
        station.import_roster(&file, dry_run)
    })
    .await
}

#[tauri::command]
pub(crate) async fn import_photos(station: Home<'_>, dir: PathBuf) -> Answer<PhotosImport> {
    aside(&station, move |station| station.import_photos(&dir)).await
}

#[tauri::command]
pub(crate) async fn roster(station: Home<'_>, class: Option<String>) -> Answer<Vec<RosterLine>> {
    aside(&station, move |station| station.roster(class)).await
}

#[tauri::command]
pub(crate) async fn records(station: Home<'_>) -> Answer<Vec<RecordLine>> {
    aside(&station, Station::records).await
}

#[tauri::command]
pub(crate) async fn flag(
    station: Home<'_>,
    student_number: String,
    reason: String,
    by: String,
) -> Answer<()> {
    aside(&station, move |station| {
        station.flag(&student_number, &reason, &by)
    })
    .await
}

#[tauri::command]
pub(crate) async fn devices(station: Home<'_>) -> Answer<DeviceList> {
    aside(&station, Station::devices).await
}

#[tauri::command]
pub(crate) async fn choose_devices(
    station: Home<'_>,
    reader: String,
    camera: String,
    decoder: Option<String>,
) -> Answer<()> {
    aside(&station, move |station| {
        station.choose_devices(&reader, &camera, decoder.as_deref())
    })
    .await
}

#[tauri::command]
pub(crate) async fn camera_panel(station: Home<'_>) -> Answer<CameraPanel> {
    aside(&station, Station::camera_panel).await
}

#[tauri::command]
pub(crate) async fn set_control(
    station: Home<'_>,
    control: String,
    value: i64,
) -> Answer<ControlsSet> {
    aside(&station, move |station| {
        station.set_control(&control, value)
    })
    .await
}

#[tauri::command]
pub(crate) async fn calibrate(station: Home<'_>, region: String) -> Answer<CameraLocked> {
    let region = if region == "centre" {
        Region::Centre
    } else {
        Region::Backdrop
    };
    aside(&station, move |station| station.calibrate(region)).await
}

#[tauri::command]
pub(crate) async fn remote_key(
    station: Home<'_>,
    key: Option<RemoteKey>,
    keep: bool,
) -> Answer<()> {
    aside(&station, move |station| station.remote_key(key, keep)).await
}

#[tauri::command]
pub(crate) async fn press_itself(station: Home<'_>, on: bool) -> Answer<()> {
    aside(&station, move |station| station.press_itself(on)).await
}

#[tauri::command]
pub(crate) async fn open_booth(station: Home<'_>, operator: String) -> Answer<()> {
    aside(&station, move |station| station.open_booth(&operator)).await
}

#[tauri::command]
pub(crate) async fn close_booth(station: Home<'_>) -> Answer<()> {
    aside(&station, Station::close_booth).await
}

#[tauri::command]
pub(crate) async fn view(station: Home<'_>, after: u64) -> Answer<Arc<BoothView>> {
    let view = station.view(after).await;
    view.map_err(|error| Failure::from(&error))
}

#[tauri::command]
pub(crate) async fn intent(station: Home<'_>, intent: Wish) -> Answer<()> {
    aside(&station, move |station| station.wish(intent)).await
}

#[tauri::command]
pub(crate) async fn work(station: Home<'_>, after: u64) -> Answer<WorkView> {
    Ok(station.work(after).await)
}

#[tauri::command]
pub(crate) async fn cancel_work(station: Home<'_>) -> Answer<()> {
    aside(&station, |station| {
        station.cancel_work();
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn deliver(station: Home<'_>, out: PathBuf) -> Answer<Delivered> {
    aside(&station, move |station| station.deliver(&out)).await
}

#[tauri::command]
pub(crate) async fn verify(station: Home<'_>, path: Option<PathBuf>) -> Answer<Verdict> {
    aside(&station, move |station| station.verify(path.as_deref())).await
}

#[tauri::command]
pub(crate) async fn tray(station: Home<'_>) -> Answer<TrayView> {
    aside(&station, |station| Ok(station.tray())).await
}

#[tauri::command]
pub(crate) async fn tray_put(station: Home<'_>, who: String) -> Answer<()> {
    aside(&station, move |station| station.tray_put(&who)).await
}

#[tauri::command]
pub(crate) async fn tray_take(station: Home<'_>) -> Answer<()> {
    aside(&station, Station::tray_take).await
}

/// What the subject's own window shows: the operator's window is not granted it.
#[tauri::command]
pub(crate) async fn subject_view(station: Home<'_>, after: u64) -> Answer<SubjectScreen> {
    let screen = station.subject_screen(after).await;
    screen.map_err(|error| Failure::from(&error))
}

/// Opens or closes the subject's window, or only says whether it is open.
#[tauri::command]
pub(crate) async fn subject_window<R: Runtime>(
    app: AppHandle<R>,
    open: Option<bool>,
) -> Answer<bool> {
    subject::switch(&app, open).map_err(|error| Failure {
        code: "station-fault".to_owned(),
        detail: Some(error.to_string()),
    })
}

/// Asks the operator for a file; nothing when they close the dialog.
#[tauri::command]
pub(crate) async fn pick_file<R: Runtime>(
    app: AppHandle<R>,
    purpose: String,
) -> Answer<Option<String>> {
    let mut dialog = app.dialog().file();
    match purpose.as_str() {
        "roster" => dialog = dialog.add_filter("xlsx, xls, csv", &["xlsx", "xls", "csv"]),
        "profile" => dialog = dialog.add_filter("toml", &["toml"]),
        _ => {}
    }
    pick(move || dialog.blocking_pick_file()).await
}

/// Asks the operator for a folder, which may be a new one made in the dialog; nothing
/// when they close it.
#[tauri::command]
pub(crate) async fn pick_folder<R: Runtime>(app: AppHandle<R>) -> Answer<Option<String>> {
    let dialog = app.dialog().file();
    pick(move || dialog.blocking_pick_folder()).await
}

async fn pick(
    ask: impl FnOnce() -> Option<tauri_plugin_dialog::FilePath> + Send + 'static,
) -> Answer<Option<String>> {
    let picked = tauri::async_runtime::spawn_blocking(ask).await;
    let path = picked.ok().flatten().and_then(|path| path.into_path().ok());
    Ok(path.map(|path| path.to_string_lossy().into_owned()))
}
