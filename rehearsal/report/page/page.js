// Filters the list of resources; without scripts the whole list is there.
"use strict";
const field = document.getElementById("filter");
const rows = [...document.querySelectorAll("#resource-list tbody tr")];
const shown = document.getElementById("shown");
field.hidden = false;
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/);
  let n = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    n += row.hidden ? 0 : 1;
  }
  shown.textContent = `${n} of ${rows.length} shown`;
});
// Folded sections are printed too; what explains single cells stays as it is.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main > details")) details.open = true;
});
