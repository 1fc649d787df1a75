/** The stream of the page: lost, it is tried again, later each time; paused, it is not; silence is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, retryAfter, type SourceLike } from "#src/monitor/page/connection.js";

/** A stream that a test speaks for. */
class PlayedSource implements SourceLike {
  onerror: ((event: never) => void) | null = null;
  closed = false;
  readonly #listeners = new Map<string, (event: { readonly data: string }) => void>();

  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.closed = true;
  }

  say(name: string, data: unknown): void {
    this.#listeners.get(name)?.({ data: JSON.stringify(data) });
  }

  fail(): void {
    this.onerror?.(undefined as never);
  }
}

function played() {
  const sources: PlayedSource[] = [];
  const told: unknown[] = [];
  const timers = new Set<{ readonly action: () => void; readonly milliseconds: number }>();
  const connection = new Connection(
    {
      open: () => {
        const source = new PlayedSource();
        sources.push(source);
        return source;
      },
      later: (action, milliseconds) => {
        const timer = { action, milliseconds };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    {
      state: (state, retryMs) => told.push(retryMs > 0 ? `${state} ${retryMs}` : state),
      message: (name, data) => told.push([name, data]),
    },
  );
  /** Lets the timer run out that was set for so long. */
  const passes = (milliseconds: number): void => {
    const due = [...timers].filter((timer) => timer.milliseconds === milliseconds);
    for (const timer of due) timers.delete(timer);
    for (const { action } of due) action();
  };
  const last = (): PlayedSource => sources.at(-1) as PlayedSource;
  return { connection, sources, told, timers, passes, last };
}

test("the first message makes it live, and messages are handed on", () => {
  const { connection, told, last } = played();
  connection.open();
  last().say("frame", { number: 1 });
  last().say("log", []);
  assert.deepEqual(told, ["connecting", "live", ["frame", { number: 1 }], ["log", []]]);
});

test("a lost stream is closed and tried again, later each time, until one answers", () => {
  const { connection, sources, told, passes, last } = played();
  connection.open();
  last().fail();
  assert.ok(sources[0]?.closed);
  assert.deepEqual(told, ["connecting", "waiting 1000"]);
  passes(1_000);
  last().fail();
  passes(2_000);
  last().fail();
  assert.equal(told.at(-1), "waiting 4000");
  passes(4_000);
  last().say("frame", 1);
  last().say("end", null);
  assert.equal(told.at(-1), "waiting 1000", "after an answer it begins again with a second");
  assert.deepEqual(
    [1, 2, 3, 4, 5, 60].map(retryAfter),
    [1_000, 2_000, 4_000, 8_000, 15_000, 15_000],
  );
});

test("a pause closes the stream, tries nothing, and hears nothing more", () => {
  const { connection, sources, told, timers, last } = played();
  connection.open();
  last().say("frame", 1);
  connection.pause();
  assert.equal(timers.size, 0);
  sources[0]?.say("frame", 2);
  sources[0]?.fail();
  assert.deepEqual(told.slice(2), [["frame", 1], "paused"]);
  connection.open();
  assert.equal(sources.length, 2);
  assert.equal(connection.state, "connecting");
});

test("a pause while it waits takes the next try off", () => {
  const { connection, sources, timers, last } = played();
  connection.open();
  last().fail();
  connection.pause();
  assert.deepEqual([timers.size, sources.length], [0, 1]);
});

test("a silence of more than three periods is told, and ends with the next message", () => {
  const { connection, told, passes, last } = played();
  connection.expectEvery(500);
  connection.open();
  last().say("frame", 1);
  passes(3_500);
  assert.equal(told.at(-1), "stalled");
  last().say("frame", 2);
  assert.deepEqual(told.slice(-2), ["live", ["frame", 2]]);
});
