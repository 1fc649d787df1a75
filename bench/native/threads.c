/*
 * The scenarios of two threads, in C. What each one does is written down in bench/README.md; the programs that
 * larson, xmalloc-test and mstress are named after were described to the author, not read.
 *
 * The two threads of a round are made before the clock starts, and meet at a barrier. Words that both write lie
 * 128 bytes apart.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "work.h"

enum { THREADS = 2 };

typedef struct {
  int rank;
  int threads;
  size_t bytes;
  long parameter;
  long operations;
  uint32_t hash;
  int64_t start, end;
  uint32_t (*work)(int rank, int threads, size_t bytes, long parameter, long operations);
} Part;

static pthread_barrier_t meeting;

static void *begin(void *argument)
{
  Part *part = argument;
  pthread_barrier_wait(&meeting);
  part->start = now();
  part->hash = part->work(part->rank, part->threads, part->bytes, part->parameter, part->operations);
  part->end = now();
  return NULL;
}

#if defined(__x86_64__)
#define BREATHE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define BREATHE() __asm__ volatile("yield")
#else
#define BREATHE() ((void)0)
#endif

/* Waits a little: first by looking again, then by letting others run. */
static void pause_for(int *tries)
{
  if (++*tries < 1000) BREATHE();
  else sched_yield();
}

/* ---- a ring of blocks from one thread to one other ---- */

enum { RING = 1024 };
static struct {
  _Alignas(128) atomic_ulong head; /* written by the consumer */
  _Alignas(128) atomic_ulong tail; /* written by the producer */
  _Alignas(128) void *blocks[RING];
} ring;

static void push(void *block)
{
  unsigned long tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);
  int tries = 0;
  while (tail - atomic_load_explicit(&ring.head, memory_order_acquire) == RING) pause_for(&tries);
  ring.blocks[tail % RING] = block;
  atomic_store_explicit(&ring.tail, tail + 1, memory_order_release);
}

static void *pop(void)
{
  unsigned long head = atomic_load_explicit(&ring.head, memory_order_relaxed);
  int tries = 0;
  while (atomic_load_explicit(&ring.tail, memory_order_acquire) == head) pause_for(&tries);
  void *block = ring.blocks[head % RING];
  atomic_store_explicit(&ring.head, head + 1, memory_order_release);
  return block;
}

static uint32_t producer_consumer(int rank, int threads, size_t bytes, long parameter, long operations)
{
  (void)threads, (void)parameter;
  uint32_t hash = 0;
  for (long at = 0; at < operations; at++) {
    if (rank == 0) {
      unsigned char *block = malloc(bytes);
      block[0] = (unsigned char)at;
      push(block);
    } else {
      unsigned char *block = pop();
      hash += block[0];
      free(block);
    }
  }
  return hash;
}

/* ---- pairs in each thread ---- */

static uint32_t local(int rank, int threads, size_t bytes, long parameter, long operations)
{
  (void)parameter;
  uint32_t done = 0;
  for (long at = rank; at < operations; at += threads) {
    void *block = malloc(bytes);
    __asm__ volatile("" : : "r"(block) : "memory");
    done += block != NULL;
    free(block);
  }
  return done;
}

/* ---- larson ---- */

enum { LARSON_GENERATION = 100000 };
static unsigned char **larson_blocks[THREADS];

static uint32_t larson(int rank, int threads, size_t bytes, long slots, long operations)
{
  uint32_t hash = 0, random = SEED + (uint32_t)rank;
  long share = operations / threads, done = 0;
  for (int generation = 0; done < share; generation++) {
    unsigned char **blocks = larson_blocks[(rank + generation) % threads];
    for (long end = done + LARSON_GENERATION; done < end && done < share; done++) {
      random = next_random(random);
      uint32_t slot = random % (uint32_t)slots;
      free(blocks[slot]);
      unsigned char *block = malloc(bytes);
      block[0] = (unsigned char)slot;
      block[bytes - 1] = (unsigned char)done;
      blocks[slot] = block;
      hash += slot;
    }
    pthread_barrier_wait(&meeting);
  }
  return hash;
}

static void larson_prepare(size_t bytes, long slots)
{
  for (int rank = 0; rank < THREADS; rank++) {
    if (larson_blocks[rank] != NULL) continue;
    larson_blocks[rank] = calloc((size_t)slots, sizeof(unsigned char *));
    for (long slot = 0; slot < slots; slot++) larson_blocks[rank][slot] = malloc(bytes);
  }
}

/* ---- xmalloc-test ---- */

enum { BATCH_MOST = 4096, BATCHES = 100 };
typedef struct {
  long count;
  void *blocks[BATCH_MOST];
} Batch;
static Batch batches[BATCHES];
static int idle[BATCHES], filled[BATCHES], idle_count, filled_count;
static pthread_mutex_t stacks = PTHREAD_MUTEX_INITIALIZER;

static int take_batch(int *from, int *count)
{
  for (int tries = 0;; pause_for(&tries)) {
    pthread_mutex_lock(&stacks);
    int batch = *count > 0 ? from[--*count] : -1;
    pthread_mutex_unlock(&stacks);
    if (batch >= 0) return batch;
  }
}

static void put_batch(int *to, int *count, int batch)
{
  pthread_mutex_lock(&stacks);
  to[(*count)++] = batch;
  pthread_mutex_unlock(&stacks);
}

