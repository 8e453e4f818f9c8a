// What is said to the subject, in both languages at once: nobody in the chair has a switch, and nobody asks for one. Chinese is
// large; the second line is for whoever reads none. Addressed to the subject, so the notices of the operator do not fit here.
import type { SubjectScreen, SubjectStage } from "../backend/types.ts";
import { en } from "../i18n/en.ts";
import { NOTICES } from "../i18n/notices.ts";
import { zh } from "../i18n/zh.ts";

export type Pair = readonly [zh: string, en: string];

/** The large line of a stage and the calm one at its foot. */
export const STAGES: Record<SubjectStage, { large: Pair; calm: Pair }> = {
  nothing: { large: ["", ""], calm: ["", ""] },
  welcome: { large: ["请放证件", "Put your document on the reader"], calm: ["平放，放稳。一人一次。", "Flat, and leave it there. One person at a time."] },
  reading: { large: ["正在读证件", "Reading your document"], calm: ["请不要动它，约一秒。", "Leave it where it is, about a second."] },
  framing: { large: ["请看镜头", "Look at the camera"], calm: ["让脸填满轮廓。留下哪一张，由您先看。", "Fill the outline. You see the picture before it is kept."] },
  exposing: { large: ["别动", "Hold still"], calm: ["马上就好，您会看到照片。", "One moment; you will see the picture."] },
  confirm: { large: ["是您本人吗？", "Is this you, and are name and number right?"], calm: ["这就是保存的照片，与镜中左右相反。", "This is the picture that is saved: as others see you, not mirrored."] },
  filed: { large: ["请取走证件", "Please take your document"], calm: ["照片已保存，谢谢。", "Your picture is saved. Thank you."] },
  stopped: { large: ["请稍等", "One moment, please"], calm: ["不是您的问题，请听摄影师安排。", "It is not your fault; the photographer will help."] },
};

export const YES: readonly [Pair, Pair] = [["都对", "Right:"], ["请点头", "nod"]];
export const NO: readonly [Pair, Pair] = [["不对", "Not right:"], ["请直接说", "say so"]];
export const STUDENT_NUMBER: Pair = ["学号", "Student no."];
export const MIRRORED: Pair = ["镜中的您", "You, mirrored"];
export const SAVED: Pair = ["将保存的照片，未镜像", "The picture that is saved, not mirrored"];
export const NO_PICTURE: Pair = ["没有画面", "No picture"];
export const TRAINING: Pair = ["训练，不得交付", "Training, never delivered"];

const REGISTRAR: Pair = ["请到登记处", "Please see the registrar"];
const ANOTHER: Pair = ["请换一张证件", "Another document, please"];
const AGAIN: Pair = ["请再放一次证件", "Lift your document, put it down again"];
const BACK: Pair = ["请放回您的证件", "Put your own document back"];

/** What to do about a sitting that does not go on; a code that is not here asks for patience. */
export const STOPPED: Record<string, Pair> = {
  "not-on-roster": REGISTRAR,
  "name-differs": REGISTRAR,
  "name-needs-a-look": REGISTRAR,
  "ambiguous-entry": ["请告诉摄影师学号", "Tell the photographer your student number"],
  "claim-differs": ["请告诉摄影师学号", "Tell the photographer your student number"],
  "already-filed": ["您的照片已保存", "Your picture is on file already"],
  "document-expired": ANOTHER,
  "document-not-yet-valid": ANOTHER,
  "document-unsupported": ANOTHER,
  "document-unreadable": AGAIN,
  "document-invalid": AGAIN,
  "check-digit-wrong": AGAIN,
  "reads-disagree": AGAIN,
  "second-document": ["只放您自己的证件", "Only your own document, please"],
  "pile-of-documents": ["只放您自己的证件", "Only your own document, please"],
  "document-changed": ["只放您自己的证件", "Only your own document, please"],
  "document-taken": BACK,
  "document-not-removed": ["请先取走证件", "Please take the document away first"],
  "voided-by-operator": ["请取走证件", "Please take your document"],
};

/** All holds before the mirror. */
export const HOLDS: Pair = ["很好，别动", "Good, hold still"];

/** The large line: an instruction while framing, what to do when stopped. */
export function large({ stage, code, guidance = null }: Pick<SubjectScreen, "stage" | "code"> & Partial<Pick<SubjectScreen, "guidance">>): Pair {
  // What is seen now goes before what the last exposure wanted.
  const now = stage === "framing" && guidance !== null ? NOTICES[guidance.code ?? ""] : undefined;
  if (now !== undefined) return [now.zh[0], now.en[0].replace(/\.$/, "")];
  if (stage === "framing" && code === null && guidance !== null) return HOLDS;
  if (stage === "framing" && code !== null) {
    const [chinese, english] = [zh.instructions[code], en.instructions[code]];
    if (chinese !== undefined && english !== undefined) return [chinese, english.charAt(0).toUpperCase() + english.slice(1)];
    return ["再拍一次", "Once more, please"];
  }
  if (stage === "stopped" && code !== null) return STOPPED[code] ?? STAGES.stopped.large;
  return STAGES[stage].large;
}

/** A document that only has to leave is nobody's trouble. */
export function calm({ stage, code }: Pick<SubjectScreen, "stage" | "code">): Pair {
  if (stage === "stopped" && code === "document-not-removed") return STAGES.welcome.calm;
  if (stage === "stopped" && code === "already-filed") return ["今天不用再拍，请听摄影师安排。", "No need to sit again; the photographer will help."];
  return STAGES[stage].calm;
}
