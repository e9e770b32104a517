// Forms: one send only, typed text kept until it is saved, Ctrl+Enter for the primary action, and the saved state on top.
// Text is kept in this tab only (sessionStorage), under the page and the person, so that a session that ended in
// mid-form gives it back after sign-in and nobody else sees it. Passwords, files and hidden fields are never kept.
// data-no-draft on a form or a field turns keeping off.
import { each, isUsable, stage } from "./dom.js";

const PREFIX = "clinic-draft:";
const DONE = `${PREFIX}sent`;
const WENT_BACK = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const who = document.body.dataset.who ?? "";
const state = document.querySelector("[data-save]");

/** Say "All saved", "Not sent yet", "Saving" or "Not saved, try again" in the top bar. */
export function say(name) {
  if (!state) return;
  state.dataset.state = name;
  state.querySelector("[data-save-word]").textContent = state.dataset[name];
}

/** Read by attribute: a field called "method" or "id" would hide the form's own property. */
const posts = (form) => form?.getAttribute?.("method")?.toLowerCase() === "post";

const keyOf = (form) => {
  const all = [...document.querySelectorAll("form[method=post]")];
  const own = form.getAttribute("id") || form.getAttribute("action") || String(all.indexOf(form));
  return `${PREFIX}${who}:${location.pathname}:${own}`;
};

const keeps = (field) =>
  field.name && !["hidden", "password", "file", "submit", "button", "reset"].includes(field.type) && !field.closest("[data-no-draft]");

const valueOf = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.multiple ? [...field.selectedOptions].map((one) => one.value) : field.value);

function slotOf(field, index) {
  return ["checkbox", "radio"].includes(field.type) ? `${field.name}=${field.value}` : `${field.name}#${index}`;
}

function slots(form) {
  const counts = {};
  return [...form.elements].filter(keeps).map((field) => {
    const index = (counts[field.name] = (counts[field.name] ?? -1) + 1);
    return [slotOf(field, index), field];
  });
}

/** The one-time key and the version belong to what was typed: sent twice it makes one thing, sent late it shows as stale. */
const CARRY = "=";
const carried = (form) => [...form.querySelectorAll("input[type=hidden][name=once], input[type=hidden][name=version]")];

function put(field, value) {
  if (["checkbox", "radio"].includes(field.type)) field.checked = value;
  else if (field.multiple) for (const one of field.options) one.selected = value.includes(one.value);
  else field.value = value;
}

function restore(form) {
  let kept;
  try {
    kept = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
  } catch {
    kept = null;
  }
  if (!kept) return;
  for (const [slot, field] of slots(form)) if (slot in kept) put(field, kept[slot]);
  for (const field of carried(form)) if (field.name in (kept[CARRY] ?? {})) field.value = kept[CARRY][field.name];
  form.dataset.dirty = "true";
  say("dirty");
  form.dispatchEvent(new CustomEvent("clinic:restored", { bubbles: true }));
}

function keep(form, first) {
  const changed = {};
  for (const [slot, field] of slots(form)) {
    const value = valueOf(field);
    if (JSON.stringify(value) !== first.get(slot)) changed[slot] = value;
  }
  if (Object.keys(changed).length) {
    changed[CARRY] = Object.fromEntries(carried(form).map((field) => [field.name, field.value]));
    sessionStorage.setItem(keyOf(form), JSON.stringify(changed));
  } else sessionStorage.removeItem(keyOf(form));
}

/** After a send: on another page the draft is gone, unless that page is the sign-in, where it waits; from there the way
 *  leads back to the page with the form. */
function settle() {
  const sent = JSON.parse(sessionStorage.getItem(DONE) ?? "null");
  if (!sent) return;
  sessionStorage.removeItem(DONE);
  const onward = document.querySelector("form[data-sign-in] [name=next]");
  if (onward) onward.value = sent.from;
  const refused = document.querySelector("[aria-invalid=true], .f > .error, [data-form-errors], [data-keep-draft]");
  if (!refused && who) sessionStorage.removeItem(sent.key);
}

settle();

each("form[method=post]:not([data-no-draft])", (form) => {
  const first = new Map(slots(form).map(([slot, field]) => [slot, JSON.stringify(valueOf(field))]));
  if (form.querySelector("[aria-invalid=true], .error, [data-form-errors]")) sessionStorage.removeItem(keyOf(form));
  else restore(form);
  const changed = () => {
    form.dataset.dirty = "true";
    keep(form, first);
    say("dirty");
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
});

// One send only; which draft it takes along is noted for the page that follows.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !posts(form)) return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  // A form that answers with a file leaves the page where it is: it may be sent again.
  if (form.hasAttribute("data-download")) return void setTimeout(() => free(form), 3000);
  say("saving");
  sameAgain(form);
  if (form.hasAttribute("data-forget-drafts")) forget();
  else if (!form.matches("[data-no-draft]")) sessionStorage.setItem(DONE, JSON.stringify({ key: keyOf(form), from: location.pathname + location.search }));
});

/** Back, and the very same sent again, is one thing: the one-time key that was used goes along once more. */
function sameAgain(form) {
  const once = form.querySelector("input[type=hidden][name=once]");
  if (!once) return;
  const body = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf_token", "once", "version"].includes(name));
  const mark = fingerprint(JSON.stringify(body));
  const place = `${PREFIX}once:${keyOf(form)}`;
  const before = JSON.parse(sessionStorage.getItem(place) ?? "null");
  if (WENT_BACK && before?.mark === mark) once.value = before.once;
  sessionStorage.setItem(place, JSON.stringify({ mark, once: once.value }));
}

/** A short number for a text, from which the text cannot be told. */
function fingerprint(text) {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of text) {
    one = Math.imul(one ^ letter.codePointAt(0), 2654435761);
    two = Math.imul(two ^ letter.codePointAt(0), 1597334677);
  }
  return `${one >>> 0}.${two >>> 0}`;
}

function forget() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

const free = (form) => form?.removeAttribute("aria-busy");
window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(free));

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.request.method !== "GET") say("saving");
});
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method === "GET") return;
  const form = ctx.sourceElement?.closest?.("form");
  const good = (ctx.response?.status ?? 0) < 400;
  free(form);
  say(good ? "saved" : "failed");
  if (good && posts(form)) sessionStorage.removeItem(keyOf(form));
});
document.addEventListener("htmx:error", (event) => {
  free(event.detail?.ctx?.sourceElement?.closest?.("form"));
  say("failed");
});

// Ctrl+Enter: the primary action of the form in hand, or of the dialog or page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  const form = event.target.closest?.("form[method=post]");
  const place = form ?? stage();
  const button = [...place.querySelectorAll(".btn.p:not(.off)")].find(isUsable);
  if (!button && !form) return;
  event.preventDefault();
  if (button) button.click();
  else form.requestSubmit();
});

// The first wrong field takes the focus; the summary above is read out by its role.
(document.querySelector("[aria-invalid=true], .f:has(> .error) :is(input, select, textarea)") ?? document.querySelector("[data-form-errors]"))?.focus();
