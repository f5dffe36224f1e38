/* What must hold of every step: the outcome beside the independent notebook. */
#ifndef DOSEKERNEL_FUZZ_ORACLES_H
#define DOSEKERNEL_FUZZ_ORACLES_H

#include "findings.h"
#include "ledger.h"

#define FUZZ_ON_BOARD_EVERY 8 /* the sum over all doses is looked at in one of so many steps */

static int fuzz_is_stop(int64_t kind)
{
    return kind == DOSEKERNEL_SUSPEND || kind == DOSEKERNEL_CANCEL_BOLUS ||
           kind == DOSEKERNEL_DISCONNECT || kind == DOSEKERNEL_FAULT;
}

static int fuzz_is_report(int64_t kind)
{
    return kind == DOSEKERNEL_TICK || kind == DOSEKERNEL_CONFIRM ||
           kind == DOSEKERNEL_UNCERTAIN || kind == DOSEKERNEL_GLUCOSE;
}

static int fuzz_is_bolus(int64_t kind)
{
    return kind == DOSEKERNEL_BOLUS || kind == DOSEKERNEL_EXTENDED_BOLUS;
}

static int fuzz_timely(const fuzz_ledger *ledger, int64_t at)
{
    return at >= ledger->now && at <= DOSEKERNEL_TIME_MAX &&
           at - ledger->now <= DOSEKERNEL_AHEAD_MAX;
}

/* ---- any outcome */

static void fuzz_check_outcome(
    fuzz_finding *f, const fuzz_ledger *l, const dosekernel_event *event,
    const dosekernel_outcome *said)
{
    int64_t pulse = l->limits.pulse;
    FUZZ_EXPECT(f, OUTCOME, said->status >= DOSEKERNEL_ACCEPTED &&
        said->status <= DOSEKERNEL_REPEATED, said->status, DOSEKERNEL_REPEATED);
    FUZZ_EXPECT(f, PULSES, said->pulses >= 0 && said->amount == said->pulses * pulse,
        said->amount, said->pulses);
    int moved = said->amount != 0;
    FUZZ_EXPECT(f, PULSES, moved ? said->path == DOSEKERNEL_PATH_PATIENT ||
        said->path == DOSEKERNEL_PATH_AIR : said->path == DOSEKERNEL_PATH_NONE, said->path, moved);
    FUZZ_EXPECT(f, ONLY_TICK, !moved || (event->kind == DOSEKERNEL_TICK &&
        said->status == DOSEKERNEL_ACCEPTED), said->amount, 0);
    int silent = said->status != DOSEKERNEL_REFUSED &&
                 (event->kind != DOSEKERNEL_TICK || moved);
    FUZZ_EXPECT(f, OUTCOME, silent == (said->reason == DOSEKERNEL_REASON_NONE),
        said->reason, said->status);
    FUZZ_EXPECT(f, OUTCOME, said->reason <= DOSEKERNEL_REASON_NOT_LOADED && said->reason >= 0,
        said->reason, DOSEKERNEL_REASON_NOT_LOADED);
    FUZZ_EXPECT(f, OUTCOME, said->not_given >= 0, said->not_given, 0);
    FUZZ_EXPECT(f, OUTCOME, said->status == DOSEKERNEL_ACCEPTED || said->not_given == 0,
        said->not_given, 0);
    FUZZ_EXPECT(f, OUTCOME, fuzz_is_bolus(event->kind) || said->allowable == 0,
        said->allowable, 0);
    FUZZ_EXPECT(f, OUTCOME, said->allowable >= 0 && said->allowable % pulse == 0,
        said->allowable, pulse);
    FUZZ_EXPECT(f, OUTCOME, said->alarms >= 0 &&
        said->alarms < 2 * DOSEKERNEL_ALARM_LOW_SUSPENDED, said->alarms, 0);
    FUZZ_EXPECT(f, OUTCOME, said->owed >= 0, said->owed, 0);
}

/* ---- who may ask for what */

