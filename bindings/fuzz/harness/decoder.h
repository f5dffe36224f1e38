/*
 * From bytes to limits and events: the one decoder that every engine drives.
 *
 * It knows the shape of a pump's life and little of its rules: most events are such as a pump
 * program would send at this moment, some are off by a little, some are any words at all.
 */
#ifndef DOSEKERNEL_FUZZ_DECODER_H
#define DOSEKERNEL_FUZZ_DECODER_H

#include "dosekernel.h"
#include "input.h"
#include "presets.h"

#define FUZZ_ACTION 20 /* the place of `action_remaining` among the fields of the limits */
#define FUZZ_FIELDS 33 /* fields of the limits */

static const int64_t fuzz_edges[] = {
    0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1,
    DOSEKERNEL_VOLUME_MAX, DOSEKERNEL_VOLUME_MAX + 1, DOSEKERNEL_RATE_MAX, DOSEKERNEL_RATE_MAX + 1,
    DOSEKERNEL_TIME_MAX, DOSEKERNEL_TIME_MAX + 1, DOSEKERNEL_CODE_MAX, DOSEKERNEL_CODE_MAX + 1,
    DOSEKERNEL_GLUCOSE_MIN, DOSEKERNEL_GLUCOSE_MIN - 1, DOSEKERNEL_GLUCOSE_MAX,
    DOSEKERNEL_GLUCOSE_MAX + 1, DOSEKERNEL_PULSE_MAX, DOSEKERNEL_AHEAD_MAX,
    DOSEKERNEL_AHEAD_MAX + 1, DOSEKERNEL_ID_STEP_MAX, DOSEKERNEL_ID_STEP_MAX + 1,
    DOSEKERNEL_TOTAL_MAX, DOSEKERNEL_TOTAL_MAX + 1, DOSEKERNEL_HOUR, DOSEKERNEL_DAY,
    4294967295, 4294967296, 2147483648, 65536,
};
#define FUZZ_EDGES (sizeof fuzz_edges / sizeof fuzz_edges[0])

static int64_t fuzz_edge(int64_t chosen)
{
    return fuzz_edges[(size_t)chosen % FUZZ_EDGES];
}

/* ---- limits */

static int64_t *fuzz_limits_word(dosekernel_limits *limits, int64_t field, int64_t slot)
{
    int64_t *words = &limits->pulse;
    if (field < FUZZ_ACTION) {
        return words + field;
    }
    if (field == FUZZ_ACTION) {
        return words + FUZZ_ACTION + slot % DOSEKERNEL_SLOTS;
    }
    return words + field + DOSEKERNEL_SLOTS - 1;
}

/* The least that a window's cap must be for what the limits keep room for. */
static int64_t fuzz_least_cap(const dosekernel_limits *limits, int64_t slot)
{
    int64_t backlog = limits->pulse * DOSEKERNEL_HOUR + limits->basal_max * limits->gap_max;
    int64_t basal = limits->basal_reserve * (DOSEKERNEL_SLOTS * slot);
    return (basal + backlog + DOSEKERNEL_HOUR - 1) / DOSEKERNEL_HOUR;
}

