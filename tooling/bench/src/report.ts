import type { Case } from "./cases.ts";
import type { Speeds } from "./measure.ts";
import type { Profile } from "./profile.ts";
import { compare, median } from "./statistics.ts";

/** What was measured of a case. */
export interface Measured {
  readonly case: Pick<Case, "name" | "imagesPerRun" | "flopsPerRun">;
  readonly speeds: Speeds;
  readonly peerName: string | undefined;
  readonly openSeconds: number | null;
  readonly peakRssBytes: number | null;
  readonly peerPeakRssBytes: number | null;
  readonly profile?: Profile | undefined;
}

/** A case in the benchmark's JSON. `gflops` are those of the recipe's products; null is what was not measured. */
export interface CaseReport {
  readonly name: string;
  readonly imagesPerSecond: number | null;
  readonly gflops: number | null;
  readonly machineGflops: number | null;
  /** Seconds from options to a step that is ready: traced, rewritten, compiled. */
  readonly openSeconds: number | null;
  readonly peakRssBytes: number | null;
  readonly peer: { readonly name: string; readonly imagesPerSecond: number } | null;
  /** Our speed over the peer's, the median over pairs of neighbouring runs: above 1 we are faster. */
  readonly ratio: number | null;
  /** Where a step's time goes, where that was asked for. */
  readonly profile?: Profile;
}

const round = (value: number, digits: number): number => Number(value.toPrecision(digits));
const middle = (speeds: readonly number[]): number | null => (speeds.length === 0 ? null : round(median(speeds), 5));

/** A measured case as the benchmark's JSON has it. */
export const caseReport = (measured: Measured, machineGflops: number | null): CaseReport => {
  const { case: of, speeds, peerName } = measured;
  const ours = middle(speeds.ours);
  const peer = middle(speeds.peer);
  return {
    name: of.name,
    imagesPerSecond: ours,
    gflops: ours === null || of.flopsPerRun === null ? null : round(((ours / of.imagesPerRun) * of.flopsPerRun) / 1e9, 4),
    machineGflops: machineGflops === null ? null : round(machineGflops, 4),
    openSeconds: measured.openSeconds === null ? null : round(measured.openSeconds, 3),
    peakRssBytes: measured.peakRssBytes,
    peer: peer === null || peerName === undefined ? null : { name: peerName, imagesPerSecond: peer },
    ratio: ours === null || peer === null ? null : round(compare(speeds.ours, speeds.peer).pairMedian, 4),
    ...(measured.profile === undefined ? {} : { profile: measured.profile }),
  };
};

const shown = (value: number | null, digits = 1): string => (value === null ? "-" : value.toFixed(digits));
const mebibytes = (bytes: number | null): string => (bytes === null ? "-" : (bytes / 2 ** 20).toFixed(0));

const row = (measured: Measured, machineGflops: number | null): readonly string[] => {
  const { name, imagesPerSecond, gflops, peer, ratio } = caseReport(measured, machineGflops);
  const { ours, peer: theirs } = measured.speeds;
  const pairs = ratio === null ? undefined : compare(ours, theirs);
  return [
    name,
    shown(imagesPerSecond),
    shown(peer?.imagesPerSecond ?? null),
    shown(ratio, 2),
    pairs === undefined ? "-" : `${Math.min(...pairs.pairs).toFixed(2)}-${Math.max(...pairs.pairs).toFixed(2)}`,
    shown(pairs?.ratio ?? null, 2),
    shown(gflops, 0),
    gflops === null || machineGflops === null ? "-" : `${((100 * gflops) / machineGflops).toFixed(0)} %`,
    shown(measured.openSeconds),
    mebibytes(measured.peakRssBytes),
    mebibytes(measured.peerPeakRssBytes),
  ];
};

const heading = ["case", "img/s", "peer img/s", "ratio", "pairs", "of medians", "GFLOPS", "of peak", "opens s", "MiB", "peer MiB"];

/** The table for people: one line a case, the first column to the left and numbers to the right. */
export const table = (measured: readonly Measured[], machineGflops: number | null): string => {
  const rows = [heading, ...measured.map((one) => row(one, machineGflops))];
  const widths = heading.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join("  ");
  return rows.map(line).join("\n");
};
