// The lock screen: the time, and whether something was handed over. A poll is background work; it keeps no session alive.
const lock = document.querySelector("[data-poll]");
const clock = lock.querySelector("[data-clock]");
const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: lock.dataset.zone });

setInterval(() => { clock.textContent = time.format(new Date()); }, 10_000);

async function look() {
  try {
    const answer = await fetch(lock.dataset.poll, { headers: { "X-Background": "1" }, cache: "no-store", redirect: "manual" });
    if (answer.status === 200) return location.replace(await answer.text());
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return location.reload();
  } catch {
    // No connection: the lock screen stays and looks again.
  }
  setTimeout(look, 3_000);
}
look();
