// The subject's window without a station: `subject.html?memory=STATE` holds one screen.
import type { Preview, SubjectBackend } from "../backend.ts";
import type { SubjectScreen } from "../types.ts";
import { address, face } from "./faces.ts";
import { SEATED, at } from "./people.ts";
import { FROZEN } from "./states.ts";

const who = at(SEATED);
const bands = (FROZEN["seated"] as { bands: SubjectScreen["bands"] }).bands;
const screen = (stage: SubjectScreen["stage"], more: Partial<SubjectScreen> = {}): SubjectScreen => ({ seq: 1, stage, code: null, guidance: null, name: null, student_number: null, portrait: null, bands, live: true, training: false, ...more });
const sits = { name: who.name, student_number: `******${who.student_number.slice(-4)}` };
const long = at(21);

export const SCREENS: Record<string, SubjectScreen> = {
  "subject-nothing": screen("nothing"),
  "subject-welcome": screen("welcome"),
  "subject-reading": screen("reading"),
  "subject-framing": screen("framing", sits),
  "subject-instruction": screen("framing", { ...sits, code: "eyes-tilted" }),
  "subject-instruction-long": screen("framing", { name: long.name, student_number: `******${long.student_number.slice(-4)}`, code: "crown-out-of-band" }),
  "subject-guided": screen("framing", { name: long.name, student_number: `******${long.student_number.slice(-4)}`, guidance: { code: "guide-tilt-right", arrow: "tilt-right" } }),
  "subject-dead": screen("framing", { ...sits, live: false }),
  "subject-exposing": screen("exposing", sits),
  "subject-confirm": screen("confirm", { ...sits, portrait: `take/${who.student_number}/1` }),
  "subject-filed": screen("filed"),
  "subject-refused": screen("stopped", { code: "name-differs" }),
  "subject-ambiguous": screen("stopped", { code: "ambiguous-entry" }),
  "subject-void": screen("stopped", { code: "document-taken" }),
  "subject-fault": screen("stopped", { code: "camera-stalled" }),
  "subject-training": screen("framing", { ...sits, training: true, guidance: { code: null, arrow: null } }),
};

/** The face in the middle of a landscape frame, not mirrored, as a camera sees it. */
async function frame(after: number): Promise<Preview | null> {
  const picture = new Image();
  picture.src = address(face(SEATED));
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [960, 540];
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.fillStyle = "#64c5ff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 277.5, 0, 405, 540);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return blob === null ? null : { seq: after + 1, blob, standing: false };
}

export function memorySubject(): SubjectBackend {
  window.likenessMemory = { states: Object.keys(SCREENS), said: new Set(Object.values(SCREENS).flatMap((one) => [one.name, one.student_number].filter((words) => words !== null))) };
  const state = new URLSearchParams(window.location.search).get("memory") ?? "subject-framing";
  const shown = SCREENS[state] ?? screen("nothing");
  return {
    screen: (after) => (after === 0 ? Promise.resolve(shown) : new Promise((resolve) => setTimeout(() => resolve(shown), 9_000))),
    frame,
    picture: () => address(face(SEATED)),
  };
}
