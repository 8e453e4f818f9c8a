import assert from "node:assert/strict";
import { test } from "node:test";
import { codePoint, difference } from "./diff.ts";

const marked = (pieces: { text: string; differs: boolean }[]) => pieces.map((piece) => (piece.differs ? `[${piece.text}]` : piece.text)).join("");

test("one character against one is marked on both sides and paired", () => {
  const found = difference("林知夏", "林芝夏");
  assert.equal(marked(found.left), "林[知]夏");
  assert.equal(marked(found.right), "林[芝]夏");
  assert.deepEqual(found.pairs, [{ left: "知", right: "芝" }]);
});

test("equal names have no mark", () => {
  const found = difference("许望舒", "许望舒");
  assert.equal(marked(found.left), "许望舒");
  assert.deepEqual(found.pairs, []);
});

test("a missing character is marked on the side that has it, without a false pair", () => {
  const found = difference("古丽娜尔·艾山", "古丽娜尔艾山");
  assert.equal(marked(found.left), "古丽娜尔[·]艾山");
  assert.equal(marked(found.right), "古丽娜尔艾山");
  assert.deepEqual(found.pairs, []);
});

test("characters beyond the basic plane count as one", () => {
  const found = difference("王𠮷", "王吉");
  assert.equal(marked(found.left), "王[𠮷]");
  assert.deepEqual(found.pairs, [{ left: "𠮷", right: "吉" }]);
  assert.equal(codePoint("𠮷"), "U+20BB7");
});

test("names with nothing in common are marked whole", () => {
  const found = difference("甲乙", "丙丁");
  assert.equal(marked(found.left), "[甲乙]");
  assert.equal(marked(found.right), "[丙丁]");
});

test("code points of look-alikes differ where the shapes do not", () => {
  assert.equal(codePoint("·"), "U+00B7");
  assert.equal(codePoint("・"), "U+30FB");
});
