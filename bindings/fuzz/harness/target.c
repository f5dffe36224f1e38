/*
 * The fuzz target, for every engine: libFuzzer (and OSS-Fuzz), AFL++ in its persistent mode, a
 * library for Python's engines, and a program that plays files.
 */
#include <stdio.h>
#include <stdlib.h>

#if defined(__unix__)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "play.h"

#define FUZZ_EXPORT __attribute__((visibility("default")))

static fuzz_life life;

/* ---- how many steps were made, for whoever watches: a word in a file that both map */

static int64_t own_count;
static int64_t *shared_count;

static void count_steps(void)
{
#if defined(__unix__)
    const char *path = getenv("DOSEKERNEL_FUZZ_COUNTER");
    if (shared_count == NULL && path != NULL) {
        int file = open(path, O_RDWR);
        if (file >= 0) {
            void *mapped = mmap(NULL, sizeof own_count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (mapped != MAP_FAILED) {
                shared_count = mapped;
            }
            (void)close(file);
        }
    }
#endif
    if (shared_count == NULL) {
        shared_count = &own_count;
    }
    *shared_count += life.asked;
}

/* ---- for engines in C */

FUZZ_EXPORT int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_play(&life, data, size, NULL);
    count_steps();
    if (life.finding.oracle != FUZZ_ORACLE_NONE) {
        (void)fprintf(stderr, "dosekernel: %s: %s found %lld, allowed %lld, line %lld, step %lld\n",
            fuzz_oracle_names[life.finding.oracle], fuzz_oracle_sentences[life.finding.oracle],
            (long long)life.finding.found, (long long)life.finding.allowed,
            (long long)life.finding.line, (long long)life.steps);
        abort();
    }
    return 0;
}

/* ---- for Python's engines, and to read a finding */

FUZZ_EXPORT int64_t dosekernel_fuzz_play(
    const uint8_t *data, size_t size, fuzz_watcher watcher, int64_t *told)
{
    fuzz_play(&life, data, size, watcher);
    told[0] = life.finding.oracle;
    told[1] = life.finding.found;
    told[2] = life.finding.allowed;
    told[3] = life.finding.line;
    told[4] = life.asked;
    told[5] = life.steps;
    return life.finding.oracle;
}

FUZZ_EXPORT const char *dosekernel_fuzz_name(int64_t oracle)
{
    return oracle >= 0 && oracle < FUZZ_ORACLE_COUNT ? fuzz_oracle_names[oracle] : "";
}

FUZZ_EXPORT const char *dosekernel_fuzz_sentence(int64_t oracle)
{
    return oracle >= 0 && oracle < FUZZ_ORACLE_COUNT ? fuzz_oracle_sentences[oracle] : "";
}

/* ---- as a program */

#if defined(__AFL_COMPILER) && defined(FUZZ_AFL)
__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const uint8_t *bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(100000)) {
        int size = __AFL_FUZZ_TESTCASE_LEN;
        (void)LLVMFuzzerTestOneInput(bytes, (size_t)size);
    }
    return 0;
}
#elif defined(FUZZ_PLAYER)
int main(int count, char **names)
{
    static uint8_t bytes[1 << 20];
    for (int file = 1; file < count; file++) {
        FILE *opened = fopen(names[file], "rb");
        if (opened == NULL) {
            (void)fprintf(stderr, "%s: cannot be read\n", names[file]);
            return 2;
        }
        size_t size = fread(bytes, 1, sizeof bytes, opened);
        (void)fclose(opened);
        (void)LLVMFuzzerTestOneInput(bytes, size);
    }
    (void)printf("%d played, %lld steps\n", count - 1, (long long)*shared_count);
    return 0;
}
#endif
