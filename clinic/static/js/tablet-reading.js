// Read aloud with the browser's own voice; the text being read is outlined.
export function wireReading() {
  const button = document.querySelector("[data-read]");
  if (!button || !("speechSynthesis" in window)) return;
  const word = button.querySelector("[data-read-word]");
  const read = word.textContent;
  button.hidden = false;
  let going = false;

  const stop = () => {
    going = false;
    speechSynthesis.cancel();
    word.textContent = read;
    button.setAttribute("aria-pressed", "false");
    document.querySelector(".reading")?.classList.remove("reading");
  };
  const say = (texts) => {
    const element = texts.shift();
    document.querySelector(".reading")?.classList.remove("reading");
    if (!element || !going) return stop();
    const speech = new SpeechSynthesisUtterance(element.textContent);
    speech.lang = document.documentElement.lang;
    speech.onend = () => say(texts);
    speech.onerror = stop;
    element.classList.add("reading");
    element.scrollIntoView({ block: "nearest" });
    speechSynthesis.speak(speech);
  };
  button.addEventListener("click", () => {
    if (going) return stop();
    going = true;
    word.textContent = word.dataset.stop;
    button.setAttribute("aria-pressed", "true");
    say([...document.querySelectorAll("[data-speak]")].filter((element) => element.textContent.trim()));
  });
  window.addEventListener("pagehide", stop);
}
