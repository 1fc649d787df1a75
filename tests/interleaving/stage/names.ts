/**
 * Names of words, for traces and for the list of intended races: from the map of the memory, from what
 * lies in it at the moment, and from what a scenario has told of.
 */
import { PART as CHANNEL_PART, RECORD as CHANNEL_RECORD } from "#src/channel/record.js";
import { PART, RECORD } from "#src/list/index.js";
import { HEADER, type Layout } from "#src/memory/index.js";
import { chunkByte, payloadOf, RUN, SLAB, typeOf } from "#src/pool/run-table.js";
import { blockIndex, blockOffset } from "#src/pool/size-classes.js";
import { classOfSlot } from "#src/pool/slab.js";

/** Words that a scenario named. */
interface Named {
  readonly from: number;
  readonly to: number;
  readonly nameOf: (offset: number) => string;
}

const SHADOW_WORDS = ["state", "bill", "note", "slack"];

function namesOf(table: Readonly<Record<string, number>>, except: string): Map<number, string> {
  const entries = Object.entries(table).filter(([name]) => name !== except);
  return new Map(entries.map(([name, word]) => [word, name.toLowerCase().replaceAll("_", " ")]));
}

const HEADER_NAMES = namesOf(HEADER, "");
const RECORD_NAMES = namesOf(RECORD, "PARTS");
const PART_NAMES = namesOf(PART, "WORDS");
const CHANNEL_NAMES = namesOf(CHANNEL_RECORD, "PARTS");
const CHANNEL_PART_NAMES = namesOf(CHANNEL_PART, "WORDS");
const CELL_NAMES = ["header", "low", "high", "unused"];

/** Names of the words of one system. */
export class WordNames {
  readonly #layout: Layout;
  readonly #regionWords: number;
  readonly #named: Named[] = [];

  constructor(layout: Layout, regionWords: number) {
    this.#layout = layout;
    this.#regionWords = regionWords;
  }

  /** Names `count` words from a byte address. */
  give(address: number, count: number, nameOf: (offset: number) => string): void {
    const from = address >>> 2;
    this.#named.push({ from, to: from + count, nameOf });
  }

  /** The name of a word, while the memory is `words`. */
  of(index: number, words: Int32Array): string {
    const layout = this.#layout;
    const named = this.#named.find(({ from, to }) => index >= from && index < to);
    if (named !== undefined) return named.nameOf(index - named.from);
    if (index >= this.#regionWords) return this.#extra(index - this.#regionWords);
    if (index >= layout.dataByte / 4) return this.#data(index, words);
    if (index >= layout.shadow) return this.#shadow(index - layout.shadow, words);
    const areas: [string, number][] = [
      ["slab map", layout.slabMaps],
      ["class map", layout.classMaps],
      ["run", layout.runs],
      ["tally", layout.tallies],
      ["routine", layout.routinesByte / 4],
      ["channel number", layout.channels],
      ["list", layout.lists],
      ["tag", layout.tags],
    ];
    for (const [name, start] of areas) if (index >= start) return `${name} ${index - start}`;
    if (index >= layout.threads) {
      const thread = Math.floor((index - layout.threads) / layout.threadWords);
      return `thread ${thread} ${(index - layout.threads) % layout.threadWords || "status"}`;
    }
    return `header ${HEADER_NAMES.get(index) ?? index}`;
  }

  /** Words in blocks: records of block lists and of channels have names. */
  #data(index: number, words: Int32Array): string {
    return (
      this.#ofList(index, words) ??
      this.#ofChannel(index, words) ??
      `data 0x${(index * 4).toString(16)}`
    );
  }

  #ofList(index: number, words: Int32Array): string | null {
    for (let id = 0; id < 4; id++) {
      const at = (words[this.#layout.lists + id] as number) >>> 2;
      if (at === 0 || index < at) continue;
      const depot = words[at + RECORD.DEPOT] as number;
      const stride = (words[at + RECORD.BATCH] as number) + 1;
      const offset = index - at;
      if (offset >= depot + (words[at + RECORD.SLOTS] as number) * stride) continue;
      if (offset >= depot) {
        const slot = Math.floor((offset - depot) / stride);
        const entry = (offset - depot) % stride;
        return `slot ${slot} ${entry === 0 ? "header" : `entry ${entry - 1}`}`;
      }
      if (offset < RECORD.PARTS) return `record ${RECORD_NAMES.get(offset) ?? `name ${offset}`}`;
      const thread = Math.floor((offset - RECORD.PARTS) / PART.WORDS) + 1;
      const word = (offset - RECORD.PARTS) % PART.WORDS;
      return `part ${thread} ${PART_NAMES.get(word) ?? word}`;
    }
    return null;
  }

  #ofChannel(index: number, words: Int32Array): string | null {
    for (let id = 0; id < 2; id++) {
      const at = (words[this.#layout.channels + id] as number) >>> 2;
      if (at === 0 || index < at) continue;
      const offset = index - at;
      const cells = CHANNEL_RECORD.PARTS + this.#layout.threadCapacity * CHANNEL_PART.WORDS;
      if (offset >= cells + 4 * 2 ** (words[at + CHANNEL_RECORD.SHIFT] as number)) continue;
      if (offset >= cells) {
        const cell = offset - cells;
        return `cell ${cell >>> 2} ${CELL_NAMES[cell & 3]}`;
      }
      if (offset < CHANNEL_RECORD.PARTS)
        return `channel ${CHANNEL_NAMES.get(offset) ?? `name ${offset}`}`;
      const thread = Math.floor((offset - CHANNEL_RECORD.PARTS) / CHANNEL_PART.WORDS) + 1;
      const word = (offset - CHANNEL_RECORD.PARTS) % CHANNEL_PART.WORDS;
      return `channel part ${thread} ${CHANNEL_PART_NAMES.get(word) ?? word}`;
    }
    return null;
  }

  /** The first words of a block's shadow have names; which block it is says the run table. */
  #shadow(unit: number, words: Int32Array): string {
    const layout = this.#layout;
    let chunk = unit >>> 12;
    let entry = words[layout.runs + chunk] as number;
    if (typeOf(entry) !== SLAB && typeOf(entry) !== RUN && entry !== 0) {
      chunk -= payloadOf(entry);
      entry = words[layout.runs + chunk] as number;
    }
    const offset = unit * 16 - (chunkByte({ layout } as never, chunk) - layout.dataByte);
    if (typeOf(entry) === RUN && offset < 64) return `run ${chunk} ${SHADOW_WORDS[offset / 16]}`;
    if (typeOf(entry) !== SLAB) return `shadow ${unit}`;
    const sizeClass = classOfSlot(payloadOf(entry));
    for (let back = 0; back < 4 && back * 16 <= offset; back++) {
      const start = offset - back * 16;
      const block = blockIndex(sizeClass, start);
      if (blockOffset(sizeClass, block) === start)
        return `block ${chunk}.${block} ${SHADOW_WORDS[back]}`;
    }
    return `shadow ${unit}`;
  }

  #extra(offset: number): string {
    if (offset < 3) return ["pages", "mail place", "mail generation"][offset] ?? "";
    return `holder 0x${(this.#layout.dataByte + (offset - 3) * 16).toString(16)}`;
  }
}
