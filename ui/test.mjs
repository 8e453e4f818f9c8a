// Runs the tests of the pure modules with Node's own runner. They were compiled by `tsc` into the folder below; a folder as an
// argument of `node --test` means different things to different versions of Node, so the files are named here.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const folder = new URL("node_modules/.cache/likeness-test/", import.meta.url);
if (process.argv[2] === "clean") {
  rmSync(folder, { recursive: true, force: true });
} else {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".test.js")).map((name) => join(fileURLToPath(folder), name));
  if (files.length === 0) throw new Error("no test was compiled");
  run({ files }).on("test:fail", () => (process.exitCode = 1)).compose(spec).pipe(process.stdout);
}
