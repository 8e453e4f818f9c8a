// The station without a station: a scripted class in memory, so that every screen and state opens in a plain browser.
// `?memory=STATE` freezes one state; without it a small day is played and the keys work.
import type { Backend, Opening, Preview, Screen } from "../backend.ts";
import type { BoothView, CameraLocked, CameraPanel, ControlsSet, DeviceList, Failure, Intent, RecordLine, RemoteKey, RosterImport, RosterLine, StationInfo, TrayView, Verdict, WorkView } from "../types.ts";
import { Day } from "./day.ts";
import { address, chair, face } from "./faces.ts";
import { LONG, PEOPLE, SEATED, records, roster } from "./people.ts";
import { DEVICE_STATES, FROZEN, JOB, TRAINING, view } from "./states.ts";

/** States that are not a state of the booth: where they open and what that screen does at once. */
const PLACES: Record<string, Opening> = {
  "first-run": { screen: "booth", act: null },
  start: { screen: "booth", act: null },
  "start-create": { screen: "booth", act: "create" },
  "operator-missing": { screen: "booth", act: null },
  "booth-failed": { screen: "booth", act: null },
  silent: { screen: "booth", act: null },
  booting: { screen: "booth", act: null },
  "booting-silent": { screen: "booth", act: null },
  "start-failed": { screen: "booth", act: null },
  help: { screen: "booth", act: "help" },
  "seated-zoom": { screen: "booth", act: "zoom" },
  "review-places-shown": { screen: "booth", act: "places" },
  "review-places-colour": { screen: "booth", act: "places" },
  scanner: { screen: "booth", act: "scanner" },
  claim: { screen: "booth", act: "claim" },
  roster: { screen: "roster", act: null },
  "roster-empty": { screen: "roster", act: null },
  "roster-preview": { screen: "roster", act: "preview" },
  "roster-faults": { screen: "roster", act: "preview" },
  "roster-loading": { screen: "roster", act: null },
  "roster-failed": { screen: "roster", act: null },
  "roster-long": { screen: "roster", act: null },
  "roster-encoding": { screen: "roster", act: "preview" },
  "roster-many-faults": { screen: "roster", act: "preview" },
  "roster-unreadable": { screen: "roster", act: "preview" },
  "roster-importing": { screen: "roster", act: "import" },
  "roster-imported": { screen: "roster", act: "import" },
  "roster-cancelled": { screen: "roster", act: "import" },
  "photos-running": { screen: "roster", act: "photos" },
  "photos-cancelled": { screen: "roster", act: "photos" },
  "roster-photos": { screen: "roster", act: "photos" },
  reshoot: { screen: "reshoot", act: null },
  "reshoot-missing": { screen: "reshoot", act: "missing" },
  "reshoot-filed": { screen: "reshoot", act: "filed" },
  "reshoot-empty": { screen: "reshoot", act: null },
  "reshoot-both": { screen: "reshoot", act: "both" },
  "reshoot-names": { screen: "reshoot", act: null },
  "reshoot-loading": { screen: "reshoot", act: null },
  "reshoot-failed": { screen: "reshoot", act: null },
  flag: { screen: "reshoot", act: "flag" },
  devices: { screen: "devices", act: null },
  "devices-broken": { screen: "devices", act: null },
  "devices-unplugged": { screen: "devices", act: null },
  "devices-drift": { screen: "devices", act: null },
  "devices-searching": { screen: "devices", act: null },
  "devices-none": { screen: "devices", act: null },
  "devices-chosen": { screen: "devices", act: "use" },
  "devices-failed": { screen: "devices", act: null },
  "devices-training": { screen: "devices", act: null },
  controls: { screen: "devices", act: "controls" },
  "controls-none": { screen: "devices", act: "controls" },
  "controls-loading": { screen: "devices", act: "controls" },
  "controls-failed": { screen: "devices", act: "controls" },
  "controls-uncalibrated": { screen: "devices", act: "controls" },
  "controls-drift": { screen: "devices", act: "controls" },
  "controls-sits": { screen: "devices", act: "controls" },
  "controls-findings": { screen: "devices", act: "controls-findings" },
  "controls-calibrating": { screen: "devices", act: "controls-calibrate" },
  "controls-calibrated": { screen: "devices", act: "controls-calibrate" },
  delivery: { screen: "delivery", act: null },
  "delivery-running": { screen: "delivery", act: "deliver" },
  "delivery-done": { screen: "delivery", act: "deliver" },
  "delivery-failed": { screen: "delivery", act: "deliver" },
  "delivery-empty": { screen: "delivery", act: null },
  "delivery-cancelled": { screen: "delivery", act: "deliver" },
  "verify-cancelled": { screen: "delivery", act: "verify" },
  "verify-running": { screen: "delivery", act: "verify" },
  "verify-ok": { screen: "delivery", act: "verify" },
  "verify-wrong": { screen: "delivery", act: "verify" },
  settings: { screen: "settings", act: null },
  "settings-unreadable": { screen: "settings", act: null },
  "settings-remote": { screen: "settings", act: null },
  "settings-learning": { screen: "settings", act: "learn" },
  "settings-learned": { screen: "settings", act: "PageDown" },
  "settings-not-learned": { screen: "settings", act: "Escape" },
  "seated-remote": { screen: "booth", act: null },
};

