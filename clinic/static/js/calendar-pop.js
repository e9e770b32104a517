// The booking popover: beside the time it is about, which is held for the one who types. Escape gives the time back.
import "./calendar-book.js";
import { fill } from "./dom.js";
import { get, instantAt, lanes, place, renew, root, rowCount, rowOf, send, slotAt, timeAt, words } from "./calendar-grid.js";

const pop = document.getElementById("booking");
const GAP = 12;
let opener = null;

/** Open it for a time of a lane, or for the next free time when there is none; as long as was drawn. */
export async function openBooking(lane, row, from, minutes = 0) {
  const day = new URLSearchParams(location.search).get("day");
  const asked = new URLSearchParams(lane ? (lane.dataset.provider ? { slot: slotAt(lane, row) } : { start: instantAt(lane, row) }) : day ? { day } : {});
  if (lane?.dataset.room) asked.set("room", lane.dataset.room);
  if (minutes) asked.set("minutes", String(minutes));
  const html = await get(`${words.bookUrl}?${asked}`);
  if (html === null) return location.assign(`${words.bookUrl}?${asked}`);
  opener = from;
  show(html);
  return undefined;
}

function show(html) {
  fill(pop, html);
  if (!pop.matches(":popover-open")) pop.showPopover();
  beside(opener);
  (pop.querySelector("[aria-invalid=true]") ?? pop.querySelector("[autofocus]") ?? pop.querySelector("input:not([type=hidden])"))?.focus();
}

/** Beside its subject, never over it; inside the window. */
function beside(subject) {
  const box = (subject ?? root).getBoundingClientRect();
  const { width, height } = pop.getBoundingClientRect();
  const left = box.left - width - GAP;
  const x = left > GAP ? left : Math.min(box.right + GAP, innerWidth - width - GAP);
  const y = Math.min(Math.max(GAP, box.top - height / 2), innerHeight - height - GAP);
  pop.style.left = `${Math.max(GAP, x)}px`;
  pop.style.top = `${Math.max(GAP, y)}px`;
}

/** The held time on the board, as long as the visit would be; nothing for a time on another day. */
function mark({ slot, minutes, ok }) {
  const chosen = pop.querySelector("[name=slot]:checked");
  if (chosen?.dataset.title) {
    pop.querySelector("[data-booking-title]").textContent = chosen.dataset.title;
    pop.querySelector("[data-booking-who]").textContent = chosen.dataset.who;
  }
  const cursor = root.querySelector("[data-cursor]");
  const [start, provider] = slot.split("/");
  const lane = lanes().find((one) => one.dataset.provider === provider && rowOf(one, start) >= 0 && rowOf(one, start) < rowCount());
  cursor.classList.toggle("held", ok && Boolean(lane));
  if (!ok || !lane) return;
  const row = rowOf(lane, start);
  lane.append(cursor);
  place(cursor, row, Math.ceil(minutes / 5));
  cursor.textContent = `${timeAt(lane, row)} ${words.saidHeld}`;
  cursor.setAttribute("aria-label", cursor.textContent);
}

export async function closeBooking({ release = true } = {}) {
  if (!pop.matches(":popover-open")) return;
  const hold = pop.querySelector("[name=hold]")?.value;
  pop.hidePopover();
  pop.replaceChildren();
  const cursor = root.querySelector("[data-cursor]");
  cursor?.classList.remove("held");
  if (opener?.isConnected) opener.focus();
  if (release && hold) await send(words.releaseUrl, { hold }, { quiet: true });
}

if (pop) {
  new ResizeObserver(() => pop.matches(":popover-open") && beside(opener)).observe(pop);
  pop.addEventListener("calendar:held", (event) => mark(event.detail));
  pop.addEventListener("click", (event) => {
    if (event.target.closest("[data-booking-close]")) closeBooking();
  });
  // Ctrl+Enter is the popover's while it is open, wherever the focus is.
  const finish = (event) => {
    const form = pop.matches(":popover-open") && pop.querySelector("form");
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !form) return;
    event.preventDefault();
    event.stopPropagation();
    form.requestSubmit();
  };
  document.addEventListener("keydown", finish, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pop.matches(":popover-open") && !document.querySelector("dialog:modal")) {
      event.preventDefault();
      closeBooking();
    }
  });
  pop.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    const answer = await send(form.getAttribute("action"), new FormData(form));
    form.removeAttribute("aria-busy");
    if (answer.ok) {
      await closeBooking({ release: false });
      await renew();
    } else if (answer.html) show(answer.html);
  });
}
