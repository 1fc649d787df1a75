/**
 * A storm: random calls of every function of the door with arguments that nobody should pass, each
 * outcome held against what is documented, and at every checkpoint the pool, the set of lists and the
 * bystanders looked at.
 */
import assert from "node:assert/strict";
import { ERROR_CODES } from "lookaside";
import {
  BUG_CHECK,
  BugCheck,
  boot,
  type Driver,
  isBooted,
  KeGetCurrentIrql,
  KeLowerIrql,
  LookasideError,
  loadDriver,
  poolInformation,
  StatusError,
  shutdown,
  simulateLowResources,
  ticket,
} from "lookaside/wdk";
import { show } from "#src/base/index.js";
import type { Random } from "../support/seed.js";
import { Arena } from "./arena.js";
import { type ArgumentKind, ATTACKS, type Attack } from "./attacks.js";
import { makeBystanders, registerBystanders } from "./bystanders.js";
import { type HostileRoutines, hostileRoutines } from "./routines.js";
import { anyNumber, HostileError, wrongType } from "./values.js";

const STATUSES = new Set([
  0x8000_0002, 0xc000_000d, 0xc000_0044, 0xc000_009a, 0xc000_00f2, 0xc000_00f3,
]);
const BUG_CHECKS: ReadonlySet<number> = new Set(Object.values(BUG_CHECK));
const SLOWEST_MS = 20_000;
const POOL_TYPES = [0, 1, 0, 1, 512, 4, 5, 16, 17, 8, 2, 3, 7, 32, 33, 516, 544];
const FLAGS = [0, 0, 0, 1, 2, 16, 512, 528, 3, 8];
const POOL2_FLAGS = [0x40, 0x100, 0x41, 0x42, 0x60, 0x120, 0x80, 0x48, 0xc0, 2n ** 32n + 0x40n, 0];
const GOOD_TAGS = [0x31_77_65_4e, 0x74_73_6f_48];
const TAGS = [...GOOD_TAGS, ...GOOD_TAGS, ...GOOD_TAGS, 0x47_49_42, 0, 0x2020_2020, 0xffff_ffff];

/** Every weight as that many places, so that a draw is one pick. */
const DRAWN = ATTACKS.flatMap((attack) => Array<Attack>(attack.weight).fill(attack));

/** One storm over the machine of this thread, which is in checked mode and goes on after bug checks. */
export class Storm {
  readonly #random: Random;
  readonly arena: Arena;
  readonly #scribbles: boolean;
  readonly #ticket = ticket();
  readonly #routines: HostileRoutines;
  /** Lists that calls have made, by family, and entries that each has given: some of it true still. */
  readonly #made = new Map<Attack["family"], number[]>();
  readonly #entries = new Map<number, number[]>();
  #drivers: Driver[] = [];
  #returns = 0;
  /** Outcomes by kind: how much of the storm went where. */
  readonly outcomes = new Map<string, number>();

  /** @param scribbles whether descriptors of the attacker's own are written to as well. */
  constructor(random: Random, scribbles = false) {
    this.#random = random;
    this.#scribbles = scribbles;
    this.arena = new Arena(random, makeBystanders());
    const isOwn = (list: number): boolean =>
      list !== 0 && this.arena.bystanders.every((bystander) => bystander.list !== list);
    this.#routines = hostileRoutines(random, this.#ticket, isOwn);
  }