static uint32_t xmalloc(int rank, int threads, size_t bytes, long size, long operations)
{
  (void)threads;
  uint32_t hash = 0;
  for (long left = operations; left > 0;) {
    int number = rank == 0 ? take_batch(idle, &idle_count) : take_batch(filled, &filled_count);
    Batch *batch = &batches[number];
    if (rank == 0) {
      batch->count = left < size ? left : size;
      for (long at = 0; at < batch->count; at++) {
        batch->blocks[at] = malloc(bytes);
        memset(batch->blocks[at], (int)at & 255, bytes < 128 ? bytes : 128);
      }
    } else {
      for (long at = 0; at < batch->count; at++) {
        hash += *(unsigned char *)batch->blocks[at];
        free(batch->blocks[at]);
      }
    }
    left -= batch->count; /* before it is the other's */
    if (rank == 0) put_batch(filled, &filled_count, number);
    else put_batch(idle, &idle_count, number);
  }
  return hash;
}

static void xmalloc_prepare(void)
{
  idle_count = BATCHES;
  filled_count = 0;
  for (int batch = 0; batch < BATCHES; batch++) idle[batch] = batch;
}

/* ---- mstress ---- */

enum { TRANSFERS = 1000 };
static _Atomic(uint32_t *) transfers[TRANSFERS];

static uint32_t *cookie_block(size_t bytes, uint32_t cookie)
{
  uint32_t *block = malloc(bytes);
  for (size_t at = 0; at < bytes / 4; at++) block[at] = cookie ^ (uint32_t)at;
  return block;
}

/* Frees a block. Gives back whether every word of it was what its first says. */
static bool cookie_free(uint32_t *block, size_t bytes)
{
  bool whole = true;
  if (block == NULL) return true;
  for (size_t at = 0; at < bytes / 4; at++) whole &= block[at] == (block[0] ^ (uint32_t)at);
  free(block);
  return whole;
}

static uint32_t mstress(int rank, int threads, size_t bytes, long most, long operations)
{
  uint32_t good = 0, random = SEED + (uint32_t)rank;
  uint32_t **data = calloc((size_t)most, sizeof *data), **retained = calloc((size_t)most, sizeof *retained);
  long share = operations / threads;
  for (long done = 0; done < share;) {
    long held = 0, kept = 0;
    for (long step = 0; step < most && done < share; step++, done++) {
      bool whole = true;
      random = next_random(random);
      uint32_t *block = cookie_block(bytes, random);
      if (random & 0x10000) data[held++] = block;
      else retained[kept++] = block;
      random = next_random(random);
      if (held > 0 && random % 100 < 66) {
        uint32_t at = (random >> 8) % (uint32_t)held;
        whole = cookie_free(data[at], bytes);
        data[at] = data[--held];
      }
      random = next_random(random);
      if (held > 0 && random % 100 < 25) {
        uint32_t at = (random >> 8) % (uint32_t)held;
        uint32_t *other = atomic_exchange(&transfers[(random >> 16) % TRANSFERS], data[at]);
        if (other == NULL) data[at] = data[--held];
        else data[at] = other;
      }
      good += whole;
    }
    while (kept > 0) cookie_free(retained[--kept], bytes);
    while (held > 0) cookie_free(data[--held], bytes);
    for (int slot = rank; slot < TRANSFERS; slot += 2 * threads)
      cookie_free(atomic_exchange(&transfers[slot], NULL), bytes);
  }
  free(data);
  free(retained);
  return good;
}

static const struct {
  const char *name;
  uint32_t (*work)(int rank, int threads, size_t bytes, long parameter, long operations);
} WORKS[] = {
  {"producerConsumer", producer_consumer}, {"local", local}, {"larson", larson}, {"xmalloc", xmalloc}, {"mstress", mstress},
};

int64_t two_threads(const char *scenario, size_t bytes, long parameter, long operations, uint32_t *hash)
{
  Part parts[THREADS];
  pthread_t threads[THREADS];
  uint32_t (*work)(int, int, size_t, long, long) = NULL;
  for (size_t at = 0; at < sizeof WORKS / sizeof *WORKS; at++)
    if (!strcmp(scenario, WORKS[at].name)) work = WORKS[at].work;
  if (work == NULL) return -1;
  int count = work == local ? (int)parameter : THREADS;
  if (work == larson) larson_prepare(bytes, parameter);
  if (work == xmalloc) xmalloc_prepare();
  pthread_barrier_init(&meeting, NULL, (unsigned)count);
  for (int rank = 0; rank < count; rank++) {
    parts[rank] = (Part){rank, count, bytes, parameter, operations, 0, 0, 0, work};
    pthread_create(&threads[rank], NULL, begin, &parts[rank]);
  }
  for (int rank = 0; rank < count; rank++) pthread_join(threads[rank], NULL);
  pthread_barrier_destroy(&meeting);
  int64_t start = parts[0].start, end = parts[0].end;
  *hash = 0;
  for (int rank = 0; rank < count; rank++) {
    if (parts[rank].start < start) start = parts[rank].start;
    if (parts[rank].end > end) end = parts[rank].end;
    *hash += parts[rank].hash;
  }
  return end - start;
}
