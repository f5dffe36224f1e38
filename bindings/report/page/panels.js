// The panels of the day view, drawn as SVG for a span of minutes; nothing here reacts to anything.

const MICRO = 1e6, MARGIN = { left: 54, right: 14, top: 24, bottom: 22 };
const MODES = {
  SUSPENDED: "suspended", LOW_SUSPENDED: "suspended: glucose low", FAULTED: "fault", DISCONNECTED: "disconnected",
  NOT_READY: "not ready", EXPIRED: "set expired", EMPTY: "empty",
};
const units = (value, digits = 2) => (value / MICRO).toFixed(digits).replace(/\.?0+$/, "");

// The wall clock at a minute of kernel time.
function wall(day, minute, whole) {
  const ms = day.wall + minute * 60000;
  if (!day.dated && day.wall === 0) return `${Math.floor(minute / 60)} h ${String(Math.floor(minute % 60)).padStart(2, "0")}`;
  const date = new Date(ms), two = (value) => String(value).padStart(2, "0");
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (!whole) return clock;
  const days = Math.floor(ms / 86400000);
  return day.dated ? `${date.toISOString().slice(0, 10)} ${clock}` : days >= 1 ? `day ${days + 1} ${clock}` : clock;
}

// The newest of sorted entries at or before a minute.
function before(entries, minute) {
  let low = 0, high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle][0] <= minute) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// What lies in a span, and one entry on each side of it.
const within = (entries, from, to) => entries.slice(Math.max(0, before(entries, from)), before(entries, to) + 2);

function ticks(from, to, width) {
  const steps = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880];
  const step = steps.find((each) => ((to - from) / each) * 62 < width) ?? 1440 * 7;
  return step;
}

class Panel {
  constructor(day, view, height, title, top) {
    Object.assign(this, { day, view, height, top });
    this.group = make("g", { class: "panel" });
    this.say(title, MARGIN.left, -8, "title");
  }
  x(minute) { return MARGIN.left + ((minute - this.view.from) / (this.view.to - this.view.from)) * this.view.inner; }
  y(value) { return this.height - (Math.min(value, this.most) / this.most) * this.height; }
  scale(most, labels) {
    this.most = most || 1;
    for (const each of labels ?? [0, most / 2, most]) {
      const y = this.y(each);
      this.group.append(make("path", { class: "grid", d: `M${MARGIN.left} ${y} h${this.view.inner}` }));
      this.say(`${Number(each.toFixed(2))}`, MARGIN.left - 7, y + 4, "axis");
    }
  }
  say(text, x, y, kind) { this.group.append(make("text", { class: kind, x, y }, text)); }
  inside(kind, d) { this.group.append(make("path", { class: kind, d, "clip-path": "url(#clip)" })); }
  level(value, text, kind = "cap") {
    const y = this.y(value);
    this.inside(kind, `M${MARGIN.left} ${y} h${this.view.inner}`);
    this.say(text, MARGIN.left + this.view.inner - 4, y - 5, `${kind} label`);
  }
  // A line through points, as steps or straight, and the area under it.
  line(points, kind, { steps = false, area = false } = {}) {
    if (!points.length) return;
    let d = "";
    points.forEach(([at, value], number) => {
      const x = this.x(at).toFixed(1), y = this.y(value).toFixed(1);
      d += number === 0 ? `M${x} ${y}` : steps ? `H${x}V${y}` : `L${x} ${y}`;
    });
    if (area) this.inside(`${kind} area`, `${d}V${this.height}H${this.x(points[0][0]).toFixed(1)}Z`);
    this.inside(kind, d);
  }
}

function glucosePanel(day, view, top) {
  const panel = new Panel(day, view, 150, "glucose mg/dL", top);
  const readings = within(day.glucose, view.from, view.to);
  panel.scale(Math.max(300, ...readings.map((each) => each[1] + 20)), [0, 70, 180, 300]);
  const high = panel.y(180);
  panel.inside("band", `M${MARGIN.left} ${high} h${view.inner} V${panel.y(70)} h${-view.inner}Z`);
  if (day.limits.glucose_low) panel.level(day.limits.glucose_low, `low: ${day.limits.glucose_low}`, "warn");
  panel.line(readings, "glucose");
  for (const [at, value] of view.to - view.from < 1500 ? readings : []) {
    panel.group.append(make("circle", { class: value < 70 || value > 180 ? "dot out" : "dot", cx: panel.x(at), cy: panel.y(value), r: 2.4, "clip-path": "url(#clip)" }));
  }
  if (!readings.length) panel.say("no readings", MARGIN.left + view.inner / 2, 80, "empty");
  return panel;
}

