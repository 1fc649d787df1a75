/**
 * A push or a pop that another thread interrupts at any step: what comes out could have come out one by one.
 *
 * Exhaustive over: 0 to 2 values in a channel of 2 cells, the interrupted call, the step, and every sequence
 * of up to three calls of the other thread. The other thread may be told "full" or "nothing now" because of
 * the interrupted call, as documented; then its call must have done nothing. The interrupted one may not.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { DRAIN } from "#src/channel/cell.js";
import { Cells, NOTHING, PUSHED } from "#src/channel/cells.js";
import { channelPlaces } from "#src/channel/record.js";
import { interruptAt, stepsOf } from "../../support/mortal.js";

const CAPACITY = 2;

/** A call: a value to push, or "pop". */
type Call = number | "pop";
/** What it gave: whether the value went in, or the value that came out. */
type Answer = boolean | number | null;

function act(cells: Cells, call: Call): Answer {
  if (call !== "pop") return cells.push(call, 0) === PUSHED;
  const cell = cells.claim(DRAIN);
  if (cell === NOTHING) return null;
  const value = cells.low(cell);
  cells.empty(cell);
  return value;
}

/** The same on a plain array. */
function actPlainly(queue: number[], call: Call): Answer {
  if (call === "pop") return queue.shift() ?? null;
  return queue.length < CAPACITY && queue.push(call) > 0;
}

/** Calls and answers in one order, and what is left at the end. */
type History = readonly {
  readonly call: Call;
  readonly answer: Answer;
  readonly mayFail: boolean;
}[];

function couldBe(inside: readonly number[], history: History, left: readonly number[]): boolean {
  const queue = [...inside];
  for (const { call, answer, mayFail } of history) {
    if (mayFail && (answer === false || answer === null)) continue;
    if (actPlainly(queue, call) !== answer) return false;
  }
  return queue.join() === left.join();
}

function sequences(): Call[][] {
  const all: Call[][] = [[]];
  for (const calls of all) {
    if (calls.length === 3) continue;
    all.push([...calls, 200 + calls.length], [...calls, "pop"]);
  }
  return all;
}

for (const call of [100, "pop"] as const) {
  const name = call === "pop" ? "pop" : "push";
  test(`a ${name} interrupted at any step by any calls is in one order with them`, () => {
    const system = System.create({ nonPaged: "1 MiB", paged: "64 KiB", depth: { periodMs: 0 } });
    const channel = system.channel({ name: "two", capacity: CAPACITY });
    const place = channelPlaces(system.region)[0] ?? assert.fail("the channel has no record");
    const [mine, theirs] = [new Cells(place, 1), new Cells(place, 2)];
    let tried = 0;
    for (let inside = 0; inside <= CAPACITY; inside++) {
      for (const others of sequences()) {
        for (let step = 1; ; step++) {
          const before = [1, 2].slice(0, inside);
          for (const value of before) assert.ok(act(mine, value));
          const answers: Answer[] = [];
          let interrupted = false;
          const answer = interruptAt(
            step,
            () => act(mine, call),
            () => {
              interrupted = true;
              for (const other of others) answers.push(act(theirs, other));
            },
          );
          const left: number[] = [];
          for (let value = channel.pop(); value !== null; value = channel.pop()) left.push(value);
          if (!interrupted) break;
          tried++;
          const told = others.map((other, at) => ({
            call: other,
            answer: answers[at] ?? null,
            mayFail: true,
          }));
          const mineToo = { call, answer, mayFail: false };
          const orders = Array.from({ length: told.length + 1 }, (_, at) => [
            ...told.slice(0, at),
            mineToo,
            ...told.slice(at),
          ]);
          assert.ok(
            orders.some((history) => couldBe(before, history, left)),
            `${JSON.stringify({ before, call, answer, step, told, left })}`,
          );
        }
      }
    }
    assert.ok(tried > 100, `${tried} schedules`);
    assert.ok(stepsOf(() => act(mine, 1)) >= 4, "steps are seen");
    system.detach();
  });
}
