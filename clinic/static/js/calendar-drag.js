// Moving and resizing with mouse, pen and finger. A finger lifts a visit after a moment, so that scrolling stays scrolling.
import { open as openDialog } from "./dialog.js";
import { fill } from "./dom.js";
import { laneAt, place, renew, root, rowAt, rowCount, rowsOf, send, slotAt, timeAt, words } from "./calendar-grid.js";

const FAR = 4;
const LONG = 350;
const EDGE = 32;
let held = null;

/** A copy of a visit that shows where it would go. */
export function ghostOf(event) {
  const ghost = event.cloneNode(true);
  for (const part of ghost.querySelectorAll(".rs, .sr")) part.remove();
  ghost.removeAttribute("data-id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.className = "ev ghost";
  ghost.querySelector("a").tabIndex = -1;
  event.classList.add("lifted");
  return ghost;
}

/** Send a move; a refusal opens the visit with the nearest free times. */
export async function dropAt(event, slot, minutes) {
  const url = words.visitUrl.replace("ID", encodeURIComponent(event.dataset.id));
  const answer = await send(`${url}/move`, { slot, minutes: String(minutes), version: event.dataset.version });
  event.classList.remove("lifted");
  if (answer.ok) return renew({ focus: event.dataset.id });
  if (!answer.html) return undefined;
  const dialog = document.getElementById("visit");
  fill(dialog, answer.html);
  return openDialog(dialog);
}

function lift() {
  const { event, x, y, resize } = held;
  const { lane, first, rows } = rowsOf(event);
  Object.assign(held, { lifted: true, ghost: ghostOf(event), lane, first, rows, grab: rowAt(lane, y) - first });
  held.from = { lane, first, rows };
  lane.append(held.ghost);
  root.classList.add("moving");
  follow(x, y, resize);
}

function follow(x, y, resize) {
  const { from } = held;
  if (resize) held.rows = Math.max(1, Math.min(rowCount() - from.first, rowAt(from.lane, y) + 1 - from.first));
  else {
    held.lane = laneAt(x) ?? held.lane;
    held.first = Math.max(0, Math.min(rowCount() - held.rows, rowAt(held.lane, y) - held.grab));
    if (held.ghost.parentElement !== held.lane) held.lane.append(held.ghost);
  }
  place(held.ghost, held.first, held.rows);
  held.ghost.querySelector("b").textContent = resize ? words.saidLength.replace("{count}", String(held.rows * 5)) : timeAt(held.lane, held.first);
  scrollNear(x, y);
}

/** Near an edge the board scrolls along. */
function scrollNear(x, y) {
  const box = root.querySelector(".grid-scroll");
  const { top, bottom, left, right } = box.getBoundingClientRect();
  if (y > bottom - EDGE) box.scrollTop += 12;
  if (y < top + 48 + EDGE) box.scrollTop -= 12;
  if (x > right - EDGE) box.scrollLeft += 12;
  if (x < left + 52 + EDGE) box.scrollLeft -= 12;
}

function finish(dropped) {
  if (!held) return;
  clearTimeout(held.timer);
  const { event, ghost, lifted, lane, first, rows, from, pointer } = held;
  held = null;
  root.classList.remove("moving");
  if (!lifted) return;
  ghost.remove();
  event.classList.remove("lifted");
  if (root.hasPointerCapture?.(pointer)) root.releasePointerCapture(pointer);
  const same = lane === from.lane && first === from.first && rows === from.rows;
  if (dropped && !same) {
    event.classList.add("lifted");
    dropAt(event, slotAt(lane, first), rows * 5);
  }
  if (dropped) swallowClick();
}

/** The click that follows a drag is not meant. */
function swallowClick() {
  const stop = (click) => {
    click.preventDefault();
    click.stopPropagation();
  };
  root.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => root.removeEventListener("click", stop, { capture: true }), 50);
}

function down(pointer) {
  const event = pointer.target.closest?.(".ev[data-movable]");
  if (!event || pointer.button || !pointer.isPrimary || held) return;
  const { clientX: x, clientY: y, pointerId, pointerType } = pointer;
  held = { event, x, y, pointer: pointerId, touch: pointerType === "touch", resize: Boolean(pointer.target.closest(".rs")), lifted: false };
  if (held.touch) {
    held.timer = setTimeout(() => {
      lift();
      root.setPointerCapture(pointerId);
      navigator.vibrate?.(15);
    }, LONG);
  }
}

function over(pointer) {
  if (!held || pointer.pointerId !== held.pointer) return;
  const far = Math.hypot(pointer.clientX - held.x, pointer.clientY - held.y) > FAR;
  if (!held.lifted) {
    if (!far) return;
    if (held.touch) return finish(false);
    lift();
    root.setPointerCapture(held.pointer);
  }
  follow(pointer.clientX, pointer.clientY, held.resize);
}

export function wireDrag() {
  root.addEventListener("pointerdown", down);
  root.addEventListener("pointermove", over);
  root.addEventListener("pointerup", (pointer) => held?.pointer === pointer.pointerId && finish(true));
  root.addEventListener("pointercancel", () => finish(false));
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.addEventListener("touchmove", (event) => held?.lifted && event.preventDefault(), { passive: false });
  root.addEventListener("contextmenu", (event) => held?.lifted && event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) {
      event.preventDefault();
      finish(false);
    }
  });
}
