// The calendar by keyboard and by itself: arrows walk times and lanes, Enter opens or books, Shift with arrows moves a
// visit until Enter drops it; a click opens a visit or books a time; the board renews itself.
import { open as openDialog, close as closeDialog } from "./dialog.js";
import { fill, isTyping, stage } from "./dom.js";
import { openBooking } from "./calendar-pop.js";
import { dropAt, ghostOf, wireDrag } from "./calendar-drag.js";
import { eventsIn, filled, get, isBusy, isShut, lanes, place, renew, root, rowAt, rowCount, rowsOf, send, slotAt, tell, timeAt, words } from "./calendar-grid.js";

const WALK = 3;
const RENEW = 20000;
const spot = { lane: 0, row: 0 };
let moving = null;

const cursor = document.createElement("button");
cursor.type = "button";
cursor.className = "cursor";
cursor.dataset.cursor = "";

const laneOf = (index) => lanes()[Math.max(0, Math.min(lanes().length - 1, index))];
const link = (event) => event?.querySelector("a[data-visit]");

/** Put the cursor into a free time. */
function stand(lane, row, focus = true) {
  if (!lane) return;
  spot.lane = Number(lane.dataset.lane);
  spot.row = Math.max(0, Math.min(rowCount() - WALK, row));
  lane.append(cursor);
  place(cursor, spot.row, WALK);
  cursor.classList.remove("held");
  const values = { time: timeAt(lane, spot.row), who: lane.dataset.who };
  cursor.textContent = values.time;
  cursor.setAttribute("aria-label", filled(isShut(lane, spot.row) ? words.saidShut : words.saidFree, values));
  if (focus) reach(cursor);
}

function reach(element) {
  for (const other of root.querySelectorAll(".ev a[data-visit], [data-cursor]")) other.tabIndex = -1;
  element.tabIndex = 0;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Go to a place: to the visit that stands there, else to the free time. */
function walkTo(lane, row, side = 0) {
  if (!lane) return;
  const kept = Math.max(0, Math.min(rowCount() - 1, row));
  const found = eventsIn(lane, kept);
  spot.lane = Number(lane.dataset.lane);
  spot.row = kept;
  if (found.length) reach(link(side < 0 ? found.at(-1) : found[0]));
  else stand(lane, kept);
}

function walk(key, current) {
  const lane = laneOf(spot.lane);
  const here = current && rowsOf(current);
  const down = here ? here.first + here.rows : spot.row + WALK;
  const up = (here ? here.first : spot.row) - WALK;
  if (key === "ArrowDown") return walkTo(lane, down);
  if (key === "ArrowUp") return walkTo(lane, here ? here.first - 1 - ((here.first - 1) % WALK) : up - (up % WALK));
  const step = (key === "ArrowRight") === (document.dir !== "rtl") ? 1 : -1;
  if (here) {
    const beside = eventsIn(lane, spot.row);
    const next = beside[beside.indexOf(current) + step];
    if (next) return reach(link(next));
  }
  return walkTo(lanes()[spot.lane + step], spot.row, step);
}

/** Shift and an arrow: the ghost goes, the visit stays until Enter. */
function carry(key, event) {
  moving ??= { event, ...rowsOf(event), ghost: ghostOf(event) };
  root.classList.add("moving");
  const step = (key === "ArrowRight") === (document.dir !== "rtl") ? 1 : -1;
  if (key === "ArrowDown") moving.first += 1;
  else if (key === "ArrowUp") moving.first -= 1;
  else moving.lane = laneOf(Number(moving.lane.dataset.lane) + step);
  moving.first = Math.max(0, Math.min(rowCount() - moving.rows, moving.first));
  moving.lane.append(moving.ghost);
  place(moving.ghost, moving.first, moving.rows);
  moving.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  const values = { time: timeAt(moving.lane, moving.first), who: moving.lane.dataset.who };
  moving.ghost.querySelector("b").textContent = values.time;
  tell(filled(words.saidMoving, values));
}

function leave() {
  moving?.ghost.remove();
  moving?.event.classList.remove("lifted");
  moving = null;
  root.classList.remove("moving");
}

async function drop() {
  const { event, lane, first, rows } = moving;
  leave();
  await dropAt(event, slotAt(lane, first), rows * 5);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || stage() !== document) return;
  if (isTyping(event.target) || event.target.closest?.(".cal-pop, .menu, select")) return;
  const inGrid = event.target.closest?.("[data-grid]");
  const current = event.target.closest?.(".ev");
  const arrow = event.key.startsWith("Arrow");
  if (moving && (event.key === "Escape" || event.key === "Enter")) {
    event.preventDefault();
    return event.key === "Enter" ? drop() : leave();
  }
  if (!arrow || (!inGrid && event.target !== document.body)) return;
  event.preventDefault();
  if (!inGrid) return walkTo(laneOf(spot.lane), spot.row);
  if (event.shiftKey && (moving || current?.hasAttribute("data-movable"))) return carry(event.key, moving?.event ?? current);
  if (!event.shiftKey && !moving) {
    if (current) Object.assign(spot, { lane: Number(current.closest("[data-lane]").dataset.lane), row: Math.max(spot.row, rowsOf(current).first) });
    walk(event.key, current);
  }
}

