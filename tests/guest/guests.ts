/**
 * The guests of these tests, compiled once, and what is asked of them.
 */
import { readFileSync } from "node:fs";
import {
  ExAllocatePoolWithTag,
  NonPagedPool,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  tag,
} from "lookaside/wdk";
import { compileGuest } from "../../tools/compile-guest.js";

const repository = new URL("../../../", import.meta.url);

/** The functions of probe.c. */
export interface Probe {
  allocate(list: number): number;
  release(list: number, entry: number): void;
  pairs(list: number, count: number): void;
  poolBlock(type: number, size: number): number;
  poolBlock2(flags: bigint, size: number): number;
  allocateCalls(): number;
  freeCalls(): number;
  countedAllocateEx(): number;
  countedFreeEx(): number;
  countedAllocate(): number;
  makeList(list: number, flags: number): number;
  makeRaisingList(list: number): number;
  makeNPagedList(list: number): void;
  makePagedList(list: number): void;
  makeListOfPoolRoutines(list: number): void;
  makeListOfPointer(list: number, allocate: number): number;
  npagedRound(list: number): number;
  pagedRound(list: number): number;
  raise(status: number): void;
  takeRaise(): number;
  words(word: number): number;
  increment(word: number): number;
  raiseIrql(level: number): number;
  irql(): number;
  lowerIrql(level: number): void;
  sequenced(head: number, entries: number): number;
  count(): number;
  countHere(): number;
  constructed(): number;
  sumOfZeroes(): number;
  letter(name: number, at: number): number;
  setName(name: number, other: number): void;
  handled(size: number): number;
  frameAddress(): number;
  deep(kilobytes: number): number;
  trap(): void;
  print(): void;
  printAt(format: number, text: number): void;
}

/** The functions of examples/driver/driver.c. */
export interface CDriver {
  start(): number;
  work(context: number, rounds: number, burst: number): number;
  stop(context: number): void;
}

function source(path: string): string {
  return readFileSync(new URL(path, repository), "utf8");
}

/** The module of tests/guest/probe.c. */
export async function probeModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await compileGuest("probe", source("tests/guest/probe.c")));
}

/** The module of the example. */
export async function driverModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await compileGuest("driver", source("examples/driver/driver.c")));
}

/** Room for a descriptor of any family. */
export function descriptor(): number {
  return ExAllocatePoolWithTag(NonPagedPool, SIZEOF_NPAGED_LOOKASIDE_LIST, tag("Test"));
}
