// Two names that differ by one look-alike character must not look alike on the screen: the differing characters are marked, and
// where one stands against one their code points are named.

export type Piece = { text: string; differs: boolean };
export type Difference = { left: Piece[]; right: Piece[]; pairs: { left: string; right: string }[] };

/** Longest common subsequence by characters as people count them (code points), then the rest is what differs. */
export function difference(left: string, right: string): Difference {
  const a = [...left];
  const b = [...right];
  const kept = commonPairs(a, b);
  const pieces = (chars: string[], keptAt: Set<number>) => join(chars.map((text, i) => ({ text, differs: !keptAt.has(i) })));
  return {
    left: pieces(a, new Set(kept.map(([i]) => i))),
    right: pieces(b, new Set(kept.map(([, j]) => j))),
    pairs: pairsOf(a, b, kept),
  };
}

function commonPairs(a: string[], b: string[]): [number, number][] {
  const rows = a.length + 1;
  const columns = b.length + 1;
  const length = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = length[i];
      if (row !== undefined) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function join(pieces: Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined[joined.length - 1];
    if (last !== undefined && last.differs === piece.differs) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

/** Characters that stand against each other: equally long stretches between two kept characters. */
function pairsOf(a: string[], b: string[], kept: [number, number][]): { left: string; right: string }[] {
  const pairs: { left: string; right: string }[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...kept, [a.length, b.length] as [number, number]]) {
    if (nextI - i === nextJ - j) {
      for (let k = 0; k < nextI - i; k += 1) pairs.push({ left: a[i + k] ?? "", right: b[j + k] ?? "" });
    }
    [i, j] = [nextI + 1, nextJ + 1];
  }
  return pairs;
}

export function codePoint(character: string): string {
  const value = character.codePointAt(0);
  return value === undefined ? "" : `U+${value.toString(16).toUpperCase().padStart(4, "0")}`;
}
