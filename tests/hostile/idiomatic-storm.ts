/**
 * A storm on the door `lookaside`: random calls of every public member, from two attachments of one thread,
 * with blocks and handles that are held, stale, forged or another list's, and with values of no right type.
 *
 * Each call comes to a value or to a LookasideError with a code; promises too. Nothing that an attacker can
 * reach is a way into the lists of those who stand aside: their blocks and handles are among the arguments.
 */
import assert from "node:assert/strict";
import {
  type Block,
  type BlockChannel,
  type BlockList,
  type Channel,
  ERROR_CODES,
  LookasideError,
  type ObjectList,
  type System,
} from "lookaside";
import { show } from "#src/base/index.js";
import type { Random } from "../support/seed.js";
import { type Kind, MEMBERS, type Target } from "./idiomatic-attacks.js";
import { anyNumber, HostileError, wrongType } from "./values.js";

/** Numbers of no other thread that is attached: who says that one has ended is believed (`recoverEnded`). */
const NOBODY = [3, 4, 0, 5, 256, -1, 1.5, Number.NaN, 2 ** 32];
const SLOWEST_MS = 20_000;
const NAMES = ["one", "two", "three"];
const LISTS = [
  { tag: "St48", size: 48, maximumDepth: 24, batch: 2 },
  { tag: "St1k", size: 1_000, maximumDepth: 8, batch: 1, pool: "paged" },
  { tag: "StRn", size: 66_000, maximumDepth: 2, batch: 1 },
] as const;

/** What the storm aims at, and what it hands over. */
export class IdiomaticStorm {
  readonly #random: Random;
  readonly #systems: readonly System[];
  /** Blocks and handles of those who stand aside. */
  readonly #foreign: readonly Block[];
  readonly #blocks: Block[] = [];
  readonly #numbers: number[] = [];
  readonly #objects: object[] = [];
  #pending: Promise<void>[] = [];
  readonly outcomes = new Map<string, number>();

  constructor(random: Random, systems: readonly System[], foreign: readonly Block[]) {
    this.#random = random;
    this.#systems = systems;
    this.#foreign = foreign;
  }

  /** One call. */
  step(): void {
    const target = this.#random.pick(TARGETS);
    const name = this.#random.pick(NAMES_OF[target]);
    const isFatal = name === "delete" || name === "close";
    if (isFatal && this.#random.int(50) > 0) return;
    const kinds = MEMBERS[target][name] as readonly Kind[];
    const given = kinds.map((kind) => this.#draw(kind));
    const object = this.#target(target) as Record<string, unknown> | null;
    if (object === null) return;
    this.#attempt(`${target}.${name}`, given, () => {
      const member = object[name];
      return typeof member === "function" ? Reflect.apply(member, object, given) : member;
    });
  }

  /** Settles when all calls that wait have come to something. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
  }

  /** Frees what the storm holds: a list that was deleted has given its blocks up already. */
  end(): void {
    for (const block of this.#blocks) if (block.list.holds(block)) block.free();
  }

  #attempt(what: string, given: readonly unknown[], call: () => unknown): void {
    const from = performance.now();
    try {
      this.#remember(call(), what, given);
    } catch (error) {
      this.#judge(what, given, error);
    }
    const took = performance.now() - from;
    if (took > SLOWEST_MS) assert.fail(`${what}(${given.map(show)}) took ${Math.round(took)} ms`);
  }

  #remember(result: unknown, what: string, given: readonly unknown[]): void {
    if (result instanceof Promise) {
      const pending = result.then(
        (value) => this.#remember(value, what, given),
        (error: unknown) => this.#judge(what, given, error),
      );
      if (!what.endsWith(".watch")) this.#pending.push(pending);
      return;
    }
    this.#count("a value");
    if (typeof result === "number") keep(this.#numbers, result, 200);
    else if (isBlock(result)) keep(this.#blocks, result, 400);
    else if (typeof result === "object" && result !== null) keep(this.#objects, result, 20);
  }

  #judge(what: string, given: readonly unknown[], error: unknown): void {
    if (error instanceof LookasideError && error.code in ERROR_CODES) {
      this.#count(error.code);
      return;
    }
    if (error instanceof HostileError) {
      this.#count("an error of a callback");
      return;
    }
    const name = `${what}(${given.map(show).join(", ")})`;
    throw new Error(`${name} ended in ${String(error)}`, { cause: error });
  }

  #count(kind: string): void {
    this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
  }

