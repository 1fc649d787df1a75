/**
 * What is posted to another thread so that it can attach: a plain object that structured clone carries.
 */
import { LookasideError, show } from "../base/index.js";
import { attachRegion, LAYOUT_VERSION, type Region } from "../memory/index.js";

/**
 * A ticket: pass it as `workerData` or in a message, and to `System.attach` or `boot` on the other side.
 */
export interface Ticket {
  readonly lookaside: "ticket";
  readonly version: number;
  readonly memory: WebAssembly.Memory;
}

/** The ticket of a region. */
export function ticketOf(region: Region): Ticket {
  return { lookaside: "ticket", version: LAYOUT_VERSION, memory: region.memory };
}

/** Whether a value looks like a ticket: its parts are checked by {@link attachByTicket}. */
export function isTicket(value: unknown): value is Ticket {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as { lookaside?: unknown }).lookaside === "ticket"
  );
}

/**
 * This thread's region for a ticket.
 * @throws {LookasideError} ERR_TICKET, ERR_LAYOUT_VERSION
 */
export function attachByTicket(ticket: unknown): Region {
  const { version, memory } = partsOf(ticket);
  if (version !== LAYOUT_VERSION) {
    const message = `Cannot attach by a ticket of layout ${show(version)}: this is ${LAYOUT_VERSION}`;
    throw new LookasideError("ERR_LAYOUT_VERSION", message);
  }
  return attachRegion(memory);
}

/** Reads each part once. What cannot even be read is no ticket. */
function partsOf(ticket: unknown): { readonly version: unknown; readonly memory: unknown } {
  let cause: unknown;
  try {
    if (isTicket(ticket)) return { version: ticket.version, memory: ticket.memory };
  } catch (error) {
    cause = error;
  }
  const message = `Cannot attach with ${show(ticket)}: it is not a ticket`;
  throw new LookasideError("ERR_TICKET", message, { cause });
}
