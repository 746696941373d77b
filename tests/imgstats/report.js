// Put into a report by report.t: uses the page as a person would, and tells the page around it what it saw.
"use strict";
addEventListener("load", async () => {
  const lines = [], all = (selector) => [...document.querySelectorAll(selector)];
  const say = (name, value) => lines.push(`${name}=${value}`);
  const shown = (selector) => all(selector).filter((one) => !one.hidden);
  const choose = (name, value) => {
    const field = document.querySelector(".filters").elements[name];
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const cards = () => shown(".card").length;

  say("width", innerWidth);
  say("dark", matchMedia("(prefers-color-scheme: dark)").matches);
  const light = (color) => color.match(/[\d.]+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0) > 384;
  say("dark text", !light(getComputedStyle(document.body).color));
  say("fits", document.documentElement.scrollWidth <= innerWidth);

  const images = all(".card img");
  say("pictures", images.filter((image) => image.naturalWidth > 0).length);

  say("cards", cards());
  if (document.querySelector("select[name=list]"))
    for (const [name, list] of [["first", 1], ["second", 2], ["disagree", 4]]) {
      choose("list", list);
      say(name, cards());
      say(`${name} only`, shown(".card").every((card) => card.dataset.lists & list));
    }
  if (document.querySelector("select[name=list]")) choose("list", "");
  const label = document.querySelector("select[name=label]").options[1];
  choose("label", label.value);
  say("of label", cards());
  say("of label only", shown(".card").every((card) => card.querySelector(".label bdi").textContent === label.text));
  say("told", document.querySelector(".filters output").value === `${cards()} of ${all(".card").length}`);
  document.querySelector(".filters button").click();
  await new Promise((done) => setTimeout(done, 50));
  say("reset", cards() === all(".card").length);

  const models = all(".switch input");
  if (models.length) {
    say("one model", new Set(shown(".of-model").map((part) => part.dataset.model)).size);
    models[1].click();
    say("other model", shown(".of-model").every((part) => part.dataset.model === "1"));
    models[0].click();
  }

  const table = shown(".of-model .sortable")[0] ?? document.querySelector(".sortable");
  const column = (index) => [...table.tBodies[0].rows].map((row) => Number(row.children[index].dataset.v));
  const sorted = (values) => values.every((value, i) => i === 0 || values[i - 1] >= value);
  const heading = table.querySelectorAll("thead th")[4]; // recall, of which the cells are one further
  heading.querySelector("button").click();
  say("sorted", sorted(column(5)) && heading.getAttribute("aria-sort") === "descending");
  heading.querySelector("button").click();
  say("turned round", sorted(column(5).reverse()));

  const link = document.querySelector(".matrix .link");
  link?.click();
  say("mistake", link && shown(".card").every((card) => card.dataset.l === link.dataset.l && card.dataset.p0 === link.dataset.p) && cards() > 0);

  say("hacked", window.hacked ?? "no");
  say("errors", JSON.stringify(window.seen));
  parent.postMessage(`${lines.join("\n")}\nend`, "*");
});
