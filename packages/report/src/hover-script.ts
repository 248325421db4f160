/**
 * The script of a page: reads the values of a chart off under the pointer. It works on the charts' own data, writes texts only, and
 * a page without it lacks nothing else.
 */
export const hoverScript = `
"use strict";
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);
const short = (value, percent) => percent ? (100 * value).toFixed(1) + " %" : String(Number(value.toPrecision(4)));
const show = (event, lines) => {
  tip.replaceChildren(...lines.map(([name, value]) => {
    const line = document.createElement("div");
    const strong = document.createElement("b");
    strong.textContent = value;
    line.append(name + " ", strong);
    return line;
  }));
  tip.hidden = false;
  const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 6);
  const above = event.clientY - tip.offsetHeight - 12;
  tip.style.left = Math.max(6, left) + "px";
  tip.style.top = (above < 6 ? event.clientY + 18 : above) + "px";
};
const nearest = (values, wanted) => {
  let low = 0, high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] > wanted) high = middle; else low = middle;
  }
  return wanted - values[low] < values[high] - wanted ? low : high;
};
const follow = (chart, read) => {
  const cross = document.createElementNS("http://www.w3.org/2000/svg", "line");
  cross.setAttribute("class", "cross");
  cross.setAttribute("y1", "0");
  cross.setAttribute("y2", "100%");
  const leave = () => { tip.hidden = true; cross.remove(); };
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const found = share < 0 || share > 1 ? undefined : read(share, event.clientY - box.top);
    if (found === undefined) return leave();
    cross.setAttribute("x1", 100 * found.at + "%");
    cross.setAttribute("x2", 100 * found.at + "%");
    chart.append(cross);
    show(event, found.lines);
  });
};
for (const chart of document.querySelectorAll("[data-readings]")) {
  const { x: [min, max], label, percent, series } = JSON.parse(chart.dataset.readings);
  follow(chart, (share) => {
    const wanted = min + share * (max - min);
    const points = series.map((one) => ({ ...one, i: nearest(one.x, wanted) })).filter(({ y, i }) => typeof y[i] === "number");
    if (points.length === 0) return undefined;
    const closest = points.map(({ x, i }) => x[i]).reduce((a, b) => Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a);
    const lines = points.map(({ name, y, i }) => [name, short(y[i], percent)]);
    return { at: (closest - min) / (max - min), lines: [[label, closest.toLocaleString("en")], ...lines] };
  });
}
for (const chart of document.querySelectorAll("[data-heat]")) {
  const { label, value, rows, rowHeight, columns, range: [low, high], levels } = JSON.parse(chart.dataset.heat);
  const bytes = atob(levels);
  follow(chart, (share, y) => {
    const row = Math.floor(y / rowHeight);
    const column = Math.min(columns.length - 1, Math.floor(share * columns.length));
    if (row < 0 || row >= rows.length) return undefined;
    const level = bytes.charCodeAt(row * columns.length + column);
    const norm = level === 0 ? "not recorded" : (level === 1 ? "at most " : level === 255 ? "at least " : "about ") + Number((low * (high / low) ** ((level - 1) / 254)).toPrecision(2));
    const lines = [["", rows[row].group + " " + rows[row].name], [label, columns[column].toLocaleString("en")], [value, norm]];
    return { at: (column + 0.5) / columns.length, lines };
  });
}
`;
