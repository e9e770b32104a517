// The finder searches while one types; the form says how each entry was read and who it may be, as one leaves a field.
// Without this script both work by pressing Enter and by sending the form.
import { each, fill } from "./dom.js";
import "./person.js";

const TYPING = 110;
const RESTING = 260;

each("form[data-finder]", (form) => {
  const input = form.querySelector("input[name=q]");
  const found = document.querySelector("[data-found]");
  const peek = document.querySelector("[data-peek]");
  const count = document.getElementById("finder-count");
  const next = form.querySelector("input[name=next]")?.value ?? "";
  let asked = input.value.trim();
  let timer = 0;
  let waiting = null;

  const address = (text, extra = {}) => {
    const query = new URLSearchParams({ q: text, ...(next ? { next } : {}), ...extra });
    return `${form.getAttribute("action")}?${query}`;
  };

  async function search() {
    const text = input.value.trim();
    if (text === asked) return;
    asked = text;
    waiting?.abort();
    waiting = new AbortController();
    try {
      const answer = await fetch(address(text, { s: form.dataset.token }), { headers: { "HX-Request": "true" }, signal: waiting.signal });
      if (answer.redirected || answer.status === 401) return location.reload();
      if (!answer.ok || asked !== text) return;
      fill(found, await answer.text());
      if (count) count.textContent = found.querySelector("[data-count]")?.dataset.count ?? "";
      history.replaceState(null, "", text ? address(text) : form.getAttribute("action"));
      look();
    } catch (error) {
      if (error.name !== "AbortError") asked = null;
    }
  }

  let looked = "";
  let resting = 0;
  function look() {
    clearTimeout(resting);
    if (!peek) return;
    resting = setTimeout(async () => {
      const id = found.querySelector("tr.sel")?.dataset.id ?? "";
      if (id === looked) return;
      looked = id;
      if (!id) return peek.replaceChildren();
      const answer = await fetch(`${form.getAttribute("action")}peek/${id}`, { headers: { "HX-Request": "true" } });
      if (answer.ok && !answer.redirected && looked === id) fill(peek, await answer.text());
    }, RESTING);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey) return;
    clearTimeout(timer);
    if (input.value.trim() === asked) return;
    event.preventDefault();
    event.stopPropagation();
    search();
  });
  document.addEventListener("clinic:row", look);
  form.addEventListener("submit", (event) => {
    if (input.value.trim() === asked) event.preventDefault();
  });
  if (!document.querySelector("[data-entry]")) look();
});

each("[data-entry]", (entry) => {
  const form = entry.matches("form") ? entry : entry.querySelector("form");
  const place = entry.querySelector("[data-dup]");
  const register = entry.querySelector("[data-register]");
  const others = new Set([...form.querySelectorAll("input[name=someone_else]")].map((one) => one.value));
  const hints = new Map();
  const touched = new Set();
  let last = "";
  let waiting = null;

  async function check(name) {
    if (name) touched.add(name);
    const body = new FormData(form);
    body.delete("portrait");
    const now = new URLSearchParams(body).toString();
    if (now === last) return;
    last = now;
    waiting?.abort();
    waiting = new AbortController();
    try {
      const answer = await fetch(entry.dataset.checkUrl, { method: "POST", body, headers: { "HX-Request": "true" }, signal: waiting.signal });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") last = "";
    }
  }

  function show(html) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    for (const name of touched) tell(name, answer.content.querySelector(`template[data-note="${CSS.escape(name)}"]`));
    warn(answer.content.querySelector("[data-candidates]"));
  }

  function tell(name, said) {
    const field = form.elements[name];
    const control = field instanceof RadioNodeList ? field[0] : field;
    const note = control && document.getElementById(`${field instanceof RadioNodeList ? name : control.id}-note`);
    if (!note) return;
    if (!hints.has(name)) hints.set(name, note.classList.contains("hint") ? note.textContent : "");
    const wrong = said?.dataset.kind === "error";
    note.className = wrong ? "error" : "hint";
    if (said?.innerHTML.trim()) note.innerHTML = said.innerHTML;
    else note.textContent = hints.get(name);
    if (wrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }

  function warn(candidates) {
    for (const button of candidates.querySelectorAll("[data-other]")) if (others.has(button.dataset.other)) button.closest(".dup").remove();
    if (place.innerHTML.trim() !== candidates.innerHTML.trim()) fill(place, candidates.innerHTML);
    settle();
  }

  // While a warning is open, "Use this record" is the primary action and "Register" is not.
  function settle() {
    register?.classList.toggle("p", !place.querySelector(".dup"));
  }

  entry.addEventListener("click", (event) => {
    const other = event.target.closest?.("[data-other]");
    if (!other) return;
    others.add(other.dataset.other);
    form.append(remembered(other.dataset.other));
    other.closest(".dup").remove();
    settle();
    form.elements.given?.focus();
  });
  // Sent with the form, so that the list of likely duplicates does not ask it again.
  function remembered(id) {
    return Object.assign(document.createElement("input"), { type: "hidden", name: "someone_else", value: id });
  }
  form.addEventListener("change", (event) => check(event.target.name));
  // A draft that came back is looked at as a whole, as if it had just been typed.
  function again() {
    for (const field of form.elements) if (field.name && field.type !== "hidden" && field.value) touched.add(field.name);
    check("");
  }
  form.addEventListener("clinic:restored", again);
  settle();
  if (form.dataset.dirty) again();
  else if (form.elements.given?.value || form.elements.family?.value) check("");
});

// A masked number is shown in its place.
each("form[data-reveal-form]", (form) => {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return location.reload();
    const place = form.closest("[data-reveal]");
    fill(place, await answer.text());
    place.querySelector("a")?.focus();
  });
});
