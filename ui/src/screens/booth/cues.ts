// Which sound follows which change of what the station says. Pure, so that "the document is asked for until it is gone" can be tested.
import type { BoothView } from "../../backend/types.ts";
import type { Sound } from "../../sounds.ts";
import { shownState } from "./look.ts";

/** A document that must leave is asked for after this long: the sound of the end is heard alone. */
export const ASK_AFTER_MS = 2_500;
/** And again after each of these, until it is gone. */
export const ASK_EVERY_MS = 5_000;

export function cueOf(was: BoothView | null, now: BoothView): Sound | null {
  if (was === null) return null;
  const [before, after] = [shownState(was), shownState(now)];
  if (was.stage === now.stage && before.code === after.code) return null;
  if (now.stage === "seated" && was.stage === "presented") return "verified";
  if (after.kind === "filed") return "filed";
  if (after.kind === "refused" || after.kind === "void" || after.kind === "fault") return "refused";
  return after.code === "take-document" ? "take" : null;
}

/** Whether a document lies there that nobody is served by. */
export function mustLeave(view: BoothView | null): boolean {
  return view !== null && view.devices.document === "must-leave";
}
