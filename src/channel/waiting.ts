/**
 * Waiting for one's turn at a channel: a loop of tries, asleep on a bell in between.
 *
 * A try that succeeds ends the wait; so does the end of the channel, a time that is up, a signal, or this
 * thread's leaving. `await` needs `Atomics.waitAsync`; a host without it is asked again and again by a timer,
 * less often the longer it takes, up to every 16 ms.
 */
import { LookasideError, now } from "../base/index.js";
import type { Bell } from "./bell.js";
import type { WaitOptions } from "./options.js";
import { timeOf, waitOf } from "./options.js";

/** What is waited for. */
export interface Turn<Result> {
  /** In messages, after "Cannot". */
  readonly action: string;
  readonly bell: Bell;
  /** Tries it: null means not now. Throws when this thread has left the channel. */
  readonly attempt: () => Result | null;
  /** Whether it will never succeed again. */
  readonly isOver: () => boolean;
  /** Whether this thread is still in the channel: if not, nothing of it may be touched. */
  readonly isUsable: () => boolean;
  /** Counts a wait. */
  readonly count: () => void;
}

/** Tries before the first sleep: about as long as it takes to put a thread to sleep and to wake it. */
const SPINS = 2_000;

/**
 * Turns of an idle loop between two tries, from one try to the next twice as many, up to this: a try reads
 * the word that the other side is about to write, and makes that write dear.
 */
const EASE_MAX = 256;

/** Idles for a while; gives back what nobody needs, so that an engine keeps the loop. */
function ease(turns: number): number {
  let idle = 0;
  for (let turn = 0; turn < turns; turn++) idle = (idle + turn) | 0;
  return idle;
}

/** Longest nap in milliseconds on a host without `Atomics.waitAsync`. */
const NAP_MS_MAX = 16;

/** A timer that never comes: a bell alone does not keep a host such as Node running. */
const FAR_MS = 2 ** 30;

let waits = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function keepHostRunning(): void {
  if (waits++ === 0 && typeof setInterval === "function") timer = setInterval(() => {}, FAR_MS);
}

function letHostEnd(): void {
  if (--waits === 0 && timer !== undefined) clearInterval(timer);
}

function refuse(action: string, how: string): never {
  throw new LookasideError("ERR_WAIT_FORBIDDEN", `Cannot ${action}: this host's thread ${how}`);
}

/** Waits without blocking the thread. Null: it is over, or the time is up. */
export async function awaitTurn<Result>(
  turn: Turn<Result>,
  options: WaitOptions,
): Promise<Result | null> {
  const end = now() + waitOf(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const first = turn.attempt();
  if (first !== null) return first;
  const { bell } = turn;
  const giveUp = (): void => {
    if (turn.isUsable()) bell.ringForAll(); // BL-2
  };
  keepHostRunning();
  bell.enter();
  turn.count();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    for (let naps = 0; ; naps++) {
      const seen = bell.read();
      signal?.throwIfAborted(); // before the try: who has given up may not look at what it gets any more
      const result = turn.attempt();
      if (result !== null) return result;
      if (turn.isOver()) return null;
      const left = end - now();
      if (left <= 0) return null;
      await (bell.sleepLightly(seen, left) ?? nap(turn.action, naps, left));
      if (!turn.isUsable()) turn.attempt(); // throws
    }
  } finally {
    signal?.removeEventListener("abort", giveUp);
    letHostEnd();
    if (turn.isUsable()) {
      bell.exit();
      bell.pass(); // BL-1
    }
  }
}

function nap(action: string, naps: number, left: number): Promise<void> {
  if (typeof setTimeout !== "function") refuse(action, "can neither wait lightly nor set a timer");
  const milliseconds = Math.min(left, NAP_MS_MAX, 2 ** Math.min(naps, 10));
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits and blocks the thread. Null: it is over, or the time is up. */
export function blockForTurn<Result>(
  turn: Turn<Result>,
  timeoutMs: number | undefined,
): Result | null {
  const time = timeOf(timeoutMs);
  for (let spin = 0, turns = 1; spin < SPINS; spin++) {
    const result = turn.attempt();
    if (result !== null) return result;
    if (spin === 0 && time === 0) return null;
    ease(turns);
    if (turns < EASE_MAX) turns *= 2;
  }
  const end = now() + time;
  const { bell } = turn;
  bell.enter();
  turn.count();
  try {
    // The first sleep is for the whole time: so a thread that may not block is told, however long it tried.
    for (let left = time; ; left = end - now()) {
      const seen = bell.read();
      const result = turn.attempt();
      if (result !== null) return result;
      if (turn.isOver()) return null;
      if (left <= 0) return null;
      if (!bell.sleep(seen, left)) refuse(turn.action, "may not block: wait with await");
    }
  } finally {
    bell.exit();
    bell.pass(); // BL-1
  }
}
