/**
 * `--monitor`: the live page over the running demo. It stays up when the hashing is over, until Ctrl-C,
 * for that is when there is time to look.
 */
import { LookasideError } from "../../base/index.js";
import { MONITOR_PORT, type Monitor, serveMonitor } from "../../monitor/index.js";
import type { System } from "../../system/index.js";
import { CommandFailed, UsageError } from "../failure.js";

/** The option as it is written. */
const OPTION = "--monitor";

/** The port that is asked for, "" the default one, or null for no page. @throws {UsageError} */
export function monitorPort(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === "") return MONITOR_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`${OPTION} must be a port from 0 to 65535, not ${JSON.stringify(text)}`);
}

/** Serves the page on loopback. @throws {CommandFailed} when the port is taken. */
export async function openView(system: System, port: number): Promise<Monitor> {
  try {
    return await serveMonitor(system, { port, title: "lookaside demo" });
  } catch (error) {
    if (error instanceof LookasideError) throw new CommandFailed(error.message);
    throw error;
  }
}

/** Waits for Ctrl-C. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => process.once("SIGINT", () => resolve()));
}
