// What can be measured of a page's looks: width, contrast of its text (WCAG 2.2 §1.4.3), size of what is pressed (§2.5.8).
// Runs inside the page, so it may use nothing from outside the function.

/** @returns {string[]} what is wrong, in words */
export function findFaults() {
  const faults = [];
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const words = (element) => (element.textContent ?? '').replace(/\s+/gu, ' ').trim().slice(0, 40);

  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) faults.push(`wider than the screen: ${width} of ${innerWidth}`);

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  /** Any CSS colour as four numbers from 0 to 1. */
  const read = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, index) => part * a + below[index] * (1 - a));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = read(getComputedStyle(at).backgroundColor);
      layers.unshift(layer);
      if (layer[3] === 1) break;
    }
    return layers.reduce((below, layer) => over(layer, below), [1, 1, 1]);
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  for (const element of document.body.querySelectorAll('*')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    const { width: w, height: h } = element.getBoundingClientRect();
    // What is for screen readers only has one pixel; what cannot be pressed now needs no contrast.
    if (!ownText || !shown(element) || w <= 1 || h <= 1 || element.closest('.visually-hidden, .skip, noscript, [data-state="loading"] .actions')) continue;
    const style = getComputedStyle(element);
    const background = behind(element);
    const [light, dark] = [luminance(over(read(style.color), background)), luminance(background)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast: ${ratio.toFixed(2)} of “${words(element)}”`);
  }

  for (const element of document.body.querySelectorAll('a, button, input:not([type="radio"]), summary')) {
    const { width: w, height: h } = element.getBoundingClientRect();
    // Links within a sentence are exempt.
    const inSentence = element.matches('p a:not(.button)') && element.closest('.actions') === null;
    if (shown(element) && !inSentence && !element.matches('.skip') && (w < 24 || h < 24)) {
      faults.push(`small target: ${Math.round(w)} × ${Math.round(h)} of “${words(element)}”`);
    }
  }
  return faults;
}
