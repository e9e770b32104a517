// The booking form, on its page and in the popover: the patient is found while typing, the advice follows every choice,
// and the chosen time is held.
import { each, fill, later } from "./dom.js";
import { get, send } from "./calendar-grid.js";
import "./held.js";

const WAIT = 140;
each("form[data-booking]", (form) => {
  const advice = form.querySelector("[data-advice]");
  const list = form.querySelector("[data-patient-list]");
  const search = form.querySelector("[data-patient-search]");
  const heldPlace = form.querySelector("[data-held-place]");
  const csrf = form.elements.csrf_token.value;
  let asked = 0;
  let searched = 0;

  const query = () => {
    const data = new FormData(form);
    for (const name of ["csrf_token", "once", "version", "hold", "note", "q"]) data.delete(name);
    return new URLSearchParams(data);
  };

  /** Other visits of the patient and free times, for what is entered now. */
  async function advise() {
    const turn = (asked += 1);
    const html = await get(`${form.dataset.adviceUrl}?${query()}`);
    if (html === null || turn !== asked) return;
    const inside = advice.contains(document.activeElement);
    fill(advice, html);
    if (inside) advice.querySelector("[name=slot]:checked")?.focus();
    await keep();
  }

  /** Hold the chosen time; when somebody has it, say so. */
  async function keep() {
    const slot = form.querySelector("[name=slot]:checked")?.value;
    if (!slot || !form.closest("[popover]")) return;
    const minutes = form.elements.minutes.value;
    const answer = await send(form.dataset.holdUrl, { slot, minutes, csrf_token: csrf }, { quiet: true });
    if (!answer.html || !form.isConnected) return;
    fill(heldPlace, answer.html);
    form.dispatchEvent(new CustomEvent("calendar:held", { bubbles: true, detail: { slot, minutes: Number(minutes), ok: answer.ok } }));
    form.elements.hold.value = heldPlace.querySelector("[data-held]")?.dataset.held ?? "";
  }

  /** Who may be meant; only the answer to the last question is shown, so that nobody chosen meanwhile is lost. */
  async function find() {
    findSoon.not();
    const turn = (searched += 1);
    const text = search.value.trim();
    const html = text ? await get(`${search.dataset.url}?q=${encodeURIComponent(text)}`) : "";
    if (html === null || turn !== searched || search.value.trim() !== text) return;
    fill(list, html);
  }
  const findSoon = later(find, WAIT);
  const adviseSoon = later(advise, WAIT);

  function chosen(radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    form.elements.visit_type.focus();
  }

  search?.addEventListener("input", findSoon);
  search?.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey) return;
    const first = () => list.querySelector("[name=patient]");
    if (event.key === "ArrowDown" && first()) {
      event.preventDefault();
      first().focus();
      first().checked = true;
      adviseSoon();
    } else if (event.key === "Enter") {
      event.preventDefault();
      await find();
      if (first()) chosen(first());
    }
  });
  list?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && event.target.matches("[name=patient]")) {
      event.preventDefault();
      chosen(event.target);
    }
  });
  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (name === "visit_type") {
      const usual = event.target.selectedOptions[0]?.dataset.minutes;
      if (usual) form.elements.minutes.value = usual;
    }
    if (name === "slot") {
      asked += 1;
      keep();
    } else if (["patient", "visit_type", "minutes", "provider", "part", "day", "time"].includes(name) || event.target.closest("[data-advise]")) adviseSoon();
  });
  keep();
});
