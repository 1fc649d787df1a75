/**
 * The globals that tests take for granted on Node: an empty environment, a turn of the event loop, and a
 * console and a clock where a worklet has none. Nothing that the library itself might look at, but for the
 * clock, which is what it would take anyway.
 */
const host = globalThis as {
  process?: unknown;
  console?: unknown;
  performance?: unknown;
  setImmediate?: unknown;
  MessageChannel?: typeof MessageChannel;
};
host.process ??= { env: {}, platform: "browser" };
host.performance ??= { now: () => Date.now() };
host.console ??= { log: () => {}, error: () => {} };

/** A message to oneself: after what waits for this turn, and not held back as timers are. */
function nextTurn(action: (value?: unknown) => void, ...args: unknown[]): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    action(...args);
  };
  port2.postMessage(null);
}
if (host.MessageChannel !== undefined) host.setImmediate ??= nextTurn;
