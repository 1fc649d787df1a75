/**
 * The system of the demo: made here, and nowhere else.
 */
import { LookasideError, System } from "../../system/index.js";
import { CommandFailed } from "../failure.js";
import type { DemoOptions } from "./options.js";

/** Makes the system that a run's options ask for. @throws {CommandFailed} when the host has no room. */
export function systemFor(options: DemoOptions): System {
  const { nonPagedPoolBytes, pagedPoolBytes, threads } = options;
  try {
    return System.create({
      nonPaged: nonPagedPoolBytes,
      paged: pagedPoolBytes,
      threads: threads + 1,
    });
  } catch (error) {
    if (error instanceof LookasideError) throw new CommandFailed(error.message);
    throw error;
  }
}
