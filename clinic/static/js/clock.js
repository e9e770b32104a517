// The practice's clock: the server's instant carried on, shown in the practice's zone, so that a wrong computer clock does no harm.
import { each } from "./dom.js";

each("[data-clock]", (element) => {
  const gap = new Date(element.getAttribute("datetime")).getTime() - Date.now();
  const zone = element.dataset.zone;
  const language = document.documentElement.lang || "en";
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const said = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", timeZone: zone });
  const time = element.querySelector("[data-clock-time]");
  const date = element.querySelector("[data-clock-day]");
  let today = day.format(Date.now() + gap);
  const tick = () => {
    const now = new Date(Date.now() + gap);
    if (time) time.textContent = clock.format(now);
    if (day.format(now) !== today) {
      today = day.format(now);
      if (date) date.textContent = said.format(now);
    }
    setTimeout(tick, 60000 - (now.getTime() % 60000) + 20);
  };
  setTimeout(tick, 60000 - ((Date.now() + gap) % 60000) + 20);
});
