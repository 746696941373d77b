"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  document.documentElement.classList.add("script");

  // Tables are sorted by a click on a heading; a second click turns the order round.
  for (const table of all(".sortable")) {
    const headings = all("thead th, thead td", table);
    const value = (row, column) => row.children[column].dataset.v ?? row.children[column].textContent;
    for (const button of all("thead button", table))
      button.addEventListener("click", () => {
        const heading = button.parentElement, column = headings.indexOf(heading);
        const number = heading.classList.contains("number");
        const before = heading.getAttribute("aria-sort");
        const down = before ? before === "ascending" : number;
        const rows = all("tbody tr", table);
        rows.sort((a, b) => {
          const x = value(a, column), y = value(b, column);
          return (number ? x - y : x.localeCompare(y, "en", { numeric: true })) * (down ? -1 : 1);
        });
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        table.tBodies[0].append(...rows);
      });
  }

  // Of two models one is shown.
  const switches = all(".switch input");
  const model = () => switches.find((input) => input.checked)?.value ?? "0";
  const showModel = () => {
    for (const part of all(".of-model")) part.hidden = part.dataset.model !== model();
  };
  for (const input of switches) input.addEventListener("change", showModel);
  if (switches.length) showModel();

  // The gallery is filtered by why an item is there, by its label, and by what was predicted: by the model whose errors are
  // shown, or by any.
  const cards = all(".card"), form = document.querySelector(".filters");
  if (!form) return;
  const fields = form.elements;
  const predictions = (card, list) =>
    list === "1" ? [card.dataset.p0] : list === "2" ? [card.dataset.p1] : [card.dataset.p0, card.dataset.p1];
  const filter = () => {
    const list = fields.list?.value ?? "", label = fields.label.value, predicted = fields.predicted.value;
    let shown = 0;
    for (const card of cards) {
      card.hidden = (list && !(card.dataset.lists & list)) || (label && card.dataset.l !== label) ||
        (predicted && !predictions(card, list).includes(predicted));
      shown += !card.hidden;
    }
    fields.shown.value = `${shown} of ${cards.length}`;
  };
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  // A mistake in the matrix leads to its pictures, where the gallery has any.
  for (const cell of all(".matrix .miss")) {
    const of = cell.closest(".of-model").dataset.model, { l, p } = cell.dataset;
    const list = of === "1" ? 2 : 1;
    if (!cards.some((card) => card.dataset.lists & list && card.dataset.l === l && card.dataset[`p${of}`] === p)) continue;
    const go = () => {
      if (fields.list) fields.list.value = String(list);
      fields.label.value = l;
      fields.predicted.value = p;
      filter();
      document.getElementById("gallery").scrollIntoView();
    };
    cell.classList.add("link");
    cell.tabIndex = 0;
    cell.setAttribute("role", "link");
    cell.addEventListener("click", go);
    cell.addEventListener("keydown", (event) => {
      if (event.key === "Enter") go();
    });
  }
})();