const never = <T>() => new Promise<T>(() => undefined);
const later = <T>(value: T, ms: number) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));
const refuse = (code: string, detail: string | null = null): Promise<never> => Promise.reject({ code, detail } satisfies Failure);

const PREVIEW_GOOD: RosterImport = {
  encoding_doubtful: false, dry_run: true, imported: false, rows: 55, added: 3, changed: [{ student_number: "2021210345", columns: ["姓名"] }, { student_number: "2021210326", columns: ["班级", "专业"] }], unchanged: 50, absent: ["2021230389"],
  encoding: "GB18030", ignored_columns: ["备注", "宿舍"], faults: [], notes: [{ line: "17", column: "姓名", code: "name-blanks-dropped" }],
};
const PREVIEW_BAD: RosterImport = {
  ...PREVIEW_GOOD, added: 2, faults: [{ line: "12", column: "身份证号", code: "check-digit-wrong" }, { line: "31", column: "学号", code: "student-number-repeated" }, { line: "44", column: "身份证号", code: "number-mangled-by-excel" }],
};
const PREVIEW_MANY: RosterImport = {
  ...PREVIEW_GOOD, rows: 2_931, added: 2_519, unchanged: 0, changed: [], absent: [], notes: [],
  faults: Array.from({ length: 612 }, (_, i) => ({ line: String(i * 4 + 2), column: i % 3 === 0 ? "学号" : "身份证号", code: ["student-number-repeated", "check-digit-wrong", "number-mangled-by-excel"][i % 3] ?? "" })),
};
const VERDICT: Verdict = { what: "job", ok: true, unpinned: true, records: 33, journal_rows: 412, virtual_devices: [], faults: [], journal_head: null, kind: null };
const LIST: DeviceList = {
  readers: [{ choice: "pcsc:CVR-100UC 00 00", name: "CVR-100UC", kind: "reader", nature: "physical", allowed: true }, { choice: "pcsc:Virtual PCD 00 00", name: "Virtual PCD", kind: "reader", nature: "virtual", allowed: true }, { choice: "simulated:day.toml", name: "day.toml", kind: "reader", nature: "simulated", allowed: false }],
  cameras: [{ choice: "v4l:9A7C21F4", name: "Logitech BRIO", kind: "camera", nature: "physical", allowed: true }, { choice: "v4l:200901010001", name: "USB 2.0 Camera", kind: "camera", nature: "physical", allowed: true }, { choice: "still:people/", name: "people/", kind: "camera", nature: "simulated", allowed: false }],
  service: "reader-ready", reader: "pcsc:CVR-100UC 00 00", camera: "v4l:9A7C21F4", decoder: null,
};

