/** What a page and its AudioWorklet agree on. */
import type { Ticket } from "lookaside";

export const LIST = { tag: "Aud1", size: 512, maximumDepth: 32, batch: 4 } as const;
export const CHANNEL = { name: "quanta", capacity: 64 } as const;

/** What the node passes as `processorOptions`. */
export interface Given {
  readonly ticket: Ticket;
  readonly quanta: number;
}
