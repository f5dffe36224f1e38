// The day view reacts: which pump, what span, the line under the pointer, and what was asked.

const view = { day: null, from: 0, to: 1, at: null, picture: null };
const SPANS = [["all", 0], ["3 days", 4320], ["24 h", 1440], ["6 h", 360], ["2 h", 120]];

const first = () => view.day.points[0][0];
const last = () => view.day.points.at(-1)[0] + 1;

function show(from, to) {
  const begin = first(), end = last(), span = Math.min(Math.max(to - from, 10), end - begin);
  view.from = Math.max(begin, Math.min(from, end - span));
  view.to = view.from + span;
  paint();
}

function paint() {
  const room = byId("day-panels");
  view.picture = drawn(view.day, view.from, view.to, room.clientWidth || 900);
  room.replaceChildren(view.picture.svg);
  point(view.at ?? view.to, true);
  for (const each of document.querySelectorAll(".spans button")) {
    const minutes = Number(each.dataset.minutes), span = view.to - view.from;
    each.setAttribute("aria-pressed", minutes ? Math.abs(span - minutes) < 1 : span >= last() - first() - 1);
  }
}

// The figures at a minute.
function point(minute, still = false) {
  const { day, picture } = view;
  const at = Math.min(Math.max(minute, view.from), view.to);
  if (!still) view.at = at;
  picture.cursor.setAttribute("d", `M${picture.scale(at)} 8 V${picture.bottom}`);
  const found = day.points[Math.max(0, before(day.points, at))];
  const reading = day.glucose[before(day.glucose, at)];
  const mode = day.modes.find(([begin, end]) => begin <= at && at < end) ?? day.modes.at(-1);
  const alarms = day.alarms.filter(([begin, end]) => begin <= at && at <= end);
  const cell = (name, value, kind = "") => make("div", { class: kind }, make("span", {}, name), make("b", {}, value));
  const of = (value, cap) => `${units(value)} of ${units(cap)} ${day.unit}`;
  byId("day-readout").replaceChildren(
    cell("time", wall(day, at, true)),
    cell("glucose", reading && at - reading[0] < 15 ? `${reading[1]} mg/dL` : "—"),
    cell("mode", mode[2] === "DELIVERING" ? "delivering" : MODES[mode[2]] ?? mode[2], mode[2] === "DELIVERING" ? "" : "stopped"),
    cell("rate", `${units(found[1])} ${day.unit}/h`),
    cell("on board", of(found[2], day.limits.on_board)),
    cell(`rolling ${day.limits.hours} h`, of(found[3], day.limits.window)),
    cell("rolling 24 h", of(found[4], day.limits.day)),
    cell("reservoir", `${units(found[5])} ${day.unit}`),
    ...alarms.map(([, , name, sentence]) => make("p", { class: "alarm" }, `▲ ${name}: ${sentence}`)),
  );
}

// ---- what was asked

function asked(day, only) {
  const body = byId("day-asked").tBodies[0];
  body.replaceChildren();
  for (const each of day.asked) {
    const refused = each.status !== "ACCEPTED";
    if ((only === "refused" && !refused) || (only === "boluses" && !/BOLUS/.test(each.kind))) continue;
    const what = [each.kind.toLowerCase().replaceAll("_", " "), each.amount ? `${units(each.amount)} ${day.unit}` : "", each.rate ? `${units(each.rate)} ${day.unit}/h` : "", each.duration ? `over ${Math.round(each.duration / 60000)} min` : ""];
    const answer = make("td", {}, refused ? make("b", {}, `✗ ${each.status.toLowerCase()}: ${each.reason}`) : "✓ accepted");
    if (refused) answer.append(make("p", {}, each.sentence), /BOLUS$/.test(each.kind) && each.amount ? make("p", {}, `allowable: ${units(each.allowable)} ${day.unit}`) : "");
    if (each.not_given) answer.append(make("p", {}, `not given: ${units(each.not_given)} ${day.unit}`));
    const row = make("tr", { class: refused ? "refused" : "", tabindex: 0 }, make("td", {}, wall(day, each.at, true)), make("td", {}, what.filter(Boolean).join(", ")), make("td", {}, each.source.toLowerCase()), answer);
    const go = () => {
      const span = Math.min(view.to - view.from, 360);
      view.at = each.at;
      show(each.at - span / 2, each.at + span / 2);
      byId("day-panels").scrollIntoView({ block: "nearest" });
    };
    row.addEventListener("click", go);
    row.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
    body.append(row);
  }
  if (!body.rows.length) body.append(make("tr", {}, make("td", { colspan: 4 }, "Nothing of the kind.")));
}

