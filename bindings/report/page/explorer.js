// Theorems, opened: what each says, what it supposes, its obligations, its queries.

const KEYWORDS = new Set("def return if elif else for in and or not class from import lambda is None True False range pass".split(" "));
const TOKENS = /(#.*)|("""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*")|\b(\d[\d_]*)\b|([A-Za-z_]\w*)|([\s\S])/g;

let functions = null;
async function known() {
  if (functions) return functions;
  const files = await data("data-sources");
  functions = new Map();
  for (const [file, text] of Object.entries(files)) {
    for (const found of text.matchAll(/^def (\w+)/gm)) {
      const line = text.slice(0, found.index).split("\n").length;
      if (!functions.has(found[1])) functions.set(found[1], `${file}:${line}`);
    }
  }
  return functions;
}

// Lines of source with their numbers; names of functions lead to where they stand.
function coloured(text, first, here) {
  const pre = make("pre", { class: "code" });
  let number = first;
  let line = make("span", { class: number === here ? "ln here" : "ln", "data-n": number });
  const put = (piece, kind, name) => {
    piece.split("\n").forEach((part, at) => {
      if (at) {
        pre.append(line);
        number += 1;
        line = make("span", { class: number === here ? "ln here" : "ln", "data-n": number });
      }
      if (!part) return;
      if (name) line.append(make("a", { role: "button", tabindex: 0, on: { click: () => lookUp(name) } }, part));
      else line.append(kind ? make("span", { class: kind }, part) : part);
    });
  };
  for (const [, comment, string, figure, word, other] of text.matchAll(TOKENS)) {
    if (comment) put(comment, "c");
    else if (string) put(string, string.startsWith('"""') ? "c" : "s");
    else if (figure) put(figure, "n");
    else if (word && KEYWORDS.has(word)) put(word, "k");
    else if (word && functions?.has(word)) put(word, "", functions.get(word));
    else put(word ?? other, "");
  }
  pre.append(line);
  return pre;
}

// A function's text from its `def` to where it ends; its contract stands before it.
async function functionText(at) {
  const [file, line] = at.split(":");
  const lines = ((await data("data-sources"))[file] ?? "").split("\n");
  const first = Number(line) - 1;
  let end = first + 1;
  while (end < lines.length && (/^(\s|\)|$)/.test(lines[end]))) end += 1;
  while (end > first && !lines[end - 1].trim()) end -= 1;
  return [lines.slice(first, end).join("\n"), first + 1];
}

async function lookUp(at) {
  const colon = at.lastIndexOf(":");
  const file = at.slice(0, colon), line = Number(at.slice(colon + 1));
  const text = (await data("data-sources"))[file];
  if (text === undefined) return;
  await known();
  const viewer = byId("viewer");
  viewer.querySelector("b").textContent = at;
  viewer.querySelector("pre").replaceWith(coloured(text.trimEnd(), 1, line));
  if (!viewer.open) viewer.showModal();
  viewer.querySelector(".here")?.scrollIntoView({ block: "center" });
}
byId("viewer").querySelector("button").addEventListener("click", () => byId("viewer").close());
byId("viewer").addEventListener("click", (event) => { if (event.target === byId("viewer")) byId("viewer").close(); });

const place = (at) => make("button", { class: "link", type: "button", on: { click: () => lookUp(at) } }, at);
const heading = (text) => make("h4", {}, text);

async function statement(each) {
  const [text, first] = await functionText(each.at);
  return make("div", { class: "statement" }, make("p", { class: "doc" }, each.doc), place(each.at), coloured(text, first));
}