const number = (control: string, value: number, min: number, max: number, more: { governed?: boolean; kept?: number } = {}) => ({ control, value, default: value, min, max, step: 1, governed: false, ...more });
const PANEL: CameraPanel = {
  controls: {
    camera: "v4l2 9A7C21F4",
    controls: [
      { control: "power-line", value: 1, default: 2, offers: ["0 Disabled", "1 50 Hz", "2 60 Hz"], governed: false, kept: 1 },
      { control: "exposure-auto", value: 0, default: 1, min: 0, max: 1, governed: false, kept: 0 },
      number("exposure", 156, 3, 2047, { kept: 156 }), number("gain", 12, 0, 255, { kept: 10 }),
      { control: "white-balance-auto", value: 0, default: 1, min: 0, max: 1, governed: false, kept: 0 },
      number("white-balance", 4_600, 2_000, 7_500, { kept: 4_600 }),
      { control: "focus-auto", value: 1, default: 1, min: 0, max: 1, governed: false }, number("focus", 30, 0, 255, { governed: true }), number("zoom", 100, 100, 500), number("brightness", 128, 0, 255), number("contrast", 128, 0, 255),
    ],
  },
  calibration: { wall_ms: new Date(2027, 4, 11, 8, 12).getTime(), region: "backdrop", other_job: false },
};

class Memory implements Backend {
  readonly opening: Opening | undefined;
  private readonly state: string | null;
  private readonly frozen: BoothView | null;
  private readonly day = new Day();
  private job: StationInfo["job"] = JOB;
  private open = false;
  private base = 0;
  private turned: (() => void)[] = [];
  private workState: WorkView = { seq: 1, kind: null, step: "", done: 0, of: 0 };
  private workHeard: (() => void)[] = [];
  private cancelled = false;
  private operator = "陈默";
  private remote: RemoteKey | null = null;
  private itself = false;
  private readonly drawn = new Map<string, Promise<HTMLCanvasElement>>();

  constructor(state: string | null) {
    this.state = state;
    this.opening = state === null ? undefined : PLACES[state];
    const devices = state === null ? undefined : DEVICE_STATES[state];
    const job = state === "devices-training" ? TRAINING : JOB;
    this.frozen = state === null ? null : (FROZEN[state] ?? view({ stage: state === "controls-sits" ? "seated" : "vacant", kind: "wait", code: "put-document", job, ...(devices === undefined ? {} : { devices }) }));
    if (state === "first-run" || state === "start" || state === "start-create" || state === "start-failed") this.job = null;
    else if (this.frozen !== null) this.job = this.frozen.job;
    if (state === "seated-remote" || state === "settings-remote") this.remote = { key: "PageDown", code: "PageDown" };
    this.itself = state === "settings-remote";
    if (state === "roster-empty") this.job = { ...JOB, entries: 0, filed: 0, flagged: 0 };
    if (state === "operator-missing" || state === "first-run") this.operator = "";
  }

  async station(): Promise<StationInfo> {
    if (this.state === "booting") return never();
    if (this.state === "booting-silent") return refuse("station-silent");
    const recent = this.state === "first-run" || this.state === "start-create" ? [] : [JOB, { ...JOB, name: "毕业图像采集 2026 届", dir: "/srv/capture/采集/2026", filed: 2_911, entries: 2_931, flagged: 0 }, TRAINING];
    const profiles = [{ name: "national", title_zh: "毕业图像 480×640，30–40 KB，浅蓝", title_en: "National graduation, 480×640, 30–40 KB, light blue" }, { name: "national-white", title_zh: "毕业图像，白色背景", title_en: "National graduation, white" }];
    return { recent, profiles, job: this.job, demo: "demo", operator: this.operator, refused: this.state === "start-failed" ? { code: "job-busy", detail: null } : null, remote: this.remote, presses_itself: this.itself, unsettled: this.state === "settings-unreadable" ? { code: "settings-unreadable", detail: "/srv/station/settings.json: 3:17" } : null };
  }

  async createJob(dir: string, profile: string, training: boolean) {
    this.job = { ...JOB, name: "新任务", dir, profile, kind: training ? "training" : "production", entries: 0, filed: 0, flagged: 0 };
    return this.job;
  }
  async openJob() { this.job = JOB; return JOB; }
  async closeJob() { this.job = null; }
  async openDemo() { this.job = TRAINING; return TRAINING; }

