// Calls `done` when the page stands still: fonts and pictures there, a frame drawn where one is shown, and a while without a change.
const STILL_MS = 180;
const GIVE_UP_MS = 8000;
const begun = performance.now();
let changed = begun;
const busy = () =>
  document.querySelector("main") === null
  || [...document.images].some((image) => !image.complete)
  || [...document.querySelectorAll(".view__pic > canvas")].some((canvas) => canvas.dataset.frame === undefined && document.querySelector(".plate") === null)
  || (document.querySelector(".review") !== null && document.querySelector("[data-code=review]") !== null && document.querySelector(".keys .fwd.shut") !== null);
const seen = new MutationObserver((changes) => {
  if (changes.some((change) => change.attributeName !== "data-frame" && change.target !== document.documentElement)) changed = performance.now();
});
seen.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
const timer = setInterval(() => {
  const now = performance.now();
  const still = !busy() && document.fonts.status === "loaded" && now - changed > STILL_MS;
  if (!still && now - begun < GIVE_UP_MS) return;
  clearInterval(timer);
  seen.disconnect();
  done(still ? "" : "the page does not settle");
}, 30);
