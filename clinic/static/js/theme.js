// The colours are changed at once and kept on the server with the person's other choices; no cookie, no reload.
import { each } from "./dom.js";
import { say } from "./form.js";

each("[data-theme-form]", (form) => {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (button?.name !== "theme") return;
    event.preventDefault();
    if (button.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = button.value;
    for (const other of form.querySelectorAll("[name=theme]")) other.setAttribute("aria-pressed", String(other === button));
    const body = new FormData(form);
    body.set("theme", button.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      say(answer.ok ? "saved" : "failed");
    } catch {
      say("failed");
    }
  });
});
