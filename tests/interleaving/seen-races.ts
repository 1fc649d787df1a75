/**
 * Intended races and where they were seen. One that no scenario shows has no right to be in the list: it
 * would hide the next fault of its kind.
 */
import type { Exploration, IntendedRace, RacePair } from "./explorer/index.js";
import type { Scenario } from "./scenarios/index.js";
import { INTENDED_RACES } from "./stage/intended-races.js";

/** A scenario and what was found. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly found: Exploration;
}

/** One pair of accesses of one line of the list. */
interface Seen {
  readonly race: IntendedRace;
  readonly pair: RacePair;
  readonly words: Set<string>;
  readonly protocols: Set<string>;
}

/** Every line and pair, and which words of which protocols showed it. */
export function seenRaces(results: readonly ScenarioResult[]): Seen[] {
  const all = INTENDED_RACES.flatMap((race) => race.pairs.map((pair) => seenOf(race, pair)));
  for (const { scenario, found } of results) {
    for (const text of found.races) {
      const [name, pair] = text.split(": ") as [string, string];
      const line = all.find((each) => each.pair === pair && each.race.word.test(name));
      line?.words.add(name);
      line?.protocols.add(scenario.protocol);
    }
  }
  return all;
}

function seenOf(race: IntendedRace, pair: RacePair): Seen {
  return { race, pair, words: new Set(), protocols: new Set() };
}

/** What is in the list and was not seen, in words. */
export function unseenRaces(results: readonly ScenarioResult[]): string[] {
  return seenRaces(results)
    .filter(({ words }) => words.size === 0)
    .map(({ race, pair }) => `${race.word.source}: ${pair}`);
}

/** The list, as a part of the document. */
export function raceTable(results: readonly ScenarioResult[]): string {
  const lines = seenRaces(results).map(({ race, pair, words, protocols }) => {
    const word = race.word.source.replaceAll("|", "\\|");
    return `| \`${word}\` | ${pair} | ${race.reason} | ${[...protocols].join("; ")} | ${words.size} |`;
  });
  return `## Intended races

Accesses of two threads to one word that nothing orders, one of them a write, and not both atomic. Any other
than these is a fault; so is a line here that nothing shows.

| words | accesses | why it does no harm | seen in | words |
|---|---|---|---|--:|
${lines.join("\n")}
`;
}
