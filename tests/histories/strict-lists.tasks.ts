/** What the threads of strict-lists.test.ts do: a few calls at a time, all at once, each of them recorded. */
import {
  boot,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  memory,
  QueryDepthSList,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { randomFrom } from "../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";
import { Lane, type Recording } from "./recorder.js";
import { lineUp } from "./starting-line.js";

/** Kinds of recorded calls, by number. */
export const KINDS = ["push", "pop", "flush", "depth", "allocate", "free"] as const;

export interface Orders {
  readonly ticket: Ticket;
  readonly recording: Recording;
  readonly line: Int32Array<SharedArrayBuffer>;
  /** The head, or the list. */
  readonly list: number;
  /** Place in LIST_FAMILIES, or -1: a sequenced list. */
  readonly family: number;
  readonly rounds: number;
  readonly calls: number;
  readonly seed: number;
}

/** One call at random on a sequenced list. */
function shuffle(list: number, lane: Lane, held: number[], dice: number): void {
  const words = new Uint32Array(memory().buffer);
  if (dice < 48 && held.length > 0) {
    const entry = held.pop() as number;
    lane.begin(0, entry);
    lane.end(entry, ExInterlockedPushEntrySList(list, entry));
  } else if (dice < 92) {
    lane.begin(1);
    const entry = ExInterlockedPopEntrySList(list);
    lane.end(entry);
    if (entry !== 0) held.push(entry);
  } else if (dice < 96) {
    lane.begin(2);
    const first = ExInterlockedFlushSList(list);
    lane.end(first);
    for (let entry = first; entry !== 0; entry = words[entry / 4] as number) held.push(entry);
  } else {
    lane.begin(3);
    lane.end(QueryDepthSList(list));
  }
}

/** One call at random on a documented list. */
function churn(list: number, family: ListFamily, lane: Lane, held: number[], dice: number): void {
  if (dice < 50 && held.length > 0) {
    const entry = held.pop() as number;
    lane.begin(5, entry);
    family.free(list, entry);
    lane.end(entry);
  } else {
    lane.begin(4);
    const entry = family.allocate(list);
    lane.end(entry);
    if (entry !== 0) held.push(entry);
  }
}

/**
 * Rounds of calls. Between two rounds the test looks at the list: gate 0 says that all stand still, gate 2
 * that it is enough.
 */
export const play: CrewTask<Orders, void> = ({ rank, threads, data, gates, barrier }) => {
  boot(data.ticket);
  const family = LIST_FAMILIES[data.family];
  const random = randomFrom(data.seed + rank);
  const lane = new Lane(data.recording, rank);
  const held: number[] = [];
  for (let round = 1; round <= data.rounds; round++) {
    lineUp(data.line, threads);
    for (let call = 0; call < data.calls; call++) {
      const dice = random.int(100);
      if (family === undefined) shuffle(data.list, lane, held, dice);
      else churn(data.list, family, lane, held, dice);
    }
    gates.raise(0);
    gates.wait(1, round);
    if (gates.read(2) > 0) break;
  }
  for (const entry of held) if (family !== undefined) family.free(data.list, entry);
  barrier();
  shutdown();
};
