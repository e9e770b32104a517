// Giving a visit another place, or copying it there. A refusal says why beside the place and offers the nearest free times;
// when the network is lost the visit stays where it was and the same request can be sent again: its one-time key makes
// sure that it is done once. Whoever moved a visit is told when somebody else moves it afterwards.
import { fill } from "./dom.js";
import { say } from "./form.js";
import { filled, instantAt, lanes, renew, root, rowOf, rowCount, tell, words } from "./calendar-grid.js";

const PATIENCE = 8000;
const REMEMBER = 5 * 60 * 1000;
const GAP = 12;
const pop = document.getElementById("refused");
const mine = new Map();
let pending = null;

/** Where a visit would stand as the fields of a request. In a room's column the visit keeps its provider. */
export function wanted(event, { lane, first, rows, copy = false }) {
  const provider = lane.dataset.room || lane.dataset.site || lane.dataset.device ? event.dataset.provider : lane.dataset.provider;
  const fields = { slot: `${instantAt(lane, first)}/${provider}`, minutes: String(rows * 5), version: event.dataset.version };
  if (lane.dataset.room) fields.room = lane.dataset.room;
  if (copy) fields.copy = "1";
  return fields;
}

/** Whether a visit can go from one column to another: not from one site or device to another by its time alone. */
export const mayGo = (from, to) => ["site", "device"].every((name) => from.dataset[name] === to.dataset[name]);

/** Send it. Only the answer moves the visit; until then a ghost stands there. */
export async function put(event, fields, ghost = null) {
  pending = { id: event.dataset.id, name: event.querySelector("b")?.textContent ?? "", fields: { ...fields, once: crypto.randomUUID() }, ghost };
  return attempt();
}

async function attempt() {
  const now = pending;
  if (!now) return false;
  say("saving");
  now.ghost?.classList.add("sending");
  const body = new URLSearchParams({ ...now.fields, csrf_token: words.csrf ?? "" });
  let answer = null;
  try {
    answer = await fetch(`${words.visitUrl.replace("ID", encodeURIComponent(now.id))}/place`, {
      method: "POST", body, headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    answer = null;
  }
  const away = answer?.headers.get("HX-Redirect");
  if (away) return location.assign(away);
  if (!answer || answer.status >= 500) return lost();
  say(answer.ok ? "saved" : "dirty");
  if (!answer.ok) return refused(await answer.text(), answer.status);
  const { id } = now;
  forget();
  const made = answer.headers.get("X-Visit") ?? id;
  mine.set(made, { version: Number(answer.headers.get("X-Version")), at: Date.now() });
  await renew({ focus: made });
  return true;
}

function lost() {
  say("failed");
  pending.ghost?.remove();
  for (const event of root.querySelectorAll(".ev.lifted")) event.classList.remove("lifted");
  const text = document.getElementById("cal-lost").innerHTML;
  show(text);
  pop.querySelector("[data-lost-name]").textContent = pending.name;
  return false;
}

function refused(html, status) {
  show(html);
  if (status === 409 && pop.querySelector("[data-stale]")) {
    forget({ keep: true });
    renew();
  }
  return false;
}

function show(html) {
  fill(pop, html);
  if (!pop.matches(":popover-open")) pop.showPopover();
  const subject = pending.ghost?.isConnected ? pending.ghost : root.querySelector(`.ev[data-id="${CSS.escape(pending.id)}"]`) ?? root;
  const box = subject.getBoundingClientRect();
  const { width, height } = pop.getBoundingClientRect();
  const before = box.left - width - GAP;
  pop.style.left = `${Math.max(GAP, before > GAP ? before : Math.min(box.right + GAP, innerWidth - width - GAP))}px`;
  pop.style.top = `${Math.max(GAP, Math.min(box.top, innerHeight - height - GAP))}px`;
  (pop.querySelector("button[data-offer], button[data-again], button") ?? pop).focus();
  tell(pop.querySelector("[data-why]")?.textContent ?? "");
}

/** Leave it: the visit is where it was. */
function forget({ keep = false } = {}) {
  const id = pending?.id;
  pending?.ghost?.remove();
  pending = null;
  for (const event of root.querySelectorAll(".ev.lifted")) event.classList.remove("lifted");
  if (keep || !pop.matches(":popover-open")) return;
  pop.hidePopover();
  pop.replaceChildren();
  if (id) root.querySelector(`.ev[data-id="${CSS.escape(id)}"] a`)?.focus();
}

/** Take one of the offered times, or the asked one all the same. */
function again(changed) {
  pending.fields = { ...pending.fields, ...changed, once: crypto.randomUUID() };
  if (changed.slot) {
    const [start, provider] = changed.slot.split("/");
    const lane = lanes().find((one) => one.dataset.provider === provider && rowOf(one, start) >= 0 && rowOf(one, start) < rowCount());
    if (!lane) pending.ghost?.remove();
    delete pending.fields.room;
  }
  pop.hidePopover();
  return attempt();
}

/** Say so when somebody else moved what I moved a moment ago. */
function compare() {
  for (const [id, { version, at }] of mine) {
    const event = root.querySelector(`.ev[data-id="${CSS.escape(id)}"]`);
    if (Date.now() - at > REMEMBER) mine.delete(id);
    else if (event && Number(event.dataset.version) > version) {
      mine.delete(id);
      event.classList.add("overtaken");
      const said = filled(words.saidOvertaken, { name: event.querySelector("b")?.textContent ?? "" });
      tell(said);
      const toast = document.createElement("div");
      toast.className = "toast";
      toast.textContent = said;
      document.querySelector(".toasts").append(toast);
      setTimeout(() => toast.remove(), 12000);
    }
  }
}

if (pop) {
  pop.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.offer) again({ slot: button.dataset.offer });
    else if (button.matches("[data-again]")) {
      pop.hidePopover();
      attempt();
    } else if (button.matches("[data-anyway]")) again({ anyway: "y" });
    else if (button.matches("[data-leave]")) forget();
  });
  pop.addEventListener("submit", (event) => {
    event.preventDefault();
    again({ overbook_reason: new FormData(event.target).get("overbook_reason") ?? "" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !pop.matches(":popover-open")) return;
    event.preventDefault();
    forget();
  });
  window.addEventListener("online", () => pending && pop.matches(":popover-open") && pop.querySelector("[data-again]")?.click());
  root?.addEventListener("calendar:drawn", compare);
}
