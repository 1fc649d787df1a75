/**
 * What gives out blocks that other threads can free: one thread's way into it, opened by kind.
 *
 * `send` makes the number that names a block to another thread, which gets the block by `receive`: a
 * handle and its adoption where blocks have owners, the address alone where they have none.
 */
import { type Block, type Handle, NO_HANDLE, System, type Ticket } from "lookaside";
import {
  boot,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  ExInitializeNPagedLookasideList,
  memory,
  NonPagedPool,
  NULL,
  setLookasideDepth,
  shutdown,
  tag,
} from "lookaside/wdk";
import { BOARD_FREE, type Member } from "./part.js";

/** Blocks of one size, of all threads. */
export interface SharedAllocator<Item> {
  take(): Item;
  give(item: Item): void;
  send(item: Item): number;
  receive(token: number): Item;
  /** Byte offset of a block in the memory. */
  addressOf(item: Item): number;
  readonly memory: WebAssembly.Memory;
  /** A channel in the same system, whose values are what `send` gives. */
  channel?(name: string, capacity: number): Lane<Item>;
  end(): void;
}

/** Blocks through a channel: both ends wait while they must. */
export interface Lane<Item> {
  send(item: Item): void;
  receive(): Item;
}

/** Kinds of allocators. */
export type Kind = "BlockList" | "BlockList handles" | "NPagedLookasideList" | "pool";

/** What a thread opens an allocator by. */
export interface AllocatorOrders {
  readonly kind: Kind;
  readonly ticket: Ticket;
  readonly bytes: number;
  /** Blocks that will be parked at a time, as far as the kind lets itself be told. */
  readonly most: number;
}

/** Where the first thread puts the address of the descriptor for the others. */
const DESCRIPTOR = BOARD_FREE;

const TAG = tag("Benc");

function demand<Item>(item: Item | null): Item {
  if (item === null || item === 0) throw new Error("the bench needs more pool");
  return item;
}

function blocks({ ticket, bytes, most }: AllocatorOrders): SharedAllocator<Block<"Benc">> {
  const system = System.attach(ticket);
  const list = system.blockList({ tag: "Benc", size: bytes, maximumDepth: most });
  return {
    take: () => list.allocateOrThrow(),
    give: (block) => block.free(),
    send: (block) => block.handle,
    receive: (token) => list.adopt(list.handleFrom(token)),
    addressOf: (block) => block.address,
    memory: system.memory,
    channel(name, capacity) {
      const lane = list.through(system.channel({ name, capacity }));
      return {
        send: (block) => {
          if (!lane.send(block)) lane.sendBlocking(block);
        },
        receive: () => demand(lane.receive() ?? lane.receiveBlocking()),
      };
    },
    end: () => system.detach(),
  };
}

function handles({ ticket, bytes, most }: AllocatorOrders): SharedAllocator<Handle<"Benc">> {
  const system = System.attach(ticket);
  const list = system.blockList({ tag: "Benc", size: bytes, maximumDepth: most, raise: true });
  return {
    take: () => list.allocateHandle() as Handle<"Benc">, // a list made to raise has no NO_HANDLE
    give: (handle) => list.freeHandle(handle),
    send: (handle) => list.share(handle),
    receive: (token) => list.adoptHandle(list.handleFrom(token)),
    addressOf: (handle) => list.offsetOf(handle),
    memory: system.memory,
    channel(name, capacity) {
      const channel = system.channel({ name, capacity });
      const lane = list.through(channel);
      return {
        send: (handle) => {
          if (!lane.sendHandle(handle)) channel.pushBlocking(list.share(handle));
        },
        receive() {
          const handle = lane.receiveHandle();
          return handle === NO_HANDLE
            ? demand(lane.receiveHandleBlocking())
            : (handle as Handle<"Benc">);
        },
      };
    },
    end: () => system.detach(),
  };
}

/** A list that the first thread makes, and tells the others of. */
function nonpaged(
  { ticket, bytes, most }: AllocatorOrders,
  { rank, board, meet }: Member<unknown>,
): SharedAllocator<number> {
  boot(ticket);
  if (rank === 0) {
    const made = demand(ExAllocatePoolWithTag(NonPagedPool, 0x80, TAG));
    ExInitializeNPagedLookasideList(made, NULL, NULL, 0, bytes, TAG, 0);
    setLookasideDepth(made, most);
    Atomics.store(board, DESCRIPTOR, made);
  }
  meet();
  const list = Atomics.load(board, DESCRIPTOR);
  return {
    take: () => demand(ExAllocateFromNPagedLookasideList(list)),
    give: (entry) => ExFreeToNPagedLookasideList(list, entry),
    send: (entry) => entry,
    receive: (token) => token,
    addressOf: (entry) => entry,
    memory: memory(),
    end: shutdown,
  };
}

function pool({ ticket, bytes }: AllocatorOrders): SharedAllocator<number> {
  boot(ticket);
  return {
    take: () => demand(ExAllocatePoolWithTag(NonPagedPool, bytes, TAG)),
    give: (block) => ExFreePool(block),
    send: (block) => block,
    receive: (token) => token,
    addressOf: (block) => block,
    memory: memory(),
    end: shutdown,
  };
}

/** Opens an allocator in a thread of a crew. All threads of the crew call it. */
export function openAllocator(
  orders: AllocatorOrders,
  member: Member<unknown>,
): SharedAllocator<unknown> {
  switch (orders.kind) {
    case "BlockList":
      return blocks(orders) as SharedAllocator<unknown>;
    case "BlockList handles":
      return handles(orders) as SharedAllocator<unknown>;
    case "NPagedLookasideList":
      return nonpaged(orders, member) as SharedAllocator<unknown>;
    case "pool":
      return pool(orders) as SharedAllocator<unknown>;
  }
}
