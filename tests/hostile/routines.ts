/** Routines that no driver should have: they throw, give garbage, and turn on the list that calls them. */
import {
  activeLists,
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList,
  ExFlushLookasideListEx,
  ExFreePool,
  KeRaiseIrql,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { Random } from "../support/seed.js";
import { HostileError } from "./values.js";

/** What a routine does beside its work; deeper calls of the same routine do nothing more. */
type Mischief = (list: number) => void;

/** A set of routines that act on the machine of this thread. */
export interface HostileRoutines {
  readonly allocates: readonly ((...given: number[]) => number)[];
  readonly frees: readonly ((...given: number[]) => void)[];
}

const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  "16",
  Number.NaN,
  1.5,
  -1,
  7,
  16,
  0xffff_fff0,
  2 ** 40,
  5n,
  Symbol("address"),
  {},
  true,
  Promise.resolve(64),
];

function deleteAny(list: number): void {
  for (const remove of [
    ExDeleteLookasideListEx,
    ExDeleteNPagedLookasideList,
    ExDeletePagedLookasideList,
  ]) {
    try {
      remove(list);
    } catch {
      // Of another family, or gone already: what matters is what becomes of the caller.
    }
  }
}

/** Makes them. `ticket` brings a thread back that a routine has shut down. */
export function hostileRoutines(
  random: Random,
  ticket: Ticket,
  isAttackable: (list: number) => boolean,
) {
  let depth = 0;
  const own = (list: number): number => {
    if (isAttackable(list)) return list; // the unified families tell it
    const lists = activeLists().filter(isAttackable);
    return lists.length === 0 ? 0 : random.pick(lists);
  };
  const once = (mischief: Mischief, list: number): void => {
    if (depth > 2) return;
    depth++;
    try {
      mischief(list);
    } finally {
      depth--;
    }
  };
  const mischiefs: readonly Mischief[] = [
    () => {
      throw new HostileError("a routine has thrown");
    },
    (list) => deleteAny(own(list)),
    (list) => ExFlushLookasideListEx(own(list)),
    (list) => ExFreePool(ExAllocateFromLookasideListEx(own(list))),
    () => void KeRaiseIrql(15),
    () => {
      shutdown();
      boot(ticket);
    },
    () => shutdown(),
    () => {},
  ];
  const allocates = [
    ...mischiefs.map((mischief) => (type = 0, bytes = 0, tag = 0, list = 0): number => {
      once(mischief, list);
      return ExAllocatePoolWithTag(type, bytes, tag);
    }),
    (): number => random.pick(GARBAGE) as number,
  ];
  const frees = mischiefs.map((mischief) => (entry = 0, list = 0): void => {
    once(mischief, list);
    ExFreePool(entry);
  });
  return { allocates, frees } satisfies HostileRoutines;
}
