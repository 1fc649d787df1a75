/**
 * The line of the program that called the library: the first one of a stack that is not the library's own.
 */

interface StackHost {
  stackTraceLimit?: number;
  captureStackTrace?(target: object, above: unknown): void;
}

/** Where the library's own files are: their lines are passed over. */
const LIBRARY = new URL("../", import.meta.url).href;

/** Frames to look at: the library's own and one more. */
const FRAMES = 8;

/** A site that the host does not tell. */
export const UNKNOWN_SITE = "an unknown place";

/**
 * The line that called `above`, a function of the library: `program (file:line:column)`, as the host writes
 * it. A few microseconds.
 */
export function callSite(above: unknown): string {
  const host = Error as StackHost;
  const limit = host.stackTraceLimit;
  host.stackTraceLimit = FRAMES;
  const holder: { stack?: string } = {};
  if (host.captureStackTrace === undefined) holder.stack = new Error().stack ?? "";
  else host.captureStackTrace(holder, above);
  if (limit !== undefined) host.stackTraceLimit = limit;
  // A program may have its stacks prepared as something else than text.
  const stack = typeof holder.stack === "string" ? holder.stack : "";
  const frames = stack.split("\n").filter((line) => /:\d+/.test(line));
  const own = frames.find((line) => !line.includes(LIBRARY)) ?? frames[0];
  return own?.trim().replace(/^at /, "") ?? UNKNOWN_SITE;
}
