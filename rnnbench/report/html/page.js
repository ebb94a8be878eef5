"use strict";
// The page works without this; it adds the choice of a theme, what scrolls, and sorting, filtering and hiding columns of tables.

const theme = document.querySelector("button.theme");
const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : dark.matches;
}

function tellTheme() {
  theme.setAttribute("aria-pressed", String(isDark()));
}

theme.hidden = false;
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  tellTheme();
});
dark.addEventListener("change", tellTheme);
tellTheme();

function sortKey(row, column, isText) {
  const cell = row.cells[column];
  if (isText) return cell.textContent;
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
}

// Rows without a figure stay last, whichever way; a third click restores the order of the suite.
function sortRows(table, column, direction, original, isText) {
  const rows = [...original];
  if (direction !== "none") {
    const sign = direction === "ascending" ? 1 : -1;
    rows.sort((one, other) => {
      const [a, b] = [sortKey(one, column, isText), sortKey(other, column, isText)];
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (isText ? a.localeCompare(b, undefined, { numeric: true }) : a - b);
    });
  }
  table.tBodies[0].append(...rows);
}

function makeSortable(table) {
  const original = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = next[head.getAttribute("aria-sort") ?? "none"];
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (direction !== "none") head.setAttribute("aria-sort", direction);
      sortRows(table, column, direction, original, head.dataset.kind === "text");
    });
  });
}

function makeFilterable(table, controls) {
  const input = controls.querySelector("input[type=search]");
  const count = controls.querySelector(".count");
  const rows = [...table.tBodies[0].rows];
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const name = row.cells[0].textContent.toLowerCase();
      row.hidden = !words.every((word) => name.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = `${shown} of ${rows.length} cases`;
  });
  for (const box of controls.querySelectorAll("input[data-group]")) {
    box.addEventListener("change", () => {
      for (const cell of table.querySelectorAll("[data-group]")) {
        if (cell.dataset.group === box.dataset.group) cell.hidden = !box.checked;
      }
    });
  }
  controls.hidden = false;
}

// A box that shows only a part of its table says so, for as long as there is more to the right.
function tellScrolling(box) {
  const hint = document.createElement("p");
  hint.className = "scrolls";
  hint.textContent = "This table scrolls sideways \u2192";
  box.before(hint);
  const tell = () => {
    const room = box.scrollWidth - box.clientWidth;
    hint.hidden = room < 2;
    box.classList.toggle("more-right", room - box.scrollLeft >= 2);
  };
  new ResizeObserver(tell).observe(box);
  new ResizeObserver(tell).observe(box.firstElementChild);
  box.addEventListener("scroll", tell, { passive: true });
  tell();
}

document.querySelectorAll(".wide").forEach(tellScrolling);

for (const controls of document.querySelectorAll(".controls")) {
  const table = document.getElementById(controls.dataset.for);
  makeSortable(table);
  makeFilterable(table, controls);
}
