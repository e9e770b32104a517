// A portrait: the camera (or a file), a square over the face, and the square alone goes into the form.
// Without this script a file is sent, and the server cuts out the middle.
import { hasCamera, start, still, stop } from "./camera.js";
import { each } from "./dom.js";

const SIDE = 480;
const STEP = 0.03;

each("[data-portrait-for]", (place) => {
  const lens = place.querySelector("[data-lens-portrait]");
  const crop = lens.querySelector("[data-crop]");
  const video = lens.querySelector("[data-video]");
  const canvas = lens.querySelector("[data-canvas]");
  const square = lens.querySelector("[data-square]");
  const said = lens.querySelector("[data-said]");
  const file = lens.querySelector("input[type=file]");
  const [take, again, larger, smaller] = ["take", "again", "larger", "smaller"].map((name) => lens.querySelector(`[data-${name}]`));
  const dialog = place.closest("dialog");
  const target = () => document.getElementById(place.dataset.portraitFor);
  /** The frame in shares of the picture: its middle, and its side as a share of the shorter side. */
  const frame = { x: 0.5, y: 0.45, size: 0.8 };
  let taken = false;

  const source = () => (taken ? canvas : video);
  const sizeOf = (what) => [what.videoWidth ?? what.width, what.videoHeight ?? what.height];

  function bounds() {
    const [wide, tall] = sizeOf(source());
    if (!wide || !tall) return { left: 0, top: 0, side: 0, wide: 0, tall: 0 };
    const side = Math.min(wide, tall) * frame.size;
    const x = Math.min(Math.max(frame.x * wide, side / 2), wide - side / 2);
    const y = Math.min(Math.max(frame.y * tall, side / 2), tall - side / 2);
    frame.x = x / wide;
    frame.y = y / tall;
    return { left: x - side / 2, top: y - side / 2, side, wide, tall };
  }

  function draw() {
    const { left, top, side, wide, tall } = bounds();
    if (!wide) return;
    const box = source().getBoundingClientRect();
    const scale = box.width / wide;
    Object.assign(square.style, { left: `${left * scale}px`, top: `${top * (box.height / tall)}px`, width: `${side * scale}px`, height: `${side * scale}px` });
  }

  function show(state) {
    taken = state === "taken";
    crop.hidden = state === "none";
    video.hidden = taken;
    canvas.hidden = !taken;
    take.hidden = state !== "live";
    again.hidden = !taken || !hasCamera();
    larger.hidden = smaller.hidden = state === "none";
    if (state !== "none") said.textContent = lens.dataset.help;
    requestAnimationFrame(draw);
    if (!taken) keep("");
  }

  async function begin() {
    if (!hasCamera()) {
      said.textContent = lens.dataset.noCamera;
      return show("none");
    }
    try {
      await start(video, { facing: "user", wide: 1280 });
      show("live");
      take.focus({ preventScroll: true });
    } catch {
      said.textContent = lens.dataset.noCamera;
      show("none");
    }
  }

  function hold(picture) {
    const [wide, tall] = sizeOf(picture);
    canvas.width = wide;
    canvas.height = tall;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    stop(video);
    show("taken");
    cut();
    square.focus({ preventScroll: true });
  }

  function cut() {
    if (!taken) return;
    const { left, top, side } = bounds();
    if (!side) return;
    const small = document.createElement("canvas");
    small.width = small.height = SIDE;
    small.getContext("2d").drawImage(canvas, left, top, side, side, 0, 0, SIDE, SIDE);
    keep(small.toDataURL("image/jpeg", 0.9));
  }

  /** On a page of its own it waits in the form; in a dialog until "Use this photo". */
  let kept = "";
  function keep(address) {
    kept = address;
    if (!dialog) target().querySelector("[data-portrait]").value = address;
  }

  function move(x, y, size = 0) {
    frame.x += x;
    frame.y += y;
    frame.size = Math.min(1, Math.max(0.25, frame.size + size));
    draw();
    cut();
  }

  take.addEventListener("click", () => hold(still(video, 1600)));
  again.addEventListener("click", begin);
  larger.addEventListener("click", () => move(0, 0, 0.05));
  smaller.addEventListener("click", () => move(0, 0, -0.05));
  square.addEventListener("keydown", (event) => {
    const act = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP], "+": [0, 0, 0.05], "=": [0, 0, 0.05], "-": [0, 0, -0.05] }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    move(...act);
  });
  square.addEventListener("pointerdown", (event) => {
    square.setPointerCapture(event.pointerId);
    const box = source().getBoundingClientRect();
    let last = [event.clientX, event.clientY];
    const follow = (moved) => {
      move((moved.clientX - last[0]) / box.width, (moved.clientY - last[1]) / box.height);
      last = [moved.clientX, moved.clientY];
    };
    square.addEventListener("pointermove", follow);
    square.addEventListener("pointerup", () => square.removeEventListener("pointermove", follow), { once: true });
  });
  new ResizeObserver(draw).observe(crop);
  video.addEventListener("loadedmetadata", draw);

  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      const picture = await createImageBitmap(chosen, { imageOrientation: "from-image" });
      const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
      const small = document.createElement("canvas");
      small.width = Math.round(picture.width * scale);
      small.height = Math.round(picture.height * scale);
      small.getContext("2d").drawImage(picture, 0, 0, small.width, small.height);
      hold(small);
    } catch {
      show("none");
    }
  });

  if (dialog) {
    dialog.addEventListener("clinic:open", begin);
    dialog.addEventListener("close", () => stop(video));
    dialog.querySelector("[data-use-portrait]").addEventListener("click", () => {
      if (!kept && !video.hidden && video.videoWidth) hold(still(video, 1600));
      const form = target();
      form.querySelector("[data-portrait]").value = kept;
      shown(kept);
      dialog.close();
    });
    shown(target()?.querySelector("[data-portrait]")?.value ?? "");
  } else {
    // What was chosen and could not be shown here goes to the server as it is: that says what is wrong with it.
    target().addEventListener("submit", () => {
      if (!kept && !video.hidden && video.videoWidth && !file.files.length) hold(still(video, 1600));
      if (!kept) file.setAttribute("form", target().id);
    });
    window.addEventListener("pagehide", () => stop(video));
    begin();
  }

  function shown(address) {
    for (const picture of document.querySelectorAll("[data-portrait-shown]")) {
      picture.hidden = !address;
      if (address) picture.src = address;
    }
  }
});
