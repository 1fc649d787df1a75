/** What the page loads is what the server has: no module of it reaches into the library or elsewhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pageFiles } from "#src/monitor/page-files.js";

const textOf = (path: string): string => String(pageFiles().get(path)?.body);

test("every module that the page imports is served, and none is another's", () => {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    assert.ok(pageFiles().has(path), `${path} is not served`);
    for (const [, name = ""] of textOf(path).matchAll(
      /^(?:import|export)\b[^;"]*\bfrom "([^"]+)";$/gm,
    )) {
      assert.match(name, /^\.\/[a-z-]+\.js$/, `${path} imports ${name}`);
      visit(`/page/${name.slice(2)}`);
    }
    assert.doesNotMatch(textOf(path), /\bimport\(/, path);
  };
  visit("/page/main.js");
  assert.ok(seen.size > 15, `only ${seen.size} modules`);
});

test("the page names only files that are served, and has no script or style of its own", () => {
  const page = textOf("/");
  const named = [...page.matchAll(/(?:href|src)="(?!#)([^"?]+)/g)].map(([, name]) => `/${name}`);
  const others = ["/metrics", "/snapshot.json"];
  for (const name of named) assert.ok(pageFiles().has(name) || others.includes(name), name);
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\son[a-z]+=/);
});

test("no module of ours makes markup, code or styles from text", () => {
  for (const [path, { body }] of pageFiles()) {
    if (!path.endsWith(".js") || path.includes("uplot")) continue;
    const banned = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/;
    assert.doesNotMatch(String(body), banned, path);
  }
});

test("nothing of the page names another host", () => {
  for (const [path, { body }] of pageFiles()) {
    if (path.includes("uplot")) continue; // its comments name its home
    const text = String(body).replaceAll("http://www.w3.org/", "");
    assert.doesNotMatch(text, /https?:\/\//, path);
  }
});
