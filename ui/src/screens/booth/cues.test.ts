import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoothView, StateKind } from "../../backend/types.ts";
import { cueOf, mustLeave } from "./cues.ts";

/** Only what the rules of sounds look at. */
function view(stage: BoothView["stage"], kind: StateKind, code: string, more: Partial<BoothView> = {}): BoothView {
  return { stage, state: { kind, code, finding: null }, end: null, devices: { document: "none" }, ...more } as BoothView;
}

const waiting = view("vacant", "wait", "put-document");
const reading = view("presented", "reading", "reading");
const seated = view("seated", "ready", "seated");

test("each change has its own sound, and no change none", () => {
  assert.equal(cueOf(null, seated), null);
  assert.equal(cueOf(waiting, waiting), null);
  assert.equal(cueOf(waiting, reading), null);
  assert.equal(cueOf(reading, seated), "verified");
  assert.equal(cueOf(view("filing", "busy", "filing"), view("leaving", "filed", "filed")), "filed");
  assert.equal(cueOf(reading, view("leaving", "refused", "not-on-roster")), "refused");
  assert.equal(cueOf(seated, view("vacant", "void", "document-taken")), "refused");
  assert.equal(cueOf(waiting, view("vacant", "fault", "camera-stalled")), "refused");
});

test("a document that lies there unasked is asked for, and is no alarm", () => {
  const lies = view("leaving", "refused", "document-not-removed", { devices: { document: "must-leave" } as BoothView["devices"] });
  assert.equal(cueOf(waiting, lies), "take");
  assert.equal(mustLeave(lies), true);
  assert.equal(mustLeave(seated), false);
  assert.equal(mustLeave(null), false);
});
