/** Loaded before the program: a file changes right after the manifest has been written. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const path = process.env["CHANGES"];
if (path === undefined) throw new Error("CHANGES must name a file");
if (isMainThread) {
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    fs.appendFileSync(path, "more");
  };
  syncBuiltinESMExports();
}
