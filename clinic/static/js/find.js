// "Find a time": one key opens the panel from anywhere. The times follow every answer, the chosen one is held and given
// back when the panel is left; Alt and a figure (the figure alone outside of a field) books that time, Enter the chosen one.
import { close } from "./dialog.js";
import { each, fill, isTyping, later } from "./dom.js";
import "./held.js";

const WAIT = 140;
const ASKED = ["patient", "visit_type", "with", "part", "weekday", "since", "until", "language", "site"];
const box = document.getElementById("find-time");

async function get(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.status === 401) return void location.reload();
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

async function post(url, body) {
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true });
    return { ok: answer.ok, html: answer.status === 204 ? "" : await answer.text() };
  } catch {
    return { ok: false, html: "" };
  }
}

each("form[data-find]", (form) => {
  const offers = form.querySelector("[data-find-offers]");
  const search = form.querySelector("[data-patient-search]");
  const list = form.querySelector("[data-patient-list]");
  const held = form.querySelector("[data-held-place]");
  const csrf = form.elements.csrf_token.value;
  let turn = 0;
  let searched = 0;
  let kept = "";

  const patient = () => form.querySelector("[name=patient]:checked")?.value ?? "";
  const slot = () => offers.querySelector("[type=radio][name=slot]:checked")?.value ?? "";

  function question() {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if ((ASKED.includes(name) || ["wish", "instead", "order", "ordered_for"].includes(name)) && value) asked.append(name, value);
    return asked;
  }

  async function look() {
    lookSoon.not();
    const now = (turn += 1);
    const asked = question();
    asked.set("offers", "1");
    const html = await get(`${form.dataset.url}?${asked}`);
    if (html === null || now !== turn) return;
    fill(offers, html);
    await keep();
  }

  /** Hold the chosen time for the one who chooses; without a patient nothing is held yet. */
  async function keep() {
    const wanted = slot();
    if (!wanted || !patient() || wanted === kept || form.elements.instead.value) return;
    kept = wanted;
    const minutes = form.elements.visit_type.selectedOptions?.[0]?.dataset.minutes ?? "20";
    const answer = await post(form.dataset.holdUrl, new URLSearchParams({ slot: wanted, minutes, csrf_token: csrf }));
    if (kept !== wanted) return;
    if (answer.html) fill(held, answer.html);
    form.elements.hold.value = held.querySelector("[data-held]")?.dataset.held ?? "";
  }

  form.giveBack = () => {
    const hold = form.elements.hold.value;
    kept = "";
    form.elements.hold.value = "";
    if (hold) post(form.dataset.releaseUrl, new URLSearchParams({ hold, csrf_token: csrf }));
  };

  async function find() {
    findSoon.not();
    const now = (searched += 1);
    const text = search.value.trim();
    const html = text ? await get(`${search.dataset.url}?q=${encodeURIComponent(text)}`) : "";
    if (html === null || now !== searched || search.value.trim() !== text) return;
    fill(list, html);
  }
  const findSoon = later(find, WAIT);
  const lookSoon = later(look, WAIT);

  function choose(radio) {
    radio.checked = true;
    list.replaceChildren(radio.closest("label"));
    search.value = "";
    form.elements.visit_type.focus();
    look();
  }

  search?.addEventListener("input", findSoon);
  search?.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const first = () => list.querySelector("[name=patient]");
    if (event.key === "ArrowDown" && first()) {
      event.preventDefault();
      first().focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      await find();
      if (first()) choose(first());
    }
  });
  list?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || !event.target.matches("[name=patient]")) return;
    event.preventDefault();
    choose(event.target);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "slot") keep();
    else if (ASKED.includes(event.target.name)) lookSoon();
  });
  form.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
    const press = bare && !isTyping(event.target) && offers.querySelector(`[data-plain-key="${CSS.escape(event.key)}"]`);
    if (press) {
      event.preventDefault();
      press.click();
    } else if (event.key === "Enter" && !event.altKey && event.target.matches("select, [type=radio], [type=checkbox], #find-since, #find-until")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-find-book]"));
    }
  });
  form.addEventListener("submit", async (event) => {
    const by = event.submitter;
    if (by?.formMethod === "get" && by.hasAttribute("formmethod")) {
      event.preventDefault();
      form.giveBack();
      location.assign(`${by.formAction}?${question()}`);
      return;
    }
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    if (!patient()) return void search?.focus();
    form.setAttribute("aria-busy", "true");
    const body = new FormData(form);
    if (by?.name === "slot") body.set("slot", by.value);
    body.set("offers", "1");
    const answer = await post(form.getAttribute("action"), body);
    form.removeAttribute("aria-busy");
    if (!answer.ok) {
      if (answer.html) fill(offers, answer.html);
      kept = "";
      return;
    }
    form.elements.hold.value = "";
    if (box?.contains(form)) location.reload();
    else location.assign(form.dataset.after ?? "/appointments/day");
  });
  keep();
});

if (box) {
  let asked = "";
  document.addEventListener(
    "click",
    (event) => {
      const opener = event.target.closest?.("[data-dialog=find-time]");
      if (opener) asked = opener.dataset.findQuery ?? box.dataset.query ?? "";
    },
    true,
  );
  box.addEventListener("clinic:open", async () => {
    const html = await get(`${box.dataset.url}?${asked}`);
    if (html === null) return close(box);
    fill(box, html);
    (box.querySelector("[autofocus]") ?? box.querySelector("[type=radio][name=slot]:checked") ?? box.querySelector("select"))?.focus();
  });
  box.addEventListener("close", () => {
    box.querySelector("form[data-find]")?.giveBack();
    box.replaceChildren();
  });
}
