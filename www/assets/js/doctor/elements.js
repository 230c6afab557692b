// Makes elements. Text goes in as text only, never as markup.

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag @param {Record<string, any>} [properties] of the element; `data` and `aria` become attributes
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, { data = {}, aria = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children);
  return element;
}

/** Copies a text and says so. @param {string} text @param {HTMLElement} place */
export async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    place.textContent = 'Copied.';
  } catch {
    place.textContent = 'The browser does not let this page copy.';
  }
}
