// A list of the day: a visit is dragged to another place, or moved by Shift and the arrows while the focus is in it.
import { each } from "./dom.js";

const KEPT = "listed-focus";

each("form[data-listed]", (form) => {
  const list = form.querySelector("ol");
  let dragged;
  const send = () => {
    const ids = [...list.querySelectorAll("[data-movable]")].map((one) => one.dataset.id).join(",");
    if (ids !== form.elements.order.defaultValue) {
      form.elements.order.value = ids;
      form.requestSubmit();
    }
  };
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-movable]");
    dragged?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-movable]");
    if (!dragged || !over) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    if (over !== dragged) list.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = undefined;
    send();
  });
  list.addEventListener("keydown", (event) => {
    const button = { ArrowUp: "[data-up]", ArrowDown: "[data-down]" }[event.key];
    const one = event.target.closest("[data-movable]");
    if (!event.shiftKey || !button || !one) return;
    event.preventDefault();
    sessionStorage.setItem(KEPT, one.dataset.id);
    one.querySelector(button).click();
  });
  const kept = sessionStorage.getItem(KEPT);
  const back = kept && list.querySelector(`[data-id="${CSS.escape(kept)}"] a`);
  if (back) {
    sessionStorage.removeItem(KEPT);
    back.focus();
  }
});
