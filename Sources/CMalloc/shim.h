// The C library's allocator, where it is glibc's: Swift's Glibc module leaves malloc.h out.
//
// glibc raises the size from which blocks come straight from the system each time that such a block is freed. After a
// large directory was laid out, it would keep a quarter of its size in free lists for ever.
#ifndef CMALLOC_SHIM_H
#define CMALLOC_SHIM_H

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Lets blocks of `bytes` and more come straight from the system, and go back to it when they are freed.
static inline void cmalloc_keep_apart(int bytes) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, bytes);
#else
    (void)bytes;
#endif
}

/// Gives free memory back to the system.
static inline void cmalloc_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

#endif