  async importRoster(file: string, dryRun: boolean): Promise<RosterImport> {
    void file;
    if (this.state === "roster-faults") return PREVIEW_BAD;
    if (this.state === "roster-many-faults") return PREVIEW_MANY;
    if (this.state === "roster-encoding") return { ...PREVIEW_GOOD, encoding_doubtful: true };
    if (this.state === "roster-unreadable") return refuse("roster-password");
    if (dryRun) return PREVIEW_GOOD;
    if (this.state === "roster-importing") return this.stands("import", 1_204, 2_931);
    if (this.state === "roster-cancelled") return refuse("work-cancelled");
    if (this.state === null) await this.labour("import", 1_200);
    if (this.job !== null) this.job = { ...this.job, entries: PEOPLE.length };
    return { ...PREVIEW_GOOD, dry_run: false, imported: true };
  }
  async importPhotos() {
    if (this.state === "photos-running") return this.stands<never>("photos", 331, 2_931);
    if (this.state === "photos-cancelled") return refuse("work-cancelled");
    if (this.state === null) await this.labour("photos", 1_500);
    return { imported: 48, unchanged: 2, faults: [{ line: "IMG_0231.jpg", column: "", code: "photo-unmatched" }, { line: "2021210399.png", column: "", code: "photo-not-a-picture" }] };
  }
  async roster(group: string | null) {
    if (this.job?.entries === 0) return [];
    if (this.state === "roster-loading") return never<never>();
    if (this.state === "roster-failed") return refuse("file-fault", "/srv/capture/采集/2027/job.db");
    if (this.state === "roster-long") return [...LONG.map((who): RosterLine => ({ ...who, standing: "filed", generation: 1, admission_photo: true })), ...roster(SEATED)];
    return roster(this.state === null ? this.day.upTo : SEATED).filter((line) => group === null || line.class === group);
  }
  async records(): Promise<RecordLine[]> {
    if (this.state === "reshoot-empty" || this.state === "delivery-empty") return [];
    if (this.state === "reshoot-loading") return never();
    if (this.state === "reshoot-failed") return refuse("file-fault", "/srv/capture/采集/2027/job.db");
    const all = records(this.state === null ? this.day.upTo : SEATED);
    if (this.state !== "reshoot-names") return all;
    const [one] = all.filter((record) => record.flag_reason === "wrong-person");
    return one === undefined ? all : [...LONG.map((who) => ({ ...one, name: who.name, student_number: who.student_number, class: who.class, flagged_by: LONG[0]?.name ?? "", portrait: one.portrait })), ...all];
  }
  async flag() { await later(null, 300); }

  async devices(): Promise<DeviceList> {
    if (this.state === "devices-searching") return never();
    if (this.state === "devices-failed") return refuse("station-fault");
    if (this.state === "devices-none") return { ...LIST, readers: [], cameras: [], service: "reader-none", reader: null, camera: null };
    if (this.state === "devices-broken") return { ...LIST, service: "reader-service-down", readers: [] };
    if (this.state === "devices-training") return { ...LIST, readers: LIST.readers.map((r) => ({ ...r, allowed: true })), cameras: LIST.cameras.map((c) => ({ ...c, allowed: true })), reader: "simulated:day.toml", camera: "still:people/" };
    return LIST;
  }
  async chooseDevices() { if (this.state === null) await later(null, 300); }

  async cameraPanel(): Promise<CameraPanel> {
    if (this.state === "controls-none") return refuse("camera-controls-none");
    if (this.state === "controls-loading") return never();
    if (this.state === "controls-failed") return refuse("camera-disconnected");
    return this.state === "controls-uncalibrated" ? { ...PANEL, calibration: null } : PANEL;
  }
  async setControl(control: string, value: number): Promise<ControlsSet> {
    return { ok: false, ...PANEL.controls, findings: [{ code: "control-clamped", detail: `${control} ${value} -> 2047` }] };
  }
  async calibrate(): Promise<CameraLocked> {
    if (this.state === "controls-calibrating") return this.stands("calibrate", 1, 3);
    if (this.state === null) await this.labour("calibrate", 4_000);
    return { ok: true, ...PANEL.controls, findings: [] };
  }

