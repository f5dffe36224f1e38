/* The vectors on the machine that compiles them: `host FILE`, with the file's form of words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runner.h"

int64_t enter_init(dosekernel_state *state, const dosekernel_limits *limits, int64_t at)
{
    return dosekernel_init(state, limits, at);
}

int64_t enter_adopt(dosekernel_state *state, const dosekernel_limits *limits, int64_t at)
{
    return dosekernel_adopt(state, limits, at);
}

int64_t enter_step(dosekernel_state *state, const dosekernel_event *event,
                   dosekernel_outcome *outcome)
{
    return dosekernel_step(state, event, outcome);
}

void tell(const difference *found)
{
    printf("differs %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
           found->line, found->history, found->where, found->word, found->expected, found->found);
}

int main(int count, char **arguments)
{
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "usage: host FILE, the vectors as words\n");
        return 2;
    }
    const long size = ftell(file);
    int64_t *words = size < 1 ? NULL : malloc((size_t)size);
    rewind(file);
    if (words == NULL || fread(words, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "host: %s cannot be read\n", arguments[1]);
        return 2;
    }
    tally told;
    const int failed = run_vectors(words, (int64_t)size / (int64_t)sizeof *words, &told);
    printf("tally %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", told.histories,
           told.events, told.passed, told.failed, told.sum);
    free(words);
    fclose(file);
    return failed;
}
