// What every part of the page uses: packed data, making elements, search and filters, print.
"use strict";

const byId = (id) => document.getElementById(id);

// A text that the page carries packed (gzip in base64).
async function unpacked(element) {
  const raw = Uint8Array.from(atob(element.textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const kept = new Map();
function data(id) {
  if (!kept.has(id)) kept.set(id, unpacked(byId(id)).then(JSON.parse));
  return kept.get(id);
}

// An element with attributes and children; a string is text, never markup.
function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "rect", "line", "text", "g", "circle", "title"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((each) => each !== "" && each !== null && each !== undefined));
  return made;
}

// ---- search and filters

function filtered(bar) {
  const kind = bar.dataset.filters;
  const items = [...document.querySelectorAll(`[data-item="${kind}"]`)];
  const words = (bar.querySelector("input").value || "").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = [...bar.querySelectorAll("select")].filter((each) => each.value);
  let shown = 0;
  for (const item of items) {
    item.text ??= item.textContent.toLowerCase();
    const fits = words.every((word) => item.text.includes(word))
      && wanted.every((each) => item.dataset[each.dataset.by] === each.value);
    item.hidden = !fits;
    shown += fits;
  }
  const section = bar.closest("section");
  for (const head of section.querySelectorAll("[data-group-head]")) {
    let one = false;
    if (head.matches("h3")) {
      for (let next = head.nextElementSibling; next && next.matches("details"); next = next.nextElementSibling) one ||= !next.hidden;
    } else one = [...head.querySelectorAll("details")].some((each) => !each.hidden);
    head.hidden = !one;
  }
  section.querySelector(".none").hidden = shown > 0;
  bar.querySelector("output").textContent = shown === items.length ? `${shown}` : `${shown} of ${items.length}`;
}

for (const bar of document.querySelectorAll("[data-filters]")) {
  bar.addEventListener("input", () => filtered(bar));
  const all = bar.querySelector("[data-open]");
  all?.addEventListener("click", () => {
    const items = [...document.querySelectorAll(`[data-item="${all.dataset.open}"]`)].filter((each) => !each.hidden);
    const open = items.some((each) => !each.open);
    for (const each of items) each.open = open;
    all.textContent = open ? "close all" : "open all";
  });
  filtered(bar);
}

// ---- a link to something closed opens it

function opened() {
  const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (!target || !target.matches("details")) return;
  if (target.hidden) {
    const bar = document.querySelector(`[data-filters="${target.dataset.item}"]`);
    for (const each of bar.querySelectorAll("input, select")) each.value = "";
    filtered(bar);
  }
  target.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", opened);

// ---- print: each hazard with its answers; theorems stay a list

let closedBefore = [];
addEventListener("beforeprint", () => {
  closedBefore = [...document.querySelectorAll("details.hazard:not([open])")];
  for (const each of closedBefore) each.open = true;
});
addEventListener("afterprint", () => { for (const each of closedBefore) each.open = false; });
