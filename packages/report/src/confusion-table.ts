import { html, type Markup } from "./markup.ts";
import { percentText } from "./number-text.ts";

export interface ConfusionOptions {
  readonly classes: readonly string[];
  /** How often images of each class (row) were given each class (column), `[classes, classes]`. */
  readonly counts: ArrayLike<number>;
}

/** Up to this many classes a picture of all pairs can be read. */
const mostClasses = 40;
const cell = 24;
const labelWidth = 130;

interface Confused {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly share: number;
}

/** How many images each class has. */
const totalsOf = ({ classes, counts }: ConfusionOptions): readonly number[] =>
  classes.map((_, row) => classes.reduce((sum, __, column) => sum + (counts[row * classes.length + column] as number), 0));

/** Pairs of different classes that were mistaken for each other, most frequent first. */
export const confusedPairs = (options: ConfusionOptions): readonly Confused[] => {
  const { classes, counts } = options;
  const n = classes.length;
  const totals = totalsOf(options);
  return classes
    .flatMap((_, from) =>
      classes.map((__, to) => {
        const count = counts[from * n + to] as number;
        return { from, to, count, share: count / Math.max(1, totals[from] as number) };
      }),
    )
    .filter(({ from, to, count }) => from !== to && count > 0)
    .sort((a, b) => b.count - a.count);
};

const short = (name: string): string => (name.length > 18 ? `${name.slice(0, 17)}…` : name);

const matrix = (options: ConfusionOptions): Markup => {
  const { classes, counts } = options;
  const n = classes.length;
  const totals = totalsOf(options);
  const rows = classes.map((name, row) => {
    const total = totals[row] as number;
    const cells = classes.map((given, column) => {
      const count = counts[row * n + column] as number;
      const share = count / Math.max(1, total);
      const fill = row === column ? "#00855f" : "#c75400";
      const tip = `${name} taken for ${given}: ${count} of ${total}`;
      const at = html`x="${labelWidth + column * cell}" y="${row * cell}"`;
      const opacity = Math.sqrt(share).toFixed(3);
      return html`<rect ${at} width="${cell - 1}" height="${cell - 1}" fill="${fill}" fill-opacity="${opacity}"><title>${tip}</title></rect>`;
    });
    return html`<text x="${labelWidth - 8}" y="${(row + 0.68) * cell}" text-anchor="end" font-size="11" fill="currentColor">${short(name)}</text>${cells}`;
  });
  const size = `${labelWidth + n * cell} ${n * cell}`;
  return html`<svg role="img" aria-label="Confusion matrix: rows are classes, columns what was given" viewBox="0 0 ${size}" width="100%">${rows}</svg>`;
};

/** Which classes are taken for which: a picture of all pairs where there are few, and the most frequent pairs in words. */
export const confusionTable = (options: ConfusionOptions): Markup => {
  const { classes } = options;
  const pairs = confusedPairs(options).slice(0, 10);
  const rows = pairs.map(
    ({ from, to, count, share }) =>
      html`<tr><td>${classes[from]}</td><td>${classes[to]}</td><td class="number">${count}</td><td class="number">${percentText(share)}</td></tr>`,
  );
  const head = html`<tr><th>class</th><th>taken for</th><th class="number">images</th><th class="number">of the class</th></tr>`;
  const table = pairs.length === 0 ? html`<p class="empty">No image was taken for another class.</p>` : html`<table>${head}${rows}</table>`;
  const picture = classes.length <= mostClasses ? html`<figure class="card">${matrix(options)}</figure>` : undefined;
  return html`<div class="pair">${picture}<div class="card">${table}</div></div>`;
};
