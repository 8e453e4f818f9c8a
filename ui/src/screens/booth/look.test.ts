import assert from "node:assert/strict";
import { test } from "node:test";
import { FROZEN } from "../../backend/memory/states.ts";
import type { BoothView } from "../../backend/types.ts";
import { backgroundOf, flawsOf, isRemade, lookOf, mayExpose, mayZoom, pageOf, placesOf, shownState } from "./look.ts";

const frozen = (name: string): BoothView => {
  const view = FROZEN[name];
  assert.ok(view, name);
  return view;
};

test("the full green band stands exactly where Space exposes a verified subject", () => {
  for (const [name, view] of Object.entries(FROZEN)) {
    const band = lookOf(view) === "band-ready";
    assert.equal(band, mayExpose(view) && view.state.code === "seated", name);
  }
  assert.equal(lookOf(frozen("seated")), "band-ready");
});

test("without a living picture there is no green band and no exposure", () => {
  const dead = { ...frozen("seated"), live: false };
  assert.equal(mayExpose(dead), false);
  assert.notEqual(lookOf(dead), "band-ready");
});

test("the eyes are looked at closely before the press only, and never in an old picture", () => {
  const zoomed = ["waiting", "must-leave", "seated", "again"];
  for (const name of ["waiting", "must-leave", "seated", "again", "reading", "exposing", "developing", "review", "filing", "filed", "refused", "void-document"]) {
    assert.equal(mayZoom(frozen(name)), zoomed.includes(name), name);
    assert.equal(mayZoom({ ...frozen(name), live: false }), false, name);
  }
});

test("a refused portrait in mid-sitting is an instruction, a refused document is an end", () => {
  assert.equal(lookOf(frozen("again")), "block-adjust");
  const stale: BoothView = { ...frozen("seated"), state: { kind: "refused", code: "frame-stale", finding: null } };
  assert.equal(lookOf(stale), "block-adjust");
  assert.equal(pageOf(stale), "live");
  assert.equal(lookOf(frozen("refused")), "stripes");
  assert.equal(pageOf(frozen("refused")), "stopped");
});

test("each state opens its page", () => {
  const pages = { waiting: "waiting", reading: "live", seated: "live", exposing: "live", review: "review", filing: "review", filed: "filed", refused: "stopped", "void-camera": "stopped", "fault-service": "stopped", "must-leave": "waiting" };
  for (const [name, page] of Object.entries(pages)) assert.equal(pageOf(frozen(name)), page, name);
});

test("the marks of the background are offered with a portrait that has some, for the sitting it is of", () => {
  const marked = frozen("review-places");
  assert.equal(placesOf(marked), marked.subject?.sitting);
  assert.equal(placesOf(frozen("review")), null);
  // They go with the portrait: retaken, voided, filed.
  for (const name of ["seated", "exposing", "filed", "void-camera"]) assert.equal(placesOf(frozen(name)), null, name);
  assert.equal(placesOf({ ...marked, stage: "seated" }), null);
  const codes = backgroundOf(marked.review ?? assert.fail()).map((finding) => finding.code);
  assert.deepEqual(codes, ["background-object", "background-shadow", "background-uneven"]);
  assert.deepEqual(flawsOf(marked.review?.places ?? []), ["shadow", "object", "uneven"]);
});

test("a portrait stands on the screen while another is made of its press, and a first one has no former", () => {
  assert.equal(isRemade(frozen("review-remade")), true);
  assert.equal(pageOf(frozen("review-remade")), "review");
  for (const name of ["exposing", "developing", "review", "filing"]) assert.equal(isRemade(frozen(name)), false, name);
  assert.equal(pageOf(frozen("developing")), "live");
});

test("'filed, take the document' goes with the document", () => {
  const filed = frozen("filed");
  assert.equal(shownState(filed).code, "filed");
  const gone: BoothView = { ...filed, stage: "vacant", devices: { ...filed.devices, document: "none" } };
  assert.deepEqual(shownState(gone), { kind: "wait", code: "put-document", finding: null });
  assert.equal(pageOf(gone), "waiting");
});

test("a refusal stays to be read when the document has left", () => {
  const gone: BoothView = { ...frozen("refused"), stage: "vacant" };
  assert.equal(pageOf(gone), "stopped");
  assert.equal(lookOf(gone), "stripes");
});

test("a forgotten document and a starting device are no alarm, a failed one is", () => {
  const forgotten: BoothView = { ...frozen("must-leave"), state: { kind: "refused", code: "document-not-removed", finding: null } };
  assert.equal(lookOf(forgotten), "outline");
  assert.equal(pageOf(forgotten), "waiting");
  const starting: BoothView = { ...frozen("fault-camera"), state: { kind: "fault", code: "camera-starting", finding: null } };
  assert.equal(lookOf(starting), "outline");
  assert.equal(lookOf(frozen("fault-camera")), "stripes");
});
