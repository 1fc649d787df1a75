/**
 * Reads what the test runners of Node, Bun and Deno all write: JUnit's XML.
 *
 * Only what the three have in common is looked at: `testcase` with its `name`, and whether it holds
 * `failure`, `error` or `skipped`.
 */
import type { Case } from "./result.js";

const CASE =
  /<testcase\b(?<attributes>(?:[^>"]|"[^"]*")*?)(?:\/>|>(?<inside>[\s\S]*?)<\/testcase>)/g;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** The tests of one file's report. */
export function parseJunit(xml: string, file: string): Case[] {
  return [...xml.matchAll(CASE)].map(({ groups = {} }) => {
    const { attributes = "", inside = "" } = groups;
    const title = attributeOf(attributes, "name");
    if (/<skipped\b/.test(inside)) return { file, title, outcome: "skipped" };
    const bad = /<(?:failure|error)\b(?<attributes>(?:[^>"]|"[^"]*")*)>/.exec(inside)?.groups;
    if (bad === undefined) return { file, title, outcome: "passed" };
    const message = attributeOf(bad["attributes"] ?? "", "message") || textOf(inside);
    return { file, title, outcome: "failed", message };
  });
}

function attributeOf(attributes: string, name: string): string {
  return decode(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function textOf(inside: string): string {
  return decode(inside.replace(/<[^>]*>/g, "").trim());
}

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name] ?? whole;
  });
}
