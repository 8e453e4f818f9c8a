// What the window knows: the station's answers, nothing of its own making. Two long polls keep it fresh; when they go silent the
// window says so instead of showing the last answer as if it were true.
import { type Backend, type Screen, asFailure, inTime } from "./backend/backend.ts";
import type { BoothView, Failure, JobLine, StationInfo, WorkView } from "./backend/types.ts";

const RETRY_MS = 1_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class Station {
  readonly backend: Backend;
  info = $state.raw<StationInfo | null>(null);
  screen = $state<Screen>("booth");
  /** What the opening asks a screen to do at once; only the in-memory backend has such a wish. */
  act = $state<string | null>(null);
  view = $state.raw<BoothView | null>(null);
  work = $state.raw<WorkView | null>(null);
  /** Who operates, as typed here; the station remembers it when the booth opens. */
  operator = $state("");
  /** Why the last wish to open the booth was turned down at once; what the devices said later stands in the view. */
  private refusal = $state.raw<Failure | null>(null);
  /** Why the station could not be asked, or null while it answers. */
  silence = $state.raw<Failure | null>(null);
  private watching = 0;

  constructor(backend: Backend) {
    this.backend = backend;
    this.screen = backend.opening?.screen ?? "booth";
    this.act = backend.opening?.act ?? null;
  }

  get job(): JobLine | null {
    return (this.boothOpen ? this.view?.job : null) ?? this.info?.job ?? null;
  }

  get boothOpen(): boolean {
    return this.view?.open ?? false;
  }

  get boothFailure(): Failure | null {
    if (this.boothOpen) return null;
    if (this.refusal !== null) return this.refusal;
    return this.view !== null && this.view.state.kind === "fault" ? { code: this.view.state.code, detail: null } : null;
  }

  get training(): boolean {
    return this.job?.kind === "training";
  }

  get working(): boolean {
    return this.work !== null && this.work.kind !== null;
  }

  async refresh(): Promise<void> {
    try {
      this.info = await this.backend.station();
      if (this.operator === "") this.operator = this.info.operator;
      this.silence = null;
    } catch (thrown) {
      this.silence = asFailure(thrown);
    }
  }

  /** Starts once, with the window. */
  async start(): Promise<void> {
    await this.refresh();
    while (this.info === null) {
      await pause(RETRY_MS);
      await this.refresh();
    }
    void this.watchWork();
    if (this.info.job !== null) await this.entered();
  }

  /** A job was opened: the booth opens with it when it is known who operates. */
  async entered(): Promise<void> {
    await this.refresh();
    if (this.info?.job === null) return;
    void this.watchBooth();
    if (this.operator.trim() !== "" && (this.info?.job?.entries ?? 0) > 0) await this.openBooth();
  }

  async openBooth(): Promise<void> {
    this.refusal = null;
    try {
      await this.backend.openBooth(this.operator.trim());
      await this.refresh();
    } catch (thrown) {
      this.refusal = asFailure(thrown);
    }
  }

  async closeBooth(): Promise<void> {
    await this.backend.closeBooth();
  }

  async leaveJob(): Promise<void> {
    if (this.boothOpen) await this.closeBooth();
    await this.backend.closeJob();
    this.watching += 1;
    this.view = null;
    this.refusal = null;
    this.screen = "booth";
    await this.refresh();
  }

  private async watchBooth(): Promise<void> {
    this.watching += 1;
    const mine = this.watching;
    let after = 0;
    while (mine === this.watching) {
      try {
        const view = await inTime(this.backend.view(after));
        if (mine !== this.watching) return;
        this.silence = null;
        if (view.seq !== after) this.view = view;
        after = view.seq;
      } catch (thrown) {
        if (mine !== this.watching) return;
        const failure = asFailure(thrown);
        if (failure.code === "no-job-open") {
          this.view = null;
          return;
        }
        this.silence = failure;
        // From the beginning: a station that came back counts anew.
        after = 0;
        await pause(RETRY_MS);
      }
    }
  }

  private async watchWork(): Promise<void> {
    let after = 0;
    for (;;) {
      try {
        const work = await inTime(this.backend.work(after));
        if (work.seq !== after) this.work = work;
        after = work.seq;
        if (this.view === null) this.silence = null;
      } catch (thrown) {
        this.silence = asFailure(thrown);
        after = 0;
        await pause(RETRY_MS);
      }
    }
  }
}