  /** One random call. */
  step(): void {
    if (!isBooted()) this.#comeBack();
    const chance = this.#random.int(1_000);
    if (chance < 20 && isBooted())
      this.#attempt("scribble", [], () => this.arena.scribbleOnParked());
    else if (chance < 22) this.#unload();
    else if (chance < 52 && this.#scribbles && isBooted()) this.arena.scribbleOnDescriptor();
    else if (chance === 52 && this.#returns < 20) shutdown();
    else if (chance < 200 && isBooted()) KeLowerIrql(0);
    else this.#attack(this.#random.pick(DRAWN));
  }

  /** Brings the machine to where legal work can be done. */
  calm(): void {
    while (!isBooted()) this.#comeBack();
    KeLowerIrql(Math.min(0, KeGetCurrentIrql()));
    simulateLowResources(null);
    registerBystanders(); // a routine may have left the machine and come back
  }

  #comeBack(): void {
    const ways = [this.#ticket, 5, null, "ticket", { lookaside: "ticket" }];
    const way = this.#random.pick(ways);
    this.#attempt("boot", [way], () => boot(way as never));
    if (!isBooted()) return;
    this.#returns++;
    registerBystanders();
  }

  #unload(): void {
    const driver = this.#drivers.pop();
    if (driver !== undefined) this.#attempt("unload", [], () => driver.unload());
    else if (isBooted())
      this.#drivers.push(this.#attempt("load", [], () => loadDriver("x")) as Driver);
    this.#drivers = this.#drivers.filter((one) => one !== undefined);
  }

  #attack(attack: Attack): void {
    const given: unknown[] = [];
    for (const kind of attack.kinds) {
      const isWild = this.#random.int(20) === 0;
      given.push(isWild ? this.#anything(kind) : this.#draw(kind, attack, given[0]));
    }
    if (this.#random.int(60) === 0) given.pop();
    const before = this.outcomes.get("a value") ?? 0;
    const result = this.#attempt(attack.name, given, () => attack.call(...given));
    const isDone = (this.outcomes.get("a value") ?? 0) > before;
    const [list] = given;
    if (attack.gives !== undefined && typeof result === "number" && result !== 0) {
      this.arena.remember(result);
      if (attack.gives === "entry") note(this.#entries, list as number, result);
    }
    if (attack.makes && isDone && !result) note(this.#made, attack.family, list as number);
    if (attack.name === "loadDriver" && result !== undefined) this.#drivers.push(result as Driver);
  }

  /** A wrong value; where a call writes, one that is wrong for certain. */
  #anything(kind: ArgumentKind): unknown {
    if (
      kind === "write" ||
      kind === "linked" ||
      kind === "place" ||
      kind === "free" ||
      this.#random.int(2) === 0
    )
      return wrongType(this.#random);
    return anyNumber(this.#random);
  }

  /** A list that calls have made of the routine's family, or anything that is not. */
  #list(attack: Attack): number {
    const made = this.#made.get(attack.family) ?? [];
    if (made.length > 0 && this.#random.int(4) > 0) return this.#random.pick(made);
    return this.#random.int(8) === 0 ? this.#foreign(attack) : this.arena.list();
  }

  /** An entry that the list gave at some time, or anything else. */
  #entry(list: unknown): number {
    for (;;) {
      const entry = this.#anyEntry(list);
      if (!this.arena.isInsideBystander(entry)) return entry;
    }
  }

  #anyEntry(list: unknown): number {
    const entries = this.#entries.get(list as number) ?? [];
    if (entries.length > 0 && this.#random.int(4) > 0) {
      const at = this.#random.int(entries.length);
      const isForgotten = this.#random.int(4) > 0; // mostly freed once, but now and then again
      return (isForgotten ? entries.splice(at, 1)[0] : entries[at]) as number;
    }
    return this.#random.int(3) === 0 ? this.arena.freeable() : this.arena.block();
  }

  #draw(kind: ArgumentKind, attack: Attack, first: unknown): unknown {
    const { arena } = this;
    const random = this.#random;
    switch (kind) {
      case "place":
        return arena.place();
      case "list":
        return this.#list(attack);
      case "entry":
        return this.#entry(first);
      case "free":
        return arena.freeable();
      case "write":
        return arena.writable();
      case "linked":
        return arena.linkable();
      case "look":
        return random.pick([arena.list(), arena.freeable(), arena.writable(), arena.place()]);
      case "depth":
        return random.pick([random.pick(arena.descriptors), arena.block(), arena.writable()]);
      case "bytes":
        return random.int(10) === 0 ? anyNumber(random) : random.int(300);
      case "tag":
        return random.pick(TAGS);
      case "type":
        return random.pick(POOL_TYPES);
      case "flags":
        return random.pick(FLAGS);
      case "pool2":
        return random.pick(POOL2_FLAGS);
      case "level":
        return random.pick([0, 0, 0, 1, 1, 2, 2, 3, 15, 16, -1]);
      case "seconds":
        return random.pick([0, 1, 3, 100, 86_401, -1, 2 ** 32 - 1]);
      case "allocate":
        return random.int(3) > 0 ? 0 : random.pick([...this.#routines.allocates, 64, null]);
      case "release":
        return random.int(3) > 0 ? 0 : random.pick([...this.#routines.frees, 64, null]);
      case "name":
        return random.pick(["One", "Two", "Three", "", "x".repeat(200)]);
      case "text":
        return random.pick(["Demo", "", "LongerThanFour", "\u{1f600}"]);
      case "options":
        return random.pick([
          null,
          null,
          {},
          { perTenThousand: 3_000 },
          { tags: [1] },
          { seed: -1 },
        ]);
      case "report":
        return random.pick([undefined, [], [5], [null], [{ Tag: 5 }], { length: 3 }]);
      default:
        return anyNumber(random);
    }
  }

  /** A bystander of another family: the routine has no business with it. */
  #foreign({ family, kinds }: Attack): number {
    const isFree = kinds.includes("entry"); // which a bystander refuses by the entry, whatever its family
    const names = { NPaged: "nonpaged", Paged: "paged", Ex: "unified" } as const;
    const prefix = family === undefined ? "" : names[family];
    return this.arena.foreign((one) =>
      // With a routine of its own a list may have entries that are no blocks: those cannot be told apart.
      isFree ? one.isCustom : one.family.name.startsWith(prefix),
    );
  }

  /** Makes a call and judges what came of it. */
  #attempt(name: string, given: readonly unknown[], call: () => unknown): unknown {
    const from = performance.now();
    let kind = "a value";
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      kind = this.#judge(name, given, error);
    }
    const took = performance.now() - from;
    if (took > SLOWEST_MS) assert.fail(`${describe(name, given)} took ${Math.round(took)} ms`);
    this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
    return result;
  }

  #judge(name: string, given: readonly unknown[], error: unknown): string {
    const isFree = name === "ExRaiseStatus" || name === "KeBugCheckEx"; // their argument is what comes out
    if (error instanceof HostileError) return "an error of a routine";
    if (error instanceof LookasideError && error.code in ERROR_CODES) return "a LookasideError";
    if (error instanceof StatusError && (isFree || STATUSES.has(error.status))) return "a raise";
    if (error instanceof BugCheck && (isFree || BUG_CHECKS.has(error.code))) return "a bug check";
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new Error(`${describe(name, given)} ended in ${cause.name}: ${cause.message}`, { cause });
  }

  /** Blocks that the attacker may still free, when the pool is too full for legal work. */
  get freeBytes(): number {
    const { NonPaged, Paged } = poolInformation();
    return Math.min(NonPaged.FreeBytes, Paged.FreeBytes);
  }
}

/** Adds to one of the arrays of a map, and lets go of the oldest when there are many. */
function note<Key>(map: Map<Key, number[]>, key: Key, value: number): void {
  const values = map.get(key) ?? [];
  values.push(value);
  if (values.length > 12) values.shift();
  map.set(key, values);
}

function describe(name: string, given: readonly unknown[]): string {
  return `${name}(${given.map(show).join(", ")})`;
}
