/**
 * What scenarios of the documented routines share: descriptors, the routines of a family, and how a virtual
 * thread becomes one of the machine.
 */
import type { Region } from "#src/memory/index.js";
import type { System } from "#src/system/index.js";
import type { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";

export const TAG = 0x7473_694c;
export const DESCRIPTOR = 0x80;

/** Families of lists; unified ones are of nonpaged entries. */
export type Family = "unified" | "nonpaged" | "paged";

/** The routines of one family. */
export interface FamilyRoutines {
  initialize(list: number, size: number): unknown;
  allocate(list: number): number;
  free(list: number, entry: number): void;
  remove(list: number): void;
}

/** The routines of a family of lists. */
export function routinesOf({ wdk }: Stage, family: Family): FamilyRoutines {
  if (family === "nonpaged") {
    return {
      initialize: (list, size) => wdk.ExInitializeNPagedLookasideList(list, 0, 0, 0, size, TAG, 0),
      allocate: wdk.ExAllocateFromNPagedLookasideList,
      free: wdk.ExFreeToNPagedLookasideList,
      remove: wdk.ExDeleteNPagedLookasideList,
    };
  }
  if (family === "paged") {
    return {
      initialize: (list, size) => wdk.ExInitializePagedLookasideList(list, 0, 0, 0, size, TAG, 0),
      allocate: wdk.ExAllocateFromPagedLookasideList,
      free: wdk.ExFreeToPagedLookasideList,
      remove: wdk.ExDeletePagedLookasideList,
    };
  }
  return {
    initialize: (list, size) => wdk.ExInitializeLookasideListEx(list, 0, 0, 0, 0, size, TAG, 0),
    allocate: wdk.ExAllocateFromLookasideListEx,
    free: wdk.ExFreeToLookasideListEx,
    remove: wdk.ExDeleteLookasideListEx,
  };
}

/** The set that a family's lists are in. */
export function setOf(family: Family): number {
  return family === "paged" ? 1 : 0;
}

/** Descriptors of one plan: 0 is everybody's, n + 1 thread n's own. */
export class Descriptors {
  readonly machine: Machine;
  readonly addresses: number[] = [];
  readonly #families: readonly [Family, Family];

  /** @param families of everybody's list, and of the threads' own. */
  constructor(machine: Machine, families: readonly [Family, Family]) {
    this.machine = machine;
    this.#families = families;
  }

  at(place: number): number {
    return this.addresses[place] as number;
  }

  familyOf(place: number): Family {
    return this.#families[place === 0 ? 0 : 1];
  }

  /** The routines of the list at a place. */
  routines(place: number): FamilyRoutines {
    return routinesOf(this.machine.stage, this.familyOf(place));
  }

  /** The sets that the lists belong to. */
  sets(): readonly number[] {
    return this.addresses.map((_, place) => setOf(this.familyOf(place)));
  }

  /** All lists that are in a set. */
  linked(region: Region): number[] {
    return [0, 1].flatMap((kind) => this.machine.stage.list.listsOf(region, kind));
  }

  /** Allocates descriptors for everybody and so many threads, and gives them names. */
  allocate(threads: number): void {
    const { wdk } = this.machine.stage;
    this.addresses.length = 0;
    for (let at = 0; at <= threads; at++)
      this.addresses.push(wdk.ExAllocatePoolWithTag(0, DESCRIPTOR, TAG));
    this.#nameAll();
  }

  #nameAll(): void {
    const { FIELD } = this.machine.stage.list;
    const fields = new Map<number, string>();
    for (const [name, byte] of Object.entries(FIELD))
      if (!fields.has(byte >>> 2)) fields.set(byte >>> 2, name);
    this.addresses.forEach((address, at) => {
      const nameOf = (word: number): string => `list ${at} ${fields.get(word) ?? word}`;
      this.machine.names.give(address, DESCRIPTOR / 4, nameOf);
    });
  }
}

/** Makes this virtual thread one of the machine: what `boot` with a ticket does, without a host. */
export function enterMachine(machine: Machine, region: Region, thread: number): void {
  const { list, wdk } = machine.stage;
  const identity = machine.identityOf(thread);
  const system = {
    region,
    thread,
    identity,
    pool: machine.poolOf(thread, region),
    routines: new list.Routines(region, thread, identity.epoch),
  } as unknown as System;
  const { ExAllocatePoolWithQuotaTag, ExAllocatePoolWithTag, ExFreePool } = wdk;
  wdk.enter(system, [ExAllocatePoolWithTag, ExFreePool, ExAllocatePoolWithQuotaTag] as never);
}
