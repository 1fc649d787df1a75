/** Loaded before the program: whoever reads its standard output has gone before the first byte. */
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { stdout } = process;
  stdout._write = (_chunk, _encoding, done) => {
    done(Object.assign(new Error("write EPIPE"), { code: "EPIPE", errno: -32, syscall: "write" }));
  };
}
