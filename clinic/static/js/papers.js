// Pages of a document before it is sent: taken with the camera, dropped or chosen; turned, moved and removed here.
// Without this script the file field alone does it, and the pages are put in order afterwards.
import { hasCamera, jpeg, put, start, still, stop } from "./camera.js";
import { each } from "./dom.js";

each("form[data-papers]", (form) => {
  const input = form.querySelector("input[type=file][name=pages]");
  const turns = form.querySelector("[data-turns]");
  const list = form.querySelector("[data-thumbs]");
  const shot = form.querySelector("[data-shot]");
  const video = form.querySelector("[data-video]");
  const said = form.querySelector("[data-papers-said]");
  const begin = form.querySelector("[data-start]");
  let pages = [];

  const say = (text) => {
    said.textContent = text;
    said.hidden = !text;
  };

  function settle() {
    put(input, pages.map((page) => page.file));
    turns.value = pages.map((page) => page.turn).join(",");
  }

  function button(name, icon, act, off = false) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn ib sm";
    made.disabled = off;
    made.setAttribute("aria-label", name);
    made.innerHTML = icon;
    made.addEventListener("click", act);
    return made;
  }

  const drawn = (id) => {
    const use = begin.querySelector("use").getAttribute("href").split("#")[0];
    return `<svg class="ic s14" viewBox="0 0 16 16" aria-hidden="true"><use href="${use}#${id}"/></svg>`;
  };

  function draw(focus = null) {
    list.replaceChildren(
      ...pages.map((page, at) => {
        const line = document.createElement("li");
        line.className = "thumb";
        const name = list.dataset.page.replace("{n}", String(at + 1));
        const see = document.createElement("div");
        see.className = "see";
        if (page.url) {
          const picture = document.createElement("img");
          picture.src = page.url;
          picture.alt = name;
          if (page.turn) picture.className = `t${page.turn}`;
          see.append(picture);
        } else see.textContent = "PDF";
        const row = document.createElement("div");
        row.className = "row g4";
        const word = document.createElement("span");
        word.className = "el s";
        word.textContent = page.url ? name : page.file.name;
        const gap = document.createElement("span");
        gap.className = "sp";
        row.append(
          word,
          gap,
          button(`${list.dataset.left}: ${name}`, drawn("repeat"), () => turn(at)),
          button(`${list.dataset.up}: ${name}`, drawn("up"), () => move(at, -1), at === 0),
          button(`${list.dataset.down}: ${name}`, drawn("down"), () => move(at, 1), at === pages.length - 1),
          button(`${list.dataset.remove}: ${name}`, drawn("bin"), () => remove(at)),
        );
        line.append(see, row);
        return line;
      }),
    );
    settle();
    if (focus) list.children[focus[0]]?.querySelectorAll("button")[focus[1]]?.focus();
  }

  function turn(at) {
    pages[at].turn = (pages[at].turn + 90) % 360;
    draw([at, 0]);
  }
  function move(at, by) {
    pages.splice(at + by, 0, ...pages.splice(at, 1));
    draw([at + by, by < 0 ? 1 : 2]);
  }
  function remove(at) {
    if (pages[at].url) URL.revokeObjectURL(pages[at].url);
    pages.splice(at, 1);
    draw([Math.min(at, pages.length - 1), 3]);
  }
  function add(files) {
    for (const file of files) pages.push({ file, turn: 0, url: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" });
    say("");
    draw();
  }

  input.addEventListener("change", () => add([...input.files].filter((file) => !pages.some((page) => page.file === file))));
  const drop = form.querySelector("[data-drop]");
  for (const name of ["dragenter", "dragover"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });

  async function open() {
    try {
      await start(video, { wide: 2560 });
      shot.hidden = false;
      begin.hidden = true;
      form.querySelector("[data-take]").focus();
    } catch {
      say(list.dataset.noCamera);
    }
  }
  begin.hidden = !hasCamera();
  begin.addEventListener("click", open);
  form.querySelector("[data-take]").addEventListener("click", async () => add([await jpeg(still(video), `page-${pages.length + 1}.jpg`)]));
  form.querySelector("[data-stop]").addEventListener("click", () => {
    stop(video);
    shot.hidden = true;
    begin.hidden = false;
    begin.focus();
  });
  window.addEventListener("pagehide", () => stop(video));
});

// A page that this machine cannot draw says so in words.
each("img[data-picture]", (picture) => {
  const missing = () => {
    const words = document.createElement("div");
    words.className = picture.dataset.none ? "paper-none" : "paper-s";
    words.textContent = picture.dataset.none ?? "";
    picture.replaceWith(words);
  };
  if (picture.complete && !picture.naturalWidth) missing();
  else picture.addEventListener("error", missing);
});
