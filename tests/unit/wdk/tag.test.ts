/** Tags as numbers and as texts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tag, tagText } from "lookaside/wdk";

test("one to four printable characters are a tag, in the order of memory, filled up with blanks", () => {
  assert.equal(tag("LLst"), 0x7473_4c4c);
  assert.equal(tag("A"), 0x2020_2041);
  assert.equal(tag(" ~"), 0x2020_7e20);
  for (const text of ["A", "Ab", "Ab1", "~ !z", "Look"]) {
    assert.equal(tagText(tag(text)), text.padEnd(4, " "));
  }
});

test("what would have to be cut to be a tag is refused", () => {
  const wrong = [
    "Lookaside",
    "",
    "é",
    "Tagé",
    "日本",
    "a\nb",
    "ab\n",
    "Pag\u0001",
    5,
    null,
    undefined,
    {},
  ];
  for (const text of wrong as string[]) {
    assert.throws(() => tag(text), {
      name: "LookasideError",
      code: "ERR_ARGUMENT",
      message: /^Cannot call tag with .* as Text: one to four printable characters are needed$/,
    });
  }
});
