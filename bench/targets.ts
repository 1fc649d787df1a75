/**
 * The ratios that are to be reached, each against another contender of the same run.
 */
import type { Results } from "./harness.js";

/** `contender` is to cost at most `most` times what `against` costs, in one scenario. */
export interface Target {
  readonly scenario: string;
  readonly contender: string;
  readonly against: string;
  readonly most: number;
}

const BARE = "interlocked pop + push";

export const TARGETS: readonly Target[] = [
  ...["NPagedLookasideList", "PagedLookasideList", "LookasideListEx"].map((contender) => ({
    scenario: "lists",
    contender,
    against: BARE,
    most: 1.25,
  })),
  { scenario: "lists", contender: "guest: LookasideListEx", against: "LookasideListEx", most: 2.5 },
  ...[64, 1_024].flatMap((bytes) => [
    { scenario: "pool", contender: `pool ${bytes} B, 10 live`, against: BARE, most: 4 },
    {
      scenario: "pool",
      contender: `pool ${bytes} B, 100000 live`,
      against: `pool ${bytes} B, 10 live`,
      most: 1.3,
    },
  ]),
  { scenario: "ring", contender: "lookaside pool", against: "@thi.ng/malloc", most: 1 / 20 },
  { scenario: "blocks", contender: "BlockList", against: "array stack", most: 2.5 },
  { scenario: "blocks", contender: "BlockList", against: "Buffer.allocUnsafe(1024)", most: 1 / 6 },
  { scenario: "objects", contender: "ObjectList", against: "reusify", most: 1.5 },
];

/** What a target came to: its ratio, or why there is none. */
export interface Outcome {
  readonly target: Target;
  readonly ratio: number | null;
  readonly reached: boolean;
}

/** Holds results against the targets. */
export function outcomes(all: Readonly<Record<string, Results>>): Outcome[] {
  return TARGETS.filter(({ scenario }) => scenario in all).map((target) => {
    const results = all[target.scenario] ?? {};
    const [one, other] = [results[target.contender], results[target.against]];
    if (!one || !other || "notRun" in one || "notRun" in other)
      return { target, ratio: null, reached: false };
    const ratio = one.nsPerOp / other.nsPerOp;
    return { target, ratio, reached: ratio <= target.most };
  });
}
