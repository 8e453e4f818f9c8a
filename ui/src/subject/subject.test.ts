import assert from "node:assert/strict";
import { test } from "node:test";
import type { SubjectScreen } from "../backend/types.ts";
import { NOTICES } from "../i18n/notices.ts";
import { zh } from "../i18n/zh.ts";
import { next } from "./next.ts";
import { outline } from "./outline.ts";
import { HOLDS, NO, SAVED, STAGES, STOPPED, YES, calm, large } from "./words.ts";

const HAN = /\p{Script=Han}/u;
const band = { min: 0, max: 0 };
const BANDS = { width: 480, height: 640, crown: { min: 50, max: 110 }, eye_line: { min: 200, max: 300 }, face_width: { min: 180, max: 300 }, bytes: band, quality_min: 60 };
const screen = (seq: number, name: string | null): SubjectScreen => ({ seq, stage: "confirm", code: null, guidance: null, name, student_number: null, portrait: null, bands: BANDS, live: true, training: false });

test("a late screen of the last sitting never replaces the next one's", () => {
  const [first, second] = [screen(7, "one"), screen(9, "two")];
  assert.equal(next(0, null, first), first);
  assert.equal(next(7, first, second), second);
  assert.equal(next(9, second, first), second);
  // Neither after the window went blank, because the station was silent, nor after the end.
  assert.equal(next(9, null, first), null);
  assert.equal(next(9, null, second), second);
});

test("a screen that is told again is not drawn again", () => {
  const shown = screen(7, "one");
  assert.equal(next(7, shown, screen(7, "one")), shown);
});

test("everything is said in both languages, Chinese first", () => {
  const pairs = [...Object.entries(STAGES).filter(([stage]) => stage !== "nothing").flatMap(([, { large: one, calm: two }]) => [one, two]), ...Object.values(STOPPED), ...YES, ...NO, SAVED];
  assert.ok(pairs.length > 30);
  for (const [chinese, english] of pairs) {
    assert.match(chinese, HAN);
    assert.match(english, /[a-z]/);
    assert.doesNotMatch(english, HAN);
  }
});

test("what the subject is told when it stops belongs to codes of the table", () => {
  for (const code of Object.keys(STOPPED)) assert.ok(NOTICES[code], code);
  assert.deepEqual(large({ stage: "stopped", code: "camera-lost" }), STAGES.stopped.large);
  assert.deepEqual(large({ stage: "stopped", code: "document-taken" }), STOPPED["document-taken"]);
});

test("a finding is an instruction, any other refusal only another exposure", () => {
  assert.equal(large({ stage: "framing", code: "eyes-tilted" })[0], zh.instructions["eyes-tilted"]);
  assert.deepEqual(large({ stage: "framing", code: "frame-stale" }), ["再拍一次", "Once more, please"]);
  assert.deepEqual(large({ stage: "framing", code: null }), STAGES.framing.large);
});

test("what is seen now goes before what the last exposure wanted, and what holds after it", () => {
  const turn = { code: "guide-turn-left", arrow: "turn-left" } as const;
  const [holds, wants] = [{ code: null, arrow: null }, "eyes-tilted"];
  assert.deepEqual(large({ stage: "framing", code: wants, guidance: turn }), [NOTICES["guide-turn-left"]?.zh[0], "Turn your face a little left"]);
  assert.equal(large({ stage: "framing", code: wants, guidance: holds })[0], zh.instructions[wants]);
  assert.deepEqual(large({ stage: "framing", code: null, guidance: holds }), HOLDS);
  assert.deepEqual(large({ stage: "exposing", code: null, guidance: turn }), STAGES.exposing.large);
});

test("nobody is told that no picture was kept: the window cannot know it of everybody who reads it", () => {
  for (const code of [null, "already-filed", "not-on-roster", "camera-stalled", "document-not-removed"]) assert.doesNotMatch(calm({ stage: "stopped", code }).join(" "), /没有留下|No picture/);
  assert.notDeepEqual(calm({ stage: "stopped", code: "already-filed" }), STAGES.stopped.calm);
});

test("the outline lies in the middle of the bands", () => {
  const { left, right, crown, eyes, chin } = outline(BANDS);
  assert.deepEqual([crown, eyes], [80, 250]);
  assert.equal(left + right, 480);
  assert.ok(right - left > 240 && right - left < 300, "hair and ears stand out beside the cheeks");
  assert.ok(chin > 390 && chin < 440);
});
