/**
 * Milliseconds that go by, for waits that have an end: `performance` where the host has it (an AudioWorklet
 * has none), else the time of day, which somebody may set.
 */
export function now(): number {
  const { performance } = globalThis as { performance?: { now(): number } };
  return performance?.now() ?? Date.now();
}
