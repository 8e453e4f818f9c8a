// The language of the window: one piece of state, remembered on this machine.
import { DICTIONARIES, type Language, type Notice, type StateWords, noticeIn, stateWords } from "./words.ts";

const KEY = "likeness.language";

function remembered(): Language {
  const asked = new URLSearchParams(window.location.search).get("lang") ?? window.localStorage.getItem(KEY);
  return asked === "en" ? "en" : "zh";
}

class I18n {
  language = $state<Language>(remembered());

  get t() {
    return DICTIONARIES[this.language];
  }

  choose(language: Language): void {
    this.language = language;
    window.localStorage.setItem(KEY, language);
  }

  notice(code: string): Notice {
    return noticeIn(this.language, code);
  }

  state(state: { kind: string; code: string; finding: string | null }): StateWords {
    return stateWords(this.language, state);
  }

  /** The one of two texts that a profile or the like brings along. */
  pick(zh: string, en: string): string {
    return this.language === "zh" ? zh : en;
  }

  time(wallMs: number): string {
    const locale = this.language === "zh" ? "zh-CN" : "en-GB";
    return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }).format(wallMs);
  }
}

export const i18n = new I18n();
