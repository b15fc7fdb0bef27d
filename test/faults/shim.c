/* Loaded into the command line alone (LD_PRELOAD): makes the disk below the record fail, stop or lie, and the wall clock
   jump, at the moment the harness writes into the page both share (shim.ts: the slots). The tool never sees it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { write_errno, sync_errno, stall, clock_seconds, synced_bytes, met, slots };
static volatile int64_t *page;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_PAGE");
  int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, slots * sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) page = mapped;
}

static int ends(const char *text, const char *tail) {
  size_t a = strlen(text), b = strlen(tail);
  return a >= b && strcmp(text + a - b, tail) == 0;
}

/* 2: the write-ahead log; 1: another file of the record; 0: none of it */
static int of_record(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  if (ends(path, "/record.db-wal")) return 2;
  return ends(path, "/record.db");
}

static int fails(int file, int slot) {
  if (page == NULL || (page[slot] == 0 && page[stall] == 0) || !of_record(file)) return 0;
  page[met] += 1;
  while (page[stall] != 0) usleep(2000);
  if (page[slot] == 0) return 0;
  errno = (int)page[slot];
  return 1;
}

#define REAL(name) static __typeof__(&name) real; if (real == NULL) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t size) {
  REAL(write);
  return fails(file, write_errno) ? -1 : real(file, bytes, size);
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  REAL(pwrite);
  return fails(file, write_errno) ? -1 : real(file, bytes, size, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  REAL(pwrite64);
  return fails(file, write_errno) ? -1 : real(file, bytes, size, at);
}

static int synced(int file, int result) {
  struct stat stats;
  if (result == 0 && page != NULL && of_record(file) == 2 && fstat(file, &stats) == 0) page[synced_bytes] = stats.st_size;
  return result;
}
int fsync(int file) {
  REAL(fsync);
  return fails(file, sync_errno) ? -1 : synced(file, real(file));
}
int fdatasync(int file) {
  REAL(fdatasync);
  return fails(file, sync_errno) ? -1 : synced(file, real(file));
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  REAL(gettimeofday);
  int result = real(now, zone);
  if (page != NULL) now->tv_sec += page[clock_seconds];
  return result;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime);
  int result = real(clock, now);
  if (page != NULL && clock == CLOCK_REALTIME) now->tv_sec += page[clock_seconds];
  return result;
}
