/**
 * Where the generations of a new block begin, so that no old handle fits it: SW-2.
 *
 * The state word of a block keeps its generation only as long as a block begins there. In a slab of another
 * size, or in a run, the same word of the shadow may be a bill. So the header has one word that is as new as
 * every generation of every block that was taken out of use, and what is made anew begins there.
 *
 * | step | order | why |
 * |---|---|---|
 * | a block goes out of use | move the word on, then state → none | who dies in between did it for nothing |
 * | a slab or run is made | read the word, then write the states | what went out of use before is in it |
 *
 * Generations have 20 bits and go round. The newer of two is the one that is less than half of all ahead of
 * the other; so however far a block had come, what is made anew begins at most half of all ahead of it.
 */
import { compareExchange, HEADER, load, type Words } from "../memory/index.js";
import { generationOf } from "./state-word.js";

/** Half of all generations. */
const HALF = 2 ** 19;

/** The generation that what is made now goes on from. */
export function firstGeneration(words: Words): number {
  return generationOf(load(words, HEADER.GENERATION));
}

/** Before a block goes out of use: what is made later is newer than its generation. */
export function outliveGeneration(words: Words, generation: number): void {
  for (;;) {
    const seen = load(words, HEADER.GENERATION);
    const ahead = generationOf(generation - seen);
    if (ahead === 0 || ahead >= HALF) return;
    if (compareExchange(words, HEADER.GENERATION, seen, generationOf(generation)) === seen) return;
  }
}
