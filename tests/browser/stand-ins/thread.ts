/**
 * What every web worker of the stand-in for `node:worker_threads` starts with: takes its orders from the
 * first message, imports the module, and tells how it ended.
 */
import "./globals.js";
import { enter, type Start, tell } from "./worker-threads.js";

/** Thrown by `process.exit`, so that nothing after it runs. */
class Exit extends Error {}

globalThis.onmessage = async ({ data }: MessageEvent<Start>) => {
  const port = enter(data);
  globalThis.onmessage = (event: MessageEvent<{ data: unknown }>) => {
    port.emit("message", event.data.data);
  };
  Object.assign(process, {
    exit: (code = 0) => {
      tell({ kind: "exit", code });
      throw new Exit();
    },
  });
  try {
    await import(data.module);
    if (port.listenerCount("message") === 0) tell({ kind: "exit", code: 0 });
  } catch (error) {
    if (error instanceof Exit) return;
    tell({ kind: "error", error });
    tell({ kind: "exit", code: 1 });
  }
};
