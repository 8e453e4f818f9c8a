// What the subject's window knows: the station's last screen, or nothing. Doubt shows nobody: a station that fails or is silent
// takes name and face away.
import { type SubjectBackend, inTime } from "../backend/backend.ts";
import type { SubjectScreen } from "../backend/types.ts";
import { next } from "./next.ts";

const RETRY_MS = 1_000;

export class Glance {
  readonly backend: SubjectBackend;
  screen = $state.raw<SubjectScreen | null>(null);
  /** The highest number ever shown; a station that was silent goes on from there. */
  private seq = 0;

  constructor(backend: SubjectBackend) {
    this.backend = backend;
  }

  async watch(): Promise<void> {
    let after = 0;
    for (;;) {
      try {
        const told = await inTime(this.backend.screen(after));
        const shown = next(this.seq, this.screen, told);
        if (shown !== this.screen) this.screen = shown;
        this.seq = Math.max(this.seq, told.seq);
        after = this.seq;
      } catch {
        this.screen = null;
        after = 0;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
