// Which mark, fill and page a view has. Pure, so that the rule "a full green band means exactly: Space will expose" can be tested.
import type { BoothView } from "../../backend/types.ts";

/** Fill is the alarm scale: outline waits for a thing, block needs a person, band means press now, stripes mean stopped. */
export type Look = "outline" | "block-adjust" | "block-review" | "block-filed" | "band-ready" | "stripes";
export type Page = "waiting" | "live" | "review" | "filed" | "stopped";

const STOPPED = new Set(["refused", "void", "fault"]);

/** Whether Space exposes in this view: seated, a living picture, and nothing that the station wants first. */
export function mayExpose(view: BoothView): boolean {
  return view.stage === "seated" && view.live && view.subject !== null;
}

export function lookOf(view: BoothView): Look {
  const { kind, code } = view.state;
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

export function pageOf(view: BoothView): Page {
  if ((view.stage === "review" || view.stage === "filing") && view.review !== null) return "review";
  if (view.stage === "seated" || view.stage === "exposing" || view.stage === "presented" || view.stage === "review" || view.stage === "filing") return "live";
  if (STOPPED.has(view.state.kind)) return "stopped";
  if (view.state.kind === "filed") return "filed";
  return "waiting";
}
