/**
 * An object list as a contender, all checks on: its objects are arrays of the block's size, or small
 * literals.
 */
import { ObjectList } from "lookaside";
import type { Family } from "./family.js";

/** An object list of what `create` makes. */
export function objectList<Item extends object>(create: (bytes: number) => Item): Family<Item> {
  return {
    name: "ObjectList",
    open(bytes, most) {
      const list = new ObjectList<Item>({
        tag: "Benc",
        create: () => create(bytes),
        maximumDepth: Math.max(256, most),
      });
      return { take: () => list.allocate() as Item, give: (item) => list.free(item), none: null };
    },
  };
}
