// An invented class. Names were put together from common characters for this file; numbers are masked as the station masks them.
import type { ClassView, FieldLine, RecordLine, RosterLine } from "../types.ts";

export const CLASS = "土木 2021-3 班";

const NAMES = "言午 韩知许 温如玉 孟夏 左岸 叶星阑 罗承宇 唐小满 方既白 傅云深 杜衡 钟意 丁一诺 苏见微 贺兰山 秦越 莫问 何听澜 顾怀瑾 宋以宁 陈屿 江予安 程野 林知夏 许望舒 古丽娜尔·艾山 白若溪 沈鹿鸣 周砚秋 林听雨 欧阳谨言 魏来 安然 谢辞 卫青禾 夏知秋 柳叶 关山月 万里 李木子".split(" ");
const OTHERS = "苗青 易安 石见 雷鸣远 龙吟 邵阳 温度 阿依努尔 高山青 严冬 华年 尤佳 常乐 席地 卓然".split(" ");

export type Person = { seed: number; name: string; student_number: string; number: string; class: string; sex: string; birth: string };

function person(name: string, seed: number, group: string, prefix: string): Person {
  const tail = String(322 + seed).padStart(4, "0");
  return {
    seed, name, class: group, student_number: `${prefix}${tail}`, number: `${"*".repeat(14)}${String(3001 + seed * 17).slice(0, 3)}${seed % 7 === 3 ? "X" : seed % 10}`,
    sex: seed % 2 === 0 ? "male" : "female", birth: `2003-${String((seed % 12) + 1).padStart(2, "0")}-${String(((seed * 5) % 28) + 1).padStart(2, "0")}`,
  };
}

export const PEOPLE: Person[] = [
  ...NAMES.map((name, i) => person(name, i, CLASS, "202121")),
  ...OTHERS.map((name, i) => person(name, 60 + i, "交运 2021-1 班", "202123")),
];
export const SEATED = 23;

/** Names and a class as long as they come: three parts in Uyghur, four in Tibetan, Latin letters of a passport. Invented. */
const LONG_CLASS = "土木工程（轨道交通方向）中外合作办学 2021-3 班";
export const LONG: Person[] = ["阿卜力克木江·麦麦提图尔荪尼亚孜·喀迪尔", "次仁旺堆多吉平措朗杰益西坚赞丹增卓玛措", "ABDUKERIMJAN MAMATTURSUNNIYAZ KADIR", "旦增曲扎·伊力哈木江"].map((name, i) => person(name, 80 + i, LONG_CLASS, "202125"));

export const at = (index: number): Person => PEOPLE[index] as Person;

export function fields(who: Person, change: Partial<Record<FieldLine["field"], string>> = {}): FieldLine[] {
  const line = (field: FieldLine["field"], roster: string): FieldLine => ({ field, document: change[field] ?? roster, roster, same: (change[field] ?? roster) === roster });
  return [line("name", who.name), line("number", who.number), line("sex", who.sex), line("birth", who.birth), { field: "class", document: null, roster: who.class, same: true }];
}

const SKIPPED = new Set([6, 17]);
const FLAGGED = new Set([3, 11]);

export function standingOf(index: number, now: number): RosterLine["standing"] {
  if (index >= 40) return index % 4 === 0 ? "missing" : "filed";
  if (SKIPPED.has(index) || index >= now) return "missing";
  return FLAGGED.has(index) ? "flagged" : "filed";
}

export function classView(now: number | null, upTo: number): ClassView {
  const group = PEOPLE.filter((who) => who.class === CLASS);
  const cells = group.map((_, i): ClassView["cells"][number] => (i === now ? "now" : standingOf(i, upTo)));
  const count = (kind: ClassView["cells"][number]) => cells.filter((cell) => cell === kind).length;
  const next = group.filter((_, i) => i > (now ?? upTo - 1)).slice(0, 3).map((who) => ({ name: who.name, tail: who.student_number.slice(-4) }));
  return { class: CLASS, total: group.length, filed: count("filed"), flagged: count("flagged"), missing: count("missing"), position: now === null ? null : now + 1, cells, next };
}

/** The largest class that a strip has to show. */
export function largeClass(now: number | null): ClassView {
  const total = 120;
  const cells = Array.from({ length: total }, (_, i): ClassView["cells"][number] => (i === now ? "now" : i > 77 || i % 19 === 7 ? "missing" : i % 23 === 5 ? "flagged" : "filed"));
  const count = (kind: ClassView["cells"][number]) => cells.filter((cell) => cell === kind).length;
  return { class: LONG_CLASS, total, filed: count("filed"), flagged: count("flagged"), missing: count("missing"), position: now === null ? null : now + 1, cells, next: LONG.slice(0, 3).map((who) => ({ name: who.name, tail: who.student_number.slice(-4) })) };
}

export function roster(upTo: number): RosterLine[] {
  return PEOPLE.map((who, i) => {
    const standing = standingOf(i, upTo);
    return { student_number: who.student_number, name: who.name, number: who.number, class: who.class, standing, generation: standing === "missing" ? null : i === 3 ? 2 : 1, admission_photo: i % 9 !== 4 };
  });
}

const MORNING = Date.UTC(2026, 10, 23, 1, 30);

export function records(upTo: number): RecordLine[] {
  return PEOPLE.flatMap((who, i): RecordLine[] => {
    const standing = standingOf(i, upTo);
    if (standing === "missing") return [];
    const one = (generation: number, status: RecordLine["status"], reason: string | null): RecordLine => ({
      student_number: who.student_number, name: who.name, class: who.class, generation, status, deliverable: status === "filed" && i !== 8,
      held_back: status === "filed" ? (i === 8 ? "referred" : null) : status, flag_reason: reason, flagged_by: reason === null ? null : "杜老师", filed_wall_ms: MORNING + i * 640_000 + generation * 90_000_000, portrait: `record/${who.student_number}/${generation}`, sitting: i + 1, basis: "matched", attendance: "attended", portrait_sha256: "", normalised_sha256: null, camera: "1209:ca01 CAM-0001", controls: "exposure=156 gain=4",
    });
    if (i === 3) return [one(1, "superseded", "eye-tilt"), one(2, "flagged", "glare")];
    if (i === 11) return [one(1, "flagged", "wrong-person")];
    if (i === 5) return [one(1, "superseded", "eyes-closed"), one(2, "filed", null)];
    return [one(1, "filed", null)];
  });
}
