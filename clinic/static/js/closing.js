// Closing time: the visits that are hit follow every answer, and each list says how many are ticked in it.
import { each, fill } from "./dom.js";

each("form[data-closing]", (form) => {
  const out = form.querySelector("[data-hits]");
  let waiting;
  let asked = 0;
  const count = () => {
    for (const some of form.querySelectorAll("[data-some]")) {
      some.querySelector("[data-ticked]").textContent = some.querySelectorAll("input:checked").length || "";
    }
    form.querySelector(".closing-who").toggleAttribute("data-all", form.querySelector("[data-whole]").checked);
  };
  const ask = async () => {
    const number = (asked += 1);
    const values = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (!["csrf_token", "once", "version", "shown"].includes(name)) values.append(name, value);
    }
    try {
      const answer = await fetch(`${form.dataset.hitsUrl}?${values}`, { headers: { "HX-Request": "true" } });
      if (answer.ok && number === asked) fill(out, await answer.text());
    } catch {
      // The visits are looked at again on saving.
    }
  };
  form.addEventListener("input", () => {
    count();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
  count();
});
