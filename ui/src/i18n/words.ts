// Looking words up by code. Pure, so that tests can ask for every code in both languages.
import { NOTICES } from "./notices.ts";
import { REMEDIES } from "./remedies.ts";
import { SUBTITLES } from "./subtitle.ts";
import { type Dict, zh } from "./zh.ts";
import { en } from "./en.ts";

export type Language = "zh" | "en";
export const DICTIONARIES: Record<Language, Dict> = { zh, en };

export type Notice = { message: string; remedy: string };

/** Message and remedy of a code. A code without words is shown as it is: better a code on the screen than nothing. */
export function noticeIn(language: Language, code: string): Notice {
  const text = NOTICES[code]?.[language];
  const own = REMEDIES[code]?.[language === "zh" ? 0 : 1];
  if (text !== undefined) return { message: inWindow(text[0]), remedy: own ?? inWindow(text[1]) };
  const dict = DICTIONARIES[language];
  const state = dict.devices.state[code];
  if (state !== undefined) return { message: capital(state), remedy: dict.devices.remedy[code] ?? "" };
  return { message: dict.faults[code] ?? code, remedy: dict.faultRemedies[code] ?? "" };
}

/** The command line tells a detail in brackets behind the message; the window has it in a row below. */
function inWindow(text: string): string {
  return text.replace(/（[^（）]*见括号）|\s*\([^()]*in brackets\)/g, "").replaceAll("括号中", "下面").replaceAll("in brackets", "below");
}

export type StateWords = { large: string; second: string };

type Stated = { kind: string; code: string; finding: string | null };

/** The two rows of the state line. */
export function stateWords(language: Language, state: Stated): StateWords {
  return { large: large(language, state), second: second(language, state) };
}

function large(language: Language, { kind, code, finding }: Stated): string {
  const dict = DICTIONARIES[language];
  const own = (dict.states as Record<string, string>)[code];
  if (own !== undefined) return own;
  const instruction = finding === null ? undefined : (dict.instructions[finding] ?? dict.findings[finding]);
  const what = dict.short[code] ?? dict.devices.state[code] ?? noticeIn(language, code).message.replace(/[.。]$/, "");
  if (kind === "refused") return dict.prefix.refused(instruction ?? what);
  if (kind === "void") return dict.prefix.void(capital(what));
  if (kind === "ready" || kind === "busy") return dict.prefix.again(instruction ?? what);
  return capital(what);
}

function second(language: Language, { code }: Stated): string {
  const own = SUBTITLES[code];
  if (own !== undefined) return own;
  const notice = noticeIn("en", code);
  // A device state has no sentence of its own; its short form will do.
  if (language === "zh" && NOTICES[code] === undefined) return capital(en.short[code] ?? notice.message);
  return language === "zh" || notice.remedy === "" ? capital(notice.message) : notice.remedy;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Width of a line in ems, roughly: a Chinese character is one, a Latin letter a little more than half. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.56;
  return width;
}
