// Drawn people, so that no photograph of anybody is needed. Flat shapes in a 480 x 640 picture; a seed chooses hair, brows and build.

export type Pose = { blue: boolean; tilt: number; blink: boolean; smile: boolean; grey: boolean };
const STILL: Pose = { blue: true, tilt: 0, blink: false, smile: false, grey: false };

const HAIR = ["#26292d", "#1f2124", "#2f2a27", "#232629"];
const SKIN = ["#b4b8bd", "#a9adb2", "#bcc0c4", "#b0b3b9"];
const CLOTH = ["#33373c", "#3d4248", "#2c3036", "#454a50"];

const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length] as T;

/** Short, long and tied hair. */
function hair(seed: number, colour: string): { back: string; front: string } {
  const cap = "M112 262C100 150 150 82 240 82S380 150 368 262C362 214 340 176 316 160C282 178 206 182 168 160C142 178 120 216 112 262Z";
  const side = "M112 258C104 150 150 84 240 84S376 150 368 258C360 220 352 190 330 170C290 150 200 168 150 206C132 220 118 238 112 258Z";
  const long = `<path d="M98 250C92 130 150 74 240 74S388 130 382 250L390 440Q340 470 320 430L160 430Q140 470 90 440Z" fill="${colour}"/>`;
  const tied = `<ellipse cx="240" cy="82" rx="52" ry="34" fill="${colour}"/>`;
  return { back: pick(["", long, "", tied, long, ""], seed), front: `<path d="${pick([cap, side], seed >> 1)}" fill="${colour}"/>` };
}

function eyes(blink: boolean): string {
  const one = (x: number) => (blink
    ? `<path d="M${x - 16} 251q16 7 32 0" fill="none" stroke="#2a2d31" stroke-width="4" stroke-linecap="round"/>`
    : `<ellipse cx="${x}" cy="251" rx="15" ry="6.5" fill="#2a2d31"/>`);
  const brow = (x: number) => `<path d="M${x - 22} 229q22 -9 44 0" fill="none" stroke="#3a3e43" stroke-width="5" stroke-linecap="round"/>`;
  return one(190) + one(290) + brow(190) + brow(290);
}

export function face(seed: number, pose: Partial<Pose> = {}): string {
  const { blue, tilt, blink, smile, grey } = { ...STILL, ...pose };
  const ground = grey ? "#f1f1f1" : blue ? "#64c5ff" : "#f4f4f4";
  const strands = hair(seed, pick(HAIR, seed));
  const skin = pick(SKIN, seed >> 1);
  const mouth = smile ? `<path d="M208 340q32 26 64 0q-32 10 -64 0z" fill="#f6f6f6" stroke="#5d6268" stroke-width="4"/>` : `<path d="M212 344q28 7 56 0" fill="none" stroke="#5d6268" stroke-width="5" stroke-linecap="round"/>`;
  const glasses = seed % 5 === 2 ? `<g fill="none" stroke="#303338" stroke-width="4"><rect x="158" y="230" width="64" height="44" rx="14"/><rect x="258" y="230" width="64" height="44" rx="14"/><path d="M222 246h36"/></g>` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 640" width="480" height="640"><rect width="480" height="640" fill="${ground}"/>`
    + `<g transform="rotate(${tilt} 240 380)">${strands.back}</g>`
    + `<path d="M20 660C26 540 84 502 168 476L240 520L312 476C396 502 454 540 460 660Z" fill="${pick(CLOTH, seed)}"/><path d="M188 380V470Q240 530 292 470V380Z" fill="#9ba0a6"/>`
    + `<path d="M166 474L188 452Q206 500 240 520L212 562ZM314 474L292 452Q274 500 240 520L268 562Z" fill="#e9ebed"/>`
    + `<g transform="rotate(${tilt} 240 380)"><ellipse cx="121" cy="268" rx="15" ry="32" fill="#a4a9ae"/><ellipse cx="359" cy="268" rx="15" ry="32" fill="#a4a9ae"/>`
    + `<path d="M121 250C121 150 170 100 240 100S359 150 359 250C359 330 312 408 240 408S121 330 121 250Z" fill="${skin}"/><path d="M240 262l-9 40q9 6 18 0" fill="none" stroke="#8f949a" stroke-width="4" stroke-linecap="round"/>`
    + `${eyes(blink)}${mouth}${strands.front}${glasses}</g></svg>`;
}

/** The empty chair that the camera sees between two subjects. */
export function chair(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 640" width="480" height="640"><rect width="480" height="640" fill="#64c5ff"/><rect x="150" y="452" width="180" height="220" rx="18" fill="#2b2e33"/></svg>`;
}

export const address = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;
