/**
 * What an object list refuses, as errors that name the list.
 */
import { LookasideError, show } from "../base/index.js";

/** An object list in messages. */
export function titleOfObjects(tag: string): string {
  return `the object list ${show(tag)}`;
}

/** Refuses an allocation from a list that was deleted. */
export function refuseDeletedObjects(tag: string): never {
  const message = `Cannot allocate from ${titleOfObjects(tag)}: it was deleted`;
  throw new LookasideError("ERR_LIST_DELETED", message);
}

/** Refuses what `create` gave. */
export function refuseMade(tag: string, item: unknown, isObject: boolean): never {
  const title = titleOfObjects(tag);
  const message = isObject
    ? `Cannot add an object to ${title}: create gave one that is in a list already`
    : `Cannot add ${show(item)} to ${title}: create must give an object`;
  throw new LookasideError("ERR_ARGUMENT", message);
}

/** Refuses a free. */
export function refuseObject(tag: string, item: unknown, isForeign: boolean): never {
  const title = titleOfObjects(tag);
  if (!isForeign) {
    const message = `Cannot free an object to ${title}: it is free already`;
    throw new LookasideError("ERR_DOUBLE_FREE", message);
  }
  const message = `Cannot free ${show(item)} to ${title}: it did not come from there`;
  throw new LookasideError("ERR_FOREIGN_BLOCK", message);
}
