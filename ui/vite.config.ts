import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// `vite build` makes the window of the product. `--mode memory` (and `npm run dev`) makes the same window with drawn people and
// no station behind it; the product's files do not contain that backend at all.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: {
    target: "es2022",
    // The strict CSP of the shell knows no data: URLs for scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Two windows, two pages: what the operator may press is not in the subject's at all.
    rollupOptions: { input: ["index.html", "subject.html"] },
  },
  server: { strictPort: true, port: 1420 },
  clearScreen: false,
});
