/**
 * What all contenders look like to the loops: something that gives out items and takes them back.
 *
 * A loop is written once. Each contender gets a copy of its own of the loops' module (the engine keeps
 * what it learns of a loop with the module), so none is slowed down by what another one taught the
 * engine.
 */
import type { Contender, NotRun } from "../harness.js";
import type { Allocator } from "../loops/allocator.js";

/** A contender of scenarios that run in one thread. */
export interface Family<Item> {
  readonly name: string;
  /** An allocator of blocks of `bytes`; `most` of them will be in use, or parked, at a time. */
  open(bytes: number, most: number): Allocator<Item>;
  dispose?(): void;
}

/** A family of whatever items. */
export type AnyFamily = Family<never>;

/** Whether what was set up is a reason not to. */
export function isNotRun(entry: object): entry is NotRun {
  return "notRun" in entry;
}

type Loops = typeof import("../loops/local.js");

let copies = 0;

/** The loops, as a module that nobody else uses. */
async function freshLoops(): Promise<Loops> {
  copies++;
  return (await import(`../loops/local.js?copy=${copies}`)) as Loops;
}

/** A contender out of a family: `setUp` opens its allocators and gives back the loop over them. */
export async function contend(
  family: AnyFamily | NotRun,
  setUp: (family: AnyFamily, loops: Loops) => Omit<Contender, "name">,
): Promise<Contender | NotRun> {
  if (isNotRun(family)) return family;
  const work = setUp(family, await freshLoops());
  return {
    name: family.name,
    ...work,
    dispose: () => family.dispose?.(),
  };
}
