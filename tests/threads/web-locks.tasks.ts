/** A thread for web-locks.test.ts: it attaches with the host's own locks and waits to be ended. */
import { System, type Ticket } from "lookaside";
import { holdsLock } from "#src/threads/index.js";
import type { CrewTask } from "../support/crew.js";

export const LIST = { tag: "Lock", size: 64, maximumDepth: 16, batch: 4 } as const;

/** Holds ten blocks; raises gate 0 when its lock is granted, then spins until it is ended. */
export const hold: CrewTask<{ readonly ticket: Ticket }, void> = async ({ data, gates }) => {
  const { locks } = navigator;
  const system = System.attach(data.ticket, { locks });
  const list = system.blockList(LIST);
  for (let count = 0; count < 10; count++) list.allocate();
  while (!holdsLock(system.region, system.identity)) await locks.query();
  gates.raise(0);
  for (;;) gates.read(0);
};
