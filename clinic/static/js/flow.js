// The flow board. A card goes to another station by drag (a finger lifts it after a moment) or by key; every answer
// is the whole board, so what is drawn is what is kept. Without a connection the card stays where it was.
import { fill } from "./dom.js";

const FAR = 5;
const LONG = 350;
const root = document.querySelector("[data-flow]");
const form = document.querySelector("[data-flow-form]");
const menu = document.getElementById("flow-menu");
const find = document.querySelector("[data-flow-find]");
let held = null;

const lanes = () => [...root.querySelectorAll("[data-lane]")];
const cardsOf = (lane) => [...lane.querySelectorAll(".card:not(.unfound)")];
const current = () => document.activeElement?.closest?.(".card") ?? null;
const tell = (text) => (document.querySelector("[data-flow-said]").textContent = text);

function focusOn(card) {
  for (const other of root.querySelectorAll(".card[tabindex='0']")) other.tabIndex = -1;
  if (!card) return;
  card.tabIndex = 0;
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** One card can be reached by Tab; what is looked for stays looked for after each drawing. */
function settle() {
  const wanted = find.value.trim().toLowerCase();
  for (const card of root.querySelectorAll(".card")) {
    const words = card.dataset.find.split(" ");
    card.classList.toggle("unfound", Boolean(wanted) && !(/^\d+$/.test(wanted) ? words.at(-1) === wanted : card.dataset.find.includes(wanted)));
  }
  if (!root.querySelector(".card[tabindex='0']")) root.querySelector(".card:not(.unfound)")?.setAttribute("tabindex", "0");
}

async function send(url, fields, id) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" } });
    const away = answer.headers.get("HX-Redirect");
    if (away) return location.assign(away);
    const html = await answer.text();
    if (!answer.ok) return refuse(html);
    fill(root, html);
    showToast();
    settle();
    return focusOn(root.querySelector(`.card[data-id="${CSS.escape(id)}"]`));
  } catch {
    return tell(root.dataset.failed), refuse(`<p>${root.dataset.failed}</p>`);
  }
}

/** Say what was refused where toasts stand, and draw what is true now. */
function refuse(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const text = (page.querySelector("[role=alert], h1, p, body")?.textContent ?? "").trim();
  const place = document.querySelector(".toasts");
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "alert");
  toast.textContent = text;
  place.replaceChildren(toast);
  setTimeout(() => toast.remove(), 12_000);
  document.dispatchEvent(new CustomEvent("clinic:renew"));
}

function showToast() {
  const fresh = root.querySelector("[data-toast-new]");
  if (!fresh) return;
  const place = document.querySelector(".toasts");
  place.replaceChildren(...fresh.children);
  fresh.remove();
  document.dispatchEvent(new CustomEvent("clinic:swapped", { detail: { element: place } }));
}

function move(card, station, room = "") {
  if (!form || !card || (card.dataset.station === station && !room) || station === "expected") return;
  const { id, version } = card.dataset;
  send(form.action, { appointment: id, station, room, version }, id);
}

const call = (card) => form && card?.dataset.visit && send(form.dataset.call, { visit: card.dataset.visit }, card.dataset.id);

/** The station before or after; -1 and 1. */
function beside(card, by) {
  const names = lanes().map((lane) => lane.dataset.lane);
  return names[Math.max(1, Math.min(names.length - 1, names.indexOf(card.dataset.station) + by))];
}

function walk(card, key) {
  const all = lanes();
  const lane = card.closest("[data-lane]");
  const at = cardsOf(lane).indexOf(card);
  if (key === "ArrowDown" || key === "j") return focusOn(cardsOf(lane)[at + 1] ?? card);
  if (key === "ArrowUp" || key === "k") return focusOn(cardsOf(lane)[Math.max(0, at - 1)]);
  const forward = (key === "ArrowRight") === (getComputedStyle(root).direction === "ltr");
  const rest = forward ? all.slice(all.indexOf(lane) + 1) : all.slice(0, all.indexOf(lane)).reverse();
  const next = rest.find((one) => cardsOf(one).length);
  return next && focusOn(cardsOf(next)[Math.min(at, cardsOf(next).length - 1)]);
}

function openMenu(card) {
  if (!menu || !card) return;
  menu.dataset.id = card.dataset.id;
  menu.querySelector("[data-menu-name]").textContent = card.dataset.name;
  menu.querySelector("[data-menu-here]").hidden = !card.dataset.visit;
  const ticket = menu.querySelector("[data-menu-ticket]");
  ticket.action = ticket.dataset.action.replace("ID", encodeURIComponent(card.dataset.visit));
  menu.showModal();
}

const menuCard = () => root.querySelector(`.card[data-id="${CSS.escape(menu.dataset.id)}"]`);

