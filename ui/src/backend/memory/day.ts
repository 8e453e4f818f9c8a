// A small day that plays itself: documents come and go on their own, the keys do the rest.
import type { BoothView, EndView, Intent } from "../types.ts";
import { SEATED, at, classView } from "./people.ts";
import { devices, review, subject, view } from "./states.ts";

type Parts = Parameters<typeof view>[0];

export class Day {
  /** Everybody of the class before this one had a turn. */
  upTo = SEATED;
  current: BoothView = view({ stage: "vacant", kind: "wait", code: "put-document" });
  private heard: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private exposures = 0;
  private begun = false;

  view(after: number): Promise<BoothView> {
    if (!this.begun) {
      this.begun = true;
      this.wait(null);
    }
    if (this.current.seq > after) return Promise.resolve(this.current);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 9_000);
      this.heard.push(() => { clearTimeout(timer); resolve(undefined); });
    }).then(() => this.current);
  }

  intent(intent: Intent): void {
    const { stage } = this.current;
    if (intent.kind === "expose" && stage === "seated") this.expose();
    else if (intent.kind === "accept" && stage === "review" && intent.token === this.current.review?.token) this.file();
    else if (intent.kind === "retake" && stage === "review") this.seat();
    else if (intent.kind === "choose" && stage === "review") this.remake(intent.index);
    else if (intent.kind === "void" && (stage === "seated" || stage === "review")) this.end("void", "voided-by-operator");
  }

  private to(parts: Parts, next?: () => void, ms = 0): void {
    this.current = { ...view({ class: classView(parts.subject ? this.upTo : null, this.upTo), ...parts }), seq: this.current.seq + 1 };
    this.heard.splice(0).forEach((heard) => heard());
    clearTimeout(this.timer);
    this.timer = next === undefined ? undefined : setTimeout(next, ms);
  }

  private get who() {
    return at(this.upTo % 40);
  }

  private wait(end: EndView | null): void {
    this.to({ stage: "vacant", kind: "wait", code: "put-document", end }, () => this.read(), 2_500);
  }

  private read(): void {
    this.to({ stage: "presented", kind: "reading", code: "reading" }, () => (this.upTo % 4 === 1 ? this.refuse() : this.seat()), 1_200);
  }

  private seat(): void {
    this.to({ stage: "seated", kind: "ready", code: "seated", subject: subject(this.who) });
  }

  private refuse(): void {
    const difference = { field: "name" as const, document: this.who.name, roster: `${this.who.name.slice(0, -1)}书`, same: false };
    this.end("refused", "name-differs", difference);
  }

  private expose(): void {
    this.exposures += 1;
    this.to({ stage: "exposing", kind: "busy", code: "exposing", subject: subject(this.who) }, () => this.show(1), 700);
  }

  /** The former portrait stands there until the one of the other frame is made. */
  private remake(chosen: number): void {
    this.to({ stage: "exposing", kind: "busy", code: "developing", subject: subject(this.who), review: this.current.review }, () => this.show(chosen), 250);
  }

  private show(chosen: number): void {
    const portrait = `take/${this.who.student_number}/${chosen}`;
    this.to({ stage: "review", kind: "review", code: "review", subject: subject(this.who), review: review(this.who, { chosen, portrait, token: `${this.exposures}-${chosen}` }) });
  }

  private file(): void {
    const shown = this.current.review;
    this.to({ stage: "filing", kind: "busy", code: "filing", subject: subject(this.who), review: shown }, () => {
      const end: EndView = { outcome: "filed", code: "filed", finding: null, student_number: this.who.student_number, name: this.who.name, portrait: shown?.portrait ?? null, difference: null };
      this.upTo += 1;
      this.to({ stage: "leaving", kind: "filed", code: "filed", end, devices: devices({ document: "must-leave" }) }, () => this.wait(end), 2_500);
    }, 600);
  }

  private end(outcome: "refused" | "void", code: string, difference: EndView["difference"] = null): void {
    const end: EndView = { outcome, code, finding: null, student_number: this.who.student_number, name: this.who.name, portrait: null, difference };
    if (outcome === "refused") this.upTo += 1;
    this.to({ stage: "leaving", kind: outcome, code, end, devices: devices({ document: "must-leave" }) }, () => this.wait(end), 6_000);
  }
}
