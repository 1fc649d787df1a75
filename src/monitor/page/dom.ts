/**
 * Elements, made and changed in one way: text is always text. No function of the page takes markup, so a
 * name of a list can never become some.
 */

/** What an element is made with, besides its children. */
export interface ElementParts {
  readonly class?: string;
  readonly text?: string;
  readonly [attribute: string]: string | undefined;
}

/** Makes an element with attributes, text and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  parts: ElementParts = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined) continue;
    if (name === "text") made.textContent = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The element of the page with an id. */
export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

/** Sets a text if it is another: nothing is laid out again for the same one. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute if it is another. */
export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A number and its unit, in different type. */
export function setQuantity(
  node: HTMLElement,
  { number, unit }: { readonly number: string; readonly unit: string },
): void {
  if (node.childElementCount !== 1) {
    node.replaceChildren(document.createTextNode(""), element("small", { class: "unit" }));
  }
  setText(node.firstChild as Node, unit === "" ? number : `${number}\u00a0`);
  setText(node.lastChild as Node, unit);
}

/** Makes as many children as there are items, keeps those there are, and shows each item in its child. */
export function setChildren<Item, Child extends HTMLElement>(
  parent: HTMLElement,
  items: readonly Item[],
  make: () => Child,
  show: (child: Child, item: Item) => void,
): void {
  while (parent.children.length > items.length) parent.lastElementChild?.remove();
  while (parent.children.length < items.length) parent.append(make());
  for (const [index, item] of items.entries()) show(parent.children[index] as Child, item);
}
