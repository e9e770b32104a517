// Imports: a file that is too large is told before it is sent; a changed match is shown at once as it would be read; a
// page of progress goes on by itself. Without this script each of them works by its button.
import { each, fill } from "./dom.js";

document.documentElement.classList.add("js");

each("form[data-most]", (form) => {
  const file = form.querySelector("input[type=file]");
  const note = document.getElementById(`${file.id}-note`);
  const usual = note?.textContent ?? "";
  file.addEventListener("change", () => {
    const large = (file.files[0]?.size ?? 0) > Number(form.dataset.most);
    file.setCustomValidity(large ? form.dataset.tooLarge : "");
    file.toggleAttribute("aria-invalid", large);
    if (note) note.textContent = large ? form.dataset.tooLarge : usual;
  });
});

each("form[data-look-form]", (form) => {
  const shown = form.querySelector("[data-look]");
  let waiting = null;
  form.addEventListener("change", async (event) => {
    if (event.target.name === "keep_as") return;
    waiting?.abort();
    waiting = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "look");
    const focus = document.activeElement?.id;
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true" }, signal: waiting.signal });
      if (!answer.ok || answer.redirected) return;
      const kept = form.querySelector("#keep_as")?.value;
      fill(shown, await answer.text());
      if (kept !== undefined && form.querySelector("#keep_as")) form.querySelector("#keep_as").value = kept;
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  });
});

each("[data-follow]", (link) => location.assign(link.href));