/* Bring every field into its range, and the fields into agreement. */
static void fuzz_repair_limits(dosekernel_limits *limits)
{
    dosekernel_limits *l = limits;
    int64_t longest = DOSEKERNEL_AGE_LONGEST;
    l->pulse = fuzz_between(l->pulse, 1, DOSEKERNEL_PULSE_MAX);
    l->reservoir_capacity = fuzz_between(l->reservoir_capacity, l->pulse, DOSEKERNEL_VOLUME_MAX);
    l->reservoir_low = fuzz_between(l->reservoir_low, 0, l->reservoir_capacity);
    l->reservoir_life = fuzz_between(l->reservoir_life, 0, longest);
    l->set_life = fuzz_between(l->set_life, 0, longest);
    l->set_expiry = fuzz_between(l->set_expiry, 0, longest);
    l->prime_max = fuzz_between(l->prime_max, 0, DOSEKERNEL_VOLUME_MAX);
    l->cannula_fill = fuzz_between(l->cannula_fill, 0, DOSEKERNEL_VOLUME_MAX);
    l->bolus_max = fuzz_between(l->bolus_max, 0, DOSEKERNEL_VOLUME_MAX);
    l->bolus_lockout = fuzz_between(l->bolus_lockout, 0, DOSEKERNEL_DAY);
    l->extended_duration_max =
        fuzz_between(l->extended_duration_max, 0, DOSEKERNEL_EXTENDED_LONGEST);
    l->request_age_max = fuzz_between(l->request_age_max, 0, DOSEKERNEL_DAY);
    l->gap_max = fuzz_between(l->gap_max, 1, DOSEKERNEL_GAP_LONGEST);
    l->confirm_max = fuzz_between(l->confirm_max, 1, DOSEKERNEL_GAP_LONGEST);
    l->delivery_speed = fuzz_between(l->delivery_speed, 1, DOSEKERNEL_RATE_MAX);
    if (l->delivery_speed * l->confirm_max < l->pulse * DOSEKERNEL_HOUR) {
        l->confirm_max = DOSEKERNEL_HOUR;
        l->delivery_speed = fuzz_larger(l->delivery_speed, l->pulse);
    }
    l->basal_max = fuzz_between(l->basal_max, 0, l->delivery_speed);
    l->basal_reserve = fuzz_between(l->basal_reserve, 0, l->basal_max);
    l->temp_duration_max = fuzz_between(l->temp_duration_max, 0, DOSEKERNEL_DAY);
    if (l->window_length != DOSEKERNEL_WINDOW_FOUR_HOURS) {
        l->window_length = DOSEKERNEL_WINDOW_HOUR;
    }
    l->window_max = fuzz_between(l->window_max, 0, DOSEKERNEL_VOLUME_MAX);
    l->day_max = fuzz_between(l->day_max, 0, DOSEKERNEL_VOLUME_MAX);
    l->on_board_max = fuzz_between(l->on_board_max, 0, DOSEKERNEL_VOLUME_MAX);
    l->action_remaining[0] = DOSEKERNEL_WHOLE;
    for (int slot = 1; slot < DOSEKERNEL_SPANS; slot++) {
        l->action_remaining[slot] =
            fuzz_between(l->action_remaining[slot], 0, l->action_remaining[slot - 1]);
    }
    l->action_remaining[DOSEKERNEL_SPANS] = 0;
    if (fuzz_least_cap(l, l->window_length / DOSEKERNEL_SPANS) > l->window_max ||
        fuzz_least_cap(l, DOSEKERNEL_DAY_SLOT) > l->day_max) {
        l->basal_reserve = 0;
        int64_t least = fuzz_least_cap(l, DOSEKERNEL_DAY_SLOT);
        l->window_max = fuzz_larger(l->window_max, least);
        l->day_max = fuzz_larger(l->day_max, least);
    }
    l->controller_bolus_max = fuzz_between(l->controller_bolus_max, 0, l->bolus_max);
    l->controller_basal_max = fuzz_between(l->controller_basal_max, 0, l->basal_max);
    l->controller_duration_max = fuzz_between(l->controller_duration_max, 0, l->temp_duration_max);
    l->remote_bolus_max = fuzz_between(l->remote_bolus_max, 0, l->bolus_max);
    if (l->glucose_low != 0) {
        l->glucose_low = fuzz_between(l->glucose_low, DOSEKERNEL_GLUCOSE_MIN, 999);
    }
    l->glucose_resume = fuzz_between(l->glucose_resume, 0, DOSEKERNEL_GLUCOSE_MAX);
    if (l->glucose_low != 0) {
        l->glucose_resume = fuzz_larger(l->glucose_resume, l->glucose_low + 1);
    }
    l->glucose_predict = fuzz_between(l->glucose_predict, 0, DOSEKERNEL_HOUR);
    l->glucose_stale = fuzz_between(l->glucose_stale, 0, DOSEKERNEL_HOUR);
    l->glucose_suspend_max = fuzz_between(l->glucose_suspend_max, 1, DOSEKERNEL_DAY);
    l->suspend_reminder = fuzz_between(l->suspend_reminder, 0, DOSEKERNEL_DAY);
}