static int fuzz_source_may(int64_t source, int64_t kind)
{
    int free = fuzz_is_report(kind) || fuzz_is_stop(kind) || source == DOSEKERNEL_USER;
    int automatic = kind == DOSEKERNEL_BOLUS || kind == DOSEKERNEL_TEMP_BASAL ||
                    kind == DOSEKERNEL_CANCEL_TEMP_BASAL;
    if (source == DOSEKERNEL_SCHEDULE) {
        return free || kind == DOSEKERNEL_SET_BASAL;
    }
    return free || (automatic &&
        (source == DOSEKERNEL_CONTROLLER || source == DOSEKERNEL_REMOTE));
}

static int64_t fuzz_bolus_cap(const dosekernel_limits *limits, int64_t source)
{
    if (source == DOSEKERNEL_CONTROLLER) {
        return limits->controller_bolus_max;
    }
    return source == DOSEKERNEL_REMOTE ? limits->remote_bolus_max : limits->bolus_max;
}

/* A controller raises nothing without a fresh reading that is not low. */
static int fuzz_may_raise(const fuzz_ledger *l)
{
    return l->limits.glucose_low == 0 ||
           (l->last.at != DOSEKERNEL_NEVER && l->now - l->last.at <= l->limits.glucose_stale &&
            !fuzz_is_low(l));
}

/* ---- accepted requests: on the notebook as it is at their time */

static void fuzz_take_bolus(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    const dosekernel_limits *limits = &l->limits;
    int64_t *before = e->kind == DOSEKERNEL_BOLUS ? &l->bolus_at : &l->extended_at;
    int64_t cap = fuzz_bolus_cap(limits, e->source);
    FUZZ_EXPECT(f, CAP, e->amount > 0 && e->amount <= cap, e->amount, cap);
    FUZZ_EXPECT(f, PULSES, e->amount % limits->pulse == 0, e->amount, limits->pulse);
    FUZZ_EXPECT(f, GUARD, fuzz_mode(l) == DOSEKERNEL_MODE_DELIVERING, fuzz_mode(l), 0);
    FUZZ_EXPECT(f, LOCKOUT, *before == DOSEKERNEL_NEVER ||
        l->now - *before >= limits->bolus_lockout, l->now - *before, limits->bolus_lockout);
    FUZZ_EXPECT(f, GUARD, l->owed + e->amount <= l->reservoir, l->owed + e->amount, l->reservoir);
    FUZZ_EXPECT(f, GUARD, e->source != DOSEKERNEL_CONTROLLER || fuzz_may_raise(l),
        l->last.value, limits->glucose_low);
    FUZZ_EXPECT(f, CAP, e->kind == DOSEKERNEL_BOLUS ||
        (e->duration >= 1 && e->duration <= limits->extended_duration_max),
        e->duration, limits->extended_duration_max);
    int64_t least, most;
    fuzz_acting(l, &least, &most);
    FUZZ_EXPECT(f, ON_BOARD, least + l->owed + e->amount <= limits->on_board_max,
        least + l->owed + e->amount, limits->on_board_max);
    int64_t held = fuzz_held(l, FUZZ_WINDOW) + l->owed + e->amount;
    FUZZ_EXPECT(f, WINDOW, held <= limits->window_max, held, limits->window_max);
    held = fuzz_held(l, FUZZ_DAY_SPAN) + l->owed + e->amount;
    FUZZ_EXPECT(f, DAY, held <= limits->day_max, held, limits->day_max);
    *before = l->now;
    l->accepted += e->amount;
}