async function showVisit(url) {
  const dialog = document.getElementById("visit");
  const html = await get(url);
  if (html === null) return location.assign(url);
  fill(dialog, html);
  openDialog(dialog);
}

function onClick(event) {
  const target = event.target.closest("a, button, [data-lane]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (target.matches("a[data-visit]")) {
    event.preventDefault();
    showVisit(target.href);
  } else if (!words.mayBook) return;
  else if (target.matches("[data-cursor]")) openBooking(laneOf(spot.lane), spot.row, cursor);
  else if (target.matches("[data-lane]")) {
    const row = rowAt(target, event.clientY);
    stand(target, row - (row % WALK));
    openBooking(target, spot.row, cursor);
  } else if (target.matches("[data-book]")) {
    event.preventDefault();
    stand(laneOf(spot.lane), spot.row);
    openBooking(laneOf(spot.lane), spot.row, cursor);
  }
}

/** The forms in the dialog are sent here; a refusal is drawn in it, a success closes it. */
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("#visit [data-visit-form]")) return;
  event.preventDefault();
  const dialog = document.getElementById("visit");
  const answer = await send(form.getAttribute("action"), new FormData(form));
  if (answer.ok) {
    closeDialog(dialog);
    await renew();
  } else if (answer.html) fill(dialog, answer.html);
});

/** The first place of the cursor: now, else where the first lane opens. */
function settle() {
  const first = laneOf(spot.lane);
  if (!first) return;
  const now = root.querySelector(".now");
  const row = now ? Number(now.className.match(/\br(\d+)\b/)[1]) : 0;
  const start = Math.max(0, Math.min(rowCount() - WALK, row));
  stand(first, start - (start % WALK), false);
  for (const other of root.querySelectorAll(".ev a[data-visit]")) other.tabIndex = -1;
  cursor.tabIndex = 0;
}

function prepare() {
  for (const event of root.querySelectorAll(".ev[data-movable]")) {
    const edge = document.createElement("span");
    edge.className = "rs";
    event.append(edge);
  }
}

if (root) {
  document.documentElement.classList.add("scripted");
  prepare();
  settle();
  wireDrag();
  const now = root.querySelector(".now");
  now?.scrollIntoView({ block: "center" });
  root.addEventListener("click", onClick);
  document.querySelector(".head").addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.querySelector("[data-choose] select")?.addEventListener("change", (event) => event.target.form.requestSubmit());
  root.addEventListener("calendar:drawn", (event) => {
    prepare();
    stand(laneOf(spot.lane), spot.row, false);
    for (const other of root.querySelectorAll(".ev a[data-visit]")) other.tabIndex = -1;
    cursor.tabIndex = 0;
    const { focus, onCursor } = event.detail;
    const again = focus && root.querySelector(`.ev[data-id="${CSS.escape(focus)}"] a`);
    if (again) reach(again);
    else if (onCursor) reach(cursor);
  });
  setInterval(() => {
    if (!document.hidden && !isBusy()) renew({ background: true });
  }, RENEW);
}
