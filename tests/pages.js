// What test_pages.py asks of a page in the browser. Each answer is a list of what is wrong.
"use strict";

const ask = {
  // What is folded away is opened, so that it is examined as well.
  unfold() {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
    for (const e of document.querySelectorAll(".toggle-hidden")) e.classList.remove("toggle-hidden");
  },

  async brokenPictures() {
    const pictures = [...document.querySelectorAll("main img")];
    for (const picture of pictures) picture.loading = "eager";
    const given = Date.now() + 10_000; // ms; what a window does not draw may never be decoded
    while (!pictures.every((one) => one.complete) && Date.now() < given)
      await new Promise((resolve) => setTimeout(resolve, 20));
    return pictures.filter((one) => !one.naturalWidth).map((one) => one.src.slice(-60));
  },

  // What is wider than the window, and inside nothing that scrolls by itself.
  tooWide() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const scrolls = (e) =>
      e && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
    return [...document.querySelectorAll("main *")]
      .filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement))
      .map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)
      .slice(0, 3)
      .concat(`the page is ${document.documentElement.scrollWidth} wide`);
  },

  // Figures are drawn for white paper; in the dark a transparent one must not lie on the page.
  withoutPaper() {
    if (document.documentElement.dataset.theme !== "dark") return [];
    return [...document.querySelectorAll("main img")]
      .filter((e) => getComputedStyle(e).backgroundColor !== "rgb(255, 255, 255)")
      .map((e) => `no paper under ${e.src.slice(-60)}`);
  },

  // Text whose contrast with its ground, as WCAG 2.1 defines it, is less than `least`.
  hardToRead(least) {
    const parse = (css) => [...css.match(/[\d.]+/g).map(Number), 1].slice(0, 4);
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
    const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const grounds = new Map([[null, [255, 255, 255]]]);
    const ground = (e) => {
      if (!grounds.has(e)) {
        const own = parse(getComputedStyle(e).backgroundColor);
        grounds.set(e, own[3] === 1 ? own : over(own, ground(e.parentElement)));
      }
      return grounds.get(e);
    };
    const found = new Map();
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent.trim();
      const e = texts.currentNode.parentElement;
      const kind = `${e.tagName}.${e.className}`;
      if (!text || found.has(kind) || !e.checkVisibility({ visibilityProperty: true })) continue;
      const below = ground(e);
      const colors = [over(parse(getComputedStyle(e).color), below), below];
      const [dim, bright] = colors.map(light).sort((a, b) => a - b);
      const contrast = (bright + 0.05) / (dim + 0.05);
      if (contrast < least) found.set(kind, `${contrast.toFixed(1)}, ${text.slice(0, 40)}`);
    }
    return [...found].map((one) => one.join(" "));
  },
};
globalThis.ask = ask;
