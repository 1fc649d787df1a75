/**
 * A block that a piece is being read into, as the reader sees it: kept in an object list and used again.
 */
import type { ObjectList, System } from "../../system/index.js";
import type { DemoBlock } from "./lists.js";
import { HEADER_BYTES } from "./piece.js";
import type { Room } from "./way.js";

const NOTHING = new Uint8Array(0);

/** Room in a block, while it is held. */
export class BlockRoom implements Room {
  bytes: Uint8Array = NOTHING;
  readonly offset = HEADER_BYTES;
  capacity = 0;
  /** Number of the block's list. */
  list = 0;
  #block: DemoBlock | null = null;

  /** The block. */
  get block(): DemoBlock {
    if (this.#block === null) throw new Error("this room holds no block");
    return this.#block;
  }

  /** From now on this is the room in a block. */
  hold(block: DemoBlock, list: number): this {
    this.#block = block;
    this.bytes = block.bytes;
    this.capacity = block.bytes.length - HEADER_BYTES;
    this.list = list;
    return this;
  }

  /** Holds on to nothing any more. */
  clear(): void {
    this.#block = null;
    this.bytes = NOTHING;
    this.capacity = 0;
  }
}

/** Makes the list of the reading thread's rooms. */
export function openRooms(system: System): ObjectList<BlockRoom> {
  const create = (): BlockRoom => new BlockRoom();
  return system.objectList({ tag: "Room", create, reset: (room) => room.clear() });
}
