/*
 * A dosing gate as a careful engineer writes one by hand: what the kernel is measured against.
 *
 * It is proved by nothing and ships nowhere. It follows the same rules, with the same windows of 25
 * slots, drug on board, ids, reservoir, modes and room for basal, and fills in the same outcome, so
 * that on the benchmark's stream both must decide alike, word for word; but it is written for speed
 * and brevity: one state changed in place, times aged before the guards, no state invariant looked
 * for. GATE_INTEGRITY keeps the state twice and compares the copies at entry, as the kernel does.
 * The set is in place when it starts: it cannot load, prime, insert or fill.
 */
#include "hand_written_delivery.h"

/* ---- integrity */

#ifdef GATE_INTEGRITY
#define GATE_WORDS (sizeof(gate_memory) / sizeof(int64_t))

static void seal(gate *g)
{
    const int64_t *from = (const int64_t *)&g->memory;
    int64_t *to = (int64_t *)&g->inverse;
    for (size_t i = 0; i < GATE_WORDS; i++)
        to[i] = ~from[i];
}

static int sealed(const gate *g)
{
    const int64_t *a = (const int64_t *)&g->memory, *b = (const int64_t *)&g->inverse;
    int64_t difference = 0;
    for (size_t i = 0; i < GATE_WORDS; i++)
        difference |= a[i] ^ ~b[i];
    return difference == 0;
}
#endif

/* ---- requests */

static int64_t committed_rate(const gate_memory *m)
{
    return MAX(MAX(m->basal_rate, m->temporary_rate), m->limits.basal_reserve);
}

static int64_t spare(int64_t cap, int64_t needed)
{
    return needed >= cap * HOUR ? 0 : (cap * HOUR - needed) / HOUR;
}

static int64_t bolus(gate_memory *m, const dosekernel_event *e, dosekernel_outcome *out)
{
    const dosekernel_limits *l = &m->limits;
    int is_extended = e->kind == DOSEKERNEL_EXTENDED_BOLUS;
    int64_t blocked = mode_reason(mode(m));
    if (blocked)
        return blocked;
    if (is_extended ? m->extended_amount > 0 : m->bolus_owed > 0 || m->outstanding_bolus > 0)
        return REASON(BUSY);
    if (m->bolus_ended != NEVER && m->now - m->bolus_ended < l->bolus_lockout)
        return REASON(LOCKOUT);
    if (e->source == DOSEKERNEL_CONTROLLER && (blocked = increase_reason(m)))
        return blocked;
    if (is_extended && (e->duration < 1 || e->duration > l->extended_duration_max))
        return REASON(DURATION);

    int64_t cap = l->bolus_max, rate = committed_rate(m);
    if (e->source == DOSEKERNEL_CONTROLLER)
        cap = l->controller_bolus_max;
    else if (e->source == DOSEKERNEL_REMOTE)
        cap = l->remote_bolus_max;
    int64_t in_reservoir = m->reservoir - owed(m);
    int64_t slot = l->window_length / DOSEKERNEL_SPANS;
    int64_t in_window = spare(l->window_max, need(m, m->window, slot, rate));
    int64_t in_day = spare(l->day_max, need(m, m->day, DOSEKERNEL_DAY_SLOT, rate));
    int64_t in_body = l->on_board_max - on_board(m) - owed(m);
    int64_t room = MIN(MIN(MIN(cap, in_reservoir), MIN(in_window, in_day)), in_body);
    out->allowable = MAX(room, 0) / l->pulse * l->pulse;
    if (e->amount == 0 || e->amount % l->pulse)
        return REASON(AMOUNT);
    if (e->amount > cap)
        return REASON(BOLUS_CAP);
    if (e->amount > in_reservoir)
        return REASON(RESERVOIR);
    if (e->amount > in_window)
        return REASON(WINDOW);
    if (e->amount > in_day)
        return REASON(DAY);
    if (e->amount > in_body)
        return REASON(ON_BOARD);
    if (is_extended) {
        m->extended_amount = e->amount;
        m->extended_duration = e->duration;
        m->extended_elapsed = m->extended_given = 0;
    } else {
        m->bolus_owed = e->amount;
    }
    return REASON(NONE);
}

static int64_t rate_reason(const gate_memory *m, int64_t rate)
{
    const dosekernel_limits *l = &m->limits;
    if (rate > l->basal_max)
        return REASON(RATE_CAP);
    if (rate <= committed_rate(m))
        return REASON(NONE);
    if (need(m, m->window, l->window_length / DOSEKERNEL_SPANS, rate) > l->window_max * HOUR)
        return REASON(WINDOW);
    if (need(m, m->day, DOSEKERNEL_DAY_SLOT, rate) > l->day_max * HOUR)
        return REASON(DAY);
    return REASON(NONE);
}

