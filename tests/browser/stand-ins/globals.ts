/**
 * The globals that tests take for granted on Node: an empty environment, and a console where a worklet
 * has none. Nothing that the library itself might look at.
 */
const host = globalThis as { process?: unknown; console?: unknown };
host.process ??= { env: {}, platform: "browser" };
host.console ??= { log: () => {}, error: () => {} };
