/**
 * An array of objects, popped and pushed: what one writes by hand. No check, no count, no limit.
 */
import type { Family } from "./family.js";

/** A stack of what `create` makes. */
export function arrayStack<Item extends object>(create: (bytes: number) => Item): Family<Item> {
  return {
    name: "array stack",
    open(bytes) {
      const stack: Item[] = [];
      return {
        take: () => stack.pop() ?? create(bytes),
        give: (item) => void stack.push(item),
        none: null,
      };
    },
  };
}