  /** The rule is the station's; here is as much of it as the screens need. */
  async remoteKey(key: RemoteKey | null, keep: boolean) {
    if (key?.key === " ") return refuse("remote-key-space");
    if (key !== null && /^([\p{L}\p{N}]|[？?])$/u.test(key.key)) return refuse("remote-key-typed");
    if (["Enter", "Escape", "ArrowLeft", "ArrowRight", "F1", "F2"].includes(key?.key ?? "")) return refuse("remote-key-own");
    if (["Tab", "Shift", "Control", "Alt", "Meta"].includes(key?.key ?? "")) return refuse("remote-key-system");
    if (keep) this.remote = key;
  }

  async pressItself(on: boolean) { this.itself = on; }

  async openBooth(operator: string) {
    this.operator = operator;
    this.turn(this.state !== "booth-failed");
  }
  async closeBooth() { this.turn(false); }
  /** Opens or closes; the numbers of the views go on from there. */
  private turn(open: boolean) {
    this.open = open;
    this.base += 10_000;
    this.turned.splice(0).forEach((heard) => heard());
  }
  async view(after: number): Promise<BoothView> {
    if (this.job === null) return refuse("no-job-open");
    if (this.state === "silent" && after > this.base) return refuse("station-silent");
    const inner = this.frozen !== null ? this.still(after) : this.open ? this.day.view(after - this.base) : this.still(after);
    await Promise.race([inner, new Promise<void>((resolve) => this.turned.push(resolve))]);
    return this.shown();
  }
  private still(after: number): Promise<unknown> {
    return after > this.base ? later(null, 9_000) : Promise.resolve();
  }
  private shown(): BoothView {
    const seq = this.base + (this.frozen === null && this.open ? this.day.current.seq : 1);
    if (this.open) return { ...(this.frozen ?? this.day.current), seq };
    const fault = this.state === "booth-failed" && this.base > 0;
    return { ...view({ stage: "vacant", kind: fault ? "fault" : "wait", code: fault ? "camera-not-ready" : "booth-closed", class: null, live: false, ...(this.job === null ? {} : { job: this.job }) }), seq, open: false };
  }
  async intent(intent: Intent) { this.day.intent(intent); }

  async frame(after: number): Promise<Preview | null> {
    const current = this.frozen ?? this.day.current;
    if (!current.live) return later(null, 200);
    const index = PEOPLE.findIndex((who) => who.student_number === current.subject?.student_number);
    const picture = await this.image(index < 0 ? (current.stage === "presented" || current.subject !== null ? face(SEATED) : chair()) : face(index, { tilt: current.state.finding === "eyes-tilted" ? -5 : current.guidance?.arrow === "tilt-right" ? 5 : 0 }));
    await later(null, 40);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [960, 540];
    const context = canvas.getContext("2d");
    if (context === null) return null;
    context.fillStyle = "#64c5ff";
    context.fillRect(0, 0, 960, 540);
    context.drawImage(picture, 277.5 + Math.sin(performance.now() / 900) * (this.frozen === null ? 3 : 0), 0);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    return blob === null ? null : { seq: after + 1, blob, standing: false };
  }
  /** A drawn person as pixels: drawing the vectors anew for every frame is slow without a graphics card. */
  private image(svg: string): Promise<HTMLCanvasElement> {
    let image = this.drawn.get(svg);
    if (image === undefined) {
      image = new Promise((resolve, reject) => {
        const element = new Image();
        element.onload = () => {
          const pixels = document.createElement("canvas");
          [pixels.width, pixels.height] = [405, 540];
          pixels.getContext("2d")?.drawImage(element, 0, 0, 405, 540);
          resolve(pixels);
        };
        element.onerror = reject;
        element.src = address(svg);
      });
      this.drawn.set(svg, image);
    }
    return image;
  }

