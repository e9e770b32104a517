// What just happened, for a minute, with Undo (key u). The count stands still under focus or pointer.
import { each } from "./dom.js";

each("[data-toast]", (toast) => {
  const left = toast.querySelector("[data-toast-left]");
  let seconds = Number(toast.dataset.seconds) || 60;
  if (!left) seconds = Math.min(seconds, 12);
  const show = () => {
    if (left) left.textContent = toast.dataset.left.replace("{n}", String(seconds));
  };
  show();
  const ticking = setInterval(() => {
    if (!toast.isConnected) return clearInterval(ticking);
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    seconds -= 1;
    show();
    if (seconds <= 0) {
      clearInterval(ticking);
      toast.remove();
    }
  }, 1000);
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
});
