// Automatic sign-out: while a person types, the session is kept; when nobody does, the desk says so a minute before
// and then leaves. What was typed stays in this tab (form.js). The server decides; this only asks.
// On body: data-idle (seconds), data-awake (address), data-idle-words (the warning).
const { idle, awake, idleWords } = document.body.dataset;
const limit = Number(idle) * 1000;
const ASK = 60_000;
let used = Date.now();
let told = Date.now();
let warning = null;

const ask = (headers = {}) => fetch(awake, { headers, redirect: "manual", cache: "no-store" });

function calm() {
  warning?.remove();
  warning = null;
}

function warn() {
  if (warning) return;
  warning = document.createElement("div");
  warning.className = "toast";
  const words = document.createElement("span");
  words.className = "tx";
  words.textContent = idleWords;
  warning.append(words);
  document.querySelector(".toasts")?.append(warning);
}

/** Somebody is here: tell the server at most once a minute. */
async function here() {
  used = Date.now();
  calm();
  if (used - told < ASK) return;
  told = used;
  await ask().catch(() => null);
}

/** Nobody was here for long: ask in the background, and leave when the session is over. */
async function look() {
  const quiet = Date.now() - Math.max(used, told);
  if (quiet < limit - ASK) return;
  const answer = await ask({ "X-Background": "1" }).catch(() => null);
  if (!answer) return;
  if (answer.status === 204) warn();
  else location.reload();
}

if (limit && awake) {
  for (const name of ["pointerdown", "keydown", "input", "wheel", "touchstart"]) {
    document.addEventListener(name, here, { passive: true, capture: true });
  }
  setInterval(look, 20_000);
}
