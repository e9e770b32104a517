// Every answer is sent as it is given. The whole page goes each time, so the last one sent is always right;
// one request at a time. Without a connection it says so, keeps trying, and nothing on the page is lost.
const AGAIN = 4_000;

export function keepAnswers(form, pad) {
  const word = document.querySelector("[data-saved-word]");
  const words = document.querySelector("[data-saved]")?.dataset ?? {};
  const banner = document.querySelector("[data-offline]");
  const sheet = form.querySelector("[data-sheet]");
  let waiting = false;
  let busy = false;
  let leaving = false;

  const say = (state) => {
    if (word) word.textContent = words[state] ?? "";
    if (banner) banner.hidden = state !== "offlineWord";
  };

  const send = async (options = {}) => {
    if (busy || leaving) { waiting = true; return; }
    busy = true;
    waiting = false;
    say("saving");
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "X-Autosave": "1" }, ...options });
      if (leaving) return;
      if (answer.redirected || answer.status === 404 || answer.status === 403) { location.assign("/intake/tablet"); return; }
      if (answer.ok && answer.status !== 204) replace(await answer.text());
      say("saved");
    } catch {
      waiting = true;
      if (leaving) return;
      say("offlineWord");
      setTimeout(retry, AGAIN);
    } finally {
      busy = false;
    }
    if (waiting && banner?.hidden !== false) send();
  };
  const retry = () => { if (waiting && !busy) send(); };

  // Other questions are asked now: put the new sheet in, and the finger stays where it was.
  const replace = (html) => {
    const held = document.activeElement;
    const key = held?.name && form.contains(held) ? [held.name, held.value, held.selectionStart] : null;
    const top = form.scrollTop;
    sheet.innerHTML = html;
    form.scrollTop = top;
    pad.wire();
    if (!key) return;
    const same = [...form.elements].filter((field) => field.name === key[0]);
    (same.find((field) => field.value === key[1]) ?? same[0])?.focus({ preventScroll: true });
  };

  form.addEventListener("change", (event) => { if (event.target.type !== "file") send(); });
  form.addEventListener("submit", (event) => {
    if (leaving) { event.preventDefault(); return; }
    pad.write();
    leaving = true;
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => { leaving = false; form.removeAttribute("aria-busy"); });
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && waiting) send({ keepalive: true }); });
}