function supposed(theorem) {
  const told = make("dl", { class: "facts" });
  const row = (head, ...what) => told.append(make("dt", {}, head), make("dd", {}, ...what));
  if (theorem.about) row("about", make("code", {}, `${theorem.about}()`), " ", place(theorem.about_at));
  if (theorem.about && !theorem.hypotheses.length) row("hypotheses", "none: every bit pattern of every argument");
  theorem.hypotheses?.forEach((each, at) => row(at ? "" : "hypotheses", make("code", {}, each)));
  for (const [path, values] of Object.entries(theorem.cases ?? {})) row("cases", make("code", {}, path), ` one by one: ${values.join(", ")}, and any other value`);
  if (theorem.opens?.length) row("opened", `${theorem.opens.join(", ")}; every other function is known by its contract`);
  if (theorem.rests_on?.length) row("rests on", theorem.rests_on.flatMap((name) => [make("a", { href: `#t-${name}` }, name), " "]));
  if (theorem.reason) row("one solver", theorem.reason);
  if (theorem.hazards.length) row("answers", theorem.hazards.flatMap((id) => [make("a", { href: `#${id}` }, id), " "]));
  return told;
}

function obligations(theorem, solvers) {
  const table = make("table", {}, make("thead", {}, make("tr", {}, ["place", "function", "kind", "obligations", ...solvers].map((each, column) => make("th", { class: column === 3 ? "number" : "" }, each)))));
  const body = make("tbody");
  for (const [at, name, kind, count, verdicts] of theorem.places) {
    const cells = [place(at), make("code", {}, name), kind, `${count}`, ...solvers.map((each) => verdicts[each] ?? "not asked")];
    body.append(make("tr", {}, cells.map((each, column) => make("td", { class: column === 3 ? "number" : verdicts[solvers[column - 4]] && verdicts[solvers[column - 4]] !== "proved" ? "problem" : "" }, each))));
  }
  table.append(body);
  return make("div", { class: "obligations scroll" }, table);
}

async function download(name) {
  const text = await unpacked(document.querySelector(`[data-query="${CSS.escape(name)}"]`));
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function queries(theorem) {
  const found = (await data("data-queries"))[theorem.name];
  if (!theorem.queries) return make("p", {}, "None: every obligation stands word for word among the facts already.");
  const command = make("code", {}, `dosekernel prove --property ${theorem.name} --smt2 DIR`);
  if (!found) return make("p", {}, "All of them are written out by ", command, ".");
  const buttons = found.carried.map(([name, subject, size]) => make("button", { type: "button", title: name, on: { click: () => download(name) } }, `${subject} · ${Math.ceil(size / 1000)} kB`));
  const rest = found.written - found.carried.length;
  return make("div", {}, make("div", { class: "texts" }, buttons), rest ? make("p", {}, `${rest} more ${rest === 1 ? "is" : "are"} written out by `, command, ".") : "");
}

async function explain(details) {
  await known();
  const all = await data("data-theorems");
  const theorem = all.find((each) => each.name === details.dataset.name);
  const body = details.querySelector(".body");
  const solvers = Object.keys(theorem.solvers);
  const parts = [];
  for (const each of theorem.findings) parts.push(make("p", { class: "problem" }, `${each.verdict}: ${each.place} ${each.text}`), make("pre", {}, each.counterexample));
  parts.push(heading("What it says"));
  if (!theorem.statements) parts.push(make("p", {}, theorem.title, ". It is about every function: each operation in its range, each promise kept, each callee's hypothesis met."));
  for (const each of theorem.statements ?? []) parts.push(await statement(each));
  if (theorem.about) parts.push(heading("What it supposes"), supposed(theorem));
  if (theorem.cover) {
    parts.push(heading("That it says something: a call that there is"), await statement(theorem.cover));
    for (const each of theorem.calls) parts.push(make("p", { class: "place" }, `found: ${each.call}`));
  }
  parts.push(heading(`Obligations: ${theorem.obligations} in ${theorem.units} units, ${theorem.queries} queries`), obligations(theorem, solvers));
  parts.push(heading("What the solvers read (SMT-LIB)"), await queries(theorem));
  body.replaceChildren(...parts);
}

for (const details of document.querySelectorAll("details.theorem")) {
  details.addEventListener("toggle", () => {
    if (details.open && !details.explained) details.explained = explain(details);
  });
}
const named = new Set([...document.querySelectorAll("a.theorem")].map((each) => each.getAttribute("href").slice(3)));
for (const details of document.querySelectorAll("details.theorem")) details.dataset.hazards = named.has(details.dataset.name) ? "yes" : "no";
opened();
