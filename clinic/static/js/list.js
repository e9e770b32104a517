// Tables with data-rows: j and k or the arrows move a selected row, Home and End jump, Enter opens, Space ticks.
// A row says where it leads by data-href, or by its first link. Buttons and links inside keep working.
import { each, isTyping, stage } from "./dom.js";

const rowsOf = (table) => [...table.querySelectorAll("tbody tr:not(.grp)")].filter((row) => row.checkVisibility());
const inUse = () => {
  const here = document.activeElement?.closest?.("[data-rows]");
  return here ?? [...stage().querySelectorAll("[data-rows]")].find((table) => table.checkVisibility());
};

/** Select a row: the mark moves, and the focus with it. */
export function select(row) {
  const table = row.closest("[data-rows]");
  for (const other of table.querySelectorAll("tr.sel")) {
    other.classList.remove("sel");
    other.tabIndex = -1;
  }
  row.classList.add("sel");
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  row.dispatchEvent(new CustomEvent("clinic:row", { bubbles: true }));
}

export function openRow(row) {
  const link = row.querySelector("a.row-link, a.who, a[href]");
  if (row.dataset.href) location.assign(row.dataset.href);
  else link?.click();
}

each("[data-rows]", (table) => {
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tbody tr:not(.grp)");
    if (!row || event.target.closest("a, button, input, select, textarea, label, summary")) return;
    if (window.getSelection()?.toString()) return;
    openRow(row);
  });
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  const typing = isTyping(event.target);
  const feeds = event.target.dataset?.feeds && document.getElementById(event.target.dataset.feeds);
  const table = typing ? feeds : inUse();
  if (!table) return;
  const rows = rowsOf(table);
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("sel"));
  const last = rows.length - 1;
  const moves = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1 };
  if (!typing) Object.assign(moves, { j: at + 1, k: at < 0 ? last : at - 1, Home: 0, End: last });
  const control = event.target.closest?.("a, button, [role=option], [role=tab], [popover]:popover-open");
  if (event.key in moves && !(control && !table.contains(control) && event.key.startsWith("Arrow"))) {
    event.preventDefault();
    const row = rows[Math.max(0, Math.min(last, moves[event.key]))];
    if (typing) mark(table, row);
    else select(row);
  } else if (event.key === "Enter" && at >= 0 && (event.target === rows[at] || feeds)) {
    event.preventDefault();
    openRow(rows[at]);
  } else if (event.key === " " && event.target === rows[at]) {
    const box = rows[at].querySelector("input[type=checkbox]");
    if (box) {
      event.preventDefault();
      box.click();
    }
  }
});

/** Move the mark without the focus, for a search field that feeds the list (data-feeds="ID of the table"). */
function mark(table, row) {
  for (const other of table.querySelectorAll("tr.sel")) other.classList.remove("sel");
  row.classList.add("sel");
  row.scrollIntoView({ block: "nearest" });
  row.dispatchEvent(new CustomEvent("clinic:row", { bubbles: true }));
}
