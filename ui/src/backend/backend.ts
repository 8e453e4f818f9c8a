import type {
  BoothView, CameraLocked, CameraPanel, ControlsSet, Delivered, DeviceList, Failure, Intent, JobLine, PhotosImport, RecordLine, RemoteKey, RosterImport, RosterLine, StationInfo, SubjectScreen, TrayView, Verdict, WorkView,
} from "./types.ts";

/** What a file or folder is picked for; the dialog's filter and title follow from it. */
export type Purpose = "job" | "profile" | "roster" | "photos" | "package" | "delivery";

/** `standing`: a picture of a folder, which is there until the next one; a live one that stands still is dead. */
export type Preview = { seq: number; blob: Blob; standing: boolean };

/**
 * All that the window can ask of the station. Every promise rejects with a `Failure` and with nothing else, so that a screen
 * never has to guess what went wrong.
 *
 * `view` and `work` are long polls: they resolve when there is something newer than `after`, and after ten seconds at the latest
 * with what there is, so that a silent station can be told from a quiet one.
 */
export interface Backend {
  station(): Promise<StationInfo>;
  createJob(dir: string, profile: string, training: boolean): Promise<JobLine>;
  openJob(dir: string): Promise<JobLine>;
  closeJob(): Promise<void>;
  openDemo(): Promise<JobLine>;

  importRoster(file: string, dryRun: boolean): Promise<RosterImport>;
  importPhotos(dir: string): Promise<PhotosImport>;
  roster(className: string | null): Promise<RosterLine[]>;
  records(): Promise<RecordLine[]>;
  flag(studentNumber: string, reason: string, by: string): Promise<void>;

  devices(): Promise<DeviceList>;
  chooseDevices(reader: string, camera: string, decoder: string | null): Promise<void>;

  /** What can be set on the chosen camera, and its calibration. */
  cameraPanel(): Promise<CameraPanel>;
  /** Sets one control and keeps it; what did not take is told. */
  setControl(control: string, value: number): Promise<ControlsSet>;
  /** Long work: the booth closes, the camera finds its values before the backdrop or a grey card, keeps them, the booth opens. */
  calibrate(region: "backdrop" | "centre"): Promise<CameraLocked>;

  /** Whether a key can be the remote trigger; with `keep` it is remembered, and no key forgets the one that was. */
  remoteKey(key: RemoteKey | null, keep: boolean): Promise<void>;

  /** Whether the booth presses by itself once all has held; remembered, and off until somebody wants it. */
  pressItself(on: boolean): Promise<void>;

  openBooth(operator: string): Promise<void>;
  closeBooth(): Promise<void>;
  view(after: number): Promise<BoothView>;
  intent(intent: Intent): Promise<void>;
  /** The newest camera frame after `after`, or null when there is none. */
  frame(after: number): Promise<Preview | null>;

  /** Who may come in the demo, and whose document lies on its reader; empty without a demo. */
  tray(): Promise<TrayView>;
  trayPut(who: string): Promise<void>;
  trayTake(): Promise<void>;

  work(after: number): Promise<WorkView>;
  cancelWork(): Promise<void>;
  deliver(out: string): Promise<Delivered>;
  /** Verifies the open job (null) or a delivery package. */
  verify(path: string | null): Promise<Verdict>;

  pickFile(purpose: Purpose): Promise<string | null>;
  pickFolder(purpose: Purpose): Promise<string | null>;
  /** The address of a picture that the view model names by a path such as `portrait/TOKEN`. */
  picture(path: string): string;

  /** Opens or closes the subject's window, or (null) only asks; answers whether it is open. */
  subjectWindow(open: boolean | null): Promise<boolean>;

  /** Where the window opens; only the in-memory backend has a wish here, to show one state. */
  readonly opening?: Opening;
}

/** All that the subject's window can ask: it looks and presses nothing. The shell refuses it everything else. */
export interface SubjectBackend {
  /** A long poll, as `view`. */
  screen(after: number): Promise<SubjectScreen>;
  frame(after: number): Promise<Preview | null>;
  picture(path: string): string;
}

export type Screen = "booth" | "roster" | "reshoot" | "delivery" | "devices" | "settings";

export type Opening = { screen: Screen | null; act: string | null };

/** A long poll answers within ten seconds; this is when it has failed to. */
const SILENT_AFTER_MS = 15_000;

/** A promise, or a rejection when it takes too long. */
export function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject({ code: "station-silent", detail: null } satisfies Failure), SILENT_AFTER_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Turns whatever a call threw into a `Failure`. A thing without a code comes from the bridge, not from the station. */
export function asFailure(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const detail = "detail" in thrown && typeof thrown.detail === "string" ? thrown.detail : null;
    return { code: thrown.code, detail };
  }
  return { code: "station-fault", detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