static void fuzz_take_rate(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    const dosekernel_limits *limits = &l->limits;
    FUZZ_EXPECT(f, CAP, e->rate <= limits->basal_max, e->rate, limits->basal_max);
    if (e->kind == DOSEKERNEL_SET_BASAL) {
        l->rate = e->rate;
        return;
    }
    int64_t longest = limits->temp_duration_max;
    if (e->source == DOSEKERNEL_CONTROLLER) {
        longest = limits->controller_duration_max;
        FUZZ_EXPECT(f, CAP, e->rate <= limits->controller_basal_max, e->rate,
            limits->controller_basal_max);
        FUZZ_EXPECT(f, GUARD, e->rate <= fuzz_rate(l) || fuzz_may_raise(l), e->rate, fuzz_rate(l));
    }
    FUZZ_EXPECT(f, CAP, e->duration >= 1 && e->duration <= longest, e->duration, longest);
    FUZZ_EXPECT(f, SOURCE, e->source != DOSEKERNEL_REMOTE || e->rate <= l->rate, e->rate, l->rate);
    FUZZ_EXPECT(f, GUARD, e->rate <= l->rate || fuzz_mode(l) == DOSEKERNEL_MODE_DELIVERING,
        e->rate, l->rate);
    l->temporary_rate = e->rate;
    l->temporary_until = l->now + e->duration;
}

/* What is loaded, primed, inserted and connected happens off the body with nothing moving. */
static void fuzz_take_set(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    const dosekernel_limits *limits = &l->limits;
    int still = l->prime_owed == 0 && l->outstanding == 0;
    FUZZ_EXPECT(f, GUARD, !l->connected && still, l->connected, still);
    switch (e->kind) {
    case DOSEKERNEL_LOAD_RESERVOIR:
        FUZZ_EXPECT(f, CAP, e->amount >= 1 && e->amount <= limits->reservoir_capacity,
            e->amount, limits->reservoir_capacity);
        l->reservoir = e->amount;
        l->loaded = 1;
        l->primed = l->fresh = l->prime_used = 0;
        break;
    case DOSEKERNEL_PRIME:
        FUZZ_EXPECT(f, CAP, l->prime_used + e->amount <= limits->prime_max,
            l->prime_used + e->amount, limits->prime_max);
        FUZZ_EXPECT(f, GUARD, l->loaded && !l->faulted && e->amount > 0 &&
            e->amount <= l->reservoir, e->amount, l->reservoir);
        l->prime_owed = e->amount;
        l->prime_used += e->amount;
        l->accepted += e->amount;
        break;
    case DOSEKERNEL_INSERT_SET:
        FUZZ_EXPECT(f, GUARD, limits->prime_max == 0 || l->fresh, l->fresh, 1);
        l->inserted = 1;
        l->set_at = l->now;
        l->filled = l->fill_used = l->fresh = l->latched = 0;
        l->fault_at = l->fault_before = DOSEKERNEL_NEVER;
        break;
    default:
        FUZZ_EXPECT(f, GUARD, l->loaded && l->inserted && (limits->prime_max == 0 || l->primed),
            l->primed, 1);
        l->connected = 1;
        l->fresh = 0;
        break;
    }
}

static void fuzz_take_fill(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    FUZZ_EXPECT(f, GUARD, fuzz_body_mode(l) == DOSEKERNEL_MODE_DELIVERING && !l->filled &&
        l->outstanding == 0 && l->fill_owed == 0 && e->amount > 0, fuzz_body_mode(l), e->amount);
    FUZZ_EXPECT(f, CAP, l->fill_used + e->amount <= l->limits.cannula_fill,
        l->fill_used + e->amount, l->limits.cannula_fill);
    l->fill_owed = e->amount;
    l->fill_used += e->amount;
    l->accepted += e->amount;
}

