/* Runs the vector file in its form of words on the kernel: no library, so it runs on any board. */
#ifndef RUNNER_H
#define RUNNER_H

#include "dosekernel.h"

/* What a difference is in. */
#define DIFFERS_FILE 0    /* the words are not those of a vector file: nothing was run */
#define DIFFERS_RETURN 1  /* what an entry returned */
#define DIFFERS_OUTCOME 2 /* a word of the outcome: `word` says which */
#define DIFFERS_STATE 3   /* the sum over the state's words */

typedef struct difference {
    int64_t line;    /* of dosing.jsonl */
    int64_t history; /* counted from 1 */
    int64_t where;
    int64_t word;
    int64_t expected;
    int64_t found;
} difference;

typedef struct tally {
    int64_t histories;
    int64_t events;
    int64_t passed; /* events, limits and changed words after which all was as expected */
    int64_t failed;
    int64_t sum; /* over every word that the kernel gave, so that whoever reads it can compare too */
} tally;

/* How the kernel is entered, so that a board can measure the calls; and what a difference is told. */
int64_t enter_init(dosekernel_state *state, const dosekernel_limits *limits, int64_t at);
int64_t enter_adopt(dosekernel_state *state, const dosekernel_limits *limits, int64_t at);
int64_t enter_step(dosekernel_state *state, const dosekernel_event *event,
                   dosekernel_outcome *outcome);
void tell(const difference *found);

/* Run `count` words. Returns 0 if everything was as expected and there was something to run. */
int run_vectors(const int64_t *words, int64_t count, tally *told);

#endif
