// The bridge to the Rust shell: one line a command, names and arguments as the shell declares them. Nothing else in the window
// knows Tauri.
import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { asFailure, type Backend, type Preview, type SubjectBackend } from "./backend.ts";

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

/** `likeness://localhost/`, on Windows `http://likeness.localhost/`. */
const base = () => convertFileSrc("", "likeness");

/** The response must expose its header to the page: `Access-Control-Allow-Origin` and `Access-Control-Expose-Headers: x-frame-seq`. */
async function frame(after: number): Promise<Preview | null> {
  try {
    const response = await fetch(`${base()}frame?after=${after}`, { cache: "no-store" });
    if (response.status !== 200) return null;
    const standing = response.headers.get("x-frame-standing") === "1";
    return { seq: Number(response.headers.get("x-frame-seq")), blob: await response.blob(), standing };
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

export const tauri: Backend = {
  station: () => call("station_info"),
  createJob: (dir, profile, training) => call("create_job", { dir, profile, training }),
  openJob: (dir) => call("open_job", { dir }),
  closeJob: () => call("close_job"),
  openDemo: () => call("open_demo"),

  importRoster: (file, dryRun) => call("import_roster", { file, dryRun }),
  importPhotos: (dir) => call("import_photos", { dir }),
  roster: (className) => call("roster", { class: className }),
  records: () => call("records"),
  flag: (studentNumber, reason, by) => call("flag", { studentNumber, reason, by }),

  devices: () => call("devices"),
  chooseDevices: (reader, camera, decoder) => call("choose_devices", { reader, camera, decoder }),
  cameraPanel: () => call("camera_panel"),
  setControl: (control, value) => call("set_control", { control, value }),
  calibrate: (region) => call("calibrate", { region }),
  remoteKey: (key, keep) => call("remote_key", { key, keep }),

  pressItself: (on) => call("press_itself", { on }),

  openBooth: (operator) => call("open_booth", { operator }),
  closeBooth: () => call("close_booth"),
  view: (after) => call("view", { after }),
  intent: (intent) => call("intent", { intent }),
  frame,

  tray: () => call("tray"),
  trayPut: (who) => call("tray_put", { who }),
  trayTake: () => call("tray_take"),

  work: (after) => call("work", { after }),
  cancelWork: () => call("cancel_work"),
  deliver: (out) => call("deliver", { out }),
  verify: (path) => call("verify", { path }),

  pickFile: (purpose) => call("pick_file", { purpose }),
  pickFolder: (purpose) => call("pick_folder", { purpose }),
  picture: (path) => base() + path,
  subjectWindow: (open) => call("subject_window", { open }),
};

export const subject: SubjectBackend = {
  screen: (after) => call("subject_view", { after }),
  frame,
  picture: (path) => base() + path,
};
