// Which mark, fill and page a view has. Pure, so that the rule "a full green band means exactly: Space will expose" can be tested.
import type { BackgroundPlace, BoothView, FindingLine, ReviewView, StateLine } from "../../backend/types.ts";

/** Fill is the alarm scale: outline waits for a thing, block needs a person, band means press now, stripes mean stopped. */
export type Look = "outline" | "block-adjust" | "block-review" | "block-filed" | "band-ready" | "stripes";
export type Page = "waiting" | "live" | "review" | "filed" | "stopped";

/**
 * What the state line says. The station keeps the end of a sitting until the next document; on the screen "filed, take the
 * document" must go with the document, and a document that only has to leave, or a device that only starts, is no alarm.
 */
export function shownState(view: BoothView): StateLine {
  const { kind, code } = view.state;
  if (kind === "filed" && view.stage === "vacant") return { kind: "wait", code: "put-document", finding: null };
  if (code === "document-not-removed" && view.end === null) return { kind: "wait", code: "take-document", finding: null };
  if (kind === "fault" && code.endsWith("-starting")) return { kind: "busy", code, finding: null };
  return view.state;
}

const STOPPED = new Set(["refused", "void", "fault"]);

/** Whether Space exposes in this view: seated, a living picture, and nothing that the station wants first. */
export function mayExpose(view: BoothView): boolean {
  return view.stage === "seated" && view.live && view.subject !== null;
}

/** Whether the living picture is there to be looked at closely: not while it is exposed, and not when it shows the past. */
export function mayZoom(view: BoothView): boolean {
  return view.live && (mayExpose(view) || pageOf(view) === "waiting");
}

/** Whether a typed student number could settle this refusal. */
export function mayClaim(view: BoothView): boolean {
  return view.state.code === "ambiguous-entry" || view.state.code === "claim-differs";
}

export function lookOf(view: BoothView): Look {
  const { kind, code } = shownState(view);
  if (view.stage === "seated" || view.stage === "exposing" || view.stage === "review") {
    // In mid-sitting a refusal is an instruction, not an end: somebody has to act and the same key goes on.
    if (STOPPED.has(kind)) return kind === "refused" ? "block-adjust" : "stripes";
  }
  if (STOPPED.has(kind)) return "stripes";
  if (kind === "review") return "block-review";
  if (kind === "filed") return "block-filed";
  if (kind === "ready") return code === "seated" && mayExpose(view) ? "band-ready" : "block-adjust";
  return "outline";
}

/** Whether the portrait on the screen is a former one: another is being made of the same press, and nothing can be accepted. */
export function isRemade(view: BoothView): boolean {
  return view.stage === "exposing" && view.review !== null;
}

/** Whose review the marks of the background can be shown in: nobody's, where none of its places fails. */
export function placesOf(view: BoothView): number | null {
  const there = pageOf(view) === "review" && (view.review?.places.length ?? 0) > 0;
  return there ? (view.subject?.sitting ?? null) : null;
}

/** What to mend first: what lies there and what casts the shadow, and only then the unevenness that comes of both. */
const BACKGROUND = ["background-object", "background-shadow", "background-texture", "background-colour", "background-uneven"];

/** The findings that the marks are about, the one to mend first before the others. */
export function backgroundOf(review: ReviewView): FindingLine[] {
  const found = review.findings.filter((finding) => BACKGROUND.includes(finding.code));
  return found.sort((one, other) => BACKGROUND.indexOf(one.code) - BACKGROUND.indexOf(other.code));
}

/** The kinds of flaw that are there, in one order. */
export function flawsOf(places: BackgroundPlace[]): BackgroundPlace["flaw"][] {
  const order: BackgroundPlace["flaw"][] = ["shadow", "object", "uneven", "colour"];
  return order.filter((flaw) => places.some((place) => place.flaw === flaw));
}

export function pageOf(view: BoothView): Page {
  if ((view.stage === "review" || view.stage === "filing" || isRemade(view)) && view.review !== null) return "review";
  if (view.stage === "seated" || view.stage === "exposing" || view.stage === "presented" || view.stage === "review" || view.stage === "filing") return "live";
  const { kind } = shownState(view);
  if (STOPPED.has(kind)) return "stopped";
  if (kind === "filed") return "filed";
  return "waiting";
}
