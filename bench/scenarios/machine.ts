/**
 * The machine that documented contenders run on.
 */
import { boot, shutdown } from "lookaside/wdk";
import type { Scenario } from "../harness.js";

/** Boots a fresh machine for this thread, whose clock stands still. The process's end shuts it down. */
export function bootMachine(): void {
  shutdown();
  boot({ nonPagedPoolBytes: "512 MiB", depth: { periodMs: 0 } });
}

/** Boots a machine for the contenders of a scenario. */
export function onMachine(contenders: Scenario["contenders"]): Scenario["contenders"] {
  return async (effort) => {
    bootMachine();
    return contenders(effort);
  };
}
