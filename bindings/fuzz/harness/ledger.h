/*
 * Independent bookkeeping: what a person with a notebook beside the pump would know.
 *
 * Every booking with its own time, no slots; the set, the stops and the rates as the accepted
 * events say. It never looks into the kernel's memory, but for a fresh start after damage.
 */
#ifndef DOSEKERNEL_FUZZ_LEDGER_H
#define DOSEKERNEL_FUZZ_LEDGER_H

#include "dosekernel.h"
#include "input.h"

#define FUZZ_STEPS 4096 /* of one life; each books at most once */

typedef __int128 fuzz_wide;

typedef struct fuzz_booking {
    int64_t at;
    int64_t amount;
} fuzz_booking;

/* What was booked in the last `length`, both ends included. */
typedef struct fuzz_span {
    int64_t length;
    int64_t held;
    size_t first;
} fuzz_span;

enum { FUZZ_WINDOW, FUZZ_WINDOW_WIDER, FUZZ_DAY_SPAN, FUZZ_DAY_WIDER, FUZZ_SPANS };

typedef struct fuzz_reading {
    int64_t at;
    int64_t value;
} fuzz_reading;

typedef struct fuzz_ledger {
    dosekernel_limits limits;
    int64_t whole; /* nothing happened before it began, so totals have an upper bound too */
    int64_t full; /* the kernel's slots hold no more: a million units, far above every cap */
    int64_t unknown; /* the most that one of its windows held when this began */
    int64_t now;
    size_t count;
    fuzz_span spans[FUZZ_SPANS];
    /* what was asked for, and what became of it */
    int64_t accepted, released, not_given, basal_given, owed;
    int64_t last_id, bolus_at, extended_at;
    /* rates */
    int64_t rate, temporary_rate, temporary_until;
    fuzz_wide carry; /* the most basal that may be metered and not released */
    /* reservoir and set */
    int64_t reservoir, loaded, primed, fresh, inserted, set_at, filled, connected;
    int64_t prime_owed, prime_used, fill_owed, fill_used;
    /* stops */
    int64_t suspended, faulted, latched, uncertain, fault_at, fault_before;
    /* the release that waits */
    int64_t outstanding, purpose, ends, stopped, released_at, sequence;
    /* glucose */
    fuzz_reading last, before;
    int64_t low, low_since, low_ended;
    fuzz_booking bookings[FUZZ_STEPS + 1];
} fuzz_ledger;

static void fuzz_open_spans(fuzz_ledger *ledger)
{
    int64_t length = ledger->limits.window_length;
    int64_t lengths[FUZZ_SPANS] = {
        length, length + length / DOSEKERNEL_SPANS, DOSEKERNEL_DAY,
        DOSEKERNEL_DAY + DOSEKERNEL_DAY_SLOT};
    for (int span = 0; span < FUZZ_SPANS; span++) {
        ledger->spans[span] = (fuzz_span){lengths[span], 0, 0};
    }
}

/* A notebook for a fresh pump. */
static void fuzz_open(fuzz_ledger *ledger, const dosekernel_limits *limits, int64_t at)
{
    memset(ledger, 0, offsetof(fuzz_ledger, bookings));
    ledger->limits = *limits;
    ledger->whole = 1;
    ledger->now = at;
    ledger->released_at = at;
    ledger->bolus_at = ledger->extended_at = DOSEKERNEL_NEVER;
    ledger->set_at = ledger->fault_at = ledger->fault_before = DOSEKERNEL_NEVER;
    ledger->last.at = ledger->before.at = DOSEKERNEL_NEVER;
    ledger->low_since = ledger->low_ended = DOSEKERNEL_NEVER;
    fuzz_open_spans(ledger);
}

static int64_t fuzz_slots(const dosekernel_window *window)
{
    int64_t total = 0;
    for (int slot = 0; slot < DOSEKERNEL_SLOTS; slot++) {
        total = fuzz_plus(total, window->slots[slot]);
    }
    return total;
}

/* A notebook that is begun beside a pump in use: what went in before is not known. */
static void fuzz_reopen(fuzz_ledger *ledger, const dosekernel_words *state)
{
    fuzz_open(ledger, &state->limits, state->now);
    ledger->whole = 0;
    ledger->unknown = fuzz_larger(fuzz_slots(&state->window),
        fuzz_larger(fuzz_slots(&state->day), fuzz_slots(&state->action)));
    ledger->owed = state->bolus_owed + (state->extended_amount - state->extended_given) +
                   state->fill_owed + state->prime_owed;
    ledger->accepted = ledger->owed;
    ledger->last_id = state->last.id;
    ledger->rate = state->basal_rate;
    ledger->temporary_rate = state->temporary_rate;
    ledger->temporary_until = state->temporary_until;
    ledger->carry = state->carry;
    ledger->reservoir = state->reservoir;
    ledger->loaded = state->loaded;
    ledger->primed = state->primed;
    ledger->fresh = state->prime_fresh;
    ledger->inserted = state->inserted;
    ledger->set_at = state->set_at;
    ledger->filled = state->filled;
    ledger->connected = state->connected;
    ledger->prime_owed = state->prime_owed;
    ledger->prime_used = state->prime_used;
    ledger->fill_owed = state->fill_owed;
    ledger->fill_used = state->fill_used;
    ledger->suspended = state->suspended;
    ledger->faulted = state->faulted;
    ledger->latched = state->latched;
    ledger->uncertain = state->uncertain;
    ledger->fault_at = state->fault_at;
    ledger->fault_before = state->fault_before;
    ledger->outstanding = state->outstanding;
    ledger->purpose = state->outstanding_class;
    ledger->ends = state->outstanding_ends;
    ledger->stopped = state->outstanding_stopped;
    ledger->released_at = state->released_at;
    ledger->sequence = state->sequence;
    ledger->last = (fuzz_reading){state->glucose_at, state->glucose};
    ledger->before = (fuzz_reading){state->glucose_before_at, state->glucose_before};
    ledger->low = state->low_suspended;
    ledger->low_since = state->low_since;
    ledger->low_ended = state->low_ended;
}

