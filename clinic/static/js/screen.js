// The screen of the waiting room: the clock, and the voice of the browser itself, when somebody switched it on.
const main = document.querySelector("[data-screen]");
const clock = document.querySelector("[data-clock]");
const button = document.querySelector("[data-sound]");
const language = document.documentElement.lang;
const time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: clock.dataset.zone });
const calls = () => [...main.querySelectorAll("[data-call]")];
const said = new Set(calls().map((call) => call.dataset.call));
const voice = "speechSynthesis" in window;
let on = false;

function turn(wanted) {
  on = wanted && voice;
  button.setAttribute("aria-pressed", String(on));
  button.textContent = on ? button.dataset.on : button.dataset.off;
}

function speak(text) {
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language;
  words.rate = 0.9;
  speechSynthesis.speak(words);
}

button.hidden = !voice;
button.addEventListener("click", () => {
  turn(!on);
  if (on) speak(button.dataset.on);
  else speechSynthesis.cancel();
});
setInterval(() => (clock.textContent = time.format(new Date())), 5_000);
document.addEventListener("clinic:swapped", () => {
  for (const call of calls().reverse()) {
    if (said.has(call.dataset.call)) continue;
    said.add(call.dataset.call);
    call.classList.add("fresh");
    document.dispatchEvent(new CustomEvent("screen:called", { detail: call.dataset.say }));
    if (on) speak(call.dataset.say);
  }
});