function listed() {
  const day = view.day, refused = day.asked.filter((each) => each.status !== "ACCEPTED").length;
  const choices = [["all", `all ${day.asked.length}`], ["boluses", "boluses"], ["refused", `refused ${refused}`]];
  const choose = (only) => {
    for (const each of byId("day-filters").children) each.setAttribute("aria-pressed", each.dataset.only === only);
    asked(day, only);
  };
  byId("day-filters").replaceChildren(...choices.map(([only, text]) => make("button", { type: "button", "data-only": only, on: { click: () => choose(only) } }, text)));
  choose("all");
}

// ---- pointer and keys

function reacts(room) {
  let began = null;
  const x = (event) => event.clientX - room.getBoundingClientRect().left;
  room.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") began = x(event); });
  room.addEventListener("pointermove", (event) => {
    point(view.picture.minute(x(event)));
    if (began === null) return;
    const left = Math.min(began, x(event));
    view.picture.zoom.setAttribute("x", left);
    view.picture.zoom.setAttribute("width", Math.abs(x(event) - began));
  });
  addEventListener("pointerup", (event) => {
    if (began === null) return;
    const [from, to] = [began, x(event)].sort((a, b) => a - b).map((each) => view.picture.minute(each));
    const far = Math.abs(x(event) - began) > 12;
    began = null;
    if (far) show(from, to); else view.picture.zoom.setAttribute("width", 0);
  });
  room.addEventListener("dblclick", () => show(first(), last()));
  room.addEventListener("keydown", (event) => {
    const step = (view.to - view.from) / (event.shiftKey ? 10 : 100);
    if (event.key === "ArrowLeft") point((view.at ?? view.to) - step);
    else if (event.key === "ArrowRight") point((view.at ?? view.to) + step);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => { if (view.day) paint(); }).observe(room);
  for (const name of ["beforeprint", "afterprint"]) addEventListener(name, () => { if (view.day) paint(); });
}

function choose(day) {
  view.day = day;
  view.at = null;
  const given = day.released.reduce((sum, each) => sum + each[1], 0);
  const refused = day.asked.filter((each) => each.status === "REFUSED").length;
  byId("day-told").textContent = `${day.limits_name}, ${wall(day, first(), true)} to ${wall(day, last(), true)}${day.dated ? ` (${day.zone})` : ""}: ${day.steps.toLocaleString("en").replaceAll(",", " ")} kernel steps, ${units(given)} ${day.unit} delivered, ${day.asked.length} requests, ${refused} refused.${day.cut ? " Older days are left out." : ""}`;
  listed();
  show(first(), last());
}

async function begin() {
  const days = await data("data-days");
  const which = byId("day-which");
  which.append(...days.map((each, at) => make("option", { value: at }, each.title)));
  which.hidden = days.length < 2;
  which.addEventListener("change", () => choose(days[which.value]));
  const spans = document.querySelector(".spans");
  const longest = Math.max(...days.map((each) => each.points.at(-1)[0] - each.points[0][0]));
  for (const [text, minutes] of SPANS.filter((each) => each[1] < longest)) {
    spans.append(make("button", { type: "button", "data-minutes": minutes, on: { click: () => {
      const middle = view.at ?? (view.from + view.to) / 2;
      if (minutes) show(middle - minutes / 2, middle + minutes / 2); else show(first(), last());
    } } }, text));
  }
  reacts(byId("day-panels"));
  choose(days[0]);
}
begin();
