/** What the server sends, as the page knows it: types alone, so that nothing of the server is loaded. */
export type { Frame, FrameList, MemoryFrame, RunNumbers } from "../frame.js";
export type { LogEntry, LogKind } from "../log-entry.js";
