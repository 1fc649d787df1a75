/**
 * Who wants to hear of what happens on slow paths of one thread's system: misses, overflows, changes of
 * depth, recoveries, refused misuse.
 *
 * One object of fixed shape for each `System`. A slow path looks at one field; null means that nobody
 * listens, and nothing else is done. Hot paths do not look at all. What an observer throws never reaches the
 * path that told it: it is thrown again from a microtask of its own, as Node does for its diagnostics
 * channels. An observer may call anything; what happens meanwhile in this thread is not told again, so that
 * one that allocates from the list it hears of does not call itself.
 */
import { onlyKnown, show } from "./bounds.js";
import { LookasideError } from "./errors.js";

/** Something that happened to a list. */
export interface ListEvent {
  /** Name of the list, as a snapshot has it. */
  readonly list: string;
  readonly tag: string;
  /** Number of the thread in the system. */
  readonly thread: number;
}

/** An allocation that no parked block could serve. */
export interface MissEvent extends ListEvent {
  /** Whether the pool had a block. */
  readonly served: boolean;
}

/** A free that found no room in its list: the block went to the pool. */
export type OverflowEvent = ListEvent;

/** A new present limit on parked blocks. */
export interface DepthEvent extends ListEvent {
  readonly before: number;
  readonly after: number;
}

/** A call that was refused as misuse. */
export interface MisuseEvent extends ListEvent {
  /** The code of the error that was thrown, and its message. */
  readonly code: string;
  readonly message: string;
}

/** The end of a recovery that this thread made. */
export interface RecoveryEvent {
  /** Number of the thread that had ended, and of the one that recovered it. */
  readonly thread: number;
  readonly recoverer: number;
  /** Blocks it had parked; held, now free; held, kept for adoption. */
  readonly parked: number;
  readonly reclaimed: number;
  readonly kept: number;
}

/** Functions to be called; each with a frozen object. */
export interface ObserverHooks {
  readonly miss?: (event: MissEvent) => void;
  readonly overflow?: (event: OverflowEvent) => void;
  readonly depth?: (event: DepthEvent) => void;
  readonly recovery?: (event: RecoveryEvent) => void;
  readonly error?: (event: MisuseEvent) => void;
}

/** Kinds of events: the names of the hooks. */
export const OBSERVED = ["miss", "overflow", "depth", "recovery", "error"] as const;

/** One thread's observers of one system. */
export class Observers {
  /** What a slow path calls, or null: nobody listens. */
  miss: ((event: MissEvent) => void) | null = null;
  overflow: ((event: OverflowEvent) => void) | null = null;
  depth: ((event: DepthEvent) => void) | null = null;
  recovery: ((event: RecoveryEvent) => void) | null = null;
  error: ((event: MisuseEvent) => void) | null = null;
  #hooks: readonly ObserverHooks[] = [];
  #telling = false;

  /** Calls these functions too, from now on. Gives back what ends it. */
  add(hooks: ObserverHooks): () => void {
    const own = { ...hooks }; // the same hooks may be added twice
    this.#set([...this.#hooks, own]);
    return () => this.#set(this.#hooks.filter((known) => known !== own));
  }

  #set(hooks: readonly ObserverHooks[]): void {
    this.#hooks = hooks;
    this.miss = this.#teller(hooks.flatMap(({ miss }) => miss ?? []));
    this.overflow = this.#teller(hooks.flatMap(({ overflow }) => overflow ?? []));
    this.depth = this.#teller(hooks.flatMap(({ depth }) => depth ?? []));
    this.recovery = this.#teller(hooks.flatMap(({ recovery }) => recovery ?? []));
    this.error = this.#teller(hooks.flatMap(({ error }) => error ?? []));
  }

  #teller<Event>(listeners: readonly ((event: Event) => void)[]): ((event: Event) => void) | null {
    if (listeners.length === 0) return null;
    return (event) => {
      if (this.#telling) return;
      this.#telling = true;
      for (const listener of listeners) tell(listener, Object.freeze(event));
      this.#telling = false;
    };
  }
}

function tell<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Demands an object of functions under known names. @throws {LookasideError} ERR_OPTION */
export function demandHooks(hooks: unknown): asserts hooks is ObserverHooks {
  onlyKnown("an observer", hooks, OBSERVED);
  for (const [name, hook] of Object.entries(hooks)) {
    if (hook === undefined || typeof hook === "function") continue;
    const message = `Cannot use ${show(hook)} as ${name}: it must be a function`;
    throw new LookasideError("ERR_OPTION", message);
  }
}
