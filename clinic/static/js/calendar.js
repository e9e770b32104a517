// The calendar by keyboard and by itself: arrows walk times and lanes, j and k the visits of a lane, n goes to now; Enter
// opens or books; Shift with arrows moves a visit, c lifts a copy, + and - change its length, until Enter drops it; a click
// opens a visit or books a time; the board renews itself within two seconds.
import { open as openDialog, close as closeDialog } from "./dialog.js";
import { fill, isTyping, stage } from "./dom.js";
import { openBooking } from "./calendar-pop.js";
import "./calendar-columns.js";
import { ghostOf, wireDrag } from "./calendar-drag.js";
import { eventsIn, filled, firstRow, get, isBusy, isShut, lanes, place, renew, root, rowAt, rowCount, rowsOf, send, tell, timeAt, words } from "./calendar-grid.js";
import { openMenu, wireMenu } from "./calendar-menu.js";
import { mayGo, put, wanted } from "./calendar-place.js";

const WALK = 3;
const RENEW = 1500;
const spot = { lane: 0, row: 0 };
let moving = null;
let stopped = null;

const cursor = document.createElement("button");
cursor.type = "button";
cursor.className = "cursor";
cursor.dataset.cursor = "";

const laneOf = (index) => lanes()[Math.max(0, Math.min(lanes().length - 1, index))];
const link = (event) => event?.querySelector("a[data-visit]");

/** The one place of the board where Tab stops. */
function stop(element) {
  if (stopped) stopped.tabIndex = -1;
  stopped = element;
  element.tabIndex = 0;
}

/** In a board that is drawn anew the arrows lead to the visits, not Tab. */
function prepare() {
  for (const one of root.querySelectorAll(".ev > a")) one.tabIndex = -1;
  stop(cursor);
}

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
  stop(element);
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

/** Take a visit (or a copy of it) in hand: the ghost goes, the visit stays until Enter. */
function take(event, copy = false) {
  if (moving) return;
  moving = { event, copy, ...rowsOf(event), ghost: ghostOf(event) };
  if (copy) event.classList.remove("lifted");
  root.classList.add("moving");
  carried();
}

function carry(key) {
  const step = (key === "ArrowRight") === (document.dir !== "rtl") ? 1 : -1;
  if (key === "ArrowDown") moving.first += 1;
  else if (key === "ArrowUp") moving.first -= 1;
  else if (key === "+") moving.rows += 1;
  else if (key === "-") moving.rows = Math.max(1, moving.rows - 1);
  else {
    const lane = laneOf(Number(moving.lane.dataset.lane) + step);
    if (mayGo(moving.lane, lane)) moving.lane = lane;
  }
  carried();
}

function carried() {
  moving.first = Math.max(0, Math.min(rowCount() - moving.rows, moving.first));
  moving.lane.append(moving.ghost);
  place(moving.ghost, moving.first, moving.rows);
  moving.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  const values = { time: timeAt(moving.lane, moving.first), who: moving.lane.dataset.who, count: moving.rows * 5 };
  moving.ghost.querySelector("b").textContent = `${values.time}, ${filled(words.saidLength, values)}${moving.copy ? ` ${words.saidCopy}` : ""}`;
  tell(filled(moving.copy ? words.saidCopying : words.saidMoving, values));
}

function leave() {
  moving?.ghost.remove();
  moving?.event.classList.remove("lifted");
  moving = null;
  root.classList.remove("moving");
}

async function drop() {
  const { event, ghost } = moving;
  const fields = wanted(event, moving);
  moving = null;
  root.classList.remove("moving");
  await put(event, fields, ghost);
}

/** The next or the previous visit of this column; at its end, of the next one. */
function step(current, by) {
  const all = lanes().flatMap((lane) => [...lane.querySelectorAll(".ev[data-id]")]);
  if (!all.length) return;
  let at = all.indexOf(current);
  if (at < 0) {
    const lane = laneOf(spot.lane);
    const here = [...lane.querySelectorAll(".ev[data-id]")];
    const found = by > 0 ? here.find((one) => rowsOf(one).first >= spot.row) : here.filter((one) => rowsOf(one).first < spot.row).at(-1);
    at = found ? all.indexOf(found) - by : by > 0 ? -1 : 0;
  }
  const next = all[(at + by + all.length) % all.length];
  Object.assign(spot, { lane: Number(next.closest("[data-lane]").dataset.lane), row: rowsOf(next).first });
  reach(link(next));
}

