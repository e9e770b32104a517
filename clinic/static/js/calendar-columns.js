// The list of columns to choose from: find in it, all, none.
const form = document.querySelector("form[data-columns]");
const boxes = () => [...form.querySelectorAll("[data-columns-one]")];

form?.addEventListener("click", (event) => {
  const all = event.target.closest("[data-columns-all]");
  if (!all && !event.target.closest("[data-columns-none]")) return;
  for (const box of boxes()) if (!box.hidden) box.querySelector("input").checked = Boolean(all);
});
form?.querySelector("[data-columns-find]")?.addEventListener("input", (event) => {
  const text = event.target.value.trim().toLowerCase();
  for (const box of boxes()) box.hidden = !box.textContent.toLowerCase().includes(text);
});
