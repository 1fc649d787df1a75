/* What the parts of the native contender share. */
#ifndef WORK_H
#define WORK_H
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Where every random sequence begins: bench/loops/random.ts has the same. */
#define SEED 0x9e3779b9u

/* The next number of the sequence (xorshift). */
static inline uint32_t next_random(uint32_t state)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* Nanoseconds of a clock that only goes forward. */
static inline int64_t now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Runs a scenario of two threads. Gives back nanoseconds, or -1 when there is none of that name. */
int64_t two_threads(const char *scenario, size_t bytes, long parameter, long operations, uint32_t *hash);

#endif