/* ---- what went into the body */

static void fuzz_book(fuzz_ledger *ledger, int64_t amount)
{
    if (amount <= 0 || ledger->count > FUZZ_STEPS) {
        return;
    }
    ledger->bookings[ledger->count] = (fuzz_booking){ledger->now, amount};
    ledger->count++;
    for (int span = 0; span < FUZZ_SPANS; span++) {
        ledger->spans[span].held += amount;
    }
    ledger->full |= ledger->unknown + ledger->spans[FUZZ_DAY_WIDER].held > DOSEKERNEL_TOTAL_MAX;
}

/* What was booked in the span that ends now. */
static int64_t fuzz_held(fuzz_ledger *ledger, int which)
{
    fuzz_span *span = &ledger->spans[which];
    while (span->first < ledger->count &&
           ledger->bookings[span->first].at < ledger->now - span->length) {
        span->held -= ledger->bookings[span->first].amount;
        span->first++;
    }
    return span->held;
}

/*
 * Drug that still acts: at true ages, the curve's points joined by lines, and rounded down at each
 * step; or, for the most that may be said, every dose one slot younger, rounded up once.
 */
static void fuzz_acting(const fuzz_ledger *ledger, int64_t *least, int64_t *most)
{
    const int64_t slot = DOSEKERNEL_ACTION_SLOT;
    const int64_t *curve = ledger->limits.action_remaining;
    fuzz_wide high = 0;
    int64_t low = 0;
    for (size_t later = ledger->count; later > 0; later--) {
        const fuzz_booking *booking = &ledger->bookings[later - 1];
        int64_t age = ledger->now - booking->at;
        if (age > slot * DOSEKERNEL_SLOTS) {
            break;
        }
        int64_t place = age / slot;
        if (place < DOSEKERNEL_SPANS) {
            int64_t fall = (curve[place] - curve[place + 1]) * (age % slot);
            int64_t left = (curve[place] * slot - fall) / slot;
            low += (int64_t)((fuzz_wide)booking->amount * left / DOSEKERNEL_WHOLE);
        }
        int64_t younger = fuzz_larger(place - 1, 0);
        if (younger < DOSEKERNEL_SPANS) {
            high += (fuzz_wide)booking->amount * curve[younger];
        }
    }
    *least = low;
    *most = (int64_t)((high + DOSEKERNEL_WHOLE - 1) / DOSEKERNEL_WHOLE);
}

/* ---- the pump's parts */

static int fuzz_expired(const fuzz_ledger *ledger)
{
    int64_t expiry = ledger->limits.set_expiry;
    return expiry > 0 && ledger->inserted && ledger->now - ledger->set_at >= expiry;
}

/* What keeps volume from the body, a missing fill apart. */
static int64_t fuzz_body_mode(const fuzz_ledger *ledger)
{
    if (ledger->faulted || ledger->latched) {
        return DOSEKERNEL_MODE_FAULTED;
    }
    int dry = ledger->limits.prime_max > 0 && !ledger->primed;
    if (!ledger->loaded || dry || !ledger->inserted) {
        return DOSEKERNEL_MODE_NOT_READY;
    }
    if (!ledger->connected) {
        return DOSEKERNEL_MODE_DISCONNECTED;
    }
    if (fuzz_expired(ledger)) {
        return DOSEKERNEL_MODE_EXPIRED;
    }
    if (ledger->reservoir < ledger->limits.pulse) {
        return DOSEKERNEL_MODE_EMPTY;
    }
    if (ledger->suspended) {
        return DOSEKERNEL_MODE_SUSPENDED;
    }
    return ledger->low ? DOSEKERNEL_MODE_LOW_SUSPENDED : DOSEKERNEL_MODE_DELIVERING;
}

static int fuzz_needs_fill(const fuzz_ledger *ledger)
{
    return ledger->limits.cannula_fill > 0 && !ledger->filled;
}

static int64_t fuzz_mode(const fuzz_ledger *ledger)
{
    int64_t mode = fuzz_body_mode(ledger);
    if (mode == DOSEKERNEL_MODE_DELIVERING && fuzz_needs_fill(ledger)) {
        return DOSEKERNEL_MODE_NOT_READY;
    }
    return mode;
}

