// Single-letter keys. Any link, button or field with data-key="c" is pressed by that key; inside a field with Alt.
// data-key="Alt N" needs Alt everywhere, "Ctrl Enter" is the primary action of the form in hand (form.js).
// `g` then a letter goes to a place of the rail (data-go). People who use speech or a screen reader can switch all of it off.
import { open } from "./dialog.js";
import { isTyping, isUsable, stage } from "./dom.js";

const WAIT = 1500;
let going = 0;

const off = () => document.body.dataset.keys === "off";

function named(event) {
  const mods = (event.ctrlKey || event.metaKey ? "Ctrl " : "") + (event.altKey ? "Alt " : "");
  let key = event.key;
  if (event.altKey && event.code.startsWith("Key")) key = event.code.slice(3);
  if (event.altKey && event.code.startsWith("Digit")) key = event.code.slice(5);
  return (mods + key).toLowerCase();
}

/** The element that this keystroke presses, if any. */
function pressed(event, typing) {
  const name = named(event);
  const plain = name.startsWith("alt ") ? name.slice(4) : name;
  const found = [...stage().querySelectorAll("[data-key]")];
  // A key of the selected row goes before the same key of the other rows, which goes by their order.
  const elsewhere = (element) => Number(!element.closest("tr.sel"));
  found.sort((one, two) => elsewhere(one) - elsewhere(two));
  // A key of the page goes before the same key of the frame around it.
  found.sort((one, two) => Number("keyEverywhere" in one.dataset) - Number("keyEverywhere" in two.dataset));
  for (const element of found) {
    const wanted = element.dataset.key.toLowerCase();
    const hit = wanted === name || (typing && event.altKey && wanted === plain);
    if (hit && (!typing || event.altKey || event.ctrlKey) && isUsable(element)) return element;
  }
  return null;
}

function press(element) {
  if (isTyping(element)) {
    element.focus();
    element.select?.();
    return;
  }
  element.focus({ preventScroll: true });
  element.click();
}

function go(letter) {
  const place = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
  if (place) place.click();
  return Boolean(place);
}

function scrollPage(event) {
  const page = document.querySelector(".page");
  const part = { PageDown: 0.9, PageUp: -0.9, " ": 0.9 }[event.key];
  if (!part || !page || document.activeElement !== document.body) return false;
  page.scrollBy({ top: page.clientHeight * part });
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const typing = isTyping(event.target);
  const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open(document.getElementById("command"));
    return;
  }
  if (off()) return;
  const inDialog = stage() !== document;
  if (bare && !typing && !inDialog) {
    if (going && event.timeStamp - going < WAIT) {
      going = 0;
      if (go(event.key)) {
        event.preventDefault();
        return;
      }
    }
    if (event.key === "g") {
      going = event.timeStamp;
      return;
    }
    const dialog = { "/": "command", "?": "keys" }[event.key];
    if (dialog && document.getElementById(dialog)) {
      event.preventDefault();
      open(document.getElementById(dialog));
      return;
    }
    if (scrollPage(event)) {
      event.preventDefault();
      return;
    }
  }
  const element = pressed(event, typing);
  if (element) {
    event.preventDefault();
    press(element);
  }
});

// The list of this page's keys, gathered when the dialog opens.
document.getElementById("keys")?.addEventListener("clinic:open", (event) => {
  const here = event.target.querySelector("[data-keys-here]");
  const list = here.querySelector("ul");
  const seen = new Set();
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    if (seen.has(key) || !isUsable(element) || event.target.contains(element)) continue;
    seen.add(key);
    const copy = element.cloneNode(true);
    for (const part of copy.querySelectorAll("kbd, .sr")) part.remove();
    const said = element.dataset.keyLabel || element.getAttribute("aria-label") || copy.textContent.trim() || element.placeholder || "";
    const line = document.createElement("li");
    const word = document.createElement("span");
    const cap = document.createElement("kbd");
    word.textContent = said;
    cap.textContent = key;
    line.append(word, cap);
    list.append(line);
  }
  for (const more of document.querySelectorAll("[data-keys-more] > li")) list.append(more.cloneNode(true));
  here.hidden = !list.children.length;
});
