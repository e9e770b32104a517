// Reads PDF417 barcodes from frames of the camera, beside the page and not in it: only this worker may compile
// WebAssembly (its own policy says so), and it has no document and no other address than ours.
import { prepareZXingModule, readBarcodes } from "../vendor/zxing/reader/index.js";

const WANTED = { formats: ["PDF417"], textMode: "Plain", tryHarder: true, tryRotate: true, tryInvert: false, maxNumberOfSymbols: 1 };

self.addEventListener("message", async ({ data }) => {
  if (data.wasm) {
    try {
      await prepareZXingModule({ overrides: { locateFile: () => data.wasm }, fireImmediately: true });
      self.postMessage({ ready: true });
    } catch {
      self.postMessage({ failed: true });
    }
    return;
  }
  try {
    const [found] = await readBarcodes(new ImageData(data.pixels, data.width, data.height), WANTED);
    self.postMessage({ text: found?.isValid ? found.text : "" });
  } catch {
    self.postMessage({ text: "" });
  }
});