  #list(): BlockList {
    return this.#random.pick(this.#systems).blockList(this.#random.pick(LISTS));
  }

  #channel(): Channel {
    const name = this.#random.pick(NAMES);
    return this.#random.pick(this.#systems).channel({ name, capacity: 8 });
  }

  /** What is called. Lists and channels that were deleted are made again, when all have left the old one. */
  #target(target: Target): object | null {
    try {
      if (target === "system") return this.#random.pick(this.#systems);
      if (target === "list") return this.#list();
      if (target === "channel") return this.#channel();
      if (target === "lane") return this.#list().through(this.#channel());
      if (target === "objects") return this.#objectList();
      return this.#blocks.length === 0 ? null : this.#random.pick(this.#blocks);
    } catch (error) {
      this.#judge(`the ${target}`, [], error);
      return null;
    }
  }

  #made: ObjectList<object> | undefined;

  #objectList(): ObjectList<object> {
    if (this.#made === undefined || this.#made.closed) {
      const hostile = (): void => {
        if (this.#random.int(8) === 0) throw new HostileError("a callback has thrown");
      };
      const create = (): object => {
        hostile();
        return {};
      };
      const options = { tag: "StOb", create, reset: hostile, destroy: hostile };
      this.#made = this.#random.pick(this.#systems).objectList(options);
    }
    return this.#made;
  }

  /** Of the right kind mostly, of no right type now and then. */
  #draw(kind: Kind): unknown {
    const random = this.#random;
    if (random.int(12) === 0) return wrongValue(kind, random);
    switch (kind) {
      case "block":
        return random.int(6) === 0 ? random.pick(this.#foreign) : pickOr(random, this.#blocks);
      case "handle":
        return this.#handle();
      case "channel":
        return this.#channelOrNothing();
      case "count":
        return random.pick([0, 1, 2, 7, anyNumber(random)]);
      case "ticks":
        return random.pick([0, 1, 2, 5, -1, 0.5, Number.NaN]);
      case "value":
        return random.int(2) === 0 ? this.#handle() : anyNumber(random);
      case "time":
        return random.pick([0, 0, 0, 0.01, -1, Number.NaN]);
      case "wait":
        return { timeoutMs: random.pick([0, 0, 0.5, -1]) };
      case "object":
        return pickOr(random, this.#objects);
      default:
        return this.#options(kind);
    }
  }

  /** Options and the like: right in part, wrong in part. */
  #options(kind: Kind): unknown {
    const random = this.#random;
    const size = random.pick([48, 1_000, 0, -1, 2 ** 24, 2 ** 30, "1 KiB", "x", Number.NaN]);
    const name = random.pick([...NAMES, "", "x".repeat(100), "\u{1f9ca}"]);
    switch (kind) {
      case "listOptions":
        return {
          tag: random.pick(["St48", "St1k", "", "LongTag"]),
          name,
          size,
          batch: anyNumber(random),
        };
      case "channelOptions":
        return { name, capacity: anyNumber(random) };
      case "objectOptions":
        return { tag: "StOb", create: random.pick([null, 5, {}, "create"]) };
      case "worker":
        return { threadId: anyNumber(random), once: random.pick([null, 5]) };
      case "watch":
        return { periodMs: random.pick([-1, 2 ** 40]), orphans: random.pick(["no", 5, null]) };
      case "identity":
        return {
          thread: random.pick(NOBODY),
          epoch: random.pick([0, 1, -1]),
        };
      case "policy":
        return random.pick(["reclaim", "report", "no", null, {}]);
      default:
        return random.pick([null, 5, "action", {}]);
    }
  }

  /** Held, stale, another list's, forged by a bit, or no handle at all. */
  #handle(): unknown {
    const random = this.#random;
    const chance = random.int(10);
    if (chance === 0) return anyNumber(random);
    if (chance === 1) return random.pick(this.#foreign).handle;
    const known = this.#numbers.length === 0 ? 0 : random.pick(this.#numbers);
    return chance === 2 ? known + 2 ** random.int(53) * random.pick([1, -1]) : known;
  }

  #channelOrNothing(): unknown {
    try {
      return this.#channel();
    } catch (error) {
      this.#judge("the channel", [], error);
      return null;
    }
  }
}

const TARGETS = (Object.keys(MEMBERS) as Target[]).flatMap((target) =>
  Array<Target>(WEIGHTS(target)).fill(target),
);
const NAMES_OF = Object.fromEntries(
  Object.entries(MEMBERS).map(([target, members]) => [target, Object.keys(members)]),
) as unknown as Readonly<Record<Target, readonly string[]>>;

/** A call of a system costs a look at all of it. */
function WEIGHTS(target: Target): number {
  return target === "system" ? 1 : 20;
}

function wrongValue(kind: Kind, random: Random): unknown {
  if (kind === "time") return random.pick([-1, Number.NaN, "1", {}]); // undefined would wait for ever
  if (kind === "wait") return { timeoutMs: random.pick([-1, Number.NaN, "1", {}]) };
  return wrongType(random);
}

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && "held" in value && "address" in value;
}

function pickOr<Value>(random: Random, values: readonly Value[]): Value | null {
  return values.length === 0 ? null : random.pick(values);
}

function keep<Value>(values: Value[], value: Value, most: number): void {
  values.push(value);
  if (values.length > most) values.shift();
}

export type { BlockChannel };
