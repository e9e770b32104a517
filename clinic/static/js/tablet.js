// The tablet's script. Without it every page works by its buttons; with it answers are kept as they are given,
// a date moves on by itself, one can draw a signature and have the page read aloud.
import { keepAnswers } from "./tablet-answers.js";
import { wireReading } from "./tablet-reading.js";
import { wirePad } from "./tablet-pad.js";

const form = document.querySelector("form[data-autosave]");
const pad = wirePad(form);
if (form) keepAnswers(form, pad);
wireReading();

// A part of a date that is full passes the focus on.
document.addEventListener("input", (event) => {
  const field = event.target.closest?.("input[data-parts]");
  if (!field || event.inputType?.startsWith("delete") || field.value.length < Number(field.dataset.parts)) return;
  const parts = [...field.closest(".date").querySelectorAll("input")];
  parts[parts.indexOf(field) + 1]?.focus();
});

// "None of these" clears the others, and they clear it. Own words choose "something else".
document.addEventListener("change", (event) => {
  const box = event.target.closest?.(".choices input[type=checkbox]");
  if (!box?.checked) return;
  for (const other of box.closest(".choices").querySelectorAll("input[type=checkbox]")) {
    if (other !== box && (box.hasAttribute("data-exclusive") || other.hasAttribute("data-exclusive"))) other.checked = false;
  }
}, true);
document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-own]")) event.target.closest("label").querySelector("input").checked = event.target.value !== "";
});

// The last page locks by itself.
const last = document.querySelector("form[data-after]");
if (last) setTimeout(() => last.requestSubmit(), Number(last.dataset.after) * 1000);

document.querySelector("[data-focus]")?.focus();
