/**
 * Whether a history of calls that overlap could have been one call after the other.
 *
 * The search of Wing and Gong, with the memory of Lowe: at each place any call may come next that began
 * before every call that is still left has come back. When the same calls are left and the model is in the
 * same state as once before, the place is not looked at again; that is what makes histories of a few threads
 * nearly linear.
 *
 * A call that never came back (its thread was ended) may have had its effect at any time after it began, or
 * none at all.
 */

/** A call. Its times are tickets of one clock: see recorder.ts. */
export interface Operation<Call> {
  readonly thread: number;
  readonly call: Call;
  readonly begin: number;
  /** Infinity when it never came back. */
  readonly end: number;
}

/** What the object does when calls come one after the other. States are never changed, but replaced. */
export interface Model<State, Call> {
  readonly initial: State;
  /** The state after a call, or null when the call could not have come out as it did. */
  step(state: State, call: Call, thread: number): State | null;
  /** A name: two states of one name go on alike. */
  key(state: State): string;
}

/** What a search found. */
export interface Verdict<Call> {
  readonly isLinearizable: boolean;
  /** The calls in an order that explains them; when there is none, the longest that was found. */
  readonly order: readonly Operation<Call>[];
  /** Places that were looked at. */
  readonly visited: number;
}

/** One place of the search: which calls are done, and what comes of them. */
interface Place<State> {
  /** Calls before this one, by their beginnings, are done. */
  readonly first: number;
  /** Bit n: the call `first + n` is done. Bit 0 is never set. */
  readonly done: bigint;
  readonly state: State;
  /** The call that led here, and how many led here. */
  readonly last: number;
  readonly before: Place<State> | null;
  readonly depth: number;
  /** Calls to try, and the next of them. */
  readonly candidates: readonly number[];
  next: number;
}

/** Searches for an order. Exponential at worst, in the number of calls that overlap. */
export function linearize<State, Call>(
  model: Model<State, Call>,
  history: readonly Operation<Call>[],
): Verdict<Call> {
  const calls = [...history].sort((one, other) => one.begin - other.begin);
  const finite = calls.filter(({ end }) => end !== Number.POSITIVE_INFINITY).length;
  const seen = new Set<string>();
  let visited = 0;
  let deepest = placeAt(calls, 0, 0n, model.initial, -1, null);
  let place: Place<State> | null = deepest;
  while (place !== null) {
    if (isOver(calls, place, finite)) return verdict(calls, place, visited, true);
    const index = place.candidates[place.next++];
    if (index === undefined) {
      place = place.before;
      continue;
    }
    const { call, thread } = calls[index] as Operation<Call>;
    const state = model.step(place.state, call, thread);
    if (state === null) continue;
    const { first, done } = without(place.first, place.done | (1n << BigInt(index - place.first)));
    const name = `${first}:${done.toString(36)}:${model.key(state)}`;
    if (seen.has(name)) continue;
    seen.add(name);
    visited++;
    place = placeAt(calls, first, done, state, index, place);
    if (place.depth > deepest.depth) deepest = place;
  }
  return verdict(calls, deepest, visited, false);
}

/** Moves on over the calls at the beginning that are done. */
function without(first: number, done: bigint): { readonly first: number; readonly done: bigint } {
  let [from, rest] = [first, done];
  while ((rest & 1n) === 1n) {
    from++;
    rest >>= 1n;
  }
  return { first: from, done: rest };
}

function placeAt<State, Call>(
  calls: readonly Operation<Call>[],
  first: number,
  done: bigint,
  state: State,
  last: number,
  before: Place<State> | null,
): Place<State> {
  const candidates: number[] = [];
  let earliestEnd = Number.POSITIVE_INFINITY;
  for (let at = first; at < calls.length; at++) {
    const { begin, end } = calls[at] as Operation<Call>;
    if (begin > earliestEnd) break;
    if (((done >> BigInt(at - first)) & 1n) === 1n) continue;
    candidates.push(at);
    earliestEnd = Math.min(earliestEnd, end);
  }
  const depth = before === null ? 0 : before.depth + 1;
  return { first, done, state, last, before, depth, candidates, next: 0 };
}

/** Whether every call that came back is done. */
function isOver<State, Call>(
  calls: readonly Operation<Call>[],
  place: Place<State>,
  finite: number,
): boolean {
  if (place.depth < finite) return false;
  for (let at = place.first; at < calls.length; at++) {
    const isLeft = ((place.done >> BigInt(at - place.first)) & 1n) === 0n;
    if (isLeft && (calls[at] as Operation<Call>).end !== Number.POSITIVE_INFINITY) return false;
  }
  return true;
}

function verdict<State, Call>(
  calls: readonly Operation<Call>[],
  place: Place<State>,
  visited: number,
  isLinearizable: boolean,
): Verdict<Call> {
  const order: Operation<Call>[] = [];
  for (let at: Place<State> | null = place; at !== null && at.last >= 0; at = at.before)
    order.push(calls[at.last] as Operation<Call>);
  return { isLinearizable, order: order.reverse(), visited };
}

/** How many pairs of calls of different threads overlap: a history without any proves little. */
export function overlaps(history: readonly Operation<unknown>[]): number {
  const calls = [...history].sort((one, other) => one.begin - other.begin);
  let count = 0;
  calls.forEach(({ thread, end }, at) => {
    for (let later = at + 1; later < calls.length; later++) {
      const other = calls[later] as Operation<unknown>;
      if (other.begin > end) break;
      if (other.thread !== thread) count++;
    }
  });
  return count;
}