static int64_t fuzz_rate(const fuzz_ledger *ledger)
{
    return ledger->temporary_until > 0 ? ledger->temporary_rate : ledger->rate;
}

static void fuzz_end_raised(fuzz_ledger *ledger)
{
    if (ledger->temporary_rate > ledger->rate) {
        ledger->temporary_rate = ledger->temporary_until = 0;
    }
}

static void fuzz_cancel(fuzz_ledger *ledger)
{
    ledger->prime_owed = ledger->fill_owed = 0;
}

/* What cannot be delivered is not owed. */
static void fuzz_settle(fuzz_ledger *ledger)
{
    if (fuzz_body_mode(ledger) != DOSEKERNEL_MODE_DELIVERING) {
        ledger->carry = 0;
        ledger->fill_owed = 0;
    }
    if (ledger->reservoir < ledger->limits.pulse) {
        ledger->prime_owed = 0;
    }
}

static void fuzz_suspend(fuzz_ledger *ledger)
{
    ledger->suspended = 1;
    fuzz_end_raised(ledger);
}

static void fuzz_fault(fuzz_ledger *ledger)
{
    if (!ledger->faulted) {
        int64_t before = ledger->fault_before;
        if (before != DOSEKERNEL_NEVER && ledger->now - before <= DOSEKERNEL_FAULT_SPAN) {
            ledger->latched = 1;
        }
        ledger->fault_before = ledger->fault_at;
        ledger->fault_at = ledger->now;
    }
    ledger->faulted = 1;
    fuzz_suspend(ledger);
}

static void fuzz_excess(fuzz_ledger *ledger, int64_t amount, int in_body)
{
    ledger->reservoir = fuzz_larger(ledger->reservoir - amount, 0);
    if (in_body) {
        fuzz_book(ledger, amount);
    }
}

/* ---- time */

/* What the rates ask for until `at`; after a gap only the last of it. */
static fuzz_wide fuzz_programme(const fuzz_ledger *ledger, int64_t at)
{
    int64_t counted = fuzz_smaller(at - ledger->now, ledger->limits.gap_max);
    int64_t warm = fuzz_between(ledger->temporary_until - (at - counted), 0, counted);
    return (fuzz_wide)ledger->temporary_rate * warm + (fuzz_wide)ledger->rate * (counted - warm);
}

static void fuzz_age(fuzz_ledger *ledger, int64_t at)
{
    const dosekernel_limits *limits = &ledger->limits;
    if (fuzz_mode(ledger) == DOSEKERNEL_MODE_DELIVERING) {
        fuzz_wide backlog = (fuzz_wide)limits->pulse * DOSEKERNEL_HOUR +
                            (fuzz_wide)limits->basal_max * limits->gap_max;
        ledger->carry += fuzz_programme(ledger, at);
        ledger->carry = ledger->carry < backlog ? ledger->carry : backlog;
    }
    int gap = at - ledger->now > limits->gap_max;
    ledger->now = at;
    if (ledger->temporary_until <= at) {
        ledger->temporary_rate = ledger->temporary_until = 0;
    }
    if (ledger->low && at - ledger->low_since >= limits->glucose_suspend_max) {
        ledger->low = 0;
        ledger->low_ended = at;
    }
    if (gap) {
        fuzz_end_raised(ledger);
        fuzz_cancel(ledger);
    }
    fuzz_settle(ledger);
}

/* ---- glucose */

static int fuzz_is_low(const fuzz_ledger *ledger)
{
    const dosekernel_limits *limits = &ledger->limits;
    if (limits->glucose_low == 0 || ledger->last.at == DOSEKERNEL_NEVER) {
        return 0;
    }
    if (ledger->last.value <= limits->glucose_low) {
        return 1;
    }
    int64_t apart = ledger->last.at - ledger->before.at;
    int64_t fall = ledger->before.value - ledger->last.value;
    if (ledger->before.at == DOSEKERNEL_NEVER || apart < DOSEKERNEL_READINGS_NEAREST ||
        apart > DOSEKERNEL_READINGS_FARTHEST || fall <= 0) {
        return 0;
    }
    int64_t above = ledger->last.value - limits->glucose_low;
    return fall * limits->glucose_predict >= above * apart;
}

static void fuzz_read_glucose(fuzz_ledger *ledger, const dosekernel_event *event)
{
    ledger->before = ledger->last;
    ledger->last = (fuzz_reading){event->issued_at, event->glucose};
    if (fuzz_is_low(ledger)) {
        int held = ledger->low_ended != DOSEKERNEL_NEVER &&
                   ledger->now - ledger->low_ended < ledger->limits.glucose_suspend_max;
        if (!ledger->low && !held) {
            ledger->low = 1;
            ledger->low_since = ledger->now;
            fuzz_end_raised(ledger);
        }
    } else if (ledger->low && event->glucose >= ledger->limits.glucose_resume) {
        ledger->low = 0;
    }
}

#endif
