import assert from "node:assert/strict";
import { test } from "node:test";
import { closeup } from "./focus.ts";

const PLACE = { width: 390, height: 520 };
const EYES = { x: 0.5, y: 250 / 640 };

test("a pixel of the camera gets at least one of the screen, and twice what the whole picture gives it", () => {
  for (const [width, height] of [[640, 480], [1280, 720], [960, 1280], [1920, 1080], [3840, 2160]] as const) {
    for (const zoom of [1, 1.25, 2]) {
      const place = { width: PLACE.width * zoom, height: PLACE.height * zoom };
      const { scale } = closeup({ width, height }, place, EYES);
      const cover = Math.max(place.width / width, place.height / height);
      assert.ok(Number.isInteger(scale) && scale >= 1 && scale >= 2 * cover, `${width}x${height} on ${place.width}: ${scale}`);
    }
  }
  assert.equal(closeup({ width: 1920, height: 1080 }, PLACE, EYES).scale, 1);
  assert.equal(closeup({ width: 1280, height: 720 }, PLACE, EYES).scale, 2);
});

test("the eyes are in its middle", () => {
  const { scale, region } = closeup({ width: 1920, height: 1080 }, PLACE, EYES);
  assert.deepEqual([region.width * scale, region.height * scale], [PLACE.width, PLACE.height]);
  assert.ok(Math.abs(region.x + region.width / 2 - 960) <= 0.5);
  assert.ok(Math.abs(region.y + region.height / 2 - 1080 * EYES.y) <= 0.5);
});

test("what is seen lies within the frame, wherever the eyes are said to be", () => {
  for (const frame of [{ width: 640, height: 480 }, { width: 480, height: 640 }, { width: 1920, height: 1080 }]) {
    for (const at of [0, 0.1, 0.5, 0.9, 1]) {
      const { region } = closeup(frame, PLACE, { x: at, y: at });
      assert.ok(region.x >= 0 && region.y >= 0, `${at}`);
      assert.ok(region.x + region.width <= frame.width && region.y + region.height <= frame.height, `${at}`);
    }
  }
});
