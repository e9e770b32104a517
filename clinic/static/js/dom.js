// Small shared words about the page.

/** Run `wire` on every element that matches, now and after each swap of a part of the page. */
export function each(selector, wire) {
  const seen = new WeakSet();
  const look = (root) => {
    for (const element of root.querySelectorAll(selector)) {
      if (!seen.has(element)) {
        seen.add(element);
        wire(element);
      }
    }
  };
  look(document);
  document.addEventListener("htmx:after:swap", () => look(document));
  document.addEventListener("clinic:swapped", () => look(document));
}

/** Whether keystrokes belong to this element as text. */
export function isTyping(element) {
  if (!element) return false;
  if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
  return element.tagName === "INPUT" && !["checkbox", "radio", "button", "submit", "reset", "file", "range"].includes(element.type);
}

/** Whether a person can see and use this element now. */
export function isUsable(element) {
  return !element.disabled && element.getAttribute("aria-disabled") !== "true" && element.checkVisibility({ visibilityProperty: true });
}

/** The topmost open modal dialog, or the whole page: keys act inside it only. */
export function stage() {
  const open = [...document.querySelectorAll("dialog:modal")];
  return open.at(-1) ?? document;
}

/** Put fetched markup (our own, same origin) in place of an element's content and wire it. */
export function fill(element, html) {
  element.innerHTML = html;
  window.htmx?.process(element);
  document.dispatchEvent(new CustomEvent("clinic:swapped", { detail: { element } }));
}

/** Do some work when nobody has typed for a moment; `not()` forgets it. */
export function later(work, wait) {
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
  soon.not = () => clearTimeout(timer);
  return soon;
}
