// Where a value comes from: rest the pointer on it, tap it, or press `i` and walk with the arrows; in a field Alt I.
// The stories of all values come in one request, when somebody first asks.
import { each } from "./dom.js";

const REST = 450;
const LEAVE = 250;
const GAP = 8;

each("[data-evidence-url]", (pop) => {
  const waiting = pop.innerHTML;
  let stories = null;
  let subject = null;
  let back = null;
  let resting = 0;
  let leaving = 0;
  let asked = null;
  let field = null;

  const marked = () => [...document.querySelectorAll("[data-evidence]")].filter((one) => one.checkVisibility());
  const isOpen = () => pop.matches(":popover-open");

  async function load() {
    const answer = await fetch(pop.dataset.evidenceUrl, { headers: { "HX-Request": "true" } });
    if (answer.redirected || answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const kept = document.createElement("template");
    kept.innerHTML = await answer.text();
    stories = kept.content;
    return undefined;
  }

  function storyOf(element) {
    const name = CSS.escape(element.dataset.evidence ?? element.name ?? "");
    return stories.querySelector(`[data-of="${name}"]`) ?? stories.querySelector(`[data-inputs~="${name}"]`);
  }

  async function show(element) {
    clearTimeout(resting);
    clearTimeout(leaving);
    if (subject !== element) subject?.removeAttribute("aria-describedby");
    subject = asked = element;
    if (!stories) pop.innerHTML = waiting;
    pop.removeAttribute("data-failed");
    if (!isOpen()) pop.showPopover();
    beside();
    try {
      if (!stories) await load();
    } catch {
      pop.setAttribute("data-failed", "");
      return beside();
    }
    if (asked !== element || !isOpen()) return undefined;
    const story = storyOf(element)?.cloneNode(true);
    if (story) {
      story.hidden = false;
      pop.replaceChildren(story);
      story.querySelector("img")?.addEventListener("error", (event) => {
        event.target.parentElement.remove();
        if (isOpen()) beside();
      });
    } else {
      pop.innerHTML = waiting;
      pop.setAttribute("data-empty", "");
    }
    pop.toggleAttribute("data-empty", !story);
    if (!element.hasAttribute("aria-describedby")) {
      element.setAttribute("aria-describedby", pop.id);
      element.dataset.told = "";
    }
    return beside();
  }

  /** Below its subject or above it, never over it; inside the window. */
  function beside() {
    const box = subject.getBoundingClientRect();
    const { width, height } = pop.getBoundingClientRect();
    const start = document.dir === "rtl" ? box.right - width : box.left;
    const below = box.bottom + GAP + height < innerHeight;
    pop.style.left = `${Math.max(GAP, Math.min(start, innerWidth - width - GAP))}px`;
    pop.style.top = `${Math.max(GAP, below ? box.bottom + GAP : box.top - height - GAP)}px`;
  }

  function shut() {
    clearTimeout(resting);
    clearTimeout(leaving);
    asked = null;
    if (!isOpen()) return;
    pop.hidePopover();
    if (subject && "told" in subject.dataset) {
      subject.removeAttribute("aria-describedby");
      delete subject.dataset.told;
    }
    subject = null;
  }

  function walkTo(element) {
    element.tabIndex = -1;
    element.focus();
    show(element);
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[name], select[name], textarea[name]")) field = event.target;
  });
  document.addEventListener("click", (event) => {
    const starts = event.target.closest("[data-evidence-start]");
    const value = event.target.closest("[data-evidence]");
    if (starts) {
      if (isOpen()) return shut();
      const hovered = marked().find((one) => one.matches(":hover"));
      const first = hovered ?? (field?.isConnected && field.checkVisibility() ? field : marked()[0]);
      if (!first) return undefined;
      back = starts;
      if (first === field) {
        first.focus();
        show(first);
      } else walkTo(first);
    } else if (value && !event.target.closest("a, button, input")) show(value);
    else if (!pop.contains(event.target)) shut();
    return undefined;
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const value = event.target.closest?.("[data-evidence]");
    if (value) {
      clearTimeout(leaving);
      if (value === subject) return;
      clearTimeout(resting);
      resting = setTimeout(() => show(value), REST);
    } else if (pop.contains(event.target)) clearTimeout(leaving);
    else {
      clearTimeout(resting);
      // What the keyboard opened stays until the keyboard shuts it.
      if (isOpen() && document.activeElement !== subject) {
        clearTimeout(leaving);
        leaving = setTimeout(shut, LEAVE);
      }
    }
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (!isOpen()) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopImmediatePropagation();
        const from = subject;
        const within = pop.contains(document.activeElement);
        shut();
        if (within || document.activeElement === document.body) from?.focus();
        else if (from?.dataset.evidence && document.activeElement === from) back?.focus();
      } else if (step && subject?.dataset.evidence && document.activeElement === subject) {
        event.preventDefault();
        event.stopImmediatePropagation();
        const all = marked();
        walkTo(all[(all.indexOf(subject) + step + all.length) % all.length]);
      } else if (event.key === "Tab" && document.activeElement === subject && !event.shiftKey && subject.dataset.evidence) {
        const first = pop.querySelector("a[href]");
        if (!first) return;
        event.preventDefault();
        first.focus();
      }
    },
    true,
  );
  document.addEventListener("scroll", () => isOpen() && subject && beside(), true);
});
