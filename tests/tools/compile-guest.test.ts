/** The compiler of guests: what it refuses is told in its own words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../tools/compile-guest.js";

test("what the compiler says of wrong source is the error's message", async () => {
  const source = '#include <wdm.h>\n_Static_assert(PAGE_SIZE == 4095, "a page is a page");\n';
  await assert.rejects(compile("wrong", source), {
    name: "CompilerError",
    message: /wrong\.c:2:16: error: static assertion failed.*a page is a page/,
  });
});
