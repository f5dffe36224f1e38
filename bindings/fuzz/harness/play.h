/* From bytes to a whole life: each byte an operation, most of them one event. */
#ifndef DOSEKERNEL_FUZZ_PLAY_H
#define DOSEKERNEL_FUZZ_PLAY_H

#include "damage.h"

/* Operations beyond the kinds of events, which stand for themselves. */
enum {
    FUZZ_SET_UP = 21, FUZZ_RUN, FUZZ_NEEDED, FUZZ_OTHER_LIMITS, FUZZ_AGAIN, FUZZ_RAW, FUZZ_DAMAGE,
    FUZZ_MISREPORT, FUZZ_LONG_RUN, FUZZ_AT_ALLOWABLE, FUZZ_TICK_CONFIRM, FUZZ_OPERATIONS
};

static void fuzz_say(fuzz_life *life, int64_t kind, int64_t pause, int64_t amount)
{
    const dosekernel_words *state = &life->memory.state;
    dosekernel_event event = {0};
    event.kind = kind;
    event.source = DOSEKERNEL_USER;
    event.at = fuzz_plus(state->now, pause);
    event.issued_at = event.at;
    event.id = kind == DOSEKERNEL_CONFIRM ? state->sequence
               : fuzz_is_report(kind)     ? 0
                                          : fuzz_plus(state->last.id, 1);
    event.amount = amount;
    if (kind == DOSEKERNEL_SET_BASAL) {
        event.amount = 0;
        event.rate = amount;
    }
    fuzz_step(life, &event);
}

static void fuzz_confirm(fuzz_life *life)
{
    if (life->memory.state.outstanding > 0) {
        fuzz_say(life, DOSEKERNEL_CONFIRM, 0, life->memory.state.outstanding);
    }
}

static void fuzz_run(fuzz_life *life, int64_t ticks, int64_t pause)
{
    for (int64_t tick = 0; tick < ticks && !fuzz_over(life); tick++) {
        fuzz_say(life, DOSEKERNEL_TICK, pause, 0);
        fuzz_confirm(life);
    }
}

/* The kind that brings the pump nearer to delivering; 0 if it delivers. */
static int64_t fuzz_needed(const dosekernel_words *s)
{
    const dosekernel_limits *l = &s->limits;
    int worn = s->inserted == 0 || s->latched == 1 ||
               (l->set_expiry > 0 && fuzz_minus(s->now, s->set_at) >= l->set_expiry);
    if (s->faulted == 1 || s->gap == 1) {
        return DOSEKERNEL_ACKNOWLEDGE;
    }
    if (s->prime_owed > 0) {
        return DOSEKERNEL_TICK;
    }
    if (s->loaded == 0 || s->reservoir < l->pulse) {
        return s->connected == 1 ? DOSEKERNEL_DISCONNECT : DOSEKERNEL_LOAD_RESERVOIR;
    }
    if (worn && s->connected == 1) {
        return DOSEKERNEL_DISCONNECT;
    }
    if (l->prime_max > 0 && (s->primed == 0 || (worn && s->prime_fresh == 0))) {
        return s->prime_used + l->pulse > l->prime_max ? DOSEKERNEL_LOAD_RESERVOIR
                                                       : DOSEKERNEL_PRIME;
    }
    if (worn) {
        return DOSEKERNEL_INSERT_SET;
    }
    if (s->connected == 0) {
        return DOSEKERNEL_CONNECT;
    }
    if (s->suspended == 1) {
        return DOSEKERNEL_RESUME;
    }
    if (l->cannula_fill > 0 && s->filled == 0) {
        if (s->fill_owed > 0) {
            return DOSEKERNEL_TICK;
        }
        return s->fill_used >= l->cannula_fill ? DOSEKERNEL_DISCONNECT : DOSEKERNEL_FILL_CANNULA;
    }
    return s->basal_rate == 0 ? DOSEKERNEL_SET_BASAL : 0;
}

static void fuzz_do_needed(fuzz_life *life, int64_t kind, int64_t share)
{
    const dosekernel_limits *l = &life->memory.state.limits;
    int64_t amount = 0;
    switch (kind) {
    case DOSEKERNEL_LOAD_RESERVOIR: amount = l->reservoir_capacity; break;
    case DOSEKERNEL_PRIME:
        amount = fuzz_whole(fuzz_smaller(fuzz_times(20, l->pulse), l->prime_max), l->pulse);
        break;
    case DOSEKERNEL_FILL_CANNULA:
        amount = fuzz_whole(fuzz_smaller(fuzz_times(6, l->pulse), l->cannula_fill), l->pulse);
        break;
    case DOSEKERNEL_SET_BASAL: amount = l->basal_max / 8 * share; break;
    default: break;
    }
    fuzz_say(life, kind, kind == DOSEKERNEL_TICK ? l->confirm_max : 1000, amount);
    fuzz_confirm(life);
}

