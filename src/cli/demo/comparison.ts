/**
 * What a comparison found, as data and as text.
 */
import { counted, showBytes } from "./amounts.js";
import { tableLines } from "./table.js";

/** What one way took: the round in the middle. */
export interface WayReport {
  readonly way: string;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  /** How many times as long as by way of blocks. */
  readonly ratio: number;
  /** Bytes of ArrayBuffers that were made for pieces and thrown away. */
  readonly garbageBytes: number;
}

/** What a comparison found. */
export interface Comparison {
  readonly rounds: number;
  readonly threads: number;
  readonly bytes: number;
  /** Blocks first. */
  readonly ways: readonly WayReport[];
}

/** The comparison for people. */
export function textComparison({ rounds, threads, ways }: Comparison): string {
  const lines = tableLines([
    ["Way", "Seconds", "MB/s", "Times as long", "Garbage"],
    ...ways.map(({ way, seconds, megabytesPerSecond: rate, ratio, garbageBytes }) => {
      return [way, seconds.toFixed(3), rate.toFixed(1), ratio.toFixed(2), showBytes(garbageBytes)];
    }),
  ]);
  const how = `${counted(threads, "hashing thread")}, the middle one of ${counted(rounds, "round")}`;
  return ["", `Compared: ${how}; all digests are equal`, ...lines, ""].join("\n");
}
