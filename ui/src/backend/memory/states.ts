// One view for each state that the booth can be in, frozen, so that it can be looked at.
import type { BackgroundPlace, BoothView, DeviceLine, DevicesView, EndView, FindingLine, JobLine, ReviewView, StageName, StateKind, StateLine, SubjectView } from "../types.ts";
import { LONG, type Person, SEATED, at, classView, fields, largeClass } from "./people.ts";

export const JOB: JobLine = { name: "毕业图像采集 2027 届", dir: "/srv/capture/采集/2027", kind: "production", profile: "national", entries: 55, filed: 31, flagged: 2 };
export const TRAINING: JobLine = { ...JOB, name: "示例任务", dir: "/srv/capture/demo", kind: "training" };

const BANDS = { width: 480, height: 640, crown: { min: 50, max: 110 }, eye_line: { min: 200, max: 300 }, face_width: { min: 180, max: 300 }, bytes: { min: 30_720, max: 40_960 }, quality_min: 60 };

const READER: DeviceLine = { name: "CVR-100UC", identity: "pcsc:CVR-100UC 00 00", nature: "physical", state: "ready", ok: true, notes: [] };
const CAMERA: DeviceLine = { name: "Logitech BRIO", identity: "v4l:9A7C21F4", nature: "physical", state: "live", ok: true, notes: [] };

const DRIFT = { code: "camera-drift", detail: "-0.35 stops, delta E 1.2" };

export function devices(change: Partial<DevicesView> = {}): DevicesView {
  return { reader: READER, camera: CAMERA, document: "none", fps: 30, ...change };
}

export function subject(who: Person, change: Partial<SubjectView> = {}): SubjectView {
  return {
    sitting: 117, student_number: who.student_number, name: who.name, class: who.class, number: who.number, generation: 1, basis: "matched", detail: "exact", fields: fields(who),
    admission_photo: `admission/${who.student_number}`, former_portrait: null, chip_portrait: null, chip_fault: null, ...change,
  };
}

export function review(who: Person, change: Partial<ReviewView> = {}): ReviewView {
  const burst = [0, 1, 2, 3, 4].map((i) => `take/${who.student_number}/${i}`);
  return {
    token: "5e1f", portrait: burst[1] ?? "", bytes: 36_412, quality: 82, measures: { crown_px: 82, eye_line_px: 251, face_width_px: 238, tilt_deg: 0.6 },
    findings: [{ code: "close-to-band", severity: "informs", official_name: null, value: 0.8, min: null, max: 1 }], places: [], burst, chosen: 1, stopped: null, copy: null, ...change,
  };
}

/** In blocks, of which a portrait has 48 across and 64 down. */
const place = (flaw: BackgroundPlace["flaw"], left: number, top: number, width: number, height: number): BackgroundPlace => ({ flaw, left: left / 48, top: top / 64, width: width / 48, height: height / 64 });
/** A shadow beside the head that grows downwards, the edge of a door, a slope of the light. */
const PLACES = [place("shadow", 40, 14, 3, 3), place("shadow", 39, 17, 6, 9), place("shadow", 40, 26, 7, 12), place("shadow", 42, 38, 6, 6), place("object", 0, 4, 3, 40), place("uneven", 8, 0, 14, 2), place("uneven", 10, 2, 9, 2), place("uneven", 4, 30, 4, 8)];
/** All of the cloth, beside the person. */
const ALL_COLOUR = [place("colour", 0, 0, 48, 8), place("colour", 0, 8, 11, 36), place("colour", 38, 8, 10, 36), place("colour", 0, 44, 3, 6), place("colour", 45, 44, 3, 6)];
export const BACKGROUND_FINDINGS: FindingLine[] = [
  { code: "background-uneven", severity: "warns", official_name: null, value: 11.4, min: null, max: 8 },
  { code: "background-shadow", severity: "warns", official_name: null, value: 0.1, min: null, max: 0.03 },
  { code: "background-object", severity: "warns", official_name: null, value: 0.08, min: null, max: 0.02 },
];