function deliveryPanel(day, view, top) {
  const panel = new Panel(day, view, 130, `rate ${day.unit}/h, boluses ${day.unit}`, top);
  const points = within(day.points, view.from, view.to);
  const boluses = day.asked.filter((each) => /BOLUS$/.test(each.kind) && each.amount && each.at >= view.from && each.at <= view.to);
  const most = Math.max(2, ...points.map((each) => each[1] / MICRO), ...boluses.map((each) => each.amount / MICRO)) * 1.2;
  panel.scale(most, [0, Math.round(most / 2), Math.floor(most)]);
  panel.line(points.map((each) => [each[0], each[1] / MICRO]), "rate", { steps: true, area: true });
  let beside = -99, level = 0;
  for (const each of boluses) {
    const x = panel.x(each.at), y = panel.y(each.amount / MICRO), good = each.status === "ACCEPTED";
    const kind = `${good ? "given" : "refused"}${each.kind === "EXTENDED_BOLUS" ? " extended" : ""}`;
    const length = each.duration && good ? panel.x(each.at + each.duration / 60000) - x : 0;
    panel.inside(`bolus ${kind}`, `M${x} ${panel.height}V${y}h${length}`);
    const mark = good ? `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0` : `M${x - 4.5} ${y - 4.5}l9 9m-9 0l9 -9`;
    panel.inside(`mark-${kind}`, mark);
    level = x - beside < 26 ? level + 1 : 0;
    beside = x;
    panel.say(units(each.amount), x + (level % 2 ? 16 : 0), y - 9, `amount ${kind}`);
  }
  return panel;
}

function boardPanel(day, view, top) {
  const panel = new Panel(day, view, 100, `on board ${day.unit}, basal included`, top);
  const cap = day.limits.on_board / MICRO;
  panel.scale(cap * 1.25, [0, Math.round(cap / 2), cap]);
  panel.line(within(day.points, view.from, view.to).map((each) => [each[0], each[2] / MICRO]), "board", { area: true });
  panel.level(cap, `cap ${units(day.limits.on_board)} ${day.unit}`);
  return panel;
}

function windowsPanel(day, view, top) {
  const panel = new Panel(day, view, 110, "rolling windows, % of their caps", top);
  panel.scale(125, [0, 50, 100]);
  const points = within(day.points, view.from, view.to);
  const share = (value, cap) => (cap ? (100 * value) / cap : 0);
  panel.line(points.map((each) => [each[0], share(each[3], day.limits.window)]), "short");
  panel.line(points.map((each) => [each[0], share(each[4], day.limits.day)]), "long");
  panel.level(100, `caps: ${units(day.limits.window)} ${day.unit} in ${day.limits.hours} h, ${units(day.limits.day)} ${day.unit} in 24 h`);
  const right = MARGIN.left + view.inner;
  for (const [kind, text, left] of [["short", `${day.limits.hours} h`, right - 96], ["long", "24 h", right - 46]]) {
    panel.group.append(make("path", { class: kind, d: `M${left} -12 h16` }));
    panel.say(text, left + 20, -8, "key");
  }
  return panel;
}

function reservoirPanel(day, view, top) {
  const panel = new Panel(day, view, 70, `reservoir ${day.unit}`, top);
  const points = within(day.points, view.from, view.to);
  const most = Math.max(day.limits.reservoir_low / MICRO, ...points.map((each) => each[5] / MICRO)) * 1.1;
  panel.scale(most, [0, Math.round(most / 1.1)]);
  panel.line(points.map((each) => [each[0], each[5] / MICRO]), "reservoir", { steps: true, area: true });
  if (day.limits.reservoir_low) panel.level(day.limits.reservoir_low / MICRO, `low ${units(day.limits.reservoir_low)} ${day.unit}`, "warn");
  return panel;
}

// All panels for a span; returns the SVG with the line that follows the pointer.
function drawn(day, from, to, width) {
  const view = { from, to, inner: Math.max(120, width - MARGIN.left - MARGIN.right) };
  const svg = make("svg", { width, class: "panels-svg" });
  let top = MARGIN.top;
  const shades = make("g"), marks = make("g");
  svg.append(shades);
  for (const draw of [glucosePanel, deliveryPanel, boardPanel, windowsPanel, reservoirPanel]) {
    const panel = draw(day, view, top);
    panel.group.setAttribute("transform", `translate(0 ${top})`);
    svg.append(panel.group);
    top += panel.height + 34;
  }
  const bottom = top - 34, scale = (minute) => MARGIN.left + ((minute - from) / (to - from)) * view.inner;
  for (const [begin, end, mode] of day.modes) {
    if (mode === "DELIVERING" || end < from || begin > to) continue;
    const left = Math.max(scale(begin), MARGIN.left), right = Math.min(scale(end), MARGIN.left + view.inner);
    shades.append(make("rect", { class: `shade ${mode}`, x: left, y: 8, width: Math.max(right - left, 1), height: bottom - 8 }, make("title", {}, `${MODES[mode] ?? mode}, ${wall(day, begin, true)} to ${wall(day, end)}`)));
  }
  const step = ticks(from, to, view.inner), shift = Math.round(day.wall / 60000) % step;
  for (let minute = Math.ceil((from + shift) / step) * step - shift; minute <= to; minute += step) {
    marks.append(make("path", { class: "tick", d: `M${scale(minute)} ${bottom} v5` }), make("text", { class: "time", x: scale(minute), y: bottom + 18 }, step >= 1440 ? wall(day, minute, true).slice(0, 10) : wall(day, minute)));
  }
  const height = bottom + 26;
  const clip = make("g");
  clip.innerHTML = `<clipPath id="clip"><rect x="${MARGIN.left}" y="-30" width="${view.inner}" height="400"/></clipPath>`;
  const cursor = make("path", { class: "cursor", d: "" }), zoom = make("rect", { class: "zoom", y: 8, height: bottom - 8, width: 0 });
  svg.append(clip, marks, zoom, cursor);
  svg.setAttribute("height", height);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return { svg, cursor, zoom, scale, minute: (x) => from + ((x - MARGIN.left) / view.inner) * (to - from), bottom };
}
