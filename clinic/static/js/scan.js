// A licence's barcode: the camera is read all the time by a worker; a picture or a hand scanner do as well.
// On a page of its own the form is sent; over a form that is being filled the comparison comes back into the dialog.
import { hasCamera, jpeg, put, start, still, stop } from "./camera.js";
import { each, fill } from "./dom.js";

const FRAME = 1280;
const PAUSE = 120;
const QUIET = 350;
const LOST = 6000;

each("form[data-scanner]", (form) => {
  const video = form.querySelector("[data-video]");
  const lens = form.querySelector("[data-lens]");
  const said = form.querySelector("[data-said]");
  const take = form.querySelector("[data-take]");
  const card = form.querySelector("[data-card]");
  const photo = form.querySelector("[name=photo]");
  const wedge = form.querySelector("[data-wedge]");
  const dialog = form.dataset.for ? form.closest("dialog") : null;
  const target = () => document.getElementById(form.dataset.for);
  const result = dialog?.querySelector("[data-scan-result]");
  let worker = null;
  let looking = 0;

  async function begin() {
    said.textContent = hasCamera() ? form.dataset.looking : form.dataset.noCamera;
    if (!hasCamera()) return;
    try {
      await start(video, { wide: 1920 });
    } catch {
      said.textContent = form.dataset.noCamera;
      return;
    }
    lens.hidden = false;
    const run = ++looking;
    setTimeout(() => run === looking && (take.hidden = false), LOST);
    worker = new Worker(form.dataset.worker, { type: "module" });
    worker.addEventListener("error", () => (take.hidden = false));
    worker.addEventListener("message", ({ data }) => {
      if (run !== looking) return;
      if (data.failed) take.hidden = false;
      else if (data.text) found(data.text);
      else setTimeout(() => run === looking && frame(), data.ready ? 0 : PAUSE);
    });
    worker.postMessage({ wasm: new URL(form.dataset.wasm, location.href).href });
  }

  function frame() {
    if (!video.videoWidth) return setTimeout(frame, PAUSE);
    const canvas = still(video, FRAME);
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    worker.postMessage({ pixels: data, width, height }, [data.buffer]);
  }

  function end() {
    looking += 1;
    worker?.terminate();
    worker = null;
    stop(video);
    lens.hidden = true;
    take.hidden = true;
  }

  function found(text) {
    end();
    card.value = lines(text);
    photo.value = "";
    said.textContent = form.dataset.found;
    form.requestSubmit();
  }

  // What separates the elements becomes the end of a line; a form carries nothing else that cannot be seen.
  const lines = (text) =>
    text
      .split(/[\n\r\u001c-\u001f\u0085]+/)
      .map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, "").trim())
      .filter(Boolean)
      .join("\n");

  take.addEventListener("click", async () => {
    put(photo, [await jpeg(still(video), "card.jpg", 0.92)]);
    end();
    form.requestSubmit();
  });
  photo.addEventListener("change", () => photo.files.length && form.requestSubmit());

  // A hand scanner types a whole card in a moment and then is quiet.
  let timer = 0;
  wedge.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!/DBB/.test(wedge.value) || !/DAQ/.test(wedge.value)) return;
      found(wedge.value);
    }, QUIET);
  });

  if (!dialog) {
    begin();
    window.addEventListener("pagehide", end);
    return;
  }
  dialog.addEventListener("clinic:open", () => {
    result.replaceChildren();
    form.hidden = false;
    card.value = wedge.value = photo.value = "";
    begin();
    wedge.focus();
  });
  dialog.addEventListener("close", end);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const body = new FormData(form);
    for (const [name, value] of new FormData(target())) if (typeof value === "string" && name !== "portrait" && !body.has(name)) body.append(name, value);
    if (wedge.value) body.set("text", lines(wedge.value));
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.status === 401) return location.reload();
    fill(result, await answer.text());
    form.removeAttribute("aria-busy");
    if (!answer.ok) {
      card.value = wedge.value = photo.value = "";
      return begin();
    }
    form.hidden = true;
    end();
    result.querySelector("[data-fill-in]")?.focus();
  });

  result.addEventListener("click", (event) => {
    if (event.target.closest("[data-again]")) {
      result.replaceChildren();
      form.hidden = false;
      card.value = wedge.value = photo.value = "";
      begin();
    } else if (event.target.closest("[data-fill-in]")) takeOver();
  });

  function takeOver() {
    const filled = target();
    for (const tick of result.querySelectorAll("input[name=take]:checked")) set(filled, tick.value, tick.dataset.fill);
    filled.elements.card.value = result.querySelector("[data-card-text]").value;
    dialog.addEventListener("close", () => setTimeout(() => onward(filled)), { once: true });
    dialog.close();
  }

  /** The next keystroke belongs to the first field that the card did not fill. */
  function onward(filled) {
    const empty = [...filled.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox], [type=file])")].find((field) => field.checkVisibility() && !field.value);
    (empty ?? filled.elements.given)?.focus();
  }

  function set(filled, name, value) {
    const field = filled.elements[name];
    if (!field) return;
    field.value = value;
    const one = field instanceof RadioNodeList ? [...field].find((radio) => radio.checked) : field;
    one?.dispatchEvent(new Event("input", { bubbles: true }));
    one?.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