static int64_t controller_reason(const gate_memory *m, int64_t rate, int64_t duration)
{
    int64_t blocked;
    if (rate <= rate_now(m))
        return REASON(NONE);
    if ((blocked = increase_reason(m)))
        return blocked;
    int64_t extra = (MAX(rate - m->basal_rate, 0) * duration + HOUR - 1) / HOUR;
    return extra > m->limits.on_board_max - on_board(m) - owed(m) ? REASON(ON_BOARD) : REASON(NONE);
}

static int64_t temporary(gate_memory *m, const dosekernel_event *e)
{
    const dosekernel_limits *l = &m->limits;
    int64_t blocked;
    if (e->rate > m->basal_rate && (blocked = mode_reason(mode(m))))
        return blocked;
    if (e->duration < 1 || e->duration > l->temp_duration_max)
        return REASON(DURATION);
    if (e->source == DOSEKERNEL_CONTROLLER) {
        if (e->duration > l->controller_duration_max)
            return REASON(DURATION);
        if (e->rate > l->controller_basal_max)
            return REASON(RATE_CAP);
        if ((blocked = controller_reason(m, e->rate, e->duration)))
            return blocked;
    }
    if (e->source == DOSEKERNEL_REMOTE && e->rate > m->basal_rate)
        return REASON(RATE_CAP);
    if ((blocked = rate_reason(m, e->rate)))
        return blocked;
    m->temporary_rate = e->rate;
    m->temporary_until = m->now + e->duration;
    return REASON(NONE);
}

static int64_t request(gate_memory *m, const dosekernel_event *e, dosekernel_outcome *out)
{
    int64_t reason;
    if (e->id < 1 || e->id > DOSEKERNEL_ID_MAX || e->id - m->last.id > DOSEKERNEL_ID_STEP_MAX)
        return REASON(ID_RANGE);
    if (e->id <= m->last.id)
        return e->id == m->last.id ? REASON(ID_REUSED) : REASON(ID_OLD);
    if (e->issued_at > e->at)
        return REASON(FUTURE);
    if (e->at - e->issued_at > m->limits.request_age_max)
        return REASON(EXPIRED);
    switch (e->kind) {
    case DOSEKERNEL_BOLUS:
    case DOSEKERNEL_EXTENDED_BOLUS:
        return bolus(m, e, out);
    case DOSEKERNEL_SET_BASAL:
        reason = rate_reason(m, e->rate);
        if (!reason)
            m->basal_rate = e->rate;
        return reason;
    case DOSEKERNEL_TEMP_BASAL:
        return temporary(m, e);
    case DOSEKERNEL_CANCEL_TEMP_BASAL:
        if (!m->temporary_until)
            return REASON(NO_TEMPORARY);
        if (e->source == DOSEKERNEL_CONTROLLER && (reason = controller_reason(m, m->basal_rate, 0)))
            return reason;
        m->temporary_rate = m->temporary_until = 0;
        return REASON(NONE);
    case DOSEKERNEL_RESUME:
        if (m->faulted)
            return REASON(FAULTED);
        if (!m->suspended && !m->low_suspended)
            return REASON(NOT_SUSPENDED);
        if (m->low_suspended)
            m->low_ended = m->now;
        m->suspended = m->low_suspended = 0;
        return REASON(NONE);
    case DOSEKERNEL_ACKNOWLEDGE:
        if (!m->faulted && !m->gap)
            return REASON(NOTHING_TO_ACKNOWLEDGE);
        m->faulted = m->gap = 0;
        return REASON(NONE);
    case DOSEKERNEL_CONNECT:
        if (m->connected)
            return REASON(CONNECTED);
        m->connected = 1;
        return REASON(NONE);
    default:
        return REASON(KIND);
    }
}

static int source_may(int64_t source, int64_t kind)
{
    if (source == DOSEKERNEL_USER || kind <= DOSEKERNEL_UNCERTAIN || kind == DOSEKERNEL_GLUCOSE)
        return 1;
    if (source == DOSEKERNEL_SCHEDULE)
        return kind == DOSEKERNEL_SET_BASAL;
    return kind == DOSEKERNEL_BOLUS || kind == DOSEKERNEL_TEMP_BASAL
        || kind == DOSEKERNEL_CANCEL_TEMP_BASAL;
}

static int64_t unfit(const gate_memory *m, const dosekernel_event *e)
{
    if (e->kind < DOSEKERNEL_TICK || e->kind > DOSEKERNEL_ACKNOWLEDGE)
        return REASON(KIND);
    if (e->at < 0 || e->at > DOSEKERNEL_TIME_MAX || e->issued_at < 0
        || e->issued_at > DOSEKERNEL_TIME_MAX || e->source < DOSEKERNEL_USER
        || e->source > DOSEKERNEL_REMOTE || e->amount < 0 || e->amount > DOSEKERNEL_VOLUME_MAX
        || e->rate < 0 || e->rate > DOSEKERNEL_RATE_MAX || e->duration < 0
        || e->duration > DOSEKERNEL_TIME_MAX || e->code < 0 || e->code > DOSEKERNEL_CODE_MAX)
        return REASON(RANGE);
    if (!source_may(e->source, e->kind))
        return REASON(SOURCE);
    if (e->at < m->now)
        return REASON(CLOCK_BACKWARD);
    return e->at - m->now > DOSEKERNEL_AHEAD_MAX ? REASON(CLOCK_AHEAD) : REASON(NONE);
}