  work(after: number): Promise<WorkView> {
    if (this.workState.seq > after) return Promise.resolve(this.workState);
    return Promise.race([later(null, 9_000), new Promise<void>((resolve) => this.workHeard.push(resolve))]).then(() => this.workState);
  }
  private beside = false;
  async subjectWindow(open: boolean | null) { return (this.beside = open ?? this.beside); }
  async tray(): Promise<TrayView> { return this.state === "tray" ? { documents: ["林知夏", "许望舒", "古丽娜尔·艾山", "不在名册", "姓名不同"], present: "许望舒" } : { documents: [], present: null }; }
  async trayPut() {}
  async trayTake() {}
  async cancelWork() { this.cancelled = true; }
  private say(kind: string | null, step: string, done: number, of: number) {
    this.workState = { seq: this.workState.seq + 1, kind, step, done, of };
    this.workHeard.splice(0).forEach((heard) => heard());
  }
  /** Work that has come so far and stands there. */
  private stands<T>(kind: string, done: number, of: number): Promise<T> {
    this.say(kind, "", done, of);
    return never();
  }
  private async labour(kind: string, ms: number): Promise<void> {
    this.cancelled = false;
    const of = 30;
    try {
      for (let done = 0; done <= of; done += 1) {
        this.say(kind, "", done, of);
        if (this.cancelled) return await refuse("package-cancelled");
        await later(null, ms / of);
      }
    } finally {
      this.say(null, "", 0, 0);
    }
  }

  async deliver(out: string) {
    if (this.state === "delivery-failed") return refuse("disk-full");
    if (this.state === "delivery-cancelled") return refuse("package-cancelled");
    if (this.state === "delivery-running") return this.stands<never>("deliver", 19, 30);
    if (this.state === null) await this.labour("deliver", 4_000);
    return { package: `${out}/毕业图像采集-2027-1123`, portraits: 29, copies: 0, missing: 26, bytes: 1_138_402, manifest_sha256: "b1f6e9a2d3c44c0f8d7a5e0b6f2f9c3e1a48d7750c9be2f1646a3d9e8c7b0a15" };
  }
  async verify(path: string | null): Promise<Verdict> {
    if (this.state === "verify-cancelled") return refuse("work-cancelled");
    if (this.state === "verify-running") return this.stands("verify", 212, 412);
    if (this.state === null) await this.labour("verify", 3_000);
    const verdict: Verdict = { ...VERDICT, what: path === null ? "job" : "package" };
    if (this.state !== "verify-wrong") return verdict;
    return { ...verdict, ok: false, virtual_devices: ["Virtual PCD 00 00"], faults: [{ code: "portrait-bytes", place: "photo 17" }, { code: "journal-hash", place: "journal 233" }, { code: "signature-wrong", place: "acceptance 2021210339/1" }] };
  }

  async pickFile() { return "/srv/capture/名册/2027-名册.xlsx"; }
  async pickFolder() { return "/srv/capture/采集/交付"; }
  picture(path: string): string {
    const [kind = "", student = "", which = "1"] = path.split("/");
    const index = Math.max(0, PEOPLE.findIndex((who) => who.student_number === student));
    const take = Number(which);
    if (kind === "chip") return address(face(index, { blue: false }));
    if (kind === "admission") return address(face(index, { blue: false, grey: true }));
    if (kind === "take") return address(face(index, { blink: take === 0, smile: take === 4, tilt: take === 3 ? 2 : 0 }));
    // A cloth that has seen better days, and the copy that has not.
    if (kind === "tired") return address(face(index).replace("#64c5ff", "#7ea9c6"));
    if (kind === "copy") return address(face(index));
    return address(face(index, { tilt: which === "2" ? 0 : -2 }));
  }
}

/** Every state that `?memory=` knows. */
const STATES: string[] = [...new Set([...Object.keys(FROZEN), ...Object.keys(PLACES)])];

/** What the backend said: names, classes, folders. A test that looks for words in the wrong language leaves these alone. */
const said = new Set<string>();

function hear(value: unknown): void {
  if (typeof value === "string") said.add(value);
  else if (typeof value === "object" && value !== null && !(value instanceof Blob)) Object.values(value).forEach(hear);
}

/** For the tests that photograph every state. */
declare global {
  interface Window { likenessMemory?: { states: string[]; said: Set<string> } }
}

export function memory(): Backend {
  window.likenessMemory = { states: STATES, said };
  const backend = new Memory(new URLSearchParams(window.location.search).get("memory"));
  return new Proxy(backend, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, given);
        if (answer instanceof Promise) answer.then(hear, hear);
        return answer;
      };
    },
  });
}
export type { Screen };
