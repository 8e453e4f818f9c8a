//! Lists the commands of the shell, so that each is denied to every window that is not
//! granted it by name, and says what is missing before Tauri's macros do.

/// Every command; the capabilities say which window may call it.
const COMMANDS: &[&str] = &[
    "station_info",
    "create_job",
    "open_job",
    "close_job",
    "open_demo",
    "import_roster",
    "import_photos",
    "roster",
    "records",
    "flag",
    "devices",
    "choose_devices",
    "camera_panel",
    "set_control",
    "calibrate",
    "remote_key",
    "press_itself",
    "open_booth",
    "close_booth",
    "view",
    "intent",
    "work",
    "cancel_work",
    "deliver",
    "verify",
    "pick_file",
    "pick_folder",
    "tray",
    "tray_put",
    "tray_take",
    "subject_view",
    "subject_window",
];

fn main() {
    assert!(
        std::path::Path::new("../ui/dist/index.html").is_file(),
        "the window is not built: run `npm --prefix ui ci && npm --prefix ui run build`, or `cargo xtask booth`"
    );
    println!("cargo:rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("the shell's configuration is wrong: {error:#}");
    }
}