static void fuzz_take_request(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    FUZZ_EXPECT(f, ONCE, e->id > l->last_id && e->id <= DOSEKERNEL_ID_MAX &&
        e->id - l->last_id <= DOSEKERNEL_ID_STEP_MAX, e->id, l->last_id);
    FUZZ_EXPECT(f, AGE, e->issued_at <= e->at &&
        e->at - e->issued_at <= l->limits.request_age_max, e->issued_at, e->at);
    l->last_id = e->id;
    switch (e->kind) {
    case DOSEKERNEL_BOLUS: case DOSEKERNEL_EXTENDED_BOLUS: fuzz_take_bolus(f, l, e); break;
    case DOSEKERNEL_SET_BASAL: case DOSEKERNEL_TEMP_BASAL: fuzz_take_rate(f, l, e); break;
    case DOSEKERNEL_CANCEL_TEMP_BASAL:
        FUZZ_EXPECT(f, GUARD, l->temporary_until > 0, l->temporary_until, 1);
        FUZZ_EXPECT(f, GUARD, e->source != DOSEKERNEL_CONTROLLER || l->rate <= fuzz_rate(l) ||
            fuzz_may_raise(l), l->rate, fuzz_rate(l));
        l->temporary_rate = l->temporary_until = 0;
        break;
    case DOSEKERNEL_RESUME:
        FUZZ_EXPECT(f, GUARD, !l->faulted && !l->latched && (l->suspended || l->low),
            l->faulted, l->suspended);
        l->suspended = 0;
        if (l->low) {
            l->low = 0;
            l->low_ended = l->now;
        }
        break;
    case DOSEKERNEL_ACKNOWLEDGE: l->faulted = 0; break;
    case DOSEKERNEL_FILL_CANNULA: fuzz_take_fill(f, l, e); break;
    default: fuzz_take_set(f, l, e); break;
    }
}

/* ---- accepted reports and stops */

/* Returns what of the release was not delivered. */
static int64_t fuzz_take_confirm(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    FUZZ_EXPECT(f, REPORT, l->outstanding > 0 && e->id == l->sequence, e->id, l->sequence);
    int64_t short_of = fuzz_larger(l->outstanding - e->amount, 0);
    int64_t beyond = fuzz_larger(e->amount - l->outstanding, 0);
    if (short_of == 0 && beyond == 0 && l->ends) {
        if (l->purpose == DOSEKERNEL_RELEASE_PRIME) {
            l->primed = l->fresh = 1;
        }
        if (l->purpose == DOSEKERNEL_RELEASE_FILL) {
            l->filled = 1;
        }
    }
    if (beyond > 0) {
        fuzz_excess(l, beyond, l->purpose != DOSEKERNEL_RELEASE_PRIME);
    }
    if (beyond > 0 || (short_of > 0 && !l->stopped)) {
        fuzz_fault(l);
        fuzz_cancel(l);
    }
    l->uncertain = l->outstanding = l->purpose = l->ends = l->stopped = 0;
    return short_of;
}

static void fuzz_take_uncertain(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *e)
{
    FUZZ_EXPECT(f, REPORT, l->outstanding > 0 && e->id == l->sequence, e->id, l->sequence);
    if (l->uncertain) {
        fuzz_fault(l);
    }
    l->uncertain = 1;
    fuzz_cancel(l);
    l->outstanding = l->purpose = l->ends = l->stopped = 0;
}

static void fuzz_take_stop(fuzz_ledger *l, const dosekernel_event *e, int timely)
{
    if (timely && e->kind != DOSEKERNEL_FAULT && e->id > l->last_id &&
        e->id <= DOSEKERNEL_ID_MAX && e->id - l->last_id <= DOSEKERNEL_ID_STEP_MAX) {
        l->last_id = e->id;
    }
    l->stopped = l->outstanding > 0;
    int priming = l->prime_owed > 0 || l->purpose == DOSEKERNEL_RELEASE_PRIME;
    fuzz_cancel(l);
    if (e->kind == DOSEKERNEL_SUSPEND) {
        fuzz_suspend(l);
    } else if (e->kind == DOSEKERNEL_DISCONNECT) {
        l->connected = 0;
    } else if (e->kind == DOSEKERNEL_FAULT) {
        fuzz_excess(l, fuzz_between(e->amount, 0, DOSEKERNEL_VOLUME_MAX), !priming);
        fuzz_fault(l);
    }
}

