/**
 * How long this thread has really run: what other programs take from it does not count.
 *
 * For differences of a few parts in a hundred, which on a machine with other work drown in the time of the
 * clock.
 */
import { readFileSync } from "node:fs";

type ThreadCpuUsage = () => { readonly user: number; readonly system: number };

/** Nanoseconds of processor time of the calling thread, or null where the host does not tell. */
export function threadCpuTime(): number | null {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]);
  } catch {
    const { threadCpuUsage } = process as { threadCpuUsage?: ThreadCpuUsage };
    if (threadCpuUsage === undefined) return null;
    const { user, system } = threadCpuUsage();
    return (user + system) * 1_000;
  }
}
