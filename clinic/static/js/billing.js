// The sheet of a visit: sent as a whole at each change, its answer put in place without moving the hand; lists under the
// code fields; letters a to l link the line in hand. Without this script the same form works by its buttons.
import { isTyping } from "./dom.js";
import { say } from "./form.js";

const place = document.getElementById("sheet-place");
const form = () => document.getElementById("sheet");
const PAUSE = 250;
let changes = 0;
let waiting = 0;
let sending = false;
let line = 0;
let pending = null;
const touched = new Set();

// Sending

async function send(pressed) {
  clearTimeout(waiting);
  pending = pressed ?? pending;
  if (sending) {
    waiting = setTimeout(() => send(), PAUSE);
    return;
  }
  const button = pending;
  pending = null;
  sending = true;
  say("saving");
  const sheet = form();
  const before = changes;
  touched.clear();
  const body = new URLSearchParams(new FormData(sheet));
  if (button?.name) body.set(button.name, button.value);
  try {
    const answer = await fetch(sheet.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true" } });
    const moved = answer.headers.get("HX-Redirect");
    if (moved) return location.assign(moved);
    if (![200, 409, 422].includes(answer.status) || answer.redirected) return say("failed");
    take(await answer.text(), before, Boolean(button?.name));
    say(answer.ok ? "saved" : "failed");
  } catch {
    say("failed");
  } finally {
    sending = false;
  }
}

/** Put the answer in place; when something was typed meanwhile, only its version, and send again. What a button did is
 *  only in the answer, so after one the answer is put in place and what was typed meanwhile on top of it. */
function take(html, before, deed) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const typed = changes !== before;
  if (typed && !deed) {
    for (const name of ["version", "once"]) {
      form().elements[name].value = fresh.querySelector(`#sheet [name=${name}]`)?.value ?? "";
    }
    later();
    return;
  }
  if (typed) keepTyped(fresh);
  const mark = marked();
  const lines = place.querySelectorAll("[data-line]").length;
  shut();
  place.replaceChildren(...fresh.body.childNodes);
  window.htmx?.process(place);
  document.dispatchEvent(new CustomEvent("clinic:swapped", { detail: { element: place } }));
  tell();
  back(mark, place.querySelectorAll("[data-line]").length > lines);
  if (typed) later();
}

/** What was typed while the answer was on its way, as long as the rows are still the same. */
function keepTyped(fresh) {
  const rows = (root) => root.querySelectorAll("[data-line], [data-dx]").length;
  if (rows(fresh) !== rows(place)) return;
  for (const id of touched) {
    const mine = document.getElementById(id);
    const same = fresh.getElementById(id);
    if (!mine || !same) continue;
    same.value = mine.value;
    if ("checked" in same) same.checked = mine.checked;
  }
}

function marked() {
  const here = document.activeElement;
  if (!place.contains(here)) return null;
  return { id: here.id, name: here.name, value: here.value, start: isTyping(here) ? here.selectionStart : null };
}

/** Give the focus back; a line that was just added and has no link yet gets it. */
function back(mark, added) {
  const open = added && [...place.querySelectorAll("[data-line]")].at(-1);
  if (open && !open.querySelector(".ptr :checked")) {
    open.querySelector(".ptr input")?.focus();
    return;
  }
  if (!mark) return;
  const same = mark.id ? document.getElementById(mark.id) : place.querySelector(`[name="${CSS.escape(mark.name)}"][value="${CSS.escape(mark.value)}"]`);
  const target = same ?? document.getElementById("line-new") ?? document.getElementById("dx-new");
  target?.focus({ preventScroll: true });
  if (same && mark.start !== null && isTyping(same)) same.setSelectionRange(mark.start, mark.start);
}

function tell() {
  const news = place.querySelector("template[data-news]");
  const toasts = document.querySelector(".toasts");
  if (!news || !toasts) return;
  toasts.replaceChildren(news.content.cloneNode(true));
  document.dispatchEvent(new CustomEvent("clinic:swapped", { detail: { element: toasts } }));
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(() => send(), PAUSE);
}

