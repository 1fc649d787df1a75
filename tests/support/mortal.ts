/**
 * Threads that end, or are interrupted, at a chosen step: a step is one atomic access to shared memory.
 *
 * The library reaches atomics as `Atomics.load` and so on, so for the time of one call these functions are
 * put in front of the real ones. Steps of WebAssembly and plain accesses are not counted. A thread that has
 * ended does nothing more: every later step of the same call fails too, so no `finally` can do any work.
 */

const STEPS = [
  "load",
  "store",
  "compareExchange",
  "add",
  "sub",
  "or",
  "and",
  "exchange",
  "notify",
] as const;

type AnyStep = (...values: unknown[]) => unknown;

/** Thrown at the step at which a thread ends. */
class Death extends Error {
  override readonly name = "Death";
}

function withSteps<Result>(before: () => void, action: () => Result): Result {
  const table = Atomics as unknown as Record<string, AnyStep>;
  const real = new Map(STEPS.map((name) => [name, table[name] as AnyStep]));
  for (const [name, step] of real) {
    table[name] = (...values) => {
      before();
      return step.apply(Atomics, values);
    };
  }
  try {
    return action();
  } finally {
    for (const [name, step] of real) table[name] = step;
  }
}

/** Runs `action` up to, not including, its step number `step` (from 1). Gives back whether it ended there. */
export function dieAt(step: number, action: () => unknown): boolean {
  let steps = 0;
  try {
    withSteps(() => {
      if (++steps >= step) throw new Death(`at step ${step}`);
    }, action);
    return false;
  } catch (error) {
    if (error instanceof Death) return true;
    throw error;
  }
}

/** Runs `action`, and all of `other` right before its step number `step`, if it has so many. */
export function interruptAt<Result>(step: number, action: () => Result, other: () => void): Result {
  let steps = 0;
  return withSteps(() => {
    if (++steps === step) other();
  }, action);
}

/** How many steps an action has. */
export function stepsOf(action: () => unknown): number {
  let steps = 0;
  withSteps(() => {
    steps++;
  }, action);
  return steps;
}