static void fuzz_take_release(fuzz_finding *f, fuzz_ledger *l, const dosekernel_outcome *said)
{
    int air = said->path == DOSEKERNEL_PATH_AIR;
    int fill = !air && fuzz_needs_fill(l);
    FUZZ_EXPECT(f, UNSETTLED, l->outstanding == 0, l->outstanding, 0);
    FUZZ_EXPECT(f, RESERVOIR, said->amount <= l->reservoir, said->amount, l->reservoir);
    if (air) {
        FUZZ_EXPECT(f, BLOCKED, !l->connected && !l->faulted && said->amount <= l->prime_owed,
            said->amount, l->prime_owed);
        l->prime_owed -= said->amount;
    } else {
        int64_t mode = fuzz_body_mode(l);
        FUZZ_EXPECT(f, BLOCKED, mode == DOSEKERNEL_MODE_DELIVERING, mode, said->amount);
        FUZZ_EXPECT(f, BLOCKED, !fill || said->amount <= l->fill_owed, said->amount, l->fill_owed);
        l->fill_owed -= fill ? said->amount : 0;
        fuzz_book(l, said->amount);
        FUZZ_EXPECT(f, WINDOW, fuzz_held(l, FUZZ_WINDOW) <= l->limits.window_max,
            fuzz_held(l, FUZZ_WINDOW), l->limits.window_max);
        FUZZ_EXPECT(f, DAY, fuzz_held(l, FUZZ_DAY_SPAN) <= l->limits.day_max,
            fuzz_held(l, FUZZ_DAY_SPAN), l->limits.day_max);
        FUZZ_EXPECT(f, WINDOW, said->window_total <= l->limits.window_max, said->window_total,
            l->limits.window_max);
        FUZZ_EXPECT(f, DAY, said->day_total <= l->limits.day_max, said->day_total,
            l->limits.day_max);
    }
    l->purpose = air    ? DOSEKERNEL_RELEASE_PRIME
                 : fill ? DOSEKERNEL_RELEASE_FILL
                        : DOSEKERNEL_RELEASE_THERAPY;
    l->ends = air ? l->prime_owed == 0 : fill && l->fill_owed == 0;
    l->reservoir -= said->amount;
    l->released += said->amount;
    l->outstanding = said->amount;
    l->stopped = 0;
    l->sequence = fuzz_smaller(l->sequence + 1, DOSEKERNEL_ID_MAX);
}

/* ---- the figures, after what was accepted */

/* What was released and not asked for is basal: never more than was metered, nothing lost. */
static void fuzz_check_conservation(fuzz_finding *f, fuzz_ledger *l,
    const dosekernel_outcome *said, int64_t short_of, int64_t released_at)
{
    l->not_given += said->not_given - short_of;
    int64_t basal = l->released + said->owed + l->not_given - l->accepted - l->basal_given;
    int metered = said->path == DOSEKERNEL_PATH_PATIENT &&
                  l->purpose == DOSEKERNEL_RELEASE_THERAPY;
    FUZZ_EXPECT(f, CONSERVATION, basal >= 0 && basal <= (metered ? said->amount : 0), basal,
        metered ? said->amount : 0);
    l->basal_given += basal;
    fuzz_wide asked = (fuzz_wide)basal * DOSEKERNEL_HOUR;
    FUZZ_EXPECT(f, PROGRAMME, asked <= l->carry, basal, (int64_t)(l->carry / DOSEKERNEL_HOUR));
    l->carry -= asked;
    if (said->amount > 0) {
        int64_t passed = fuzz_smaller(l->now - released_at, l->limits.confirm_max);
        fuzz_wide room = (fuzz_wide)l->limits.delivery_speed * passed / DOSEKERNEL_HOUR;
        FUZZ_EXPECT(f, SPEED, said->amount - basal <= room, said->amount - basal, (int64_t)room);
    }
}

