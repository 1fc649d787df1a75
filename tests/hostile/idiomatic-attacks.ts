/**
 * What the storm on the door `lookaside` calls: every public member of what the door gives, with the kinds
 * of its arguments. What is left out is named with the reason, so that nothing is forgotten.
 */

/** Whose member it is. */
export type Target = "system" | "list" | "block" | "channel" | "lane" | "objects";

/** What an argument is drawn from; one more than these is a wrong type. */
export type Kind =
  | "block"
  | "handle"
  | "channel"
  | "count"
  | "ticks"
  | "value"
  | "time"
  | "wait"
  | "object"
  | "listOptions"
  | "channelOptions"
  | "objectOptions"
  | "worker"
  | "watch"
  | "identity"
  | "policy"
  | "action";

export type Members = Readonly<Record<string, readonly Kind[]>>;

/** Members by their owner. A getter is read. */
export const MEMBERS: Readonly<Record<Target, Members>> = {
  system: {
    thread: [],
    identity: [],
    memory: [],
    threads: [],
    ticket: [],
    blockList: ["listOptions"],
    objectList: ["objectOptions"],
    lists: [],
    channel: ["channelOptions"],
    watch: ["worker", "policy"],
    watchThreads: ["watch"],
    recoverEnded: ["identity", "policy"],
    audit: [],
    tick: ["ticks"],
    adjustDepths: [],
    snapshot: ["watch"],
    leaks: [],
    assertEmpty: [],
    observe: ["watch"],
    whenDetached: ["action"],
  },
  list: {
    allocate: [],
    allocateOrThrow: [],
    free: ["block"],
    allocateHandle: [],
    freeHandle: ["handle"],
    offsetOf: ["handle"],
    share: ["handle"],
    handleFrom: ["handle"],
    holds: ["block"],
    handleOf: ["block"],
    adopt: ["handle"],
    adoptHandle: ["handle"],
    through: ["channel"],
    deleted: [],
    closed: [],
    reserve: ["count"],
    trim: [],
    tick: [],
    depth: [],
    statistics: [],
    delete: [],
  },
  block: { bytes: [], buffer: [], handle: [], free: [], address: [] },
  channel: {
    push: ["value"],
    pop: [],
    pushAsync: ["value", "wait"],
    popAsync: ["wait"],
    pushBlocking: ["value", "time"],
    popBlocking: ["time"],
    close: [],
    closed: [],
    drained: [],
    left: [],
    size: [],
    statistics: [],
    delete: [],
  },
  lane: {
    send: ["block"],
    receive: [],
    sendAsync: ["block", "wait"],
    receiveAsync: ["wait"],
    sendBlocking: ["block", "time"],
    receiveBlocking: ["time"],
    sendHandle: ["handle"],
    receiveHandle: [],
    receiveHandleAsync: ["wait"],
    receiveHandleBlocking: ["time"],
  },
  objects: {
    allocate: [],
    free: ["object"],
    reserve: ["count"],
    trim: [],
    depth: [],
    tick: [],
    closed: [],
    statistics: [],
    delete: [],
  },
};

const INSIDE = "for other parts of the library: its header says so";
const ALL =
  "takes what everybody parks, also those who stand aside; each list's own trim is called";
const END = "the end of the storm; tests of its own";

/** Members that are not called, and why. */
export const LEFT_OUT: Readonly<Record<Target, Readonly<Record<string, string>>>> = {
  system: { constructor: INSIDE, instrument: INSIDE, detach: END, close: END, trim: ALL },
  list: {
    constructor: INSIDE,
    viewOf: INSIDE,
    forget: INSIDE,
    mayHold: INSIDE,
    demandSame: INSIDE,
    leave: INSIDE,
    refused: INSIDE,
    refillOrMiss: INSIDE,
    park: INSIDE,
    bump: INSIDE,
    demandRecord: INSIDE,
    demandOpen: INSIDE,
  },
  block: { constructor: INSIDE },
  channel: {
    constructor: INSIDE,
    leave: INSIDE,
    demandSame: INSIDE,
    claim: INSIDE,
    valueIn: INSIDE,
    finish: INSIDE,
    countStale: INSIDE,
    isIn: INSIDE,
    awaitItem: INSIDE,
    blockForItem: INSIDE,
  },
  lane: { constructor: INSIDE },
  objects: { constructor: INSIDE },
};
