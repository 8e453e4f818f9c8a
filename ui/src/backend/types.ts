// The view model and what is asked of the station. In the product this file is generated
// from Rust (src-tauri/crates/station/src/view.rs) and a test keeps the two equal.

export type JobKind = "production" | "training";
export type StageName = "vacant" | "presented" | "seated" | "exposing" | "review" | "filing" | "leaving";
/** Which mark and fill the state line has; the words follow from `code`. */
export type StateKind = "wait" | "reading" | "ready" | "busy" | "review" | "filed" | "refused" | "void" | "fault";

export type Band = { min: number, max: number };
export type Bands = { width: number, height: number, crown: Band, eye_line: Band, face_width: Band, bytes: Band, quality_min: number };
export type JobLine = { name: string, dir: string, kind: JobKind, profile: string, entries: number, filed: number, flagged: number };

/** `code` is a notice code (refusal, void, fault) or one of: put-document, reading, seated, exposing, developing, review, filing, filed, take-document, camera-starting, reader-starting. */
export type StateLine = { kind: StateKind, code: string, finding: string | null };
export type FieldLine = { field: "name" | "number" | "sex" | "birth" | "class", document: string | null, roster: string | null, same: boolean };
export type SubjectView = { sitting: number, student_number: string, name: string, class: string, number: string, generation: number, basis: "matched" | "referred", detail: string, fields: FieldLine[], admission_photo: string | null, former_portrait: string | null };
export type Measures = { crown_px: number, eye_line_px: number, face_width_px: number, tilt_deg: number };
export type FindingLine = { code: string, severity: "blocks" | "warns" | "informs", official_name: string | null, value: number | null, min: number | null, max: number | null };
export type ReviewView = { token: string, portrait: string, bytes: number, quality: number, measures: Measures | null, findings: FindingLine[], burst: string[], chosen: number };
/** How the last sitting ended; shown until the next document. */
export type EndView = { outcome: "filed" | "refused" | "void", code: string, finding: string | null, student_number: string | null, name: string | null, portrait: string | null, difference: FieldLine | null };
export type ClassView = { class: string, total: number, filed: number, flagged: number, missing: number, position: number | null, cells: ("filed" | "flagged" | "missing" | "now")[], next: { name: string, tail: string }[] };
/** `state` is a stable code: ready | live | reader-none | reader-unplugged | reader-service-down | reader-hung | camera-... ; the notice table has words and remedy. */
export type DeviceLine = { name: string, identity: string, nature: "physical" | "virtual" | "simulated", state: string, ok: boolean };
export type DevicesView = { reader: DeviceLine, document: "none" | "present" | "must-leave", camera: DeviceLine, fps: number };
export type BoothView = { seq: number, job: JobLine, bands: Bands, stage: StageName, state: StateLine, subject: SubjectView | null, review: ReviewView | null, end: EndView | null, class: ClassView | null, devices: DevicesView, live: boolean };

export type RosterLine = { student_number: string, name: string, number: string, class: string, standing: "missing" | "filed" | "flagged", generation: number | null, admission_photo: boolean };
export type RecordLine = { student_number: string, name: string, class: string, generation: number, status: "filed" | "flagged" | "superseded", deliverable: boolean, held_back: string | null, flag_reason: string | null, flagged_by: string | null, filed_wall_ms: number, portrait: string };
export type FilePlace = { line: string, column: string, code: string };
export type RosterImport = { dry_run: boolean, imported: boolean, rows: number, added: number, changed: { student_number: string, columns: string[] }[], unchanged: number, absent: string[], encoding: string, ignored_columns: string[], faults: FilePlace[], notes: FilePlace[] };
export type PhotosImport = { imported: number, unchanged: number, faults: FilePlace[] };
export type Delivered = { package: string, portraits: number, missing: number, bytes: number, manifest_sha256: string };
export type WrongPlace = { code: string, place: string };
export type Verdict = { what: "job" | "package", ok: boolean, unpinned: boolean, records: number, journal_rows: number, virtual_devices: string[], faults: WrongPlace[] };

/** A device that may be chosen. `choice` is what is remembered, e.g. `pcsc:NAME`, `v4l:SERIAL`, `simulated:FILE`. */
export type DeviceChoice = { choice: string, name: string, kind: "reader" | "camera", nature: "physical" | "virtual" | "simulated", allowed: boolean };
export type DeviceList = { readers: DeviceChoice[], cameras: DeviceChoice[], service: string, reader: string | null, camera: string | null };
export type StationInfo = { recent: JobLine[], profiles: { name: string, title_zh: string, title_en: string }[], job: JobLine | null, demo: string | null, operator: string };
/** Long work: import, photos, delivery, verify. One at a time; `done` of `of`, of = 0 while unknown. */
export type WorkView = { seq: number, kind: string | null, step: string, done: number, of: number };

export type Intent = { kind: "expose" } | { kind: "retake" } | { kind: "accept", token: string } | { kind: "void" } | { kind: "choose", index: number };

/** What a call rejects with: a notice code, parameters, never a sentence. */
export type Failure = { code: string, detail: string | null };
