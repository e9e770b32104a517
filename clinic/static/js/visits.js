// Today: the keys act on the selected row. `c` checks it in, or opens what is still to ask; other
// letters press the buttons of the row (data-row-key).
const chosen = () => document.querySelector("tr.sel[data-id]") ?? document.querySelector("tr[data-id]");

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-row-action='check-in']");
  const row = action && chosen();
  if (!row) return;
  event.preventDefault();
  const form = document.querySelector("[data-check-in-form]");
  if (!form || !row.dataset.checkInNow) return location.assign(row.dataset.checkIn);
  form.action = row.dataset.checkInNow;
  form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.("input, select, textarea, dialog") || document.body.dataset.keys === "off") return;
  const row = document.querySelector("tr.sel[data-id]");
  const button = row?.querySelector(`[data-row-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

for (const part of document.querySelectorAll("[data-load-now]")) {
  fetch(part.dataset.pollUrl, { headers: { "HX-Request": "true" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((html) => (part.innerHTML = html));
}
