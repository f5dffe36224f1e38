/*
 * A pump's main loop: one simulated day, a tick a minute. The kernel decides; the motor obeys.
 *
 * A real pump has its own clock, motor and flash where this program has `now`, `motor` and a comment.
 */
#include "insulin-u100.h"

#include <inttypes.h>
#include <stdio.h>

#define UNIT INT64_C(1000000) /* micro-units */

static dosekernel_state state; /* all that the kernel remembers: keep it where it outlives a reset */
static int64_t now;            /* the one monotonic clock, in milliseconds */
static int64_t last_id;        /* the one sequencer of requests */
static int64_t moved;          /* what the motor has moved, in micro-units */

static dosekernel_outcome step(dosekernel_event event) {
    dosekernel_outcome outcome;
    event.at = now;
    event.issued_at = now;
    event.source = DOSEKERNEL_USER;
    dosekernel_step(&state, &event, &outcome);
    /* Here a real pump commits `state` to flash, before the motor moves. */
    return outcome;
}

static dosekernel_outcome request(dosekernel_event event) {
    event.id = ++last_id; /* never one that was shown as refused */
    return step(event);
}

static int64_t motor(int64_t pulses) {
    moved += pulses * insulin_u100.pulse;
    return pulses * insulin_u100.pulse; /* as far as the encoder says */
}

/* A minute passes. Returns what is still owed. */
static int64_t tick(void) {
    dosekernel_outcome told;
    now += DOSEKERNEL_MINUTE;
    told = step((dosekernel_event){.kind = DOSEKERNEL_TICK});
    if (told.pulses > 0) {
        int64_t delivered = motor(told.pulses);
        told = step((dosekernel_event){
            .kind = DOSEKERNEL_CONFIRM, .id = told.sequence, .amount = delivered});
    }
    return told.owed;
}

static void say(const char *what, dosekernel_outcome told) {
    printf("%02" PRId64 ":%02" PRId64 " %s: ", now / DOSEKERNEL_HOUR % 24,
           now / DOSEKERNEL_MINUTE % 60, what);
    if (told.status == DOSEKERNEL_ACCEPTED) {
        printf("accepted\n");
    } else {
        printf("refused, reason %" PRId64 ", at most %.2f U now\n", told.reason,
               (double)told.allowable / (double)UNIT);
    }
}

static void set_up(void) {
    say("reservoir", request((dosekernel_event){
                         .kind = DOSEKERNEL_LOAD_RESERVOIR, .amount = 200 * UNIT}));
    say("prime", request((dosekernel_event){.kind = DOSEKERNEL_PRIME, .amount = 10 * UNIT}));
    while (tick() > 0) {
    }
    say("set", request((dosekernel_event){.kind = DOSEKERNEL_INSERT_SET, .code = 1}));
    say("connect", request((dosekernel_event){.kind = DOSEKERNEL_CONNECT}));
    say("fill", request((dosekernel_event){
                    .kind = DOSEKERNEL_FILL_CANNULA, .amount = 3 * UNIT / 10}));
    while (tick() > 0) {
    }
    say("basal", request((dosekernel_event){.kind = DOSEKERNEL_SET_BASAL, .rate = UNIT}));
}

static void meal(int64_t amount) {
    say("bolus", request((dosekernel_event){.kind = DOSEKERNEL_BOLUS, .amount = amount}));
}

int main(void) {
    const int64_t refused = dosekernel_init(&state, &insulin_u100, now);
    if (refused != DOSEKERNEL_REASON_NONE) {
        printf("limits refused: reason %" PRId64 "\n", refused);
        return 1;
    }
    printf("%s\n", dosekernel_version());
    set_up();
    moved = 0;
    while (now < DOSEKERNEL_DAY) {
        const int64_t minute = now / DOSEKERNEL_MINUTE;
        if (minute == 8 * 60 || minute == 13 * 60 || minute == 19 * 60) {
            meal(4 * UNIT);
        }
        if (minute == 15 * 60) {
            meal(40 * UNIT); /* a slip of the finger */
        }
        tick();
    }
    printf("to the patient in a day: %.2f U\n", (double)moved / (double)UNIT);
    return 0;
}
