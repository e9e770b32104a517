// The signature: strokes are sent as points, the picture is made by the server.
import SignaturePad from "../vendor/signature_pad.js";

export function wirePad(form) {
  let pad = null;
  let canvas = null;

  const fit = () => {
    const strokes = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.fromData(strokes);
  };

  const wire = () => {
    const place = form?.querySelector("[data-pad]");
    canvas = place?.querySelector("canvas") ?? null;
    if (!canvas) { pad = null; return; }
    pad = new SignaturePad(canvas, { penColor: "#1b2430", minWidth: 1.2, maxWidth: 3.2 });
    const clear = place.querySelector("[data-clear]");
    const picture = place.querySelector("img");
    clear.hidden = !picture;
    pad.addEventListener("beginStroke", () => { picture?.remove(); clear.hidden = false; });
    clear.addEventListener("click", () => { pad.clear(); place.querySelector("img")?.remove(); clear.hidden = true; });
    fit();
  };

  wire();
  window.addEventListener("resize", () => { if (pad && canvas.isConnected) fit(); });
  return {
    wire,
    write() {
      const field = form?.querySelector("[data-signature]");
      if (field && pad && !pad.isEmpty()) field.value = JSON.stringify(pad.toData());
    },
  };
}
