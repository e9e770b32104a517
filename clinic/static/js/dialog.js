// Native dialogs: a button with data-dialog="ID" opens one, data-close inside closes it, a click on the veil too.
// The focus goes to [autofocus] or the first field, and comes back to where it was.
const before = new WeakMap();

export function open(dialog) {
  if (!dialog || dialog.open) return;
  before.set(dialog, document.activeElement);
  dialog.showModal();
  const first = dialog.querySelector("[autofocus]") ?? dialog.querySelector("input:not([type=hidden]), select, textarea");
  first?.focus();
  dialog.dispatchEvent(new CustomEvent("clinic:open"));
}

export function close(dialog) {
  if (dialog?.open) dialog.close();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    opener.closest("[popover]")?.hidePopover();
    open(document.getElementById(opener.dataset.dialog));
    return;
  }
  const closer = target?.closest("[data-close]");
  if (closer) {
    close(closer.closest("dialog"));
    closer.closest("[popover]")?.hidePopover();
    return;
  }
  if (target instanceof HTMLDialogElement && target.open && !target.hasAttribute("data-keep")) {
    const box = target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail > 0) close(target);
  }
});

document.addEventListener(
  "close",
  (event) => {
    const was = before.get(event.target);
    if (was?.isConnected) was.focus();
  },
  true,
);

for (const back of document.querySelectorAll("[data-back]")) {
  back.addEventListener("click", (event) => {
    if (history.length > 1) {
      event.preventDefault();
      history.back();
    }
  });
}