/* One thing that no valid limits have. */
static void fuzz_break_limits(dosekernel_limits *limits, int64_t chosen)
{
    switch (chosen % 16) {
    case 0: limits->pulse = 0; break;
    case 1: limits->reservoir_capacity = limits->pulse - 1; break;
    case 2: limits->reservoir_low = limits->reservoir_capacity + 1; break;
    case 3: limits->basal_max = limits->delivery_speed + 1; break;
    case 4: limits->basal_reserve = limits->basal_max + 1; break;
    case 5: limits->window_length = 2 * DOSEKERNEL_HOUR; break;
    case 6: limits->action_remaining[DOSEKERNEL_SPANS] = 1; break;
    case 7: limits->action_remaining[0] = DOSEKERNEL_WHOLE - 1; break;
    case 8: limits->controller_bolus_max = limits->bolus_max + 1; break;
    case 9: limits->remote_bolus_max = limits->bolus_max + 1; break;
    case 10: limits->gap_max = 0; break;
    case 11: limits->confirm_max = DOSEKERNEL_GAP_LONGEST + 1; break;
    case 12: limits->window_max = limits->pulse - 1; break;
    case 13: limits->day_max = limits->pulse - 1; break;
    case 14: limits->controller_basal_max = limits->basal_max + 1; break;
    default: limits->glucose_suspend_max = 0; break;
    }
}

static void fuzz_edit_limits(fuzz_input *input, dosekernel_limits *limits)
{
    int64_t field = fuzz_byte(input) % FUZZ_FIELDS;
    int64_t way = fuzz_byte(input);
    int64_t share = way / 16;
    int64_t *word = fuzz_limits_word(limits, field, share);
    switch (way % 16) {
    case 0: *word = 0; break;
    case 1: *word = 1; break;
    case 2: *word = *word / 2; break;
    case 3: *word = fuzz_times(*word, 2); break;
    case 4: *word = fuzz_minus(*word, 1); break;
    case 5: *word = fuzz_plus(*word, 1); break;
    case 6: *word = *word / 8; break;
    case 7: *word = fuzz_times(*word, 8); break;
    case 8: *word = fuzz_times(limits->pulse, share + 1); break;
    case 9: *word = DOSEKERNEL_MINUTE * (share + 1); break;
    case 10: *word = *fuzz_limits_word(limits, fuzz_byte(input) % FUZZ_FIELDS, share); break;
    case 11:
        /* A short window that holds little beyond what basal needs. */
        fuzz_repair_limits(limits);
        limits->window_max = fuzz_plus(
            fuzz_least_cap(limits, limits->window_length / DOSEKERNEL_SPANS), limits->pulse * share);
        break;
    case 12:
        fuzz_repair_limits(limits);
        limits->day_max =
            fuzz_plus(fuzz_least_cap(limits, DOSEKERNEL_DAY_SLOT), limits->pulse * share);
        break;
    case 13: *word = fuzz_edge(fuzz_byte(input)); break;
    case 14: *word = fuzz_word(input); break;
    default: *word = DOSEKERNEL_HOUR * (share + 1); break;
    }
}

/* A preset with up to seven edits, repaired; returns 1 if they are then broken on purpose. */
static int fuzz_limits(fuzz_input *input, dosekernel_limits *limits)
{
    *limits = *fuzz_presets[(size_t)fuzz_byte(input) % FUZZ_PRESETS];
    int64_t plan = fuzz_byte(input);
    for (int64_t edit = 0; edit < plan % 8; edit++) {
        fuzz_edit_limits(input, limits);
    }
    fuzz_repair_limits(limits);
    if (plan < 240) {
        return 0;
    }
    fuzz_break_limits(limits, fuzz_byte(input));
    return 1;
}

/* ---- events */

