// Before a visit by video: camera, microphone and loudspeaker are tried here, and nothing of it leaves the browser.

const REASONS = {
  NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing", OverconstrainedError: "missing",
  NotReadableError: "busy", AbortError: "busy",
};
const HEARD = 8; // of 100: a voice at arm's length, and more than the noise of a quiet room
const SILENT_MS = 8000;
const works = new Set();
const running = new Map(); // trial -> how to end it
let audio;

const part = (trial, name) => trial.querySelector(`[data-${name}]`);

/** Say what was found, in words that stand on the page in its language. */
function say(trial, word) {
  const said = part(trial, "said");
  const line = part(trial, "words").querySelector(`[data-word=${word}]`);
  const kind = line.dataset.kind;
  trial.dataset.found = word;
  said.className = kind ? `note ${kind}` : "note";
  said.hidden = false;
  said.replaceChildren(...line.cloneNode(true).childNodes);
  works[word === "ok" ? "add" : "delete"](trial.dataset.try);
  document.querySelector("[data-all]").hidden = works.size < 3;
}

/** Show one of two things; what had the focus hands it over. */
function swap(away, here) {
  const focused = away === document.activeElement || away.contains(document.activeElement);
  away.hidden = true;
  here.hidden = false;
  if (focused) (here.matches("button") ? here : here.querySelector("button")).focus();
}

function sound() {
  audio ??= new AudioContext();
  return audio.state === "suspended" ? audio.resume().then(() => audio) : Promise.resolve(audio);
}

/** Open the camera or the microphone; gives nothing when that failed, and says why. */
async function open(trial, wanted) {
  if (!navigator.mediaDevices?.getUserMedia) return say(trial, "unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    return say(trial, REASONS[error.name] ?? "unsupported");
  }
}

/** Try a device: `wanted` is what the browser is asked for, `use` shows it and gives how to end that. */
async function device(trial, wanted, use) {
  const start = part(trial, "start");
  start.disabled = true;
  const stream = await open(trial, wanted);
  start.disabled = false;
  if (!stream) return start.focus();
  let end = () => {};
  running.set(trial, () => {
    end();
    for (const track of stream.getTracks()) track.stop();
    running.delete(trial);
    swap(part(trial, "stop"), start);
  });
  stream.getTracks()[0].addEventListener("ended", () => {
    running.get(trial)?.();
    say(trial, "stopped");
  });
  start.focus();
  swap(start, part(trial, "stop"));
  try {
    end = await use(stream);
  } catch {
    running.get(trial)?.();
    say(trial, "busy");
  }
}

const trials = {
  camera: (trial) => device(trial, { video: { facingMode: "user" }, audio: false }, async (stream) => {
    const picture = part(trial, "picture");
    picture.srcObject = stream;
    picture.hidden = false;
    await picture.play();
    say(trial, "ok");
    return () => {
      picture.srcObject = null;
      picture.hidden = true;
    };
  }),

  microphone: (trial) => device(trial, { audio: true, video: false }, async (stream) => {
    const level = part(trial, "level");
    const context = await sound();
    const source = context.createMediaStreamSource(stream);
    const analyser = context.createAnalyser();
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const since = performance.now();
    level.hidden = false;
    say(trial, "listening");
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      level.value = Math.min(100, Math.round(loud * 400));
      if (level.value >= HEARD) {
        if (trial.dataset.found !== "ok") say(trial, "ok");
      } else if (trial.dataset.found === "listening" && performance.now() - since > SILENT_MS) say(trial, "silent");
    }, 80);
    return () => {
      clearInterval(timer);
      source.disconnect();
      level.hidden = true;
      level.value = 0;
    };
  }),

  async speaker(trial) {
    if (!window.AudioContext) return say(trial, "unsupported");
    const context = await sound();
    const volume = context.createGain();
    const now = context.currentTime;
    volume.connect(context.destination);
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.3, now + 0.05);
    volume.gain.setValueAtTime(0.3, now + 1.1);
    volume.gain.linearRampToValueAtTime(0, now + 1.3);
    const tone = context.createOscillator();
    tone.frequency.setValueAtTime(440, now);
    tone.frequency.setValueAtTime(660, now + 0.65);
    tone.connect(volume);
    tone.start(now);
    tone.stop(now + 1.35);
    say(trial, "asked");
    part(trial, "heard").hidden = false;
    part(trial, "yes").focus();
  },
};

for (const trial of document.querySelectorAll("[data-try]")) {
  part(trial, "start").addEventListener("click", () => trials[trial.dataset.try](trial));
  part(trial, "stop")?.addEventListener("click", () => running.get(trial)?.());
  for (const [name, word] of [["yes", "ok"], ["no", "unheard"]]) {
    part(trial, name)?.addEventListener("click", () => {
      say(trial, word);
      part(trial, "start").focus();
      part(trial, "heard").hidden = true;
    });
  }
}
addEventListener("pagehide", () => [...running.values()].forEach((end) => end()));
