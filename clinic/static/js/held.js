// A time that is held while a booking is typed counts down; the forms that hold one know that scripts run.
import { each } from "./dom.js";

document.documentElement.classList.add("scripted");

each("[data-held-left]", (place) => {
  const ends = performance.now() + Number(place.closest("[data-held]").dataset.seconds) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000));
    place.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (place.isConnected && seconds) setTimeout(tick, 1000);
  };
  tick();
});
