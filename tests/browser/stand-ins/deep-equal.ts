/**
 * Strict deep equality, as `node:assert/strict` has it: same prototypes, same own keys, `Object.is` for
 * what is not an object. Cycles are followed once.
 */
export function deepEqual(left: unknown, right: unknown): boolean {
  return same(left, right, new Map());
}

type Seen = Map<object, object>;

function same(left: unknown, right: unknown, seen: Seen): boolean {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (seen.get(left) === right) return true;
  seen.set(left, right);
  if (ArrayBuffer.isView(left) && ArrayBuffer.isView(right)) return sameBytes(left, right);
  if (left instanceof Map && right instanceof Map) return sameEntries(left, right, seen);
  if (left instanceof Set && right instanceof Set) {
    return sameItems([...left], [...right], seen);
  }
  if (left instanceof Date && right instanceof Date && +left !== +right) return false;
  if (left instanceof Error && right instanceof Error) {
    if (left.name !== right.name || left.message !== right.message) return false;
  }
  if (Array.isArray(left) && left.length !== (right as unknown[]).length) return false;
  return sameProperties(left, right, seen);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  if (left.byteLength !== right.byteLength) return false;
  const a = new Uint8Array(left.buffer, left.byteOffset, left.byteLength);
  const b = new Uint8Array(right.buffer, right.byteOffset, right.byteLength);
  return a.every((byte, at) => byte === b[at]);
}

function sameEntries(
  left: Map<unknown, unknown>,
  right: Map<unknown, unknown>,
  seen: Seen,
): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([key, value]) => right.has(key) && same(value, right.get(key), seen));
}

function sameItems(left: unknown[], right: unknown[], seen: Seen): boolean {
  if (left.length !== right.length) return false;
  return left.every((item) => right.some((other) => same(item, other, seen)));
}

function sameProperties(left: object, right: object, seen: Seen): boolean {
  const keys = ownKeys(left);
  if (keys.length !== ownKeys(right).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(right, key) && same(Reflect.get(left, key), Reflect.get(right, key), seen),
  );
}

/** Enumerable ones only. */
function ownKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(value, key),
  );
}