place.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  if (event.submitter?.getAttribute("aria-disabled") === "true") {
    document.querySelector("#checks .btn")?.focus();
    return;
  }
  changes += 1;
  send(event.submitter);
});
place.addEventListener("input", (event) => {
  changes += 1;
  touched.add(event.target.id);
  say("dirty");
});
place.addEventListener("change", (event) => {
  if (event.target.matches("[data-choice]")) return;
  if (event.target.matches("[data-combo=dx], [data-combo=line]")) return;
  changes += 1;
  later();
});

// The list under a code field

let list = null;
let field = null;
let asked = 0;

function shut() {
  list?.remove();
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
  list = field = null;
}

async function offer(input) {
  const text = input.value.trim();
  const number = ++asked;
  if (!text) return shut();
  const query = new URLSearchParams({ kind: input.dataset.combo, q: text, day: form().dataset.day });
  const answer = await fetch(`${form().dataset.offers}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || number !== asked || document.activeElement !== input) return;
  const html = await answer.text();
  if (number !== asked) return;
  shut();
  field = input;
  list = document.createElement("div");
  list.className = "pop offers";
  list.id = "offers";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  list.innerHTML = html;
  list.dataset.text = text;
  document.body.append(list);
  input.setAttribute("aria-expanded", "true");
  beside(input.closest(".in") ?? input);
  point(0);
}

function beside(box) {
  const at = box.getBoundingClientRect();
  const width = Math.max(at.width, 360);
  list.style.width = `${Math.min(width, innerWidth - 32)}px`;
  list.style.left = `${Math.max(16, Math.min(at.left, innerWidth - width - 16))}px`;
  const below = innerHeight - at.bottom;
  if (below < 220 && at.top > below) list.style.bottom = `${innerHeight - at.top + 4}px`;
  else list.style.top = `${at.bottom + 4}px`;
}

const rows = () => [...(list?.querySelectorAll("[role=option]") ?? [])];
const chosen = () => rows().findIndex((row) => row.getAttribute("aria-selected") === "true");

function point(index) {
  const all = rows();
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
  all[at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", all[at].id);
}

function choose(row) {
  const input = field;
  shut();
  input.value = row.dataset.code;
  changes += 1;
  if (input.dataset.combo === "mod") later();
  else send();
}

place.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-combo]") && event.target.role !== "combobox") {
    const input = event.target;
    const parts = { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": "offers", "aria-haspopup": "listbox" };
    for (const [name, value] of Object.entries(parts)) input.setAttribute(name, value);
  }
  const row = event.target.closest("[data-line]");
  if (row) select(row);
});
place.addEventListener("focusout", () => setTimeout(() => document.activeElement !== field && shut(), 150));
place.addEventListener("input", (event) => {
  if (!event.target.matches("[data-combo]")) return;
  clearTimeout(offer.soon);
  offer.soon = setTimeout(() => offer(event.target), 80);
});
place.addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !event.altKey) {
    event.preventDefault();
    point(chosen() + step);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && rows().length && list.dataset.text === field.value.trim()) {
    event.preventDefault();
    choose(rows()[Math.max(0, chosen())]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    shut();
  }
});
document.addEventListener("pointerdown", (event) => {
  const row = event.target.closest?.("#offers [role=option]");
  if (!row) return;
  event.preventDefault();
  choose(row);
});
addEventListener("resize", shut);
document.querySelector(".page")?.addEventListener("scroll", shut);

// Letters and order

function select(row) {
  line = Number(row.dataset.line);
  for (const other of place.querySelectorAll("tr.sel")) other.classList.remove("sel");
  row.classList.add("sel");
}
place.addEventListener("click", (event) => {
  const row = event.target.closest("[data-line]");
  if (row) select(row);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || document.body.dataset.keys === "off" || document.querySelector("dialog:modal")) return;
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      const row = document.activeElement.closest?.("[data-dx]");
      const to = row && Number(row.dataset.dx) + (event.key === "ArrowUp" ? -1 : 1);
      const button = row?.querySelector(`[value="move-dx:${row.dataset.dx}:${to}"]`);
      if (!button) return;
      event.preventDefault();
      button.click();
      return;
    }
    if (event.altKey || isTyping(event.target) || !/^[a-l]$/.test(event.key)) return;
    const box = place.querySelector(`[data-line="${line}"] .ptr input[value="${event.key.charCodeAt(0) - 96}"]`);
    if (!box || box.matches(":disabled")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.focus();
    box.click();
  },
  { capture: true },
);
