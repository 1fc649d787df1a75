/**
 * A web worker for the deaths of `deaths.ts`: attaches, holds blocks, says so once its Web Lock is granted,
 * and then does what it was told until somebody ends it.
 */
import { System } from "lookaside";
import { holdsLock } from "#src/threads/index.js";
import { CHANNEL, LIST, type Orders, type Ready } from "./mortal.js";

globalThis.onmessage = async ({ data }: MessageEvent<Orders>) => {
  const system = System.attach(data.ticket);
  const list = system.blockList(LIST);
  for (let count = 0; count < data.blocks; count++) list.allocate();
  while (!holdsLock(system.region, system.identity)) await navigator.locks.query();
  const ready: Ready = { thread: system.thread };
  const { course } = data;
  if (course === "nest") await nest(data);
  if (course === "send") {
    const lane = list.through(system.channel(CHANNEL));
    for (let count = 0; count < data.blocks; count++) {
      const block = list.allocate();
      block?.bytes.fill(system.thread);
      if (block !== null) lane.send(block);
    }
  }
  globalThis.postMessage(ready);
  if (course === "close") globalThis.close();
  if (course === "throw") throw new Error("the mortal failed, as it was told to");
  if (course === "spin") for (;;) list.statistics();
  if (course === "churn") {
    const held = Array.from({ length: 24 }, () => list.allocate());
    for (let at = 0; ; at = (at + 7) % held.length) {
      held[at]?.free();
      held[at] = list.allocate();
    }
  }
};

/** Starts a worker of its own, which ends with this one. */
function nest(orders: Orders): Promise<void> {
  const worker = new Worker(new URL("./mortal.worker.js", import.meta.url), { type: "module" });
  worker.postMessage({ ...orders, course: "spin" } satisfies Orders);
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Ready>) => {
      globalThis.postMessage(data);
      resolve();
    };
  });
}