type Parts = { stage: StageName; kind: StateKind; code: string; finding?: string } & Partial<Omit<BoothView, "stage" | "state">>;

export function view({ stage, kind, code, finding, ...rest }: Parts): BoothView {
  const state: StateLine = { kind, code, finding: finding ?? null };
  const now = rest.subject === undefined || rest.subject === null ? null : SEATED;
  return { seq: 1, job: JOB, bands: BANDS, stage, state, subject: null, guidance: null, presses_itself: false, review: null, end: null, class: classView(now, SEATED), devices: devices({ document: stage === "vacant" ? "none" : "present" }), live: true, open: true, ...rest };
}

const who = at(SEATED);
const [uyghur, tibetan, latin] = LONG as [Person, Person, Person];
const seated = subject(who);
const last: EndView = { outcome: "filed", code: "filed", finding: null, student_number: at(22).student_number, name: at(22).name, portrait: `portrait/${at(22).student_number}`, difference: null };
const ended = (outcome: EndView["outcome"], code: string, more: Partial<EndView> = {}): EndView => ({ outcome, code, finding: null, student_number: null, name: null, portrait: null, difference: null, ...more });
const refused = (code: string, more: Partial<EndView> = {}) => view({ stage: "leaving", kind: "refused", code, end: ended("refused", code, more), devices: devices({ document: "must-leave" }) });
const voided = (code: string, more: Partial<BoothView> = {}) => view({ stage: "leaving", kind: "void", code, end: ended("void", code, { name: who.name, student_number: who.student_number }), devices: devices({ document: "must-leave" }), ...more });
const broken = (line: DeviceLine, state: string): DeviceLine => ({ ...line, state, ok: false });
const SIMULATED = { reader: { ...READER, name: "simulated", identity: "simulated:day.toml", nature: "simulated" as const }, camera: { ...CAMERA, name: "still", identity: "still:people/", nature: "simulated" as const } };

