// The form about a person: why there is no answer, what a field offers, the town of a postcode, what a closed part holds.
// Without this script the choices are made by hand and nothing is offered; the server reads the form the same way.
import { each } from "./dom.js";

const RESTING = 120;

// "declined" and "not known" stand for a value: choosing one empties the field, typing takes the reason away.
each("[data-asked]", (box) => {
  const why = box.querySelector("select.why");
  const field = box.querySelector("input.in, select.in:not(.why)");
  if (!why) return;

  function show() {
    if (why.value) box.dataset.why = why.value;
    else delete box.dataset.why;
  }
  why.addEventListener("change", () => {
    if (why.value && field && field.value) {
      field.value = "";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const tick of why.value ? box.querySelectorAll("input[type=checkbox]:checked") : []) tick.checked = false;
    show();
  });
  box.addEventListener("input", (event) => {
    if (event.target === why || !why.value) return;
    why.value = "";
    show();
  });
  box.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.code !== "KeyW") return;
    event.preventDefault();
    why.selectedIndex = (why.selectedIndex + 1) % why.options.length;
    why.dispatchEvent(new Event("change", { bubbles: true }));
  });
  show();
});

async function options(url, typed) {
  const answer = await fetch(`${url}?${new URLSearchParams({ q: typed })}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) return [];
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  return [...holder.content.querySelectorAll("option")];
}

// Several values stand in one field with semicolons between: only the last is looked up, the rest is kept.
each("[data-offers]", (input) => {
  const list = input.list;
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const cut = input.value.lastIndexOf(";") + 1;
      const typed = input.value.slice(cut).trim();
      const found = typed.length > 1 ? await options(input.dataset.offers, typed) : [];
      for (const one of found) if (cut) one.value = `${input.value.slice(0, cut)} ${one.value}`;
      list.replaceChildren(...found);
    }, RESTING);
  });
});

// The postcode comes first: it fills in the town and the state that others with the same code have.
each("[data-postcode]", (input) => {
  const form = input.form;
  const prefix = input.dataset.postcode === "home" ? "" : input.dataset.postcode;
  const city = form.elements[`${prefix}city`];
  const state = form.elements[`${prefix}state`];
  const filled = new Map();

  function offer(field, value) {
    if (!field || !value || (field.value && field.value !== filled.get(field))) return;
    filled.set(field, value);
    field.value = value;
  }
  input.addEventListener("change", async () => {
    const found = input.value.trim().length > 3 ? await options("/registration/offers/place", input.value.trim()) : [];
    city?.list?.replaceChildren(...found);
    const first = found[0];
    if (!first) return;
    offer(city, first.value);
    offer(state, first.dataset.state);
  });
});

// A closed part says what it holds.
each("[data-fold]", (part) => {
  const place = part.querySelector("[data-summary]");
  function sum() {
    const values = [];
    for (const one of part.querySelectorAll("input.in, select.in:not(.why)")) {
      const text = one.tagName === "SELECT" ? (one.value ? one.selectedOptions[0].textContent : "") : one.value;
      if (text.trim()) values.push(text.trim());
    }
    for (const tick of part.querySelectorAll(".pick input:checked")) values.push(tick.closest("label, li")?.textContent.trim() ?? "");
    place.textContent = values.slice(0, 4).join(", ");
  }
  part.addEventListener("toggle", () => {
    if (part.open && part.contains(document.activeElement)) part.querySelector("div input:not([type=hidden]), div select")?.focus();
    sum();
  });
  sum();
});
