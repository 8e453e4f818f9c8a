import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTICES } from "./notices.ts";
import { REMEDIES } from "./remedies.ts";
import { SUBTITLES } from "./subtitle.ts";
import { DICTIONARIES, noticeIn, stateWords, widthOf } from "./words.ts";
import { zh } from "./zh.ts";

const HAN = /\p{Script=Han}/u;

/** Every string of a dictionary with its path. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, String(value(1, 2))]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

test("no text is empty and the English dictionary has no Chinese in it", () => {
  const english = leaves(DICTIONARIES.en, "en");
  assert.ok(english.length > 300);
  for (const [path, text] of english) {
    assert.notEqual(text.trim(), "", path);
    // The button that switches to the other language is written in that language.
    if (path !== "en.start.language") assert.doesNotMatch(text, HAN, path);
  }
  for (const [path, text] of leaves(zh, "zh")) assert.notEqual(text.trim(), "", path);
});

test("tables that are looked up by code have the same codes in both languages", () => {
  for (const table of ["short", "say", "reasons", "held", "findings", "instructions", "work", "faults", "faultRemedies"] as const) {
    assert.deepEqual(Object.keys(DICTIONARIES.en[table]).sort(), Object.keys(zh[table]).sort(), table);
  }
  assert.deepEqual(Object.keys(DICTIONARIES.en.devices.state).sort(), Object.keys(zh.devices.state).sort());
  assert.deepEqual(Object.keys(DICTIONARIES.en.devices.remedy).sort(), Object.keys(zh.devices.remedy).sort());
});

test("every state has its second row", () => {
  assert.deepEqual(Object.keys(SUBTITLES).sort(), Object.keys(zh.states).sort());
});

test("a notice has message and remedy, a device state too, an unknown code stays visible", () => {
  assert.equal(noticeIn("zh", "name-differs").message, NOTICES["name-differs"]?.zh[0]);
  assert.equal(NOTICES["camera-closed"], undefined);
  assert.equal(noticeIn("en", "camera-closed").message, "Not open");
  assert.deepEqual(noticeIn("en", "never-heard-of"), { message: "never-heard-of", remedy: "" });
});

test("the state line says what a refusal, a void and a second try are", () => {
  const line = (kind: string, code: string, finding: string | null = null) => stateWords("zh", { kind, code, finding }).large;
  assert.equal(line("refused", "name-differs"), "不能拍：姓名不一致");
  assert.equal(line("void", "camera-lost"), "相机断开，已作废");
  assert.equal(line("ready", "portrait-refused", "eyes-tilted"), "再拍一次：头摆正一点");
  assert.equal(line("ready", "seated"), "可以拍");
  assert.equal(line("fault", "reader-service-down"), "读卡服务停了");
  assert.equal(line("fault", "camera-stalled"), "画面停了");
});

test("what is told to whoever sits fits beside its arrow", () => {
  // The strip is 24.375rem wide; one row of Chinese at 1.75rem, two of English at 1.375rem.
  const guides = Object.keys(NOTICES).filter((code) => code.startsWith("guide-"));
  assert.ok(guides.length > 15);
  const rows = guides.flatMap((code) => [[noticeIn("zh", code).message, 11], [noticeIn("en", code).message, 28]] as const);
  for (const [words, room] of [...rows, [zh.booth.guideHolds, 11], [DICTIONARIES.en.booth.guideHolds, 28]] as const) assert.ok(widthOf(words) <= room, `${words}: ${widthOf(words)}`);
});

test("no remedy on the screen that a booth can show speaks of the command line", () => {
  for (const code of ["name-differs", "name-needs-a-look", "ambiguous-entry", "already-filed", "simulated-device", "reader-not-ready", "camera-not-found"]) {
    for (const language of ["zh", "en"] as const) assert.doesNotMatch(noticeIn(language, code).remedy, /--|likeness-ctl|record flag/, code);
  }
});

test("the window's own words belong to codes of the table and have both languages", () => {
  for (const [code, texts] of Object.entries(REMEDIES)) {
    assert.ok(NOTICES[code], code);
    assert.match(texts[0], HAN, code);
    assert.doesNotMatch(texts[1], HAN, code);
  }
});

test("no words of the window point to brackets, which only the command line has", () => {
  assert.match(NOTICES["camera-not-ready"]?.en[0] ?? "", /in brackets/);
  for (const code of Object.keys(NOTICES)) {
    for (const language of ["zh", "en"] as const) {
      const { message, remedy } = noticeIn(language, code);
      assert.doesNotMatch(message + remedy, /括号|brackets/, code);
      assert.notEqual(message, "", code);
    }
  }
  assert.equal(noticeIn("en", "camera-not-ready").message, "The camera is not ready.");
  assert.equal(noticeIn("zh", "camera-not-ready").message, "相机未就绪");
});

test("what the state line says fits into one row that is read from two metres", () => {
  // The room beside the mark and the widest class, in the ems of `widthOf`; window_screens.rs measures the widest of them in pixels.
  const ROOM = 19;
  for (const language of ["zh", "en"] as const) {
    const { short, states, findings, instructions, devices } = DICTIONARIES[language];
    const lines = [
      ...Object.keys(states).map((code) => ["wait", code, null] as const),
      ...Object.keys(short).flatMap((code) => [["refused", code, null], ["void", code, null], ["fault", code, null]] as const),
      ...Object.keys(devices.state).flatMap((code) => [["fault", code, null], ["void", code, null]] as const),
      ...[...Object.keys(findings), ...Object.keys(instructions)].map((finding) => ["ready", "portrait-refused", finding] as const),
    ];
    for (const [kind, code, finding] of lines) {
      const { large } = stateWords(language, { kind, code, finding });
      assert.ok(widthOf(large) <= ROOM, `${large}: ${widthOf(large)}`);
    }
  }
});