static int is_stop(int64_t kind)
{
    return kind == DOSEKERNEL_SUSPEND || kind == DOSEKERNEL_CANCEL_BOLUS
        || kind == DOSEKERNEL_DISCONNECT || kind == DOSEKERNEL_FAULT;
}

static void stop(gate_memory *m, const dosekernel_event *e, dosekernel_outcome *out)
{
    int64_t cancelled = 0;
    if (e->at >= m->now && e->at - m->now <= DOSEKERNEL_AHEAD_MAX) {
        cancelled = advance(m, e->at);
        if (e->kind != DOSEKERNEL_FAULT && e->id > m->last.id && e->id <= DOSEKERNEL_ID_MAX
            && e->id - m->last.id <= DOSEKERNEL_ID_STEP_MAX)
            m->last = *e;
    }
    if (m->outstanding)
        m->outstanding_stopped = 1;
    cancelled += cancel(m);
    if (e->kind == DOSEKERNEL_SUSPEND)
        suspend(m);
    else if (e->kind == DOSEKERNEL_DISCONNECT)
        m->connected = 0;
    else if (e->kind == DOSEKERNEL_FAULT)
        fault(m, MIN(MAX(e->amount, 0), DOSEKERNEL_VOLUME_MAX));
    out->not_given = cancelled + settle(m);
    out->status = DOSEKERNEL_ACCEPTED;
}

static int repeats(const dosekernel_event *e, const dosekernel_event *last)
{
    return e->id == last->id && e->kind == last->kind && e->issued_at == last->issued_at
        && e->source == last->source && e->amount == last->amount && e->rate == last->rate
        && e->duration == last->duration && e->glucose == last->glucose && e->code == last->code;
}

static void consider(gate_memory *m, const dosekernel_event *e, dosekernel_outcome *out)
{
    out->status = DOSEKERNEL_REFUSED;
    if ((out->reason = unfit(m, e)))
        return;
    int64_t cancelled = advance(m, e->at), reason = REASON(NONE);
    if (e->kind == DOSEKERNEL_TICK)
        out->reason = tick(m, out);
    else if (e->kind == DOSEKERNEL_GLUCOSE)
        reason = take_reading(m, e);
    else if (e->kind <= DOSEKERNEL_UNCERTAIN)
        reason = report(m, e, out);
    else if (repeats(e, &m->last)) {
        out->status = DOSEKERNEL_REPEATED;
        return;
    } else if (!(reason = request(m, e, out)))
        m->last = *e;
    if (reason) {
        out->reason = reason;
        return;
    }
    out->not_given += cancelled + settle(m);
    out->status = DOSEKERNEL_ACCEPTED;
}

int64_t gate_step(gate *g, const dosekernel_event *e, dosekernel_outcome *out)
{
    memset(out, 0, sizeof *out);
#ifdef GATE_INTEGRITY
    if (!sealed(g)) {
        out->reason = REASON(CORRUPT_STATE);
        out->alarms = DOSEKERNEL_ALARM_CORRUPT;
        out->mode = DOSEKERNEL_MODE_FAULTED;
        return out->status = DOSEKERNEL_CORRUPT;
    }
#endif
    if (is_stop(e->kind))
        stop(&g->memory, e, out);
    else
        consider(&g->memory, e, out);
    read_out(&g->memory, out);
#ifdef GATE_INTEGRITY
    seal(g);
#endif
    return out->status;
}

void gate_load(gate *g, const dosekernel_words *from)
{
    gate_memory *m = &g->memory;
    memset(g, 0, sizeof *g);
    m->limits = from->limits;
    m->now = from->now;
    m->last = from->last;
    m->basal_rate = from->basal_rate;
    m->carry = from->carry;
    m->bolus_ended = from->bolus_ended;
    m->reservoir = from->reservoir;
    m->reservoir_at = from->reservoir_at;
    m->set_at = from->set_at;
    m->connected = from->connected;
    m->suspended_at = from->suspended_at;
    m->released_at = from->released_at;
    m->sequence = from->sequence;
    m->glucose_at = from->glucose_at;
    m->glucose_before_at = from->glucose_before_at;
    m->low_since = from->low_since;
    m->low_ended = from->low_ended;
    memcpy(m->window, from->window.slots, sizeof m->window);
    memcpy(m->day, from->day.slots, sizeof m->day);
    memcpy(m->action, from->action.slots, sizeof m->action);
#ifdef GATE_INTEGRITY
    seal(g);
#endif
}
