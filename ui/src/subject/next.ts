// Which of two screens is shown. Pure, so that "the last subject never comes back" can be tested.
import type { SubjectScreen } from "../backend/types.ts";

/** A screen that is older than any that was shown is late: it is of somebody who may have left. */
export function next(newest: number, shown: SubjectScreen | null, told: SubjectScreen): SubjectScreen | null {
  if (told.seq < newest) return shown;
  // The same again: nothing has to be drawn anew.
  return shown !== null && told.seq === shown.seq ? shown : told;
}
