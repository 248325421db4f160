/** The style of a page, light and dark; colours of charts after Okabe and Ito, which all kinds of colour vision tell apart. */
export const pageStyle = `
:root { color-scheme: light dark; --back: #f6f7f8; --card: #fff; --ink: #1b2026; --soft: #5c6670; --line: #e3e6ea; --grid: #eceff2;
  --track: #edf0f3; --accent: #0067a5; --good: #00795a; --bad: #b84a00; --cross: #8b949e;
  --tone0: #7b8690; --tone1: #0072b2; --tone2: #c75400; --tone3: #00855f; --tone4: #a8518a; --tone5: #9a6a00; --tone6: #2f8fce; }
@media (prefers-color-scheme: dark) { :root { --back: #0f1216; --card: #171b21; --ink: #e6e9ec; --soft: #98a2ad; --line: #2a3038;
  --grid: #242a31; --track: #262c34; --accent: #62b5ef; --good: #4cc9a0; --bad: #f2955a; --cross: #77818c;
  --tone0: #8f9aa5; --tone1: #5cb3ee; --tone2: #f08c4a; --tone3: #3fc299; --tone4: #dd92c2; --tone5: #e5b043; --tone6: #9fd3f5; } }
.tone-0 { --tone: var(--tone0); } .tone-1 { --tone: var(--tone1); } .tone-2 { --tone: var(--tone2); } .tone-3 { --tone: var(--tone3); }
.tone-4 { --tone: var(--tone4); } .tone-5 { --tone: var(--tone5); } .tone-6 { --tone: var(--tone6); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
main { max-width: 1160px; margin: 0 auto; padding: 40px 24px 56px; }
h1, h2, h3, p, ul, dl, figure { margin: 0; padding: 0; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 19px; font-weight: 650; letter-spacing: -.01em; margin: 44px 0 14px; }
h3 { font-size: 14px; font-weight: 600; }
.over { color: var(--soft); font-size: 12px; font-weight: 600; letter-spacing: .07em; text-transform: uppercase; margin-bottom: 6px; }
.facts { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-top: 10px; color: var(--soft); list-style: none; }
.facts b { color: var(--ink); font-weight: 550; }
.note { color: var(--soft); font-size: 13px; max-width: 82ch; }
h2 + .note { margin: -8px 0 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
.wide, .pair > figure:last-child:nth-child(odd) { grid-column: 1 / -1; }
.hero { display: grid; grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: 20px 48px; align-items: center; margin-top: 26px; padding: 24px 28px; }
.hero h2 { margin: 0 0 12px; font-size: 14px; letter-spacing: 0; color: var(--soft); font-weight: 600; }
.numbers { display: grid; grid-template-columns: auto auto auto; justify-content: start; gap: 0 40px; align-items: end; }
.numbers div { display: flex; flex-direction: column-reverse; }
.numbers dt { color: var(--soft); font-size: 13px; }
.numbers dd { margin: 0; font-size: 32px; line-height: 1.1; font-weight: 600; letter-spacing: -.02em; white-space: nowrap; }
.numbers .main dd { font-size: 52px; font-weight: 700; color: var(--accent); }
.numbers .unit { font-size: .55em; font-weight: 500; margin-left: .12em; letter-spacing: 0; }
.verdict { margin: 14px 0 2px; font-size: 14px; } .verdict span { font-weight: 600; }
.up { color: var(--good); } .down { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); margin-top: 16px; padding: 0; overflow: hidden; }
.tiles > div { padding: 14px 18px; border-left: 1px solid var(--line); display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles > div:first-child { border-left: 0; }
.tiles dt { display: none; } .tiles dd { margin: 0; }
.tiles .value { font-size: 19px; font-weight: 600; letter-spacing: -.01em; line-height: 1.3; }
.tiles .name { color: var(--soft); font-size: 12.5px; } .tiles .more { color: var(--soft); font-size: 12.5px; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 16px; align-items: baseline; margin-bottom: 6px; }
figure .note { margin-top: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; list-style: none; color: var(--soft); font-size: 12.5px; }
.legend svg { margin-right: 6px; vertical-align: 0; }
svg { display: block; } .legend svg { display: inline-block; }
.chart { overflow: visible; margin: 12px 6px 40px 50px; width: calc(100% - 56px); cursor: crosshair; touch-action: pan-y; }
.heatmap { margin-left: 174px; width: calc(100% - 180px); margin-top: 6px; }
.chart text, .bars text, .color-key text { fill: var(--soft); font-size: 11.5px; }
.below-map { margin-left: 124px; } .below-map > .note { margin: 0 0 -6px 50px; }
.grid { stroke: var(--grid); } .axis, .notch { stroke: var(--cross); opacity: .6; }
.chart .y-tick { text-anchor: end; } .x-tick { text-anchor: middle; } .chart .axis-label { text-anchor: end; }
.curve { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.curve.fine { stroke-width: 1.2; } .curve.faint { stroke-width: 1; opacity: .5; } .curve.dashed { stroke-dasharray: 5 4; stroke-linecap: butt; }
.dot { fill: var(--card); stroke: var(--tone); stroke-width: 2; }
.reference { stroke: var(--tone); stroke-width: 1.5; stroke-dasharray: 2 4; stroke-linecap: round; }
.chart .reference-name { fill: var(--tone); text-anchor: end; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; font-weight: 550; }
.bars .bar-name { fill: var(--ink); font-size: 12.5px; } .bars .bar-value { text-anchor: end; font-size: 12.5px; }
.bar { fill: var(--tone); } .bar-track { fill: var(--track); } .bar-error { stroke: var(--ink); stroke-width: 2; }
.heatmap image, .color-key image { image-rendering: pixelated; }
.chart .row-name { text-anchor: end; font-size: 9.5px; } .chart .group-name { transform: translateX(-108px); fill: var(--ink); font-size: 11.5px; font-weight: 550; }
.group-edge { stroke: var(--card); stroke-width: 1.5; }
.mark-halo { fill: none; stroke: #000; stroke-width: 3.5; } .mark { fill: none; stroke: #fff; stroke-width: 1.6; }
.color-key { display: flex; align-items: flex-start; gap: 14px; width: min(100%, 480px); color: var(--soft); font-size: 12.5px; line-height: 1; margin: 4px 0; }
.color-key span { white-space: nowrap; } .color-key svg { flex: 1; min-width: 0; overflow: visible; margin: 0 12px; }
.cross { stroke: var(--cross); pointer-events: none; } .empty { color: var(--soft); padding: 20px 0; }
.tip { position: fixed; z-index: 1; left: 0; top: 0; max-width: 320px; padding: 6px 10px; border-radius: 7px; background: var(--ink); color: var(--back);
  font-size: 12.5px; line-height: 1.45; pointer-events: none; box-shadow: 0 2px 10px rgb(0 0 0 / .25); overflow-wrap: anywhere; }
.tip b { font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; } td, th { text-align: left; padding: 5px 12px 5px 0; border-top: 1px solid var(--line); vertical-align: baseline; overflow-wrap: anywhere; min-width: 5.2em; }
th, td.short { white-space: nowrap; } th { color: var(--soft); font-weight: 500; font-size: 12.5px; border-top: 0; } td.number, th.number { text-align: right; white-space: nowrap; padding-right: 0; }
.images { display: flex; flex-wrap: wrap; gap: 6px; } .images figure { width: 64px; }
img { display: block; width: 100%; aspect-ratio: 1; border-radius: 5px; image-rendering: pixelated; background: var(--track); object-fit: cover; }
figcaption { color: var(--soft); font-size: 11.5px; line-height: 1.3; margin-top: 3px; overflow-wrap: anywhere; }
.no-picture { display: block; aspect-ratio: 1; border-radius: 5px; background: var(--track); }
.samples { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px; } .samples .images { flex-wrap: nowrap; gap: 8px; } .samples .images figure { flex: 1; width: auto; min-width: 0; max-width: 132px; }
.neighbours { display: grid; gap: 14px; }
.neighbours > div { display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 24px; align-items: start; }
.neighbours > div + div { border-top: 1px solid var(--line); padding-top: 14px; }
.neighbours .images { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 12px; } .neighbours .images figure { width: auto; max-width: 84px; }
.neighbours .query figcaption { color: var(--ink); font-weight: 550; }
.same img { outline: 2px solid var(--tone3); outline-offset: 1px; } .other img { outline: 2px dashed var(--tone2); outline-offset: 1px; }
.other figcaption { color: var(--bad); }
.groups { columns: 3; column-gap: 16px; } .groups .card { break-inside: avoid; margin-bottom: 16px; padding: 12px 16px; }
.groups table { margin-top: 4px; } .groups td { font-size: 13px; } .groups td:last-child { text-align: right; padding-right: 0; }
.notes { padding-left: 20px; } .notes li { margin: 3px 0; overflow-wrap: anywhere; }
details { margin-top: 4px; } summary { cursor: pointer; color: var(--soft); font-size: 13px; }
pre { overflow-x: auto; font: 12px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; margin: 10px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 40px; color: var(--soft); font-size: 12.5px; }
@media (max-width: 860px) { .pair, .hero, .samples { grid-template-columns: minmax(0, 1fr); } .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .tiles > div:nth-child(4) { border-left: 0; } .tiles > div:nth-child(n+4) { border-top: 1px solid var(--line); } .groups { columns: 2; } }
@media (max-width: 560px) { main { padding: 24px 14px 40px; } h1 { font-size: 24px; } .card { padding: 14px; } .hero { padding: 18px 16px; }
  .numbers { gap: 14px 26px; grid-template-columns: auto auto; } .numbers .main { grid-column: 1 / -1; } .numbers dd { font-size: 26px; } .groups { columns: 1; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); padding: 0; } .tiles > div, .tiles > div:nth-child(4) { border-left: 1px solid var(--line); padding: 12px 14px; }
  .tiles > div:nth-child(odd) { border-left: 0; } .tiles > div:nth-child(n+3) { border-top: 1px solid var(--line); }
  .chart { margin-left: 44px; width: calc(100% - 48px); } .heatmap { margin-left: 60px; width: calc(100% - 62px); } .below-map { margin-left: 16px; } .below-map > .note { margin-left: 44px; } .row-name { display: none; } .chart .group-name { transform: none; font-size: 10.5px; } .less { display: none; }
  .color-key { flex-direction: column; gap: 6px; align-items: stretch; }
  .neighbours > div { grid-template-columns: 60px minmax(0, 1fr); gap: 14px; } .neighbours .images { grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px; } }
@media print { body { background: none; } .card { break-inside: avoid; } }
`;
