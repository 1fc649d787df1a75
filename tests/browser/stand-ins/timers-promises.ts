/** `node:timers/promises` for pages and workers: a turn of the event loop. */
export function setImmediate<Value>(value?: Value): Promise<Value | undefined> {
  return new Promise((resolve) => {
    globalThis.setImmediate(() => resolve(value));
  });
}
