/*
 * The native contender: the work of the scenarios in C, on whatever malloc this process was started with.
 *
 * It stays alive for all rounds of a scenario. Each line of input, "<scenario> <bytes> <parameter> <operations>",
 * is one round; the answer is "<nanoseconds> <hash>". Before the first, it says which malloc it got: path of the
 * library, then what the library calls itself. Who preloads another malloc can see there whether it came.
 *
 * Scenarios of one thread are here; those of two are in threads.c. Each does what its twin in bench/loops does,
 * and gives the same hash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "work.h"

/* Keeps a block from being optimised away: the compiler must believe that someone looks at it. */
#define USED(block) __asm__ volatile("" : : "r"(block) : "memory")

static uint32_t pairs(size_t bytes, long operations)
{
  uint32_t done = 0;
  for (long at = 0; at < operations; at++) {
    void *block = malloc(bytes);
    USED(block);
    done += block != NULL;
    free(block);
  }
  return done;
}

static uint32_t bursts(size_t bytes, long burst, long operations)
{
  static void *blocks[1024];
  uint32_t done = 0;
  for (long left = operations; left > 0; left -= burst) {
    long count = left < burst ? left : burst;
    for (long at = 0; at < count; at++) {
      blocks[at] = malloc(bytes);
      done += blocks[at] != NULL;
    }
    for (long at = 0; at < count; at++) free(blocks[at]);
  }
  return done;
}

static uint32_t in_turn(long operations)
{
  static const size_t sizes[8] = {32, 64, 96, 128, 192, 256, 384, 512};
  uint32_t done = 0;
  for (long at = 0; at < operations; at++) {
    void *block = malloc(sizes[at & 7]);
    USED(block);
    done += block != NULL;
    free(block);
  }
  return done;
}

static uint32_t replacements(size_t bytes, long live, long operations)
{
  static void **blocks;
  if (blocks == NULL) {
    blocks = calloc((size_t)live, sizeof *blocks);
    for (long at = 0; at < live; at++) blocks[at] = malloc(bytes);
    return replacements(bytes, live, operations);
  }
  uint32_t hash = 0, random = SEED;
  for (long at = 0; at < operations; at++) {
    random = next_random(random);
    uint32_t slot = random % (uint32_t)live;
    free(blocks[slot]);
    blocks[slot] = malloc(bytes);
    hash += blocks[slot] == NULL ? 0 : slot;
  }
  return hash;
}

/* What the library calls itself, by functions that only one of them has. */
static void describe(void)
{
  Dl_info info;
  const char *path = "?";
  char version[64] = "";
  if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) && info.dli_fname) path = info.dli_fname;
  int (*mimalloc)(void) = dlsym(RTLD_DEFAULT, "mi_version");
  const char *(*tcmalloc)(int *, int *, const char **) = dlsym(RTLD_DEFAULT, "tc_version");
  int (*jemalloc)(const char *, void *, size_t *, void *, size_t) = dlsym(RTLD_DEFAULT, "mallctl");
  const char *text = NULL;
  size_t bytes = sizeof text;
  if (mimalloc) {
    int number = mimalloc();
    snprintf(version, sizeof version, "mimalloc %d.%d.%d", number / 100, number / 10 % 10, number % 10);
  } else if (tcmalloc) {
    int major, minor;
    const char *patch = "";
    tcmalloc(&major, &minor, &patch);
    snprintf(version, sizeof version, "tcmalloc %d.%d%s", major, minor, patch ? patch : "");
  } else if (jemalloc && jemalloc("version", &text, &bytes, NULL, 0) == 0) {
    snprintf(version, sizeof version, "jemalloc %.*s", (int)strcspn(text, "-"), text);
  } else {
    snprintf(version, sizeof version, "glibc %s", gnu_get_libc_version());
  }
  printf("%s %s\n", path, version);
}

int main(void)
{
  char scenario[32];
  size_t bytes;
  long parameter, operations;
  setvbuf(stdout, NULL, _IOLBF, 0);
  describe();
  while (scanf("%31s %zu %ld %ld", scenario, &bytes, &parameter, &operations) == 4) {
    uint32_t hash;
    if (!strcmp(scenario, "replacements")) replacements(bytes, parameter, 0); /* its blocks, before the clock */
    int64_t taken = two_threads(scenario, bytes, parameter, operations, &hash);
    if (taken < 0) {
      int64_t start = now();
      if (!strcmp(scenario, "pairs")) hash = pairs(bytes, operations);
      else if (!strcmp(scenario, "bursts")) hash = bursts(bytes, parameter, operations);
      else if (!strcmp(scenario, "inTurn")) hash = in_turn(operations);
      else if (!strcmp(scenario, "replacements")) hash = replacements(bytes, parameter, operations);
      else return 2;
      taken = now() - start;
    }
    printf("%lld %lu\n", (long long)taken, (unsigned long)hash);
  }
  return 0;
}
