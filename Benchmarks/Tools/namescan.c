// The peer of a search: counts the names that hold a word, by memmem over names that lie side by side.
//
//     namescan NAMES REPEATS < LINES
//
// NAMES is names.txt of `generate`: folded names, each ended by a newline. A line of the input is
//     OFFSET LENGTH WORD
// the part of the file that is scanned and the word, folded. For each a line is printed:
//     WORD COUNT MEDIAN FASTEST
// how many names hold it, and nanoseconds. A scan jumps to the next name after a hit, since a name counts once.
// For a word of one letter the C library's memmem is its memchr.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// Not inlined, so that no repetition is left out as known already.
__attribute__((noinline)) static uint64_t scan(const char *at, const char *end, const char *word, size_t length) {
    uint64_t count = 0;
    while (at < end) {
        const char *hit = memmem(at, (size_t)(end - at), word, length);
        if (!hit) break;
        count++;
        const char *line = memchr(hit + length, '\n', (size_t)(end - hit) - length);
        if (!line) break;
        at = line + 1;
    }
    return count;
}

static int inOrder(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

int main(int count, char **arguments) {
    if (count != 3) { fprintf(stderr, "usage: namescan NAMES REPEATS < LINES\n"); return 2; }
    FILE *file = fopen(arguments[1], "r");
    struct stat status;
    if (!file || fstat(fileno(file), &status) != 0) { perror(arguments[1]); return 1; }
    size_t size = (size_t)status.st_size;
    char *names = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!names || fread(names, 1, size, file) != size) { perror(arguments[1]); return 1; }
    fclose(file);
    int repeats = atoi(arguments[2]);
    uint64_t *taken = malloc((size_t)repeats * sizeof *taken);
    size_t offset, length;
    char word[256];
    while (scanf("%zu %zu %255s", &offset, &length, word) == 3) {
        if (offset > size || length > size - offset) { fprintf(stderr, "namescan: past the end\n"); return 1; }
        uint64_t found = scan(names + offset, names + offset + length, word, strlen(word));  // warms the caches
        for (int turn = 0; turn < repeats; turn++) {
            uint64_t start = now();
            if (scan(names + offset, names + offset + length, word, strlen(word)) != found) abort();
            taken[turn] = now() - start;
        }
        qsort(taken, (size_t)repeats, sizeof *taken, inOrder);
        printf("%s %llu %llu %llu\n", word, (unsigned long long)found, (unsigned long long)taken[repeats / 2],
            (unsigned long long)taken[0]);
    }
    return 0;
}
