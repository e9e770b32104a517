// Parts that renew themselves: data-poll-url and data-poll-seconds on an element. The answer replaces its content, only
// when it differs, never while a page is hidden, and never under the hand: the focus, the typed text, the selected row
// and the scroll position stay. X-Background tells the server that nobody is behind the request.
import { each, fill, isTyping } from "./dom.js";

const markOf = (element, root) => {
  if (!element || !root.contains(element) || element === root) return null;
  const row = element.closest("[data-id], [id]");
  return { id: element.id, row: row?.dataset.id, tag: element.tagName, name: element.getAttribute("name") };
};

function again(root, mark) {
  if (!mark) return;
  const row = mark.row && root.querySelector(`[data-id="${CSS.escape(mark.row)}"]`);
  const target = (mark.id && document.getElementById(mark.id)) || (row && (row.tagName === mark.tag ? row : row.querySelector(mark.tag)));
  target?.focus({ preventScroll: true });
}

function swap(root, html) {
  const mark = markOf(document.activeElement, root);
  const chosen = root.querySelector("tr.sel[data-id]")?.dataset.id;
  const scrolled = [...root.querySelectorAll(".scroll")].map((part) => part.scrollTop);
  fill(root, html);
  [...root.querySelectorAll(".scroll")].forEach((part, index) => (part.scrollTop = scrolled[index] ?? 0));
  if (chosen) {
    root.querySelectorAll("tr.sel").forEach((row) => row.classList.remove("sel"));
    const row = root.querySelector(`tr[data-id="${CSS.escape(chosen)}"]`);
    row?.classList.add("sel");
    if (row) row.tabIndex = 0;
  }
  again(root, mark);
}

const busy = (root) =>
  (isTyping(document.activeElement) && root.contains(document.activeElement)) || root.querySelector("form[data-dirty], dialog[open], :popover-open, form[aria-busy], .lifted");

each("[data-poll-url]", (root) => {
  const seconds = Math.max(1, Number(root.dataset.pollSeconds) || 15);
  let last = "";
  let failures = 0;

  let waiting = 0;

  async function renew() {
    clearTimeout(waiting);
    if (!document.hidden && !busy(root)) {
      try {
        const headers = { "X-Background": "1", "HX-Request": "true" };
        const mark = root.querySelector("[data-mark]")?.dataset.mark;
        if (mark) headers["If-None-Match"] = `"${mark}"`;
        const answer = await fetch(root.dataset.pollUrl, { headers });
        if (answer.status === 401 || answer.redirected) return;
        if (answer.ok && answer.status !== 204) {
          const html = await answer.text();
          if (html !== last && !busy(root)) swap(root, html);
          last = html;
        }
        failures = answer.ok ? 0 : failures + 1;
      } catch {
        failures += 1;
      }
      root.toggleAttribute("data-stale", failures > 1);
    }
    clearTimeout(waiting);
    if (root.isConnected) waiting = setTimeout(renew, seconds * 1000 * Math.min(4, 1 + failures));
  }
  waiting = setTimeout(renew, seconds * 1000);
  document.addEventListener("clinic:renew", renew);
  // a page that was hidden is old: it renews itself when somebody looks at it again
  document.addEventListener("visibilitychange", () => document.hidden || renew());
});
