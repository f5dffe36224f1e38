/* Steps a stream of events again and again, on the kernel or, with HAND_WRITTEN, on the gate. */
#define _POSIX_C_SOURCE 199309L
#include <time.h>

#ifdef HAND_WRITTEN
#include "hand_written_gate.h"
typedef gate machine;
#define LOAD(m, from) gate_load((m), &(from)->state)
#define STEP gate_step
#else
#include "dosekernel.h"
typedef dosekernel_state machine;
#define LOAD(m, from) (*(m) = *(from))
#define STEP dosekernel_step
#endif

/* Of this thread alone: what else runs on the machine takes no part. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int64_t benchmark_size(void)
{
    return (int64_t)sizeof(machine);
}

/* The outcome of each event, to see that what is compared decides alike. */
void benchmark_outcomes(const dosekernel_state *from, const dosekernel_event *events,
                        dosekernel_outcome *outcomes, int64_t count)
{
    machine m;
    LOAD(&m, from);
    for (int64_t i = 0; i < count; i++)
        STEP(&m, &events[i], &outcomes[i]);
}

/* Seconds for the whole stream, `rounds` times, each from the same state. */
double benchmark_seconds(const dosekernel_state *from, const dosekernel_event *events,
                         int64_t count, int64_t rounds)
{
    machine m;
    dosekernel_outcome outcome;
    double start = now();
    for (int64_t round = 0; round < rounds; round++) {
        LOAD(&m, from);
        for (int64_t i = 0; i < count; i++)
            STEP(&m, &events[i], &outcome);
    }
    return now() - start;
}
