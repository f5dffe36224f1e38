/* Every entry on memory of which nothing is known: each word of each record may be any int64. */
#include "dosekernel.h"

volatile int64_t any;

static dosekernel_state state;
static dosekernel_event event;
static dosekernel_limits limits;
static dosekernel_outcome outcome;

static void forget(int64_t *words, int64_t count)
{
    /*@ loop unroll 1000; */
    for (int64_t i = 0; i < count; i++)
        words[i] = any;
}

int64_t eva_main(void)
{
    forget((int64_t *)&state, (int64_t)(sizeof state / sizeof(int64_t)));
    forget((int64_t *)&event, (int64_t)(sizeof event / sizeof(int64_t)));
    forget((int64_t *)&limits, (int64_t)(sizeof limits / sizeof(int64_t)));
    forget((int64_t *)&outcome, (int64_t)(sizeof outcome / sizeof(int64_t)));
    const int64_t at = any;
    if (any)
        return dosekernel_step(&state, &event, &outcome);
    if (any)
        return dosekernel_adopt(&state, &limits, at);
    return dosekernel_init(&state, &limits, at);
}

/* Only the beginning of a pump: enough to meet an error that was put there on purpose. */
int64_t eva_beginning(void)
{
    forget((int64_t *)&limits, (int64_t)(sizeof limits / sizeof(int64_t)));
    return dosekernel_init(&state, &limits, any);
}
