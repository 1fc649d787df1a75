/* The guest of the bench: pairs of allocate and free in one loop of its own. */
#include <lookaside.h>

LOOKASIDE_EXPORT(pairs)
ULONG pairs(PLOOKASIDE_LIST_EX List, ULONG Pairs)
{
  ULONG Done = 0;
  while (Pairs--) {
    PVOID Entry = ExAllocateFromLookasideListEx(List);
    ExFreeToLookasideListEx(List, Entry);
    Done += Entry != NULL;
  }
  return Done;
}
