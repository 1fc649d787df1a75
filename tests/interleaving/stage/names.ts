/**
 * Names of words, for traces: from the map of the memory and from what a scenario has told of.
 */
import type { Layout } from "#src/memory/index.js";
import type { Stage } from "./stage.js";

/** Words that a scenario named. */
interface Named {
  readonly from: number;
  readonly to: number;
  readonly nameOf: (offset: number) => string;
}

/** Names of the words of one system. */
export class WordNames {
  readonly #layout: Layout;
  readonly #regionWords: number;
  readonly #header: Map<number, string>;
  readonly #named: Named[] = [];

  constructor(stage: Stage, layout: Layout, regionWords: number) {
    this.#layout = layout;
    this.#regionWords = regionWords;
    this.#header = new Map(
      Object.entries(stage.memory.HEADER).map(([name, word]) => [word, `header.${name}`]),
    );
  }

  /** Names `count` words from a byte address. */
  give(address: number, count: number, nameOf: (offset: number) => string): void {
    const from = address >>> 2;
    this.#named.push({ from, to: from + count, nameOf });
  }

  /** The name of a word. */
  of(index: number): string {
    const layout = this.#layout;
    const named = this.#named.find(({ from, to }) => index >= from && index < to);
    if (named !== undefined) return named.nameOf(index - named.from);
    if (index >= this.#regionWords) return this.#extra(index - this.#regionWords);
    const block = (unit: number): string => `0x${(layout.dataByte + unit * 16).toString(16)}`;
    if (index >= layout.dataByte / 4) return `data 0x${(index * 4).toString(16)}`;
    if (index >= layout.shadow) return `${this.#shadow(index - layout.shadow, block)}`;
    const areas: [string, number][] = [
      ["slab map", layout.slabMaps],
      ["class map", layout.classMaps],
      ["run", layout.runs],
      ["tally", layout.tallies],
      ["routine", layout.routinesByte / 4],
      ["list", layout.lists],
      ["tag", layout.tags],
    ];
    for (const [name, start] of areas) if (index >= start) return `${name}[${index - start}]`;
    if (index >= layout.threads) {
      const thread = Math.floor((index - layout.threads) / layout.threadWords);
      return `thread ${thread}.${(index - layout.threads) % layout.threadWords || "status"}`;
    }
    return this.#header.get(index) ?? `word ${index}`;
  }

  /** A block's first shadow word is its state; the next ones are told by how the block is cut. */
  #shadow(unit: number, block: (unit: number) => string): string {
    return `shadow ${block(unit)}`;
  }

  #extra(offset: number): string {
    return offset === 0
      ? "pages"
      : `holder 0x${(this.#layout.dataByte + (offset - 1) * 16).toString(16)}`;
  }
}
