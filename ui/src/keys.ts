// The booth's keys, and what keeps a scanner or a reader that types like a keyboard from filing somebody.
//
// A gun types its whole code within milliseconds and ends with Enter. The first character of it looks exactly like a key
// pressed by hand, so no key acts at once: it is held back until a stretch of silence proves that it stood alone. A key that came
// in a run acts never, whatever it is, and the stretch after a run is dead, because the Enter that ends a code may come late.

import type { NudgeStep, RemoteKey } from "./backend/types.ts";

export type Action =
  | { kind: "expose" }
  | { kind: "accept" }
  | { kind: "retake" }
  | { kind: "void" }
  | { kind: "previous" }
  | { kind: "next" }
  | { kind: "choose"; index: number }
  | { kind: "nudge"; step: NudgeStep }
  | { kind: "zoom" }
  | { kind: "places" }
  | { kind: "help" };

/** Silence after which a key stood alone. A scanner leaves less than 30 ms; the rest is for a busy page. */
export const ALONE_MS = 35;
/** Nothing decisive acts this long after a run of keys. */
export const DEAD_AFTER_RUN_MS = 100;
/** Nothing decisive acts so soon after any other stroke: some scanners leave more than 30 ms, and end with Enter all the same. */
export const AFTER_ANY_MS = 100;
/** A second decisive key sooner than this is a bounce or a slip. */
export const DEBOUNCE_MS = 400;
/** A key that is held repeats sooner than this; one whose release went lost is heard again after it. */
export const HELD_MS = 1_000;
/** Strokes of the remote trigger that come closer are one press: a pedal bounces, and some repeat by themselves while they are held. */
export const REMOTE_QUIET_MS = 700;
/** A run of this many is a scanner and worth a word on the screen. */
export const SCANNER_RUN = 4;

export type Stroke = {
  key: string;
  /** Physical key; decides where an input method has taken `key` over. */
  code: string;
  repeat: boolean;
  /** With Ctrl, Alt or Meta: never an action, but a stroke all the same. */
  modified: boolean;
  /** With Shift: the arrows move the head then. */
  shift?: boolean;
  /** Milliseconds, the time of the event itself and not of its handling. */
  at: number;
};

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "Fn", "Dead"]);

const SHIFTED: Record<string, NudgeStep> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** What a key would do if it stands alone. */
export function actionOf(stroke: Pick<Stroke, "key" | "code" | "modified" | "shift">): Action | null {
  if (stroke.modified) return null;
  const key = stroke.key === "Process" || stroke.key === "Unidentified" ? keyOfCode(stroke.code) : stroke.key;
  if (stroke.shift === true) {
    const step = SHIFTED[key];
    if (step !== undefined) return { kind: "nudge", step };
  }
  switch (key) {
    // The same key with and without Shift, on a block of digits as well.
    case "+": case "=": case "＋": return { kind: "nudge", step: "larger" };
    case "-": case "_": case "－": return { kind: "nudge", step: "smaller" };
    case " ": return { kind: "expose" };
    case "Enter": return { kind: "accept" };
    case "r": case "R": return { kind: "retake" };
    case "Escape": return { kind: "void" };
    case "ArrowLeft": return { kind: "previous" };
    case "ArrowRight": return { kind: "next" };
    case "1": case "2": case "3": case "4": case "5": return { kind: "choose", index: Number(key) - 1 };
    case "z": case "Z": return { kind: "zoom" };
    case "b": case "B": return { kind: "places" };
    case "F1": case "?": case "？": return { kind: "help" };
    default: return null;
  }
}

/** Whether a stroke is the remote trigger that was learned; an input method changes the key, not its place. */
export function isRemote(stroke: Pick<Stroke, "key" | "code" | "modified">, remote: RemoteKey | null): boolean {
  if (remote === null || stroke.modified) return false;
  const taken = stroke.key === "Process" || stroke.key === "Unidentified" || stroke.key.charCodeAt(0) > 0x7f;
  return stroke.key === remote.key || (taken && remote.code !== "" && stroke.code === remote.code);
}

/** What is printed on a key. */
export function capOf(key: string): string {
  return CAPS[key] ?? key;
}
const CAPS: Record<string, string> = { PageDown: "PgDn", PageUp: "PgUp", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Delete: "Del", Insert: "Ins", AudioVolumeUp: "Vol+", AudioVolumeDown: "Vol−" };

function keyOfCode(code: string): string {
  if (code === "KeyR") return "r";
  if (code === "KeyZ") return "z";
  if (code === "KeyB") return "b";
  if (code === "Space") return " ";
  if (code === "Enter" || code === "NumpadEnter") return "Enter";
  if (/^Digit[1-5]$/.test(code)) return code.slice(5);
  return code;
}

const isDecisive = (action: Action) =>
  action.kind === "expose" || action.kind === "accept" || action.kind === "retake" || action.kind === "void";

/**
 * Decides which strokes act. It reads no clock: `press` takes the time of the event, `settle` the time now, and `dueAt` says when to
 * call `settle`.
 */
export class KeyGate {
  /** The key of a presenter or a foot pedal that does what Space does. */
  remote: RemoteKey | null = null;
  private pending: { action: Action; at: number; alone: number } | null = null;
  private remoteAt = Number.NEGATIVE_INFINITY;
  private lastAt = Number.NEGATIVE_INFINITY;
  private run = 0;
  private deadUntil = Number.NEGATIVE_INFINITY;
  private decidedAt = Number.NEGATIVE_INFINITY;
  /** Keys that did not come up yet, with their last stroke. */
  private down = new Map<string, number>();
  private scanned = 0;

