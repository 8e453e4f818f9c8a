import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AFTER_ANY_MS, ALONE_MS, type Action, BurstGuard, DEAD_AFTER_RUN_MS, KeyGate, REMOTE_QUIET_MS, type Stroke, actionOf, capOf, isRemote, settleWhenDue, whenAlone } from "./keys.ts";

const CODES: Record<string, string> = { " ": "Space", Enter: "Enter", Escape: "Escape", r: "KeyR", ArrowLeft: "ArrowLeft", ArrowRight: "ArrowRight" };

function stroke(key: string, at: number, more: Partial<Stroke> = {}): Stroke {
  const code = CODES[key] ?? (/^[0-9]$/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`);
  return { key, code, at, repeat: false, modified: false, ...more };
}

/** Plays strokes in time order, settling whenever the gate asks for it, as the window does. */
function play(strokes: Stroke[], gate = new KeyGate()): Action[] {
  const acted: Action[] = [];
  const settleBefore = (limit: number) => {
    const due = gate.dueAt;
    if (due !== null && due <= limit) {
      const action = gate.settle(due);
      if (action !== null) acted.push(action);
    }
  };
  for (const each of strokes) {
    settleBefore(each.at);
    gate.press(each);
    gate.release(each.code);
  }
  settleBefore(Number.POSITIVE_INFINITY);
  return acted;
}

/** A code as a scanner types it: `gap` between characters, `enterGap` before the Enter. */
function burst(text: string, at: number, gap: number, enterGap = gap): Stroke[] {
  const typed = [...text].map((key, i) => stroke(key, at + i * gap));
  return [...typed, stroke("Enter", at + (text.length - 1) * gap + enterGap)];
}

const kinds = (actions: Action[]) => actions.map((action) => action.kind);

test("Shift and an arrow move the head, plus and minus change its size, an arrow alone chooses", () => {
  const of = (key: string, shift = false) => actionOf({ key, code: "", modified: false, shift });
  assert.deepEqual([of("ArrowUp", true), of("ArrowLeft", true)], [{ kind: "nudge", step: "up" }, { kind: "nudge", step: "left" }]);
  assert.deepEqual([of("+"), of("+", true), of("="), of("-"), of("_", true)].map((action) => action?.kind === "nudge" ? action.step : null), ["larger", "larger", "larger", "smaller", "smaller"]);
  assert.deepEqual([of("ArrowLeft"), of("ArrowUp"), of("r", true)], [{ kind: "previous" }, null, { kind: "retake" }]);
});

describe("a key that stands alone", () => {
  test("acts, each by its own name", () => {
    const keys = [" ", "Enter", "r", "Escape", "ArrowLeft", "ArrowRight", "3", "z", "b"];
    const strokes = keys.map((key, i) => stroke(key, i * 1000));
    assert.deepEqual(kinds(play(strokes)), ["expose", "accept", "retake", "void", "previous", "next", "choose", "zoom", "places"]);
  });

  test("waits for the silence and not a moment longer", () => {
    const gate = new KeyGate();
    gate.press(stroke(" ", 1000));
    assert.equal(gate.dueAt, 1000 + ALONE_MS);
    assert.equal(gate.settle(1000 + ALONE_MS - 1), null);
    assert.deepEqual(gate.settle(1000 + ALONE_MS), { kind: "expose" });
    assert.equal(gate.settle(5000), null);
  });

  test("says which stroke it holds back, so that a repeat changes nothing about what the key was meant for", () => {
    const gate = new KeyGate();
    assert.equal(gate.press(stroke("Enter", 1000)), true);
    assert.equal(gate.press(stroke("Enter", 1020, { repeat: true })), false);
    assert.equal(gate.press(stroke("Shift", 1025)), false);
    assert.deepEqual(gate.settle(1000 + ALONE_MS), { kind: "accept" });
  });

  test("does nothing decisive on the heels of another one: the Enter of a slow scanner", () => {
    for (const gap of [ALONE_MS, 40, 60, AFTER_ANY_MS - 1]) {
      assert.deepEqual(kinds(play(burst("6789", 1000, gap))), [], `${gap} ms`);
    }
    assert.deepEqual(kinds(play(burst("6789", 1000, AFTER_ANY_MS))), ["accept"], "a hand");
  });

  test("1 to 5 choose by index, 6 means nothing", () => {
    assert.deepEqual(play([stroke("1", 0), stroke("5", 500), stroke("6", 1000)]), [{ kind: "choose", index: 0 }, { kind: "choose", index: 4 }]);
  });

  test("is known under an input method, by its place on the keyboard", () => {
    assert.deepEqual(actionOf({ key: "Process", code: "KeyR", modified: false }), { kind: "retake" });
    assert.deepEqual(actionOf({ key: "Process", code: "Space", modified: false }), { kind: "expose" });
    assert.deepEqual(actionOf({ key: "Process", code: "KeyB", modified: false }), { kind: "places" });
    assert.equal(actionOf({ key: "Process", code: "KeyQ", modified: false }), null);
  });

  test("with Ctrl, Alt or Meta is somebody else's", () => {
    assert.deepEqual(play([stroke("r", 0, { modified: true })]), []);
    assert.deepEqual(kinds(play([stroke("r", 0)])), ["retake"]);
  });
});

describe("repeats and bounces", () => {
  test("a held key acts once", () => {
    const gate = new KeyGate();
    gate.press(stroke(" ", 0));
    assert.deepEqual(gate.settle(ALONE_MS), { kind: "expose" });
    for (let at = 500; at < 3000; at += 33) gate.press(stroke(" ", at, { repeat: true }));
    assert.equal(gate.dueAt, null);
  });

  test("a held key acts once even where the platform does not mark repeats", () => {
    const gate = new KeyGate();
    gate.press(stroke("Enter", 0));
    assert.deepEqual(gate.settle(ALONE_MS), { kind: "accept" });
    gate.press(stroke("Enter", 600));
    assert.equal(gate.dueAt, null);
    gate.release("Enter");
    gate.press(stroke("Enter", 1200));
    assert.deepEqual(gate.settle(1200 + ALONE_MS), { kind: "accept" });
  });

  test("a key whose release went lost is heard again after a second", () => {
    const gate = new KeyGate();
    gate.press(stroke(" ", 0));
    assert.deepEqual(gate.settle(ALONE_MS), { kind: "expose" });
    gate.press(stroke(" ", 999));
    assert.equal(gate.dueAt, null);
    gate.press(stroke(" ", 999 + 1_000));
    assert.deepEqual(gate.settle(999 + 1_000 + ALONE_MS), { kind: "expose" });
  });

  test("a second decisive key within 400 ms is dropped, at 400 ms it counts", () => {
    assert.deepEqual(kinds(play([stroke(" ", 0), stroke("Enter", 399)])), ["expose"]);
    assert.deepEqual(kinds(play([stroke(" ", 0), stroke("Enter", 400)])), ["expose", "accept"]);
  });

  test("choosing in the burst is not slowed down", () => {
    assert.deepEqual(kinds(play([stroke("ArrowRight", 0), stroke("ArrowRight", 120), stroke("2", 240)])), ["next", "next", "choose"]);
  });
});

describe("scanner bursts", () => {
  for (const gap of [1, 8, 15, 29]) {
    test(`a code with ${gap} ms between characters does nothing, its Enter neither`, () => {
      const gate = new KeyGate();
      assert.deepEqual(play(burst("1234567890", 0, gap), gate), []);
      assert.equal(gate.bursts, 1);
    });
  }

  test("a code made of booth keys only does nothing", () => {
    assert.deepEqual(play(burst("r1 r2 r3", 0, 10)), []);
  });

  test("the shortest burst, four characters, does nothing", () => {
    assert.deepEqual(play(burst("1r 5", 0, 29)), []);
  });

  test("an Enter up to 100 ms late still belongs to the burst", () => {
    assert.deepEqual(play(burst("1234", 0, 10, DEAD_AFTER_RUN_MS - 1)), []);
  });

  test("Space, Esc and R within 100 ms after a burst are dropped too", () => {
    for (const key of [" ", "Escape", "r"]) {
      const code = burst("987654", 0, 10);
      const end = code[code.length - 1]?.at ?? 0;
      assert.deepEqual(play([...code, stroke(key, end + 99)]), [], key);
    }
  });

  test("a hand that presses after the dead stretch is heard", () => {
    const code = burst("987654", 0, 10);
    const end = code[code.length - 1]?.at ?? 0;
    assert.deepEqual(kinds(play([...code, stroke("Enter", end + DEAD_AFTER_RUN_MS)])), ["accept"]);
  });

  test("a code with a hiccup in the middle does nothing", () => {
    const first = [..."123"].map((key, i) => stroke(key, i * 10));
    const rest = burst("45678", 20 + 80, 10);
    assert.deepEqual(play([...first, ...rest]), []);
  });

  test("two keys within the same 35 ms cancel each other", () => {
    assert.deepEqual(play([stroke("Enter", 0), stroke("r", 20)]), []);
    assert.deepEqual(kinds(play([stroke("Enter", 0), stroke("r", 600)])), ["accept", "retake"]);
  });

  test("a key pressed just before the burst is lost with it rather than acted on", () => {
    assert.deepEqual(play([stroke("Enter", 0), ...burst("123456", 20, 10)]), []);
  });

  test("shifted letters of a code are strokes, Shift itself is none", () => {
    const strokes: Stroke[] = [];
    [..."ABCDEF"].forEach((key, i) => {
      strokes.push(stroke("Shift", i * 20, { code: "ShiftLeft" }), stroke(key, i * 20 + 10));
    });
    strokes.push(stroke("Enter", 130));
    assert.deepEqual(play(strokes), []);
  });
});

describe("the remote trigger", () => {
  const learned = (key: string, code = key) => {
    const gate = new KeyGate();
    gate.remote = { key, code };
    return gate;
  };
  const pedal = (at: number, more: Partial<Stroke> = {}) => stroke("PageDown", at, { code: "PageDown", ...more });
  const stop = (at: number) => stroke(".", at, { code: "Period" });

  test("does what Space does, and nothing before it was learned", () => {
    assert.deepEqual(kinds(play([pedal(0)], learned("PageDown"))), ["expose"]);
    assert.deepEqual(play([pedal(0)]), []);
    assert.deepEqual(play([stroke("PageUp", 0, { code: "PageUp" })], learned("PageDown")), []);
    assert.deepEqual(kinds(play([stroke(" ", 0)], learned("PageDown"))), ["expose"], "Space stays");
  });

  test("with Ctrl, Alt or Meta is somebody else's", () => {
    assert.deepEqual(play([pedal(0, { modified: true })], learned("PageDown")), []);
  });

  test("is known by its place where an input method has taken the key over", () => {
    const remote = { key: ".", code: "Period" };
    for (const key of [".", "Process", "Unidentified", "。"]) assert.equal(isRemote({ key, code: "Period", modified: false }, remote), true, key);
    assert.equal(isRemote({ key: ">", code: "Period", modified: false }, remote), false, "another character of the key");
    assert.equal(isRemote({ key: "Process", code: "", modified: false }, { key: "F5", code: "" }), false);
  });

  test("acts once however long it is held, marked as repeats or not", () => {
    for (const repeat of [true, false]) {
      const gate = learned("PageDown");
      const acted: Action[] = [];
      for (let at = 0; at < 5000; at += 33) {
        gate.press(pedal(at, { repeat: repeat && at > 0 }));
        const action = gate.dueAt !== null && gate.dueAt <= at + 32 ? gate.settle(at + 32) : gate.settle(at + ALONE_MS);
        if (action !== null) acted.push(action);
        if (at === 0) gate.release("");
      }
      assert.deepEqual(kinds(acted), ["expose"]);
    }
  });

  test("of a pedal that presses anew by itself while it is held is one press", () => {
    for (const gap of [120, 250, REMOTE_QUIET_MS - 1]) {
      const presses = Array.from({ length: 40 }, (_, i) => pedal(i * gap));
      assert.deepEqual(kinds(play(presses, learned("PageDown"))), ["expose"], `${gap} ms`);
    }
    assert.deepEqual(kinds(play([pedal(0), pedal(REMOTE_QUIET_MS)], learned("PageDown"))), ["expose", "expose"]);
  });

  test("never exposes from within a scanner's code, a character neither", () => {
    for (const gap of [1, 15, 29, 34, 50, 80, 99]) {
      for (const code of ["12.45", ".1234", "1234.", "....", "1.2.3."]) {
        const strokes = burst(code, 0, gap).map((each) => (each.key === "." ? { ...each, code: "Period" } : each));
        const acted = kinds(play(strokes, learned(".", "Period")));
        assert.deepEqual(acted.filter((kind) => kind !== "choose"), [], `${code} at ${gap} ms`);
      }
    }
    assert.deepEqual(kinds(play([stop(0)], learned(".", "Period"))), ["expose"]);
  });

  test("waits as a character until no slow scanner can be meant, as another key no longer than Space", () => {
    const [character, key] = [learned(".", "Period"), learned("PageDown")];
    character.press(stop(1000));
    key.press(pedal(1000));
    assert.equal(character.dueAt, 1000 + AFTER_ANY_MS);
    assert.equal(key.dueAt, 1000 + ALONE_MS);
    assert.equal(character.settle(1000 + AFTER_ANY_MS - 1), null);
    assert.deepEqual(character.settle(1000 + AFTER_ANY_MS), { kind: "expose" });
  });

  test("after a scanner's code is dead as long as every key", () => {
    const code = burst("987654", 0, 10);
    const end = code[code.length - 1]?.at ?? 0;
    assert.deepEqual(play([...code, pedal(end + DEAD_AFTER_RUN_MS - 1)], learned("PageDown")), []);
    assert.deepEqual(kinds(play([...code, pedal(end + DEAD_AFTER_RUN_MS)], learned("PageDown"))), ["expose"]);
  });

  test("is named as it is printed", () => {
    assert.deepEqual(["PageDown", "F5", "."].map(capOf), ["PgDn", "F5", "."]);
  });
});

test("what was held back is forgotten when a dialog opens", () => {
  const gate = new KeyGate();
  gate.press(stroke("Enter", 0));
  gate.clear();
  assert.equal(gate.dueAt, null);
  assert.equal(gate.settle(1000), null);
});

describe("the guard of buttons and dialogs", () => {
  const blocked = (strokes: Stroke[]) => {
    const guard = new BurstGuard();
    return strokes.map((each) => guard.blocks(each));
  };

  test("blocks the Enter of a burst, also a late one", () => {
    assert.equal(blocked(burst("12345", 0, 10)).at(-1), true);
    assert.equal(blocked(burst("12345", 0, 10, 99)).at(-1), true);
  });

  test("lets a hand press Enter, after typing too", () => {
    assert.deepEqual(blocked([stroke("Enter", 0)]), [false]);
    assert.equal(blocked(burst("12345", 0, 120)).at(-1), false);
    assert.equal(blocked(burst("12345", 0, 10, 300)).at(-1), false);
  });

  test("blocks a blank within a code, from the second character on", () => {
    assert.deepEqual(blocked(burst("a 12", 0, 29)), [false, true, false, false, true]);
  });

  test("holds a first key back until it has stood alone", () => {
    const played = (strokes: Stroke[]) => {
      const guard = new BurstGuard();
      const due: { at: number; task: () => void }[] = [];
      let now = 0;
      let acted = 0;
      const clock = { now: () => now, later: (task: () => void, ms: number) => void due.push({ at: now + ms, task }) };
      const settle = (limit: number) => {
        for (let next = due.findIndex((one) => one.at <= limit); next >= 0; next = due.findIndex((one) => one.at <= limit)) {
          const [one] = due.splice(next, 1);
          now = Math.max(now, one?.at ?? now);
          one?.task();
        }
      };
      for (const each of strokes) {
        settle(each.at - 1);
        now = each.at;
        if (!guard.blocks(each) && (each.key === " " || each.key === "Enter")) whenAlone(guard, each.at, clock, () => (acted += 1));
      }
      settle(Number.MAX_SAFE_INTEGER);
      return acted;
    };
    assert.equal(played([stroke("Enter", 0)]), 1);
    assert.equal(played([stroke("Enter", 0), stroke(" ", 200)]), 2);
    assert.equal(played(burst(" 123", 0, 29)), 0);
    assert.equal(played(burst(" 1", 0, 10)), 0);
  });

  test("leaves the characters themselves to the text field", () => {
    assert.deepEqual(blocked(burst("12345", 0, 10)).slice(0, -1), [false, false, false, false, false]);
  });
});

describe("settling by a timer", () => {
  /** A clock whose timers fire `early` milliseconds too soon, and who counts them. */
  function clockOf(start: number, early: number) {
    const clock = { at: start, tasks: [] as { task: () => void; at: number }[], fired: 0 };
    const later = (task: () => void, ms: number) => void clock.tasks.push({ task, at: clock.at + Math.max(0, ms - early) });
    const run = () => {
      for (let next = clock.tasks.shift(); next !== undefined && clock.fired < 100; next = clock.tasks.shift()) {
        clock.at = Math.max(clock.at, next.at);
        clock.fired += 1;
        next.task();
      }
    };
    return { clock, later, run, now: () => clock.at };
  }

  test("a key acts even where every timer fires early", () => {
    const gate = new KeyGate();
    gate.press(stroke("Enter", 1000.3));
    const rig = clockOf(1000.4, 0.9);
    const acted: Action[] = [];
    settleWhenDue(gate, rig, (action) => acted.push(action));
    rig.run();
    assert.deepEqual(kinds(acted), ["accept"]);
    assert.ok(rig.clock.at >= 1000.3 + ALONE_MS);
  });

  test("a stroke that comes in during the last turn still cancels", () => {
    const gate = new KeyGate();
    gate.press(stroke("Enter", 1000));
    const rig = clockOf(1000, 0);
    const acted: Action[] = [];
    settleWhenDue(gate, rig, (action) => acted.push(action));
    // The first timer has fired, the page was busy, and only now the next character of the code is delivered.
    const first = rig.clock.tasks.shift();
    assert.ok(first);
    rig.clock.at = first.at + 50;
    first.task();
    gate.press(stroke("7", 1010));
    rig.run();
    assert.deepEqual(acted, []);
  });
});
