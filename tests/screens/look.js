// What a person would notice on a page, looked for by machine. Called with the language; gives a list of sentences, each a
// fault with the words or the element it was found at. Knows nothing of single screens.
function look(language) {
  const faults = [];
  const page = document.documentElement;
  const fault = (what, element, words = "") => {
    const name = element === null ? "" : `${element.tagName.toLowerCase()}${element.className && typeof element.className === "string" ? `.${element.className.trim().replace(/\s+/g, ".")}` : ""}`;
    faults.push(`${what}: ${name} ${words}`.trim());
  };
  const near = 1.5;

  // A modal dialog is all that can be used; what lies behind it is judged in the state without the dialog.
  const dialogs = [...document.querySelectorAll("dialog[open]")];
  if (dialogs.length > 1) fault("two dialogs hold the focus", dialogs[1]);
  const root = dialogs[0] ?? document.body;
  if (dialogs.length === 1 && !root.contains(document.activeElement)) fault("the focus is not in the dialog", document.activeElement);

  // ---- the window itself never scrolls
  for (const [what, has, room] of [["wider", page.scrollWidth, window.innerWidth], ["higher", page.scrollHeight, window.innerHeight], ["wider", document.body.scrollWidth, window.innerWidth], ["higher", document.body.scrollHeight, window.innerHeight]]) {
    if (has > room) fault(`the page is ${what} than the window`, null, `${has} > ${room}`);
  }

  // ---- names and data are what the backend said
  const said = [...(window.likenessMemory?.said ?? [])];
  const isSaid = (words) => said.some((whole) => whole.includes(words) || (words.length > 3 && words.includes(whole) && whole.length > 3));

  // ---- pieces of text and where their letters are
  const shown = (element) => element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: false });
  const pieces = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const words = node.nodeValue.trim();
    const element = node.parentElement;
    if (words === "" || element.closest("svg, script, style, option") !== null || !shown(element)) continue;
    const style = getComputedStyle(element);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      // The box of a line is as high as the font wants; letters take about eight tenths of the size.
      const high = Math.min(line.height, parseFloat(style.fontSize) * 0.8);
      const middle = (line.top + line.bottom) / 2;
      pieces.push({ words, element, style, left: line.left, right: line.right, top: middle - high / 2, bottom: middle + high / 2 });
    }
  }

  const scrolls = (value) => value === "auto" || value === "scroll";
  const hides = (value) => value === "hidden" || value === "clip";
  const visible = [];
  for (const piece of pieces) {
    let { left, right, top, bottom } = piece;
    let cut = "";
    for (let at = piece.element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "inline" || (style.overflowX === "visible" && style.overflowY === "visible")) continue;
      const box = at.getBoundingClientRect();
      // What scrolls may show half a line; what cuts with an ellipsis says so.
      const across = scrolls(style.overflowX) || style.textOverflow === "ellipsis";
      if (style.textOverflow === "ellipsis" && at.scrollWidth > at.clientWidth + near && !isSaid(piece.words)) cut = `by an ellipsis, and it is no name: ${at.className || at.tagName}`;
      if (!across && hides(style.overflowX) && (left < box.left - near || right > box.right + near)) cut = `across by ${at.className || at.tagName}`;
      // So does what ends in dots after some rows; a name may, what we say may not.
      const clamped = style.webkitLineClamp !== "none" && isSaid(piece.words);
      if (!clamped && hides(style.overflowY) && (top < box.top - near || bottom > box.bottom + near)) cut = `in height by ${at.className || at.tagName}`;
      left = Math.max(left, box.left); right = Math.min(right, box.right); top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
      if (scrolls(style.overflowY) && bottom - top <= 0) break;
    }
    if (cut !== "") fault(`text is cut ${cut}`, piece.element, piece.words);
    if (right - left <= 1 || bottom - top <= 1) continue;
    if (left < -near || right > window.innerWidth + near || top < -near || bottom > window.innerHeight + near) fault("text leaves the window", piece.element, piece.words);
    visible.push({ ...piece, left, right, top, bottom });
  }

  // ---- text beyond the column that it stands in
  for (const { words, element, left, right } of pieces) {
    let hangs = 0;
    for (let at = element; at !== null && at !== root; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "inline" || style.display === "contents") continue;
      if (style.overflowX !== "visible") break;
      const box = at.getBoundingClientRect();
      // An opening quotation mark may hang before its line.
      hangs = Math.max(hangs, -parseFloat(style.textIndent) || 0);
      if (left < box.left - 2 - hangs || right > box.right + 2) {
        fault("text sticks out of its column", at, words);
        break;
      }
      if (style.position === "absolute" || style.position === "fixed") break;
    }
  }

  // ---- boxes that say less than they have to
  for (const element of root.querySelectorAll("*")) {
    const style = getComputedStyle(element);
    if (element.closest("svg") !== null || !shown(element) || element.textContent.trim() === "" || style.display === "inline") continue;
    if (hides(style.overflowX) && style.textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + near) fault("a box is wider inside than outside", element, element.textContent.trim().slice(0, 60));
    const clamped = style.webkitLineClamp !== "none" && isSaid(element.textContent.trim());
    if (!clamped && hides(style.overflowY) && element.scrollHeight > element.clientHeight + 0.45 * parseFloat(style.fontSize)) fault("a box is higher inside than outside", element, element.textContent.trim().slice(0, 60));
    const more = element.scrollHeight - element.clientHeight;
    if (scrolls(style.overflowY) && more > 0 && more < 12) fault("a part scrolls by a hair", element, `${more} px`);
    if (scrolls(style.overflowX) && element.scrollWidth > element.clientWidth + near) fault("a part scrolls sideways", element, element.textContent.trim().slice(0, 60));
  }

  // ---- words on words
  const inHead = (piece) => piece.element.closest("thead") !== null;
  for (let i = 0; i < visible.length; i += 1) {
    for (let j = i + 1; j < visible.length; j += 1) {
      const [a, b] = [visible[i], visible[j]];
      if (a.element === b.element || inHead(a) !== inHead(b)) continue;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2) fault("words lie on words", a.element, `${a.words} / ${b.words}`);
    }
  }

  // ---- what no page says
  const codes = "code, .mono, .choice small, .health small";
  for (const { words, element } of visible) {
    if (/\bundefined\b|\[object|\bNaN\b|\bnull\b|\{\{|=>/.test(words)) fault("a program's word", element, words);
    if (/^[a-z]+([.-][a-z0-9]+)+$/.test(words) && element.closest(codes) === null && !isSaid(words)) fault("a key of the dictionary", element, words);
  }
  for (const { element } of visible) if (element.tagName === "CODE" && element.textContent.trim() === "") fault("an empty code", element);

  // ---- one language; what is in two on purpose is marked as such
  const foreign = language === "en"
    ? { pattern: /\p{Script=Han}+/gu, other: "[lang^=zh], .training .wide, .boot h1" }
    : { pattern: /[A-Za-z][a-z']+(?:[ ,;:]+[A-Za-z][a-z']+){2,}/gu, other: "[lang^=en], code, .mono" };
  const judged = new Set();
  for (const { element } of visible) {
    // Marked characters stand in elements of their own; the sentence is that of the block.
    let block = element;
    while (getComputedStyle(block).display === "inline" && block.parentElement !== null) block = block.parentElement;
    if (judged.has(block) || block.closest(foreign.other) !== null) continue;
    judged.add(block);
    const clone = block.cloneNode(true);
    clone.querySelectorAll(foreign.other).forEach((part) => part.remove());
    for (const [run] of clone.textContent.matchAll(foreign.pattern)) {
      if (!said.some((words) => words.includes(run))) fault(language === "en" ? "Chinese in an English page" : "English in a Chinese page", block, run);
    }
  }

  // ---- pictures
  for (const image of root.querySelectorAll("img")) if (shown(image) && !(image.complete && image.naturalWidth > 0)) fault("a picture did not load", image, image.src.slice(0, 60));
  for (const canvas of root.querySelectorAll(".view__pic > canvas")) if (!canvas.classList.contains("is-gone") && canvas.dataset.frame === undefined) fault("no frame was drawn", canvas);

  // ---- the state line, read by somebody who looks after the subject and not at the screen
  const line = root.querySelector(".state__large");
  if (line !== null) {
    // From two metres. ISO 9241-303 wants at least 16 minutes of arc for the height of a letter: 9.3 mm. The smallest monitor
    // that a booth has is a laptop of 15.6 inches, 345 mm wide; the window is scaled to its width. A capital letter is 0.73 of the size.
    const height = parseFloat(getComputedStyle(line).fontSize) * 0.73 * (345 / window.innerWidth);
    const minutes = (Math.atan(height / 2000) * 180 * 60) / Math.PI;
    if (minutes < 16) fault("the state line cannot be read from two metres", line, `${minutes.toFixed(1)}' ${line.textContent}`);
  }
  for (const { words, element, style } of visible) if (parseFloat(style.fontSize) < 12) fault("letters too small", element, words);

  // ---- contrast, where the ground is one colour
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return paint.getImageData(0, 0, 1, 1).data;
  };
  const known = new Map();
  const colourOf = (colour) => {
    if (!known.has(colour)) known.set(colour, rgba(colour));
    return known.get(colour);
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  for (const { words, element, style } of visible) {
    let ground = null;
    for (let at = element; at !== null && ground === null; at = at.parentElement) {
      const under = getComputedStyle(at);
      if (under.backgroundImage !== "none") break;
      const colour = colourOf(under.backgroundColor);
      if (colour[3] === 255) ground = colour;
      else if (colour[3] > 40) break;
    }
    // A button that cannot be pressed may be pale.
    if (ground === null || element.closest(":disabled") !== null) continue;
    const [a, b] = [light(colourOf(style.color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) fault("too little contrast", element, `${ratio.toFixed(2)} ${words}`);
  }

  // ---- everything that can be pressed has a name and takes the focus
  for (const element of root.querySelectorAll("button, input, select")) {
    if (element.disabled || !shown(element)) continue;
    const name = element.textContent.trim() || element.getAttribute("aria-label") || element.closest("label")?.textContent.trim() || "";
    if (name === "") fault("something without a name", element);
    const box = element.getBoundingClientRect();
    if (box.width < 12 || box.height < 12) fault("too small to be hit", element, name);
  }
  return [...new Set(faults)];
}