/* How long until the next event: a moment, a minute, a limit and just beside it, far too long. */
static int64_t fuzz_pause(fuzz_input *input, const dosekernel_limits *limits)
{
    int64_t chosen = fuzz_byte(input);
    int64_t change = chosen / 32;
    int64_t pause = 0;
    switch (chosen % 32) {
    case 0: case 1: pause = 0; break;
    case 2: pause = 1; break;
    case 3: pause = 1000; break;
    case 4: case 5: pause = 10000; break;
    case 6: case 7: case 8: pause = DOSEKERNEL_MINUTE; break;
    case 9: case 10: pause = 5 * DOSEKERNEL_MINUTE; break;
    case 11: pause = 10 * DOSEKERNEL_MINUTE; break;
    case 12: pause = 20 * DOSEKERNEL_MINUTE; break;
    case 13: case 14: pause = limits->gap_max; break;
    case 15: pause = limits->confirm_max; break;
    case 16: pause = limits->window_length / DOSEKERNEL_SPANS; break;
    case 17: pause = DOSEKERNEL_HOUR; break;
    case 18: pause = limits->bolus_lockout; break;
    case 19: pause = limits->glucose_stale; break;
    case 20: pause = limits->glucose_suspend_max; break;
    case 21: pause = limits->suspend_reminder; break;
    case 22: pause = limits->set_expiry; break;
    case 23: pause = limits->temp_duration_max; break;
    case 24: pause = limits->window_length; break;
    case 25: pause = DOSEKERNEL_DAY; break;
    case 26: pause = limits->extended_duration_max; break;
    case 27: pause = DOSEKERNEL_FAULT_SPAN; break;
    case 28: pause = DOSEKERNEL_AHEAD_MAX; break;
    case 29: pause = -1; break;
    case 30: pause = -DOSEKERNEL_HOUR; break;
    default: pause = 100 * (fuzz_byte(input) + 1); break;
    }
    if (change == 1) {
        return fuzz_minus(pause, 1);
    }
    if (change == 2) {
        return fuzz_plus(pause, 1);
    }
    return change < 3 ? pause : fuzz_times(pause, change - 1);
}

/* An amount up to a maximum: at it, a share, a few pulses, what would be allowed, or just beside. */
static int64_t fuzz_amount(
    fuzz_input *input, const dosekernel_words *state, int64_t highest, int64_t allowable)
{
    int64_t chosen = fuzz_byte(input);
    int64_t pulse = state->limits.pulse;
    int64_t amount = 0;
    switch (chosen % 8) {
    case 0: amount = highest; break;
    case 1: amount = highest / 2; break;
    case 2: amount = highest / 8; break;
    case 3: amount = fuzz_times(pulse, fuzz_byte(input) + 1); break;
    case 4: amount = allowable; break;
    case 5: amount = fuzz_plus(allowable, pulse); break;
    case 6: amount = fuzz_smaller(state->reservoir, highest); break;
    default: amount = fuzz_times(highest / 256, fuzz_byte(input)); break;
    }
    switch (chosen / 8) {
    case 31: return fuzz_minus(amount, 1);
    case 30: return fuzz_plus(amount, 1);
    case 29: return fuzz_edge(fuzz_byte(input));
    case 28: return fuzz_plus(fuzz_whole(amount, pulse), pulse);
    case 27: return amount;
    default: return fuzz_whole(amount, pulse);
    }
}

static int64_t fuzz_share(fuzz_input *input, int64_t highest)
{
    int64_t chosen = fuzz_byte(input);
    if (chosen < 64) {
        return highest;
    }
    if (chosen > 250) {
        return fuzz_plus(highest, chosen == 255 ? 1 : -1);
    }
    return highest / 160 * (chosen - 64);
}

static void fuzz_fields(
    fuzz_input *input, const dosekernel_words *state, int64_t allowable, dosekernel_event *event)
{
    const dosekernel_limits *limits = &state->limits;
    switch (event->kind) {
    case DOSEKERNEL_CONFIRM:
    case DOSEKERNEL_UNCERTAIN:
        event->id = state->sequence;
        event->amount = state->outstanding;
        break;
    case DOSEKERNEL_FAULT:
        event->code = fuzz_byte(input) % 8;
        event->amount = event->code < 5 ? 0 : fuzz_amount(input, state, limits->bolus_max, 0);
        break;
    case DOSEKERNEL_EXTENDED_BOLUS:
        event->duration = fuzz_share(input, limits->extended_duration_max);
        event->amount = fuzz_amount(input, state, limits->bolus_max, allowable);
        break;
    case DOSEKERNEL_BOLUS: {
        int64_t highest = limits->bolus_max;
        if (event->source == DOSEKERNEL_CONTROLLER) {
            highest = limits->controller_bolus_max;
        } else if (event->source == DOSEKERNEL_REMOTE) {
            highest = limits->remote_bolus_max;
        }
        event->amount = fuzz_amount(input, state, highest, allowable);
        break;
    }
    case DOSEKERNEL_SET_BASAL:
        event->rate = fuzz_share(input, limits->basal_max);
        break;
    case DOSEKERNEL_TEMP_BASAL: {
        int controller = event->source == DOSEKERNEL_CONTROLLER;
        event->rate = fuzz_share(
            input, controller ? limits->controller_basal_max : limits->basal_max);
        event->duration = fuzz_share(
            input, controller ? limits->controller_duration_max : limits->temp_duration_max);
        break;
    }
    case DOSEKERNEL_LOAD_RESERVOIR:
        event->amount = fuzz_share(input, limits->reservoir_capacity);
        break;
    case DOSEKERNEL_PRIME:
        event->amount = fuzz_amount(input, state, limits->prime_max, limits->pulse);
        break;
    case DOSEKERNEL_FILL_CANNULA:
        event->amount = fuzz_amount(input, state, limits->cannula_fill, limits->pulse);
        break;
    case DOSEKERNEL_INSERT_SET:
        event->code = fuzz_byte(input);
        break;
    case DOSEKERNEL_GLUCOSE: {
        /* Any reading, or one that is not far from the last. */
        int64_t chosen = fuzz_byte(input);
        event->glucose =
            chosen < 192 ? 19 + 2 * chosen : fuzz_plus(state->glucose, chosen - 224);
        break;
    }
    default:
        break;
    }
}

