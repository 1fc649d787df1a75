/**
 * What the threads of alternation.test.ts do: take blocks of a documented list or of the pool, hand them to
 * each other and free them, or the same with an object list of their own; each call recorded, until they are
 * told to leave or are ended.
 */
import { ObjectList } from "lookaside";
import {
  boot,
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  PagedPool,
  setLookasideDepth,
  shutdown,
  system,
  type Ticket,
  tag,
} from "lookaside/wdk";
import { load } from "#src/memory/index.js";
import { generationOf, stateIndex } from "#src/pool/index.js";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import { Lane, type Recording, UNKNOWN } from "./recorder.js";
import { lineUp } from "./starting-line.js";

/** Kinds of recorded calls, by number. The extra word of an allocation is the block's bytes. */
export const KINDS = ["allocate", "free", "adopt", "destroy"] as const;

export interface Orders {
  readonly ticket: Ticket;
  readonly recording: Recording;
  readonly line: Int32Array<SharedArrayBuffer>;
  /** Where blocks lie on their way from thread to thread. */
  readonly slots: Int32Array<SharedArrayBuffer>;
  /** The list, and its place in LIST_FAMILIES; -1: the pool itself. */
  readonly list: number;
  readonly family: number;
  readonly seed: number;
}

/** Gate raised by each thread after each hundred steps; gate 0 tells all to leave. */
export const PROGRESS = 1;

/** What a thread raises its gate by when it records no more. */
export const STOPPED = 1_000_000;

/** Bytes of the entries of a list. */
export const ENTRY_BYTES = 48;

/** Blocks that a thread holds at most. */
const HELD_MAX = 12;

/** Bytes that are asked of the pool: small, of several slabs, and a run. */
const POOL_BYTES = [24, 40, 200, 1_500, 9_000, 70_000] as const;

const TAG = tag("Hist");

/** Where blocks come from and go to. */
interface Source {
  allocate(random: Random): { readonly address: number; readonly bytes: number };
  free(address: number): void;
  /** The generation of a held block; {@link UNKNOWN} where hits do not move it. */
  generation(address: number): number;
  tune(random: Random): void;
}

function listSource(list: number, family: number): Source {
  const { allocate, free } = LIST_FAMILIES[family] as (typeof LIST_FAMILIES)[number];
  return {
    allocate: () => ({ address: allocate(list), bytes: ENTRY_BYTES }),
    free: (address) => free(list, address),
    generation: () => UNKNOWN, // an entry is the list's, and held for the pool, all the time
    tune: (random) => setLookasideDepth(list, 1 + random.int(8)),
  };
}

function poolSource(): Source {
  const { region } = system();
  return {
    allocate(random) {
      const bytes = random.pick(POOL_BYTES);
      const type = random.int(2) === 0 ? NonPagedPool : PagedPool;
      return { address: ExAllocatePoolWithTag(type, bytes, TAG), bytes };
    },
    free: (address) => ExFreePool(address),
    generation(address) {
      region.cover(address);
      return generationOf(load(region.words, stateIndex(region, address)));
    },
    tune() {},
  };
}

/** Takes, hands on and frees, at random. */
export const juggle: CrewTask<Orders, void> = ({ rank, threads, data, gates }) => {
  boot(data.ticket);
  const source = data.family < 0 ? poolSource() : listSource(data.list, data.family);
  const random = randomFrom(data.seed + rank);
  const lane = new Lane(data.recording, rank);
  const held: number[] = [];

  const steps = [
    () => {
      if (held.length >= HELD_MAX) return;
      lane.begin(0);
      const { address, bytes } = source.allocate(random);
      if (address === 0) return lane.forget();
      lane.end(address, bytes, source.generation(address));
      held.push(address);
    },
    () => {
      const [address] = held.splice(random.int(held.length + 1), 1);
      if (address === undefined) return;
      lane.begin(1, address, 0, source.generation(address));
      source.free(address);
      lane.end(address);
    },
    () => {
      const given = held.pop() ?? 0;
      lane.begin(2);
      const taken = Atomics.exchange(data.slots, random.int(data.slots.length), given);
      if (taken === 0) return lane.forget();
      lane.end(taken);
      held.push(taken);
    },
  ];
  lineUp(data.line, threads);
  for (let step = 1; gates.read(0) === 0 && lane.hasRoom; step++) {
    const dice = random.int(20);
    if (dice === 0) source.tune(random);
    else (steps[dice < 9 ? 0 : dice < 17 ? 1 : 2] as () => void)();
    if (step % 100 === 0) gates.raise(PROGRESS + rank);
  }
  gates.raise(PROGRESS + rank, STOPPED);
  gates.wait(0, 2); // what is given back from now on is not recorded
  for (const address of held) source.free(address);
  shutdown();
};

/** An object that says which it is. */
interface Numbered {
  readonly number: number;
}

/** The same with a list of objects of this thread. */
export const juggleObjects: CrewTask<Pick<Orders, "recording" | "seed">, number> = ({
  rank,
  data,
}) => {
  const random = randomFrom(data.seed + rank);
  const lane = new Lane(data.recording, rank);
  const held: Numbered[] = [];
  const destroyed: number[] = [];
  let made = 0;
  const list = new ObjectList<Numbered>({
    tag: "Hist",
    maximumDepth: 9,
    policy: { name: "idle", idleTicks: 1 },
    create: () => ({ number: (rank + 1) * 2 ** 20 + ++made }),
    destroy: ({ number }) => destroyed.push(number),
  });
  const record = (kind: number, call: () => number): void => {
    lane.begin(kind);
    const number = call();
    if (number === 0) lane.forget();
    else lane.end(number);
    for (const gone of destroyed.splice(0)) {
      lane.begin(3);
      lane.end(gone);
    }
  };
  const nothing = (call: () => void) => () => {
    call();
    return 0;
  };
  const free = (at: number): void => {
    const [item] = held.splice(at, 1);
    if (item === undefined) return;
    record(1, () => {
      list.free(item);
      return item.number;
    });
  };
  const allocate = (): void =>
    record(0, () => {
      const item = list.allocate();
      if (item === null) return 0;
      held.push(item);
      return item.number;
    });

  const room = 2 * HELD_MAX + 9; // what is left to be freed and destroyed at the end
  while (lane.roomFor(room + 9)) {
    const dice = random.int(40);
    if (dice < 20 && held.length < HELD_MAX) allocate();
    else if (dice < 37) free(random.int(held.length + 1));
    else
      record(
        0,
        nothing(random.pick([() => list.tick(), () => list.trim(), () => list.reserve(3)])),
      );
  }
  while (held.length > 0) free(0);
  record(
    0,
    nothing(() => list.delete()),
  );
  return made;
};
