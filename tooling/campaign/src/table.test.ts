import { expect, test } from "vitest";
import { type Line, tableOf } from "./table.ts";

const line = (campaign: string, tried: number, held: number, found: string, status = "ok"): Line => ({
  campaign,
  at: "2026-11-26T13:00:00.000Z",
  machine: "two cores",
  promise: `${campaign} does no harm`,
  status,
  tried,
  held,
  found,
});

test("runs of one campaign are added up, what could not be tried says why", () => {
  const lines = [
    line("fire", 10, 10, "10 fires, 3 in the roof"),
    line("water", 1, 1, "a flood"),
    line("fire", 1500, 1499, "1500 fires, 4 in the roof"),
    line("earth", 0, 0, "no earth here", "skipped"),
  ];
  expect(tableOf(lines)).toBe(
    [
      "| campaign | promise | held | date |",
      "| --- | --- | --- | --- |",
      "| `fire` | fire does no harm | 1,509 of 1,510: 1510 fires, 7 in the roof | 2026-11-26 |",
      "| `water` | water does no harm | 1 of 1: a flood | 2026-11-26 |",
      "| `earth` | earth does no harm | skipped: no earth here | 2026-11-26 |",
      "",
      "Machine: two cores.",
    ].join("\n"),
  );
});

test("texts that differ in more than numbers: the last one", () => {
  expect(tableOf([line("fire", 1, 1, "1 fire"), line("fire", 1, 1, "1 blaze")])).toContain("2 of 2: 1 blaze |");
});
