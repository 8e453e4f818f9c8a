// The head that the photo standard wants, drawn from the middle of its bands.
import type { Band, Bands } from "../backend/types.ts";

export type Outline = { left: number; right: number; crown: number; eyes: number; chin: number };

const middle = (band: Band) => (band.min + band.max) / 2;

export function outline(bands: Bands): Outline {
  const [crown, eyes] = [middle(bands.crown), middle(bands.eye_line)];
  // The bands measure cheek to cheek; hair and ears stand out by an eighth. Eyes lie in the middle of a head, nearly.
  const half = (middle(bands.face_width) / 2) * 1.125;
  return { left: bands.width / 2 - half, right: bands.width / 2 + half, crown, eyes, chin: eyes + (eyes - crown) * 0.96 };
}

/** A closed head of two half ellipses that meet at the eyes. */
export function head({ left, right, crown, eyes, chin }: Outline): string {
  const half = (right - left) / 2;
  return `M${left} ${eyes}A${half} ${eyes - crown} 0 0 1 ${right} ${eyes}A${half} ${chin - eyes} 0 0 1 ${left} ${eyes}Z`;
}

/** Where the shoulders come in, left and right. */
export function shoulders({ left, right, chin }: Outline, { width, height }: Bands): string {
  const neck = chin + (height - chin) * 0.28;
  const [from, to] = [left + (right - left) * 0.24, right - (right - left) * 0.24];
  const foot = width * 0.05;
  return `M${foot} ${height}C${foot + 8} ${neck + 60} ${from - 90} ${neck + 26} ${from} ${neck}M${width - foot} ${height}C${width - foot - 8} ${neck + 60} ${to + 90} ${neck + 26} ${to} ${neck}`;
}
