import type { Json } from "@twinview/config";
import { html, type Markup } from "./markup.ts";
import { bytesText, shortText } from "./number-text.ts";

/** Nesting beyond which a value is shown as JSON. */
const deepest = 4;
const longest = 400;

const isBranch = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const valueText = (name: string, value: Json): string => {
  if (typeof value === "number" && name.endsWith("Bytes")) return bytesText(value);
  if (typeof value === "number" && !Number.isInteger(value)) return shortText(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
};

const rowsOf = (value: Json, name: string, depth: number): readonly (readonly [name: string, text: string])[] => {
  if (!isBranch(value) || depth === 0 || Object.keys(value).length === 0) return [[name, valueText(name, value)]];
  return Object.entries(value).flatMap(([key, inner]) => rowsOf(inner, name === "" ? key : `${name}.${key}`, depth - 1));
};

const table = (title: string, rows: readonly (readonly [string, string])[]): Markup => {
  const lines = rows.map(([name, text]) => html`<tr><td>${name}</td><td>${text}</td></tr>`);
  return html`<div class="card"><h3>${title}</h3><table>${lines}</table></div>`;
};

/** A configuration as small tables, one for each of its parts, then the machine's; the configuration also as text to copy. */
export const configTables = (config: Json, environment: Json): Markup => {
  const entries = isBranch(config) ? Object.entries(config) : [["config", config] as const];
  const plain = entries.filter(([, value]) => !isBranch(value)).flatMap(([name, value]) => rowsOf(value, name, deepest));
  const parts = entries.flatMap(([name, value]) => (isBranch(value) ? [table(name, rowsOf(value, "", deepest))] : []));
  const machine = table("machine", rowsOf(environment, "", deepest));
  const copy = html`<details><summary>config.json</summary><pre>${JSON.stringify(config, null, 2)}</pre></details>`;
  return html`<div class="groups">${plain.length === 0 ? undefined : table("run", plain)}${parts}${machine}</div>${copy}`;
};

/** Sentences as a list. */
export const noteList = (notes: readonly string[]): Markup =>
  html`<div class="card"><ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul></div>`;