/** The present time, in the column where one is. */
function toNow() {
  const line = root.querySelector(".now");
  if (!line) return tell(words.saidNoNow);
  const lane = laneOf(spot.lane);
  line.scrollIntoView({ block: "center" });
  return walkTo(lane.querySelector(".now") ? lane : line.closest("[data-lane]"), firstRow(line));
}

/** Single letters of the board; they are silent when somebody switched single keys off. */
function letter(event, current) {
  const movable = current?.hasAttribute("data-movable");
  const work = {
    j: () => step(current, 1),
    k: () => step(current, -1),
    n: toNow,
    c: () => movable && take(current, true),
    "+": () => movable && (take(current), carry("+")),
    "=": () => movable && (take(current), carry("+")),
    "-": () => movable && (take(current), carry("-")),
  }[event.key];
  if (!work || document.body.dataset.keys === "off") return false;
  event.preventDefault();
  work();
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || stage() !== document) return;
  if (isTyping(event.target) || event.target.closest?.(".cal-pop, .menu, select")) return;
  const inGrid = event.target.closest?.("[data-grid]");
  const current = event.target.closest?.(".ev");
  const arrow = event.key.startsWith("Arrow");
  if (moving) return held(event, arrow);
  if (!event.target.closest?.("a, button, summary") || inGrid) if (letter(event, current)) return;
  if (!arrow || (!inGrid && event.target !== document.body)) return;
  event.preventDefault();
  if (!inGrid) return walkTo(laneOf(spot.lane), spot.row);
  if (event.shiftKey) {
    if (!current?.hasAttribute("data-movable")) return;
    take(current);
    return carry(event.key);
  }
  if (current) Object.assign(spot, { lane: Number(current.closest("[data-lane]").dataset.lane), row: Math.max(spot.row, rowsOf(current).first) });
  walk(event.key, current);
}

/** While a visit is in hand every key is about it. */
function held(event, arrow) {
  if (event.key === "Tab") return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Enter") drop();
  else if (event.key === "Escape") leave();
  else if (arrow || "+-=".includes(event.key)) carry(event.key === "=" ? "+" : event.key);
}

async function showVisit(url) {
  const dialog = document.getElementById("visit");
  const html = await get(url);
  if (html === null) return location.assign(url);
  fill(dialog, html);
  openDialog(dialog);
}

function onClick(event) {
  const box = event.target.closest(".ev");
  const target = link(box) ?? event.target.closest("a, button, [data-lane]");
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
  const row = now ? firstRow(now) : 0;
  const start = Math.max(0, Math.min(rowCount() - WALK, row));
  stand(first, start - (start % WALK), false);
  prepare();
}

if (root) {
  document.documentElement.classList.add("scripted");
  settle();
  wireDrag({ book: (lane, row, minutes) => (stand(lane, row), openBooking(lane, row, cursor, minutes)), menu: openMenu });
  wireMenu({
    open: (event) => showVisit(link(event).href),
    move: (event) => (reach(link(event)), take(event)),
    copy: (event) => (reach(link(event)), take(event, true)),
    longer: (event) => put(event, wanted(event, { ...rowsOf(event), rows: rowsOf(event).rows + 3 })),
    shorter: (event) => put(event, wanted(event, { ...rowsOf(event), rows: Math.max(1, rowsOf(event).rows - 3) })),
  });
  const now = root.querySelector(".now");
  now?.scrollIntoView({ block: "center" });
  root.addEventListener("click", onClick);
  root.addEventListener("pointerover", (event) => {
    const one = link(event.target.closest(".ev"));
    if (one) one.title ||= one.ariaLabel;
  });
  document.querySelector(".head").addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  for (const one of document.querySelectorAll("[data-choose] select")) one.addEventListener("change", () => one.form.requestSubmit());
  root.addEventListener("calendar:drawn", (event) => {
    stand(laneOf(spot.lane), spot.row, false);
    prepare();
    const { focus, onCursor } = event.detail;
    const again = focus && root.querySelector(`.ev[data-id="${CSS.escape(focus)}"] a`);
    if (again) reach(again);
    else if (onCursor) reach(cursor);
  });
  let failures = 0;
  const again = async () => {
    if (!document.hidden && !isBusy()) failures = (await renew({ background: true })) === false ? failures + 1 : 0;
    root.toggleAttribute("data-stale", failures > 2);
    setTimeout(again, RENEW * Math.min(8, 1 + failures));
  };
  setTimeout(again, RENEW);
}
