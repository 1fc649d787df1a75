/** UTF-8 of our own: the same as the host's TextEncoder and TextDecoder, which a worklet does not have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isWellFormed, textOfUtf8, utf8Of, writeUtf8 } from "#src/base/utf8.js";
import { seeded } from "../../support/seed.js";

const skip = typeof TextEncoder === "undefined" && "this host has nothing to compare with";

test("every character goes there and back, as the host's do", { skip }, () => {
  const encoder = new TextEncoder();
  for (let point = 0; point <= 0x10_ffff; point += point < 0x1_1000 ? 1 : 97) {
    const text = String.fromCodePoint(point);
    const bytes = encoder.encode(text);
    assert.deepEqual(utf8Of(text), bytes, `U+${point.toString(16)}`);
    const back = point >= 0xd800 && point <= 0xdfff ? "\ufffd" : text;
    assert.equal(textOfUtf8(bytes), back, `U+${point.toString(16)}`);
  }
});

test("malformed bytes become the same text as the host's", { skip }, () => {
  const random = seeded(import.meta.url);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const telling = [0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0];
  telling.push(0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: random.int(9) }, () => random.pick(telling));
    assert.equal(textOfUtf8(bytes), decoder.decode(bytes), `[${bytes}]`);
  }
});

test("the name of a list or a routine may be any text, a mark at its beginning included", () => {
  for (const name of ["\ufeffname", "名前", "a\0b", "🧊🧊", "é"]) {
    assert.equal(textOfUtf8(utf8Of(name)), name);
  }
});

test("as much of a text as fits is written, in whole characters, as the host does", {
  skip,
}, () => {
  const encoder = new TextEncoder();
  const text = "aé名🧊\ud800z";
  for (let length = 0; length <= 16; length++) {
    const [own, host] = [new Uint8Array(length), new Uint8Array(length)];
    assert.deepEqual({ ...writeUtf8(text, own) }, { ...encoder.encodeInto(text, host) });
    assert.deepEqual(own, host);
  }
});

test("a text is well-formed unless a surrogate has no partner", () => {
  for (const text of ["", "plain", "caf\u00e9", "\u{1f600}", "\ufffd"])
    assert.ok(isWellFormed(text));
  for (const text of ["\ud800", "a\udfff", "\udc00\ud800", "\u{1f600}\ud83d"])
    assert.equal(isWellFormed(text), false);
});
