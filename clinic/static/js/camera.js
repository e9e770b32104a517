// The camera of this device, where the page may use it (https or loopback).

export const hasCamera = () => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);

/** Show the camera in a video element; raises when the person or the machine refuses. */
export async function start(video, { facing = "environment", wide = 1920 } = {}) {
  stop(video);
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: facing }, width: { ideal: wide }, height: { ideal: Math.round((wide * 9) / 16) } },
  });
  await video.play();
}

/** Switch the camera off. */
export function stop(video) {
  for (const track of video.srcObject?.getTracks?.() ?? []) track.stop();
  video.srcObject = null;
}

/** What the camera sees now, as a canvas; at most `longest` pixels wide or high. */
export function still(video, longest = 4000) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d", { willReadFrequently: true }).drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A canvas as a JPEG file. */
export function jpeg(canvas, name, quality = 0.88) {
  return new Promise((done) => canvas.toBlob((blob) => done(new File([blob], name, { type: "image/jpeg" })), "image/jpeg", quality));
}

/** Put files into a file input, as if a person had chosen them. */
export function put(input, files) {
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
}
