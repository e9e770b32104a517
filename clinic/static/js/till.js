// The count adds itself up while it is typed; the server adds it up again when it is sealed.
const form = document.querySelector("[data-count]");
const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: form?.dataset.currency || "USD" });

function add() {
  let total = 0;
  let pieces = 0;
  for (const cell of form.querySelectorAll("[data-piece]")) {
    const many = /^\d{1,4}$/.test(cell.value.trim()) ? Number(cell.value) : 0;
    const cents = many * Number(cell.dataset.piece);
    form.querySelector(`[data-sum="${cell.dataset.piece}"]`).textContent = many ? money.format(cents / 100) : "";
    total += cents;
    pieces += many;
  }
  form.querySelector("[data-count-pieces]").textContent = pieces || "";
  form.querySelector("[data-count-total]").textContent = money.format(total / 100);
}

if (form?.querySelector("[data-piece]")) {
  form.addEventListener("input", add);
  form.addEventListener("clinic:restored", add);
  add();
}
