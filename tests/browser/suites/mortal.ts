/** What a web worker that will end and those who watch it agree on. */
import type { Ticket } from "lookaside";

export const LIST = { tag: "Mort", size: 96, maximumDepth: 64, batch: 4 } as const;
export const CHANNEL = { name: "from the mortal", capacity: 16 } as const;

/** What a worker does once it has said that it is ready. */
export type Course = "spin" | "churn" | "close" | "throw" | "nest" | "send";

/** What a worker is told. */
export interface Orders {
  readonly ticket: Ticket;
  readonly course: Course;
  readonly blocks: number;
}

/** What it answers: its own number, or a nested worker's. */
export interface Ready {
  readonly thread: number;
}