export const FROZEN: Record<string, BoothView> = {
  waiting: view({ stage: "vacant", kind: "wait", code: "put-document", end: last }),
  "waiting-first": view({ stage: "vacant", kind: "wait", code: "put-document", class: null }),
  "must-leave": view({ stage: "leaving", kind: "wait", code: "take-document", devices: devices({ document: "must-leave" }) }),
  reading: view({ stage: "presented", kind: "reading", code: "reading" }),
  seated: view({ stage: "seated", kind: "ready", code: "seated", subject: seated }),
  "seated-guided": view({ stage: "seated", kind: "ready", code: "seated", subject: seated, guidance: { code: "guide-tilt-right", arrow: "tilt-right" } }),
  "seated-guided-plain": view({ stage: "seated", kind: "ready", code: "seated", subject: seated, guidance: { code: "guide-crown", arrow: null } }),
  "seated-itself": view({ stage: "seated", kind: "ready", code: "seated", subject: seated, guidance: { code: null, arrow: null }, presses_itself: true }),
  "seated-no-photo": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(at(25), { admission_photo: null }) }),
  "seated-reshoot": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(who, { generation: 2, former_portrait: `record/${who.student_number}/1` }) }),
  "seated-drift": view({ stage: "seated", kind: "ready", code: "seated", subject: seated, devices: devices({ document: "present", camera: { ...CAMERA, notes: [DRIFT] } }) }),
  "waiting-drift": view({ stage: "vacant", kind: "wait", code: "put-document", end: last, devices: devices({ camera: { ...CAMERA, notes: [DRIFT] } }) }),
  "seated-zoom": view({ stage: "seated", kind: "ready", code: "seated", subject: seated }),
  "seated-remote": view({ stage: "seated", kind: "ready", code: "seated", subject: seated }),
  "seated-chip": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(who, { chip_portrait: `chip/${who.student_number}` }) }),
  "seated-chip-failed": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(who, { chip_fault: "decoder-failed" }) }),
  "seated-referred": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(who, { basis: "referred", detail: "name", fields: fields(who, { name: "林芝夏" }) }) }),
  again: view({ stage: "seated", kind: "ready", code: "portrait-refused", finding: "eyes-tilted", subject: seated }),
  exposing: view({ stage: "exposing", kind: "busy", code: "exposing", subject: seated }),
  developing: view({ stage: "exposing", kind: "busy", code: "developing", subject: seated }),
  review: view({ stage: "review", kind: "review", code: "review", subject: seated, review: review(who) }),
  "review-warns": view({
    stage: "review", kind: "review", code: "review", subject: subject(at(25), { admission_photo: null }),
    review: review(at(25), {
      measures: { crown_px: 104, eye_line_px: 251, face_width_px: 262, tilt_deg: 3.4 }, bytes: 39_870, quality: 64, chosen: 1, stopped: "crown-out-of-band",
      findings: [
        { code: "eyes-tilted", severity: "warns", official_name: "瞳孔平行角度不合格", value: 3.4, min: null, max: 3 },
        { code: "background-colour", severity: "warns", official_name: null, value: 14, min: null, max: 12 },
        { code: "close-to-band", severity: "informs", official_name: null, value: 104, min: null, max: 110 },
      ],
    }),
  }),
  "review-copy": view({
    stage: "review", kind: "review", code: "review", subject: seated,
    review: review(who, { portrait: `tired/${who.student_number}`, copy: { picture: `copy/${who.student_number}`, code: null, findings: [{ code: "clothes-like-background", severity: "warns", official_name: null, value: 0.3, min: null, max: 0.2 }] } }),
  }),
  "review-no-copy": view({
    stage: "review", kind: "review", code: "review", subject: seated,
    review: review(who, { portrait: `tired/${who.student_number}`, copy: { picture: null, code: "background-unseen", findings: [] } }),
  }),
  "review-places": view({ stage: "review", kind: "review", code: "review", subject: seated, review: review(who, { findings: BACKGROUND_FINDINGS, places: PLACES }) }),
  "review-places-shown": view({ stage: "review", kind: "review", code: "review", subject: seated, review: review(who, { findings: BACKGROUND_FINDINGS, places: PLACES }) }),
  "review-places-colour": view({
    stage: "review", kind: "review", code: "review", subject: seated,
    review: review(who, { findings: [{ code: "background-colour", severity: "warns", official_name: null, value: 23.3, min: null, max: 12 }], places: ALL_COLOUR }),
  }),
  "review-remade": view({ stage: "exposing", kind: "busy", code: "developing", subject: seated, review: review(who) }),
  filing: view({ stage: "filing", kind: "busy", code: "filing", subject: seated, review: review(who) }),
  filed: view({ stage: "leaving", kind: "filed", code: "filed", end: ended("filed", "filed", { name: who.name, student_number: who.student_number, portrait: `take/${who.student_number}/1` }), class: classView(null, SEATED + 1), devices: devices({ document: "must-leave" }) }),
  refused: refused("name-differs", { student_number: who.student_number, difference: { field: "name", document: "林知夏", roster: "林芝夏", same: false } }),
  "refused-not-on-roster": refused("not-on-roster"),
  "refused-already-filed": refused("already-filed", { student_number: at(21).student_number }),
  "refused-ambiguous": refused("ambiguous-entry"),
  "refused-unreadable": refused("document-unreadable"),
  "refused-pile": refused("pile-of-documents"),
  "refused-long": { ...refused("document-contradicts"), class: largeClass(null) },
  "void-document": voided("document-taken", { stage: "vacant", devices: devices() }),
  "void-camera": voided("camera-lost", { live: false, devices: devices({ document: "must-leave", camera: broken(CAMERA, "camera-disconnected"), fps: 0 }) }),
  "fault-service": view({ stage: "vacant", kind: "fault", code: "reader-service-down", devices: devices({ reader: broken(READER, "reader-service-down") }) }),
  "fault-camera": view({ stage: "vacant", kind: "fault", code: "camera-stalled", live: false, devices: devices({ camera: broken(CAMERA, "camera-stalled"), fps: 0 }) }),
  "camera-starting": view({ stage: "vacant", kind: "busy", code: "camera-starting", live: false, devices: devices({ camera: broken(CAMERA, "camera-starting"), fps: 0 }) }),
  "seated-long": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(uyghur), class: largeClass(78) }),
  "seated-latin": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(latin, { fields: fields(latin, { name: "ABDUKERIMJAN MAMATTURSUNNIYAZ QADIR" }), basis: "referred", detail: "name" }), class: largeClass(78) }),
  "reshoot-long": view({ stage: "seated", kind: "ready", code: "seated", subject: subject(tibetan, { generation: 2, former_portrait: `record/${who.student_number}/1` }), class: largeClass(78) }),
  "review-long": view({ stage: "review", kind: "review", code: "review", subject: subject(tibetan, { generation: 2, former_portrait: `record/${who.student_number}/1` }), review: review(who), class: largeClass(78) }),
  "filed-long": view({ stage: "leaving", kind: "filed", code: "filed", end: ended("filed", "filed", { name: uyghur.name, student_number: uyghur.student_number, portrait: `take/${who.student_number}/1` }), class: largeClass(null), devices: devices({ document: "must-leave" }) }),
  "waiting-long": view({ stage: "vacant", kind: "wait", code: "put-document", end: { ...last, name: uyghur.name }, class: largeClass(null) }),
  "refused-long-name": refused("name-differs", { student_number: uyghur.student_number, difference: { field: "name", document: "阿卜力克木江·麦麦提图尔荪尼亚孜·喀迪尔", roster: "阿布力克木江·麦麦提图尔荪尼亚孜·卡迪尔", same: false } }),
  "void-long": voided("camera-lost", { end: ended("void", "camera-lost", { name: uyghur.name, student_number: uyghur.student_number }), live: false, devices: devices({ document: "must-leave", camera: broken(CAMERA, "camera-disconnected"), fps: 0 }) }),
  scanner: view({ stage: "review", kind: "review", code: "review", subject: seated, review: review(who) }),
  claim: refused("ambiguous-entry"),
  tray: view({ stage: "vacant", kind: "wait", code: "put-document", job: TRAINING, end: last, devices: devices({ ...SIMULATED }) }),
  training: view({ stage: "seated", kind: "ready", code: "seated", job: TRAINING, subject: seated, devices: devices({ document: "present", ...SIMULATED }) }),
  "training-review": view({ stage: "review", kind: "review", code: "review", job: TRAINING, subject: seated, review: review(who), devices: devices({ document: "present", ...SIMULATED }) }),
};

export const DEVICE_STATES: Record<string, DevicesView> = {
  devices: devices({ document: "present" }),
  "devices-broken": devices({ document: "must-leave", reader: broken(READER, "reader-service-down"), camera: broken(CAMERA, "camera-busy"), fps: 0 }),
  "devices-unplugged": devices({ reader: broken(READER, "reader-unplugged"), camera: broken(CAMERA, "camera-frozen"), fps: 0 }),
  "controls-drift": devices({ camera: { ...CAMERA, notes: [DRIFT] } }),
  "devices-drift": devices({ camera: { ...CAMERA, notes: [{ code: "control-not-taken", detail: "gain 10, reads 64" }, { code: "camera-drift", detail: "-0.35 stops, delta E 1.2" }] } }),
  "devices-none": devices({ reader: { ...READER, name: "", identity: "", state: "reader-none", ok: false }, camera: { ...CAMERA, name: "", identity: "", state: "camera-not-found", ok: false }, fps: 0 }),
  "devices-searching": devices(),
  "devices-chosen": devices(),
  "devices-failed": devices(),
  "devices-training": devices({ ...SIMULATED, fps: 25 }),
};
