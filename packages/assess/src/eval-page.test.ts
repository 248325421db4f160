import { fold, normals, rngOf } from "@twinview/core";
import { expect, test } from "vitest";
import { embeddingMap } from "./eval-page.ts";

test("the map keeps three far clouds of ten dimensions apart, and is the same each time", () => {
  const [clouds, each, width] = [3, 20, 10];
  const draw = normals(fold(rngOf(1), "clouds"));
  const data = Float32Array.from({ length: clouds * each * width }, (_, at) => {
    const cloud = Math.floor(at / (each * width));
    return (at % width === cloud ? 50 : 0) + draw();
  });
  const rows = { rows: clouds * each, width, data };
  const map = embeddingMap(rows, 3);
  expect(map).toEqual(embeddingMap(rows, 3));
  const distance = (a: number, b: number): number =>
    Math.hypot((map[2 * a] as number) - (map[2 * b] as number), (map[2 * a + 1] as number) - (map[2 * b + 1] as number));
  for (let a = 0; a < rows.rows; a++) {
    const others = Array.from({ length: rows.rows }, (_, b) => b).filter((b) => b !== a);
    const nearest = others.reduce((best, b) => (distance(a, b) < distance(a, best) ? b : best));
    expect(Math.floor(nearest / each)).toBe(Math.floor(a / each));
  }
});
