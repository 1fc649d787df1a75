/**
 * The event log of one monitor: the last few hundred things that happened.
 *
 * Most of it comes from the differences of snapshots. Two kinds are told better by the observers of the
 * thread that serves, and both are rare: what a refused call was refused for, and which thread was
 * recovered. They are kept until the next look, bounded, and take the place of what the difference says.
 */
import type { MisuseEvent, RecoveryEvent, Snapshot, System } from "../system/index.js";
import { counted, differences, type Happening } from "./differences.js";
import type { LogEntry } from "./log-entry.js";

const ENTRIES_MAX = 400;
/** Different misuses, and recoveries, kept between two looks. */
const OBSERVED_MAX = 32;

/** The same misuse of one list, counted. */
interface Misuse {
  readonly list: string;
  readonly message: string;
  count: number;
}

/** One monitor's log. */
export class EventLog {
  readonly #entries: LogEntry[] = [];
  readonly #misuses = new Map<string, Misuse>();
  readonly #recoveries: RecoveryEvent[] = [];
  readonly #stop: () => void;
  #before: Snapshot | null = null;
  #lastId = 0;

  constructor(system: Pick<System, "observe">) {
    this.#stop = system.observe({
      error: (event) => this.#noteMisuse(event),
      recovery: (event) => {
        if (this.#recoveries.length < OBSERVED_MAX) this.#recoveries.push(event);
      },
    });
  }

  /** Writes down what happened since the look before. */
  look(snapshot: Snapshot): void {
    const before = this.#before;
    this.#before = snapshot;
    if (before === null) return;
    const overMs = Math.max(0, snapshot.takenAt - before.takenAt);
    for (const found of this.#told(differences(before, snapshot))) {
      this.#entries.push({ id: ++this.#lastId, at: snapshot.takenAt, overMs, ...found });
    }
    this.#entries.splice(0, this.#entries.length - ENTRIES_MAX);
  }

  /** Entries above a number, oldest first. */
  after(id: number): readonly LogEntry[] {
    return this.#entries.filter((entry) => entry.id > id);
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Observes no more. */
  close(): void {
    this.#stop();
  }

  #noteMisuse({ list, code, message }: MisuseEvent): void {
    const key = `${code} ${list}`;
    const known = this.#misuses.get(key);
    if (known !== undefined) known.count++;
    else if (this.#misuses.size < OBSERVED_MAX) this.#misuses.set(key, { list, message, count: 1 });
  }

  /** Puts what observers saw in the place of what differences say of the same. */
  #told(found: readonly Happening[]): Happening[] {
    const told: Happening[] = [];
    const seen = new Map<string, number>();
    for (const { list, message, count } of this.#misuses.values()) {
      const times = count === 1 ? "" : ` (${counted(count, "time", "times")})`;
      told.push({ kind: "error", list, count, text: `${message}${times}` });
      seen.set(list, (seen.get(list) ?? 0) + count);
    }
    for (const { thread, parked, reclaimed, kept } of this.#recoveries) {
      const text =
        `thread ${thread} had ended and was recovered: blocks ${parked} parked, ` +
        `${reclaimed} reclaimed, ${kept} kept`;
      told.push({ kind: "recovery", list: null, count: 1, text });
    }
    const recovered = this.#recoveries.length;
    this.#misuses.clear();
    this.#recoveries.length = 0;
    const others = found.filter(({ kind, list, count }) => {
      if (kind === "error" && list !== null) return count > (seen.get(list) ?? 0);
      return !(kind === "recovery" && recovered > 0 && count <= recovered);
    });
    return [...told, ...others];
  }
}
