/** Streams: what they carry, that one look serves all, and that a slow or gone client costs nothing. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { ServerResponse } from "node:http";
import { mock, test } from "node:test";
import { serveMonitor } from "lookaside/monitor";
import { EventStream } from "#src/monitor/event-stream.js";
import { ask, eventsOf, openStream, smallSystem, withMonitor } from "./ask.js";

/** A response that is full when it is told to be. */
class PlayedResponse extends EventEmitter {
  readonly written: string[] = [];
  full = false;
  ended: string | undefined;
  destroyed = false;

  write(text: string): boolean {
    this.written.push(text);
    return !this.full;
  }

  end(text?: string): void {
    this.ended = text;
    this.emit("close");
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

/** Streams over a counter of looks, with a clock of their own. */
function played(use: (parts: PlayedParts) => void): void {
  mock.timers.enable({ apis: ["setInterval"] });
  const parts = { looks: 0, stream: undefined as unknown as EventStream, tick };
  function tick(times = 1): void {
    mock.timers.tick(100 * times);
  }
  parts.stream = new EventStream(100, {
    shared: () => `look ${++parts.looks};`,
    own: () => "",
  });
  try {
    use(parts);
  } finally {
    mock.timers.reset();
  }
}

interface PlayedParts {
  looks: number;
  readonly stream: EventStream;
  readonly tick: (times?: number) => void;
}

const asResponse = (client: PlayedResponse): ServerResponse => client as unknown as ServerResponse;

test("nobody watches, nothing is looked at; one look serves all who do", () => {
  played((parts) => {
    parts.tick(5);
    assert.equal(parts.looks, 0);
    const clients = [new PlayedResponse(), new PlayedResponse(), new PlayedResponse()];
    for (const client of clients) parts.stream.add(asResponse(client));
    assert.equal(parts.looks, 3, "each begins with a look of its own");
    parts.tick(4);
    assert.equal(parts.looks, 7, "and then there is one for all");
    for (const client of clients) assert.equal(client.written.at(-1), "look 7;");
    for (const client of clients) client.emit("close");
    parts.tick(5);
    assert.equal(parts.looks, 7);
  });
});

test("a client that takes nothing is sent nothing more, and holds up nobody", () => {
  played((parts) => {
    const [slow, quick] = [new PlayedResponse(), new PlayedResponse()];
    slow.full = true;
    parts.stream.add(asResponse(slow));
    parts.stream.add(asResponse(quick));
    parts.tick(50);
    assert.equal(slow.written.length, 1);
    assert.equal(quick.written.length, 51);
    slow.full = false;
    slow.emit("drain");
    parts.tick();
    assert.equal(slow.written.length, 2);
    assert.equal(slow.written.at(-1), quick.written.at(-1));
  });
});

test("when no client can take anything, nothing is looked at", () => {
  played((parts) => {
    const slow = new PlayedResponse();
    slow.full = true;
    parts.stream.add(asResponse(slow));
    parts.tick(20);
    assert.equal(parts.looks, 1);
  });
});

test("a client that has taken nothing for half a minute is put out", (context) => {
  let now = 1_000;
  context.mock.method(performance, "now", () => now);
  played((parts) => {
    const slow = new PlayedResponse();
    slow.full = true;
    parts.stream.add(asResponse(slow));
    now += 29_999;
    parts.tick();
    assert.equal(slow.destroyed, false);
    now += 2;
    parts.tick();
    assert.deepEqual([slow.destroyed, parts.stream.clients], [true, 0]);
  });
});

test("closing says a last thing to all, and ends the timer", () => {
  played((parts) => {
    const client = new PlayedResponse();
    parts.stream.add(asResponse(client));
    parts.stream.close("bye");
    assert.deepEqual([client.ended, parts.stream.clients], ["bye", 0]);
    parts.tick(5);
    assert.equal(parts.looks, 1);
  });
});

test("a stream carries the lists, the runs of the memory and what happened", async () => {
  await withMonitor({ periodMs: 100, title: "<b>bold</b>" }, async (monitor, system) => {
    const list = system.blockList({ tag: "Strm", name: "<img src=x>\n\n", size: 64 });
    const stream = await openStream(monitor);
    assert.equal(stream.headers["content-type"], "text/event-stream; charset=utf-8");
    const seen = new Map<string, unknown>();
    let frames = 0;
    for await (const { name, data } of eventsOf(stream)) {
      seen.set(name, data);
      if (name === "frame" && ++frames === 1) list.allocate();
      if (seen.has("log") && seen.has("memory")) break;
    }
    const frame = seen.get("frame") as {
      title: string;
      lists: { name: string; rings?: unknown }[];
    };
    assert.equal(frame.title, "<b>bold</b>");
    assert.deepEqual(
      frame.lists.map(({ name, rings }) => [name, rings]),
      [["<img src=x>\n\n", undefined]],
    );
    assert.ok((seen.get("memory") as { chunkCapacity: number }).chunkCapacity >= 32);
    const [miss] = seen.get("log") as { kind: string; text: string; count: number }[];
    assert.deepEqual([miss?.kind, miss?.text, miss?.count], ["miss", "1 miss", 1]);
  });
});

test("closing ends open streams with a word, cuts what is left, and frees the port", async () => {
  const system = smallSystem();
  const monitor = await serveMonitor(system, { port: 0 });
  const streams = await Promise.all([openStream(monitor), openStream(monitor)]);
  const { port } = monitor;
  const last = streams.map(async (stream) => {
    let name = "";
    for await (const event of eventsOf(stream)) name = event.name;
    return name;
  });
  await monitor[Symbol.asyncDispose]();
  await monitor.close();
  assert.deepEqual(await Promise.all(last), ["end", "end"]);
  const again = await serveMonitor(system, { port });
  await again.close();
  system.detach();
});

test("a monitor ends with its system", async () => {
  const system = smallSystem();
  const monitor = await serveMonitor(system, { port: 0 });
  const stream = await openStream(monitor);
  stream.resume();
  system.detach();
  await once(stream, "end");
  await assert.rejects(ask(monitor, "/"), { code: "ECONNREFUSED" });
});

test("more watchers than there is room for are told to come again", async () => {
  await withMonitor({}, async (monitor) => {
    const streams = await Promise.all(Array.from({ length: 32 }, () => openStream(monitor)));
    const got = await ask(monitor, "/events");
    assert.deepEqual([got.status, got.headers["retry-after"]], [503, "5"]);
    assert.equal(monitor.watchers, 32);
    for (const stream of streams) stream.destroy();
  });
});
