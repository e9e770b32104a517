// What can be done with a visit, where the pointer is: right click, the menu key, or a finger that rests on it.
import { root, words } from "./calendar-grid.js";

const menu = document.getElementById("cal-menu");
const GAP = 8;
let subject = null;
let actions = {};

export function openMenu(event, x = 0, y = 0) {
  if (!menu || !event) return;
  subject = event;
  const movable = event.hasAttribute("data-movable") && words.mayBook;
  for (const item of menu.querySelectorAll("[data-do]")) item.hidden = item.dataset.do !== "open" && !movable;
  menu.querySelector("[data-menu-name]").textContent = event.querySelector("b")?.textContent ?? "";
  menu.showPopover();
  const box = event.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(GAP, Math.min(x || box.left + 16, innerWidth - width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, Math.min(y || box.bottom, innerHeight - height - GAP))}px`;
  menu.querySelector("[data-do]:not([hidden])").focus();
}

export function wireMenu(given) {
  actions = given;
  if (!menu) return;
  root.addEventListener("contextmenu", (event) => {
    const visit = event.target.closest?.(".ev[data-id]");
    if (!visit || root.classList.contains("moving")) return;
    event.preventDefault();
    openMenu(visit, event.clientX, event.clientY);
  });
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[data-do]");
    if (!item) return;
    const visit = subject?.isConnected ? subject : root.querySelector(`.ev[data-id="${CSS.escape(subject?.dataset.id ?? "")}"]`);
    menu.hidePopover();
    if (visit) actions[item.dataset.do](visit);
  });
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("[data-do]:not([hidden])")];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items[(to + items.length) % items.length].focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      menu.hidePopover();
      subject?.querySelector("a")?.focus();
    }
  });
}
