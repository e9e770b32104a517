// Moving, copying (with Ctrl, Option or Cmd held), resizing, and drawing a new visit on empty time, with mouse, pen and
// finger. A finger lifts after a moment, so that scrolling stays scrolling; lifted and not moved it opens the menu.
import { laneAt, place, root, rowAt, rowCount, rowsOf, timeAt, words } from "./calendar-grid.js";
import { mayGo, put, wanted } from "./calendar-place.js";

const FAR = 4;
const LONG = 350;
const EDGE = 32;
const WALK = 3;
const HANDLE = 7;
let held = null;
let actions = {};

/** A copy of a visit that shows where it would go. */
export function ghostOf(event) {
  const ghost = event.cloneNode(true);
  ghost.removeAttribute("data-id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.className = "ev ghost";
  ghost.querySelector("a").tabIndex = -1;
  event.classList.add("lifted");
  return ghost;
}

function lift() {
  const { event, x, y } = held;
  if (event) {
    const { lane, first, rows } = rowsOf(event);
    Object.assign(held, { lifted: true, ghost: ghostOf(event), lane, first, rows, grab: rowAt(lane, y) - first });
  } else {
    const first = rowAt(held.lane, y);
    const ghost = document.createElement("div");
    ghost.className = "cal-drawn";
    ghost.append(document.createElement("b"));
    const start = Math.max(0, Math.min(rowCount() - 1, first - (first % WALK)));
    Object.assign(held, { lifted: true, ghost, first: start, rows: WALK, anchor: start });
  }
  held.from = { lane: held.lane, first: held.first, rows: held.rows };
  held.lane.append(held.ghost);
  root.classList.add("moving");
  follow(x, y);
}

function follow(x, y) {
  const { from, resize, event } = held;
  if (!event) draw(y);
  else if (resize) held.rows = Math.max(1, Math.min(rowCount() - from.first, rowAt(from.lane, y) + 1 - from.first));
  else {
    const lane = laneAt(x);
    if (lane && mayGo(from.lane, lane)) held.lane = lane;
    held.first = Math.max(0, Math.min(rowCount() - held.rows, rowAt(held.lane, y) - held.grab));
    if (held.ghost.parentElement !== held.lane) held.lane.append(held.ghost);
  }
  place(held.ghost, held.first, held.rows);
  const length = words.saidLength.replace("{count}", String(held.rows * 5));
  const time = timeAt(held.lane, held.first);
  held.ghost.querySelector("b").textContent = !event ? `${time}, ${length}` : resize ? length : held.copy ? `${time} ${words.saidCopy}` : time;
  scrollNear(x, y);
}

/** Empty time from where the pointer went down to where it is. */
function draw(y) {
  const at = Math.max(0, Math.min(rowCount() - 1, rowAt(held.lane, y)));
  held.first = Math.min(held.anchor, at);
  held.rows = Math.max(WALK, Math.abs(at - held.anchor) + 1);
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
  const { event, ghost, lifted, lane, first, rows, from, pointer, copy, touch } = held;
  held = null;
  root.classList.remove("moving");
  if (!lifted) return;
  if (root.hasPointerCapture?.(pointer)) root.releasePointerCapture(pointer);
  event?.classList.remove("lifted");
  const same = lane === from.lane && first === from.first && rows === from.rows;
  if (dropped) swallowClick();
  if (dropped && !event) {
    ghost.remove();
    actions.book(lane, first, rows * 5);
  } else if (dropped && !same) {
    if (!copy) event.classList.add("lifted");
    put(event, wanted(event, { lane, first, rows, copy }), ghost);
  } else {
    ghost.remove();
    if (dropped && touch) actions.menu(event);
  }
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

const copies = (pointer) => pointer.ctrlKey || pointer.altKey || pointer.metaKey;

function down(pointer) {
  if (pointer.button || !pointer.isPrimary || held) return;
  const event = pointer.target.closest?.(".ev[data-movable]");
  const lane = event ? null : pointer.target.closest?.(".cursor, [data-lane]")?.closest("[data-lane]");
  if (!event && (!lane || !words.mayBook || pointer.target.closest(".ev"))) return;
  const { clientX: x, clientY: y, pointerId, pointerType } = pointer;
  const resize = pointer.target === event && y > event.getBoundingClientRect().bottom - HANDLE;
  held = { event, lane, x, y, pointer: pointerId, touch: pointerType === "touch", resize, copy: !resize && copies(pointer), lifted: false };
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
  if (held.event && !held.resize && !held.touch) held.copy = copies(pointer);
  follow(pointer.clientX, pointer.clientY);
}

export function wireDrag(given) {
  actions = given;
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
