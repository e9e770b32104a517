// Geometry and messages of the calendar: rows of five minutes, lanes, places as classes, and how changes are sent.
import { fill } from "./dom.js";
import { say } from "./form.js";

export const STEP = 5 * 60 * 1000;
export const root = document.querySelector("[data-calendar]");
export const words = root?.dataset ?? {};

const zone = document.querySelector("[data-clock]")?.dataset.zone;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });

export const board = () => root.querySelector("[data-board]");
export const grid = () => root.querySelector("[data-grid]");
export const lanes = () => [...root.querySelectorAll("[data-lane]")];
export const rowCount = () => Number(grid()?.dataset.rows ?? 0);
export const slotHeight = (lane) => lane.getBoundingClientRect().height / rowCount();

/** The row of an instant in a lane; may lie outside of it. */
export const rowOf = (lane, instant) => Math.floor((new Date(instant) - new Date(lane.dataset.start)) / STEP);
export const instantAt = (lane, row) => new Date(new Date(lane.dataset.start).getTime() + row * STEP).toISOString();
export const timeAt = (lane, row) => clock.format(new Date(instantAt(lane, row)));
export const slotAt = (lane, row) => `${instantAt(lane, row)}/${lane.dataset.provider}`;
export const rowAt = (lane, y) => Math.floor((y - lane.getBoundingClientRect().top) / slotHeight(lane));
export const laneAt = (x) => lanes().find((lane) => x >= lane.getBoundingClientRect().left && x < lane.getBoundingClientRect().right);

/** Put an element in its place: first row and number of rows. */
export function place(element, row, rows) {
  for (const name of [...element.classList]) if (/^[rn]\d+$/.test(name)) element.classList.remove(name);
  element.classList.add(`r${Math.max(0, row)}`, `n${Math.max(1, rows)}`);
}

/** First row and number of rows of an event, as long as it really is. */
export function rowsOf(event) {
  const lane = event.closest("[data-lane]");
  const first = rowOf(lane, event.dataset.start);
  return { lane, first, rows: Math.round((new Date(event.dataset.end) - new Date(event.dataset.start)) / STEP) };
}

/** The events that stand in a row of a lane, from the start side. */
export function eventsIn(lane, row) {
  const at = new Date(instantAt(lane, row)).getTime();
  return [...lane.querySelectorAll(".ev[data-id]")]
    .filter((event) => new Date(event.dataset.start) <= at && new Date(event.dataset.end) > at)
    .sort((one, other) => one.offsetLeft - other.offsetLeft);
}

const number = (element, letter) => Number(element.className.match(new RegExp(`\\b${letter}(\\d+)`))?.[1] ?? 0);

/** The first row of something that is drawn. */
export const firstRow = (element) => number(element, "r");

/** Whether a row lies in closed time: read from the places, so that nothing has to be laid out for it. */
export const isShut = (lane, row) => [...lane.querySelectorAll(".shut")].some((shut) => row >= firstRow(shut) && row < firstRow(shut) + number(shut, "n"));

/** Tell people who cannot see it. */
export function tell(text) {
  const said = document.querySelector("[data-calendar-said]");
  if (said) said.textContent = text;
}

export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");

/** Send a change. Gives {ok, status, html}; a session that ended leads to the sign-in. `quiet` leaves the saved state alone. */
export async function send(url, fields, { quiet = false } = {}) {
  const state = (name) => quiet || say(name);
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  if (!body.get("csrf_token")) body.set("csrf_token", words.csrf ?? "");
  state("saving");
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" } });
    const away = answer.headers.get("HX-Redirect");
    if (away) location.assign(away);
    state(answer.ok ? "saved" : answer.status < 500 ? "dirty" : "failed");
    return { ok: answer.ok, status: answer.status, html: answer.status === 204 ? "" : await answer.text() };
  } catch {
    state("failed");
    tell(words.saidFailed ?? "");
    return { ok: false, status: 0, html: "" };
  }
}

/** A fragment of ours; null when it did not come or nothing is new. */
export async function get(url, headers = {}) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", ...headers } });
    const away = answer.headers.get("HX-Redirect");
    if (away) location.assign(away);
    return answer.ok && answer.status !== 204 ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Draw the board anew: scroll and focus stay, a new toast goes to its place. False when no answer came. */
export async function renew({ background = false, focus = "" } = {}) {
  const mark = board().querySelector("[data-mark]");
  const headers = { "HX-Request": "true", ...(background ? { "X-Background": "1", "If-None-Match": `"${mark?.dataset.mark ?? ""}"` } : {}) };
  let html = null;
  try {
    const answer = await fetch(location.pathname + location.search, { headers });
    const away = answer.headers.get("HX-Redirect");
    if (away) location.assign(away);
    if (mark && answer.headers.get("X-Mark")) mark.dataset.mark = answer.headers.get("X-Mark");
    if (answer.status === 204) return true;
    if (!answer.ok) return false;
    html = await answer.text();
  } catch {
    return false;
  }
  if (background && isBusy()) return true;
  const part = board();
  const scrolled = part.querySelector(".grid-scroll");
  const { scrollTop, scrollLeft } = scrolled ?? {};
  const held = focus || document.activeElement?.closest?.(".ev")?.dataset.id;
  const onCursor = document.activeElement?.matches?.("[data-cursor]");
  fill(part, html);
  Object.assign(part.querySelector(".grid-scroll") ?? {}, { scrollTop, scrollLeft });
  showToast(part);
  const places = part.querySelector("[data-places-now]");
  if (places) document.querySelector("[data-places]").textContent = places.textContent;
  root.dispatchEvent(new CustomEvent("calendar:drawn", { detail: { focus: held, onCursor } }));
  return true;
}

function showToast(part) {
  const fresh = part.querySelector("[data-toast-new]");
  if (!fresh) return;
  const place_ = document.querySelector(".toasts");
  place_.replaceChildren(...fresh.children);
  fresh.remove();
  document.dispatchEvent(new CustomEvent("clinic:swapped", { detail: { element: place_ } }));
}

export const isBusy = () =>
  root.classList.contains("moving") || document.querySelector("dialog:modal, .cal-pop:popover-open") !== null;
