/**
 * A block list as someone sees it who only looks: no lock is taken and no word is written.
 *
 * A record may be given back to the pool at any time, and its words be anybody's: what was read of it counts
 * only if the table of lists still names it afterwards, with the same serial number.
 */
import { load, peek, type Region } from "../../memory/index.js";
import { POLICY_NAMES } from "../depth/index.js";
import { FULL, operandOf, statusOf } from "./depot.js";
import { DELETED, OPEN, RECORD, type RecordPlace, recordPlaceAt } from "./record.js";

/** What the record of a list says, but for the parts of its threads. */
export interface RecordReading {
  readonly place: RecordPlace;
  /** Tells one list from every other one that the system ever had. */
  readonly serial: number;
  readonly isDeleted: boolean;
  /** Four characters as a word. */
  readonly tag: number;
  readonly size: number;
  /** 0 nonpaged, 1 paged. */
  readonly kind: number;
  /** Who sets depth, as an option or a statistic says it. */
  readonly policy: string;
  readonly depth: number;
  readonly maximumDepth: number;
  readonly batch: number;
  readonly slots: number;
  readonly fullSlots: number;
  /** Blocks in full slots. */
  readonly inDepot: number;
}

const SLOTS_MAX = 255;
const BATCH_MAX = 64;

/** Reads the record of list number `id`; null when there is none, or it went while it was read. */
export function readRecord(region: Region, id: number): RecordReading | null {
  const byte = load(region.words, region.layout.lists + id) >>> 0;
  if (byte === 0) return null;
  const place = recordPlaceAt(region, id, byte);
  const { words, at } = place;
  const status = load(words, at + RECORD.STATUS);
  if (status !== OPEN && status !== DELETED) return null;
  const serial = load(words, at + RECORD.SERIAL);
  const slots = Math.min(load(words, at + RECORD.SLOTS) >>> 0, SLOTS_MAX);
  const batch = Math.min(load(words, at + RECORD.BATCH) >>> 0, BATCH_MAX);
  const depot = at + load(words, at + RECORD.DEPOT);
  let [fullSlots, inDepot] = [0, 0];
  for (let slot = 0; slot < slots; slot++) {
    const header = peek(words, depot + slot * (batch + 1));
    if (statusOf(header) !== FULL) continue;
    fullSlots++;
    inDepot += operandOf(header);
  }
  const reading = {
    place,
    serial,
    isDeleted: status === DELETED,
    tag: load(words, at + RECORD.TAG) >>> 0,
    size: load(words, at + RECORD.SIZE),
    kind: load(words, at + RECORD.KIND),
    policy: POLICY_NAMES[load(words, at + RECORD.POLICY)] ?? "",
    depth: load(words, at + RECORD.DEPTH),
    maximumDepth: load(words, at + RECORD.MAXIMUM_DEPTH),
    batch,
    slots,
    fullSlots,
    inDepot,
  };
  return isStill(region, reading) ? reading : null;
}

/** Whether what was read of a record is a list's yet: to be asked after its parts were read too. */
export function isStill(region: Region, { place, serial }: RecordReading): boolean {
  const byte = load(region.words, region.layout.lists + place.id);
  return byte >>> 2 === place.at && load(place.words, place.at + RECORD.SERIAL) === serial;
}