/* The whole way from a new pump, or an empty one, to one that delivers. */
static void fuzz_set_up(fuzz_life *life, int64_t share)
{
    for (int turn = 0; turn < 48 && !fuzz_over(life); turn++) {
        int64_t kind = fuzz_needed(&life->memory.state);
        if (kind == 0 || (kind == DOSEKERNEL_SET_BASAL && share == 0)) {
            return;
        }
        fuzz_do_needed(life, kind, share);
    }
}

static void fuzz_ask_again(fuzz_life *life, fuzz_input *input, int64_t variant)
{
    dosekernel_event event = life->request;
    int64_t pause = fuzz_pause(input, &life->memory.state.limits);
    event.at = fuzz_plus(variant < 4 ? life->memory.state.now : event.at, pause);
    if (variant >= 6) {
        fuzz_disturb(input, &life->memory.state, &event);
    }
    fuzz_step(life, &event);
}

static void fuzz_misreport(fuzz_life *life, fuzz_input *input, int64_t variant)
{
    const dosekernel_words *state = &life->memory.state;
    dosekernel_event event;
    fuzz_event(input, state, DOSEKERNEL_CONFIRM, 0, 0, &event);
    int64_t far = fuzz_byte(input);
    switch (variant) {
    case 0: event.amount = fuzz_minus(event.amount, state->limits.pulse); break;
    case 1: event.amount = fuzz_plus(event.amount, state->limits.pulse); break;
    case 2: event.amount = 0; break;
    case 3: event.id = fuzz_minus(event.id, 1); break;
    case 4: event.id = fuzz_plus(event.id, 1); break;
    case 5: event.amount = fuzz_plus(event.amount, far); break;
    case 6: event.amount = fuzz_times(event.amount, far); break;
    default: event.amount = fuzz_minus(event.amount, far); break;
    }
    fuzz_step(life, &event);
}

static void fuzz_operate(fuzz_life *life, fuzz_input *input)
{
    int64_t chosen = fuzz_byte(input);
    int64_t operation = chosen % FUZZ_OPERATIONS;
    int64_t variant = chosen / FUZZ_OPERATIONS;
    const dosekernel_words *state = &life->memory.state;
    dosekernel_event event;
    int64_t count;
    switch (operation) {
    case FUZZ_SET_UP: fuzz_set_up(life, variant); break;
    case FUZZ_RUN:
        count = fuzz_byte(input) % 32 + 1;
        fuzz_run(life, count, fuzz_pause(input, &state->limits));
        break;
    case FUZZ_NEEDED: fuzz_do_needed(life, fuzz_needed(state), variant); break;
    case FUZZ_OTHER_LIMITS: fuzz_adopt(life, input, variant); break;
    case FUZZ_AGAIN: fuzz_ask_again(life, input, variant); break;
    case FUZZ_RAW:
        fuzz_raw_event(input, state, &event);
        fuzz_step(life, &event);
        break;
    case FUZZ_DAMAGE:
        fuzz_event(input, state, fuzz_byte(input) % 21, 0, life->allowable, &event);
        fuzz_suffer(life, input, &event);
        break;
    case FUZZ_MISREPORT: fuzz_misreport(life, input, variant); break;
    case FUZZ_LONG_RUN:
        fuzz_run(life, 32 * (variant + 1), (variant % 4 + 1) * DOSEKERNEL_MINUTE);
        break;
    case FUZZ_AT_ALLOWABLE: {
        int64_t pulse = state->limits.pulse;
        fuzz_confirm(life);
        fuzz_say(life, DOSEKERNEL_BOLUS, 0, pulse);
        fuzz_say(life, DOSEKERNEL_CANCEL_BOLUS, 0, 0);
        fuzz_say(life, DOSEKERNEL_BOLUS, variant < 4 ? 0 : state->limits.bolus_lockout,
            life->allowable);
        break;
    }
    case FUZZ_TICK_CONFIRM: fuzz_run(life, 1, fuzz_pause(input, &state->limits)); break;
    default:
        if (variant == 4 || variant == 5) {
            fuzz_confirm(life);
        }
        fuzz_event(input, state, operation == 0 ? DOSEKERNEL_TICK : operation, variant,
            life->allowable, &event);
        fuzz_step(life, &event);
        break;
    }
}

static void fuzz_play(fuzz_life *life, const uint8_t *bytes, size_t size, fuzz_watcher watcher)
{
    fuzz_input input = {bytes, size, 0};
    life->finding = (fuzz_finding){FUZZ_ORACLE_NONE, 0, 0, 0};
    life->watcher = watcher;
    life->steps = life->asked = life->allowable = 0;
    memset(&life->request, 0, sizeof life->request);
    fuzz_begin(life, &input);
    while (fuzz_more(&input) && !fuzz_over(life)) {
        fuzz_operate(life, &input);
    }
}

#endif
