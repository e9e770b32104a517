// The list of likely duplicates: the pair of the row in hand is shown beside it. Without this script each row is a link.
import { each, fill } from "./dom.js";

const RESTING = 180;

each("[data-pairs]", (table) => {
  const shown = document.querySelector("[data-pair-shown]");
  let timer = 0;
  let waiting = null;

  async function show(row) {
    waiting?.abort();
    waiting = new AbortController();
    try {
      const answer = await fetch(row.dataset.pair, { headers: { "HX-Request": "true" }, signal: waiting.signal });
      if (answer.redirected || !answer.ok) return location.assign(row.dataset.href);
      fill(shown, await answer.text());
      history.replaceState(null, "", row.dataset.href);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(row.dataset.href);
    }
  }

  table.addEventListener("clinic:row", (event) => {
    clearTimeout(timer);
    timer = setTimeout(show, RESTING, event.target);
  });
});