function press(event) {
  const card = current();
  const { key } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const inMenu = menu?.open;
  if (!inMenu && (!card || event.target !== card)) {
    if (key === "ArrowDown" && !event.target.closest?.("input, select, button, a, dialog")) {
      event.preventDefault();
      focusOn(root.querySelector(".card:not(.unfound)"));
    }
    return;
  }
  if (inMenu && event.target.closest?.("input, select")) return;
  const chosen = inMenu ? menuCard() : card;
  const acts = {
    n: () => move(chosen, beside(chosen, 1)),
    a: () => call(chosen),
    m: () => !inMenu && openMenu(chosen),
    Enter: () => !inMenu && location.assign(chosen.dataset.href),
  };
  const side = key === "ArrowRight" || key === "ArrowLeft";
  let act = acts[key];
  if (inMenu && key === "Enter") return;
  if (/^[1-7]$/.test(key)) act = () => move(chosen, lanes()[Number(key)].dataset.lane);
  else if (event.shiftKey && side && !inMenu) act = () => move(chosen, beside(chosen, (key === "ArrowRight") === (getComputedStyle(root).direction === "ltr") ? 1 : -1));
  else if (!inMenu && (side || ["ArrowDown", "ArrowUp", "j", "k"].includes(key))) act = () => walk(chosen, key);
  if (!act) return;
  event.preventDefault();
  act();
  if (inMenu) menu.close();
}

function lift() {
  const { card, x, y } = held;
  const box = card.getBoundingClientRect();
  held.ghost = card.cloneNode(true);
  held.ghost.removeAttribute("data-id");
  held.ghost.classList.add("ghost");
  held.ghost.setAttribute("aria-hidden", "true");
  held.ghost.style.width = `${box.width}px`;
  held.grab = { x: x - box.left, y: y - box.top };
  document.body.append(held.ghost);
  card.classList.add("lifted");
  tell(root.dataset.held.replace("{name}", card.dataset.name));
  follow(x, y);
}

function follow(x, y) {
  held.ghost.style.transform = `translate(${x - held.grab.x}px, ${y - held.grab.y}px)`;
  const over = document.elementFromPoint(x, y)?.closest?.("[data-lane]");
  held.lane = over && root.contains(over) ? over : null;
  for (const lane of lanes()) lane.classList.toggle("over", lane === held.lane);
  const edge = root.getBoundingClientRect();
  if (x > edge.right - 32) root.scrollLeft += 14;
  if (x < edge.left + 32) root.scrollLeft -= 14;
}

function finish(dropped) {
  if (!held) return;
  clearTimeout(held.timer);
  const { card, ghost, lane } = held;
  held = null;
  if (!ghost) return;
  ghost.remove();
  card.classList.remove("lifted");
  for (const one of lanes()) one.classList.remove("over");
  tell("");
  if (!dropped) return;
  const stop = (click) => (click.preventDefault(), click.stopPropagation());
  root.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => root.removeEventListener("click", stop, { capture: true }), 50);
  if (lane) move(card, lane.dataset.lane);
}

root.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.(".card");
  if (!form || !card || event.button || !event.isPrimary || held) return;
  held = { card, x: event.clientX, y: event.clientY, pointer: event.pointerId, touch: event.pointerType === "touch" };
  if (held.touch) held.timer = setTimeout(lift, LONG);
});
window.addEventListener("pointermove", (event) => {
  if (!held || event.pointerId !== held.pointer) return;
  if (!held.ghost) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) return;
    if (held.touch) return finish(false);
    lift();
  }
  follow(event.clientX, event.clientY);
});
window.addEventListener("pointerup", (event) => held?.pointer === event.pointerId && finish(true));
window.addEventListener("pointercancel", () => finish(false));
root.addEventListener("dragstart", (event) => event.preventDefault());
root.addEventListener("touchmove", (event) => held?.ghost && event.preventDefault(), { passive: false });
root.addEventListener("contextmenu", (event) => held?.ghost && event.preventDefault());
root.addEventListener("click", (event) => {
  const card = event.target.closest(".card");
  if (card && !event.target.closest("a, button")) focusOn(card);
});
root.addEventListener("dblclick", (event) => openMenu(event.target.closest(".card")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) return event.preventDefault(), finish(false);
  if (document.body.dataset.keys !== "off" || event.key === "Enter" || event.key.startsWith("Arrow")) press(event);
});
document.addEventListener("clinic:swapped", settle);
find.addEventListener("input", settle);
find.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" && event.key !== "ArrowDown") return;
  event.preventDefault();
  focusOn(root.querySelector(".card:not(.unfound)"));
});
document.querySelector("[data-flow-provider]").addEventListener("change", (event) => event.target.form.submit());
menu?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const card = menuCard();
  if (button.dataset.menuStation) move(card, button.dataset.menuStation, button.dataset.menuRoom);
  if ("menuCall" in button.dataset) call(card);
  menu.close();
});
settle();