static void fuzz_check_figures(
    fuzz_finding *f, fuzz_ledger *l, const dosekernel_outcome *said, int64_t step)
{
    int64_t mode = fuzz_mode(l);
    int64_t rate = mode == DOSEKERNEL_MODE_DELIVERING ? fuzz_rate(l) : 0;
    int64_t ceiling = DOSEKERNEL_VOLUME_MAX; /* a total far above every cap may be shown as less */
    FUZZ_EXPECT(f, RESERVOIR, said->reservoir == l->reservoir, said->reservoir, l->reservoir);
    FUZZ_EXPECT(f, SEQUENCE, said->sequence == l->sequence, said->sequence, l->sequence);
    FUZZ_EXPECT(f, MODE, said->mode == mode, said->mode, mode);
    FUZZ_EXPECT(f, RATE, said->rate == rate, said->rate, rate);
    FUZZ_EXPECT(f, OWED, said->owed >= l->prime_owed + l->fill_owed, said->owed,
        l->prime_owed + l->fill_owed);
    FUZZ_EXPECT(f, OWED, fuzz_body_mode(l) == DOSEKERNEL_MODE_DELIVERING ||
        said->owed == l->prime_owed, said->owed, l->prime_owed);
    if (l->full) {
        return;
    }
    int64_t least = fuzz_smaller(fuzz_held(l, FUZZ_WINDOW), ceiling);
    int64_t most = fuzz_held(l, FUZZ_WINDOW_WIDER);
    FUZZ_EXPECT(f, WINDOW_TOTAL, said->window_total >= least &&
        (!l->whole || said->window_total <= most), said->window_total, least);
    least = fuzz_smaller(fuzz_held(l, FUZZ_DAY_SPAN), ceiling);
    most = fuzz_held(l, FUZZ_DAY_WIDER);
    FUZZ_EXPECT(f, DAY_TOTAL, said->day_total >= least && (!l->whole || said->day_total <= most),
        said->day_total, least);
    if (step % FUZZ_ON_BOARD_EVERY == 0) {
        fuzz_acting(l, &least, &most);
        FUZZ_EXPECT(f, ON_BOARD, said->on_board >= fuzz_smaller(least, ceiling) &&
            (!l->whole || said->on_board <= most), said->on_board, least);
    }
}

/* Follow an accepted event and check every figure that follows from it. */
static void fuzz_check_accepted(fuzz_finding *f, fuzz_ledger *l, const dosekernel_event *event,
    const dosekernel_outcome *said, int64_t step)
{
    int stop = fuzz_is_stop(event->kind);
    int timely = fuzz_timely(l, event->at);
    int64_t short_of = 0;
    int64_t released_at = l->released_at;
    FUZZ_EXPECT(f, CLOCK, timely || stop, event->at, l->now);
    FUZZ_EXPECT(f, SOURCE, fuzz_source_may(event->source, event->kind) || stop, event->source,
        event->kind);
    if (timely) {
        fuzz_age(l, event->at);
    }
    /* `owed` before a bolus, after what time cancelled: what is owed now without the bolus. */
    l->owed = fuzz_is_bolus(event->kind) ? said->owed - event->amount : said->owed;
    if (stop) {
        fuzz_take_stop(l, event, timely);
        FUZZ_EXPECT(f, STOP, said->owed == 0, said->owed, 0);
    } else if (event->kind == DOSEKERNEL_TICK) {
        if (said->amount > 0) {
            fuzz_take_release(f, l, said);
            l->released_at = l->now;
        }
    } else if (event->kind == DOSEKERNEL_CONFIRM) {
        short_of = fuzz_take_confirm(f, l, event);
    } else if (event->kind == DOSEKERNEL_UNCERTAIN) {
        fuzz_take_uncertain(f, l, event);
    } else if (event->kind == DOSEKERNEL_GLUCOSE) {
        fuzz_read_glucose(l, event);
    } else {
        fuzz_take_request(f, l, event);
    }
    fuzz_check_conservation(f, l, said, short_of, released_at);
    fuzz_settle(l);
    fuzz_check_figures(f, l, said, step);
}

#endif