  /** When the held-back key may act, or null when none is held back. */
  get dueAt(): number | null {
    return this.pending === null ? null : this.pending.at + this.pending.alone;
  }

  /** How many scanner bursts were swallowed so far. */
  get bursts(): number {
    return this.scanned;
  }

  /** Whether this very stroke is held back now and may act. */
  press(stroke: Stroke): boolean {
    if (MODIFIERS.has(stroke.key)) return false;
    const remote = isRemote(stroke, this.remote);
    const again = remote && stroke.at - this.remoteAt < REMOTE_QUIET_MS;
    if (remote) this.remoteAt = stroke.at;
    // A key that did not come up again is being held, even where the platform does not say so.
    const before = this.down.get(stroke.code) ?? Number.NEGATIVE_INFINITY;
    this.down.set(stroke.code, stroke.at);
    if (stroke.repeat || (stroke.code !== "" && stroke.at - before < HELD_MS)) return false;
    const since = stroke.at - this.lastAt;
    const inRun = since < ALONE_MS;
    this.lastAt = stroke.at;
    this.run = inRun ? this.run + 1 : 1;
    this.pending = null;
    if (inRun) {
      if (this.run === SCANNER_RUN) this.scanned += 1;
      this.deadUntil = stroke.at + DEAD_AFTER_RUN_MS;
      return false;
    }
    if (stroke.at < this.deadUntil) {
      // The late Enter of a code, or its tail after a hiccup of the page: it prolongs the dead stretch.
      this.deadUntil = stroke.at + DEAD_AFTER_RUN_MS;
      return false;
    }
    const action: Action | null = remote ? { kind: "expose" } : actionOf(stroke);
    if (action === null || again || (isDecisive(action) && since < AFTER_ANY_MS)) return false;
    // A character may begin the code of a slow scanner, which a key like PageDown never does.
    this.pending = { action, at: stroke.at, alone: remote && stroke.key.length === 1 ? AFTER_ANY_MS : ALONE_MS };
    return true;
  }

  release(code: string): void {
    this.down.delete(code);
  }

  /** Gives the action of the key that has proved to stand alone. */
  settle(now: number): Action | null {
    const pending = this.pending;
    if (pending === null || now < pending.at + pending.alone) return null;
    this.pending = null;
    if (isDecisive(pending.action)) {
      if (pending.at - this.decidedAt < DEBOUNCE_MS) return null;
      this.decidedAt = pending.at;
    }
    return pending.action;
  }

  /** Forgets what is held back: a dialog opened, the window lost the focus, the screen changed. */
  clear(): void {
    this.pending = null;
    this.down.clear();
  }
}

export type Clock = { now: () => number; later: (task: () => void, ms: number) => void };

/**
 * Settles the gate when the held-back key is due. A timer may fire a little early, and then the key must get another turn; and one
 * turn of the loop is left to strokes that a busy page kept waiting, so that they come in before the verdict.
 */
export function settleWhenDue(gate: KeyGate, clock: Clock, act: (action: Action) => void): void {
  const due = gate.dueAt;
  if (due === null) return;
  clock.later(() => clock.later(() => {
    const action = gate.settle(clock.now());
    if (action === null) settleWhenDue(gate, clock, act);
    else act(action);
  }, 0), Math.max(1, Math.ceil(due - clock.now())));
}

/**
 * Keeps a scanner from pressing a button that happens to have the focus, on every screen and in every dialog: neither the Enter that
 * ends a code nor a blank within it nor its first character acts. The characters themselves may land in a text field, where they
 * can be seen and deleted.
 */
export class BurstGuard {
  private lastAt = Number.NEGATIVE_INFINITY;
  private run = 0;
  private deadUntil = Number.NEGATIVE_INFINITY;
  private heard = 0;

  /** How many strokes came so far: a held-back key acts when none came after it. */
  get strokes(): number {
    return this.heard;
  }

  /** Whether this stroke must not reach the page: it came in a run or on the heels of one. */
  blocks(stroke: Stroke): boolean {
    return this.follows(stroke) && PRESSES_A_BUTTON.has(stroke.key);
  }

  /** Hears a stroke, once; whether it follows others closer than a hand does. */
  follows(stroke: Stroke): boolean {
    if (MODIFIERS.has(stroke.key) || stroke.repeat) return false;
    this.heard += 1;
    this.run = stroke.at - this.lastAt < ALONE_MS ? this.run + 1 : 1;
    this.lastAt = stroke.at;
    if (this.run >= SCANNER_RUN) this.deadUntil = stroke.at + DEAD_AFTER_RUN_MS;
    return this.run > 1 || stroke.at < this.deadUntil;
  }
}

/** Does what a stroke stands for when nothing else came for as long as a scanner is silent at most. */
export function whenAlone(guard: BurstGuard, at: number, clock: Clock, act: () => void): void {
  const mine = guard.strokes;
  // The turn of the loop after the timer belongs to strokes that a busy page kept waiting.
  clock.later(() => clock.later(() => {
    if (guard.strokes === mine) act();
  }, 0), Math.max(1, Math.ceil(at + ALONE_MS - clock.now())));
}

export const PRESSES_A_BUTTON = new Set(["Enter", " ", "Escape"]);
