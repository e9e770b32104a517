// The command bar: typing asks the server for rows (people and what can be done with them) and filters the actions and
// places that are already here. Arrows choose, Enter follows, Escape closes.
import { each, fill } from "./dom.js";

const WAIT = 120;
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

each("dialog[data-command]", (bar) => {
  const input = bar.querySelector("input[role=combobox]");
  const found = bar.querySelector("[data-command-found]");
  const after = bar.querySelector("[data-command-after]");
  const none = bar.querySelector("[data-command-none]");
  const count = bar.querySelector("[data-command-count]");
  let timer = 0;
  let asked = null;
  let waiting = null;

  const rows = () => [...bar.querySelectorAll("[role=option]")].filter((row) => row.checkVisibility());

  function choose(row) {
    for (const other of bar.querySelectorAll("[role=option][aria-selected=true]")) other.setAttribute("aria-selected", "false");
    if (!row) return input.removeAttribute("aria-activedescendant");
    row.id ||= `command-row-${[...bar.querySelectorAll("[role=option]")].indexOf(row)}`;
    row.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  function filter() {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    for (const group of bar.querySelectorAll("[data-command-static]")) {
      let shown = 0;
      for (const row of group.querySelectorAll("[role=option]")) {
        const text = fold(row.querySelector("[data-words]").textContent);
        const fits = words.length === 0 || words.every((word) => text.split(/\s+/).some((part) => part.startsWith(word)));
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      group.hidden = shown === 0;
    }
    settle();
  }

  function settle() {
    const all = rows();
    none.hidden = all.length > 0 || asked !== null;
    count.textContent = all.length === 1 ? count.dataset.one : count.dataset.many.replace("{n}", String(all.length));
    choose(all[0]);
  }

  /** What the server found; to register somebody new comes last, so that Enter never does it while anything else fits. */
  function show(html) {
    fill(found, html);
    after.replaceChildren(...found.querySelectorAll("[data-command-last]"));
  }

  async function ask() {
    waiting?.abort();
    const text = input.value.trim();
    if (!text || !bar.dataset.url) {
      show("");
      asked = null;
      return settle();
    }
    waiting = new AbortController();
    asked = text;
    try {
      const url = `${bar.dataset.url}${bar.dataset.url.includes("?") ? "&" : "?"}q=${encodeURIComponent(text)}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: waiting.signal });
      if (answer.redirected || answer.status === 401) return location.reload();
      const html = answer.ok ? await answer.text() : "";
      if (asked !== text) return;
      show(html);
    } catch (error) {
      if (error.name === "AbortError") return;
      show("");
    }
    if (asked === text) asked = null;
    settle();
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    choose(all[(at + step + all.length) % all.length]);
  }

  /** Enter follows the chosen row; when the answer to what was typed is still on its way, wait for it first. */
  async function follow(event) {
    if (timer) {
      clearTimeout(timer);
      timer = 0;
      await ask();
    }
    const row = rows().find((one) => one.getAttribute("aria-selected") === "true");
    if (!row) return;
    if (event.ctrlKey) window.open(row.href, "_blank", "noopener");
    else row.click();
  }

  input.addEventListener("input", () => {
    filter();
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      ask();
    }, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      follow(event);
    } else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
      event.preventDefault();
      found.querySelectorAll("[role=option]")[Number(event.code.slice(5)) - 1]?.click();
    }
  });
  bar.addEventListener("clinic:open", () => {
    input.select();
    filter();
    if (input.value) ask();
  });
});
