// The part of a camera's frame that shows whether the eyes are sharp. Pure, so that its sizes can be tested.

export type Size = { width: number; height: number };
export type Region = { x: number; y: number; width: number; height: number };

/** How many pixels of the screen, along each side, one pixel of the camera gets; and which of the camera's are seen. */
export type Closeup = { scale: number; region: Region };

/**
 * Around the eyes, at whole pixels: one of the camera's gets at least one of the screen's, for nothing smaller tells sharp from
 * nearly sharp, and at least twice as many as in the whole picture, which fills `place` from the middle of the frame. `eyes` is
 * where they are in that whole picture, in parts of its sides.
 */
export function closeup(frame: Size, place: Size, eyes: { x: number; y: number }): Closeup {
  const cover = Math.max(place.width / frame.width, place.height / frame.height);
  const scale = Math.max(1, Math.ceil(2 * cover));
  const along = (length: number, shown: number, at: number) => {
    const seen = shown / scale;
    const whole = shown / cover;
    const middle = (length - whole) / 2 + at * whole;
    return { from: Math.min(length - seen, Math.max(0, Math.round(middle - seen / 2))), seen };
  };
  const across = along(frame.width, place.width, eyes.x);
  const down = along(frame.height, place.height, eyes.y);
  return { scale, region: { x: across.from, y: down.from, width: across.seen, height: down.seen } };
}