/* Something is not as it should be: an id, an age, or a field at the end of its range. */
static void fuzz_disturb(
    fuzz_input *input, const dosekernel_words *state, dosekernel_event *event)
{
    int64_t way = fuzz_byte(input);
    int64_t last = state->last.id;
    switch (way % 16) {
    case 0: event->id = last; break;
    case 1: event->id = fuzz_minus(last, 1); break;
    case 2: event->id = fuzz_plus(last, DOSEKERNEL_ID_STEP_MAX); break;
    case 3: event->id = fuzz_plus(last, DOSEKERNEL_ID_STEP_MAX + 1); break;
    case 4: event->id = fuzz_plus(last, 2 + way / 16); break;
    case 5: event->issued_at = fuzz_plus(event->at, 1); break;
    case 6: event->issued_at = fuzz_minus(event->at, state->limits.request_age_max); break;
    case 7: event->issued_at = fuzz_minus(event->at, state->limits.request_age_max + 1); break;
    case 8: event->issued_at = fuzz_minus(event->at, state->limits.glucose_stale); break;
    case 9: event->amount = fuzz_minus(event->amount, state->limits.pulse); break;
    case 10: event->amount = fuzz_plus(event->amount, 1); break;
    case 11: event->amount = 0; break;
    case 12: event->source = way / 16; break;
    case 13: event->amount = fuzz_plus(event->amount, state->limits.pulse); break;
    default: (&event->kind)[fuzz_byte(input) % 10] = fuzz_edge(fuzz_byte(input)); break;
    }
}

/* Who asks, by the upper bits of the operation. */
static int64_t fuzz_source(int64_t kind, int64_t variant)
{
    if (kind == DOSEKERNEL_SET_BASAL && variant == 1) {
        return DOSEKERNEL_SCHEDULE;
    }
    if (variant == 1 || variant == 2) {
        return DOSEKERNEL_CONTROLLER;
    }
    return variant == 3 ? DOSEKERNEL_REMOTE : DOSEKERNEL_USER;
}

/* An event of a kind as it would be sent now, disturbed in two of eight variants. */
static void fuzz_event(fuzz_input *input, const dosekernel_words *state, int64_t kind,
    int64_t variant, int64_t allowable, dosekernel_event *event)
{
    memset(event, 0, sizeof *event);
    event->kind = kind;
    event->source = fuzz_source(kind, variant);
    event->at = fuzz_plus(state->now, fuzz_pause(input, &state->limits));
    event->issued_at = event->at;
    event->id = fuzz_plus(state->last.id, 1);
    fuzz_fields(input, state, allowable, event);
    if (variant >= 6) {
        fuzz_disturb(input, state, event);
    }
}

/* Any words at all, most of them edges. */
static void fuzz_raw_event(
    fuzz_input *input, const dosekernel_words *state, dosekernel_event *event)
{
    int64_t *words = &event->kind;
    for (int field = 0; field < DOSEKERNEL_EVENT_WORDS; field++) {
        int64_t chosen = fuzz_byte(input);
        if (chosen < 128) {
            words[field] = chosen % 32;
        } else if (chosen < 160) {
            words[field] = fuzz_edge(chosen);
        } else if (chosen < 224) {
            words[field] = fuzz_plus(state->now, chosen - 160);
        } else {
            words[field] = fuzz_word(input);
        }
    }
}

#endif
