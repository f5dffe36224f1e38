/* The hand-written gate's windows, time, delivery and glucose; see hand_written_gate.c. */
#ifndef HAND_WRITTEN_DELIVERY_H
#define HAND_WRITTEN_DELIVERY_H

#include "hand_written_gate.h"

#include <string.h>

#define SLOTS DOSEKERNEL_SLOTS
#define HOUR DOSEKERNEL_HOUR
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define NEVER DOSEKERNEL_NEVER
#define REASON(name) DOSEKERNEL_REASON_##name

/* ---- windows */

static int64_t total(const int64_t *slots)
{
    int64_t sum = 0;
    for (int i = 0; i < SLOTS; i++)
        sum += slots[i];
    return sum;
}

static void slide(int64_t *slots, int64_t length, int64_t now, int64_t at)
{
    int64_t shift = MIN(at / length - now / length, SLOTS);
    if (shift > 0) {
        memmove(slots + shift, slots, (size_t)(SLOTS - shift) * sizeof *slots);
        memset(slots, 0, (size_t)shift * sizeof *slots);
    }
}

/* The most the window will hold, in micro-units x ms/h, while `rate` runs on. */
static int64_t need(const gate_memory *m, const int64_t *slots, int64_t length, int64_t rate)
{
    const dosekernel_limits *l = &m->limits;
    int64_t owed = m->bolus_owed + m->extended_amount - m->extended_given;
    int64_t highest = 0, sum = 0, left = SLOTS * length - m->now % length;
    for (int i = 0; i < SLOTS; i++, left -= length) {
        sum += slots[i];
        highest = MAX(highest, sum * HOUR + rate * left);
    }
    int64_t far = rate * SLOTS * length + l->pulse * HOUR + l->basal_max * l->gap_max;
    return MAX(highest + m->carry, far) + owed * HOUR;
}

static int64_t on_board(const gate_memory *m)
{
    int64_t acting = m->action[0] * m->limits.action_remaining[0];
    for (int i = 1; i < SLOTS; i++)
        acting += m->action[i] * m->limits.action_remaining[i - 1];
    return (acting + DOSEKERNEL_WHOLE - 1) / DOSEKERNEL_WHOLE;
}

/* ---- modes and read-outs */

static int64_t owed(const gate_memory *m)
{
    return m->bolus_owed + m->extended_amount - m->extended_given;
}

static int64_t mode(const gate_memory *m)
{
    if (m->faulted)
        return DOSEKERNEL_MODE_FAULTED;
    if (!m->connected)
        return DOSEKERNEL_MODE_DISCONNECTED;
    if (m->limits.set_expiry && m->now - m->set_at >= m->limits.set_expiry)
        return DOSEKERNEL_MODE_EXPIRED;
    if (m->reservoir < m->limits.pulse)
        return DOSEKERNEL_MODE_EMPTY;
    if (m->suspended)
        return DOSEKERNEL_MODE_SUSPENDED;
    if (m->low_suspended)
        return DOSEKERNEL_MODE_LOW_SUSPENDED;
    return DOSEKERNEL_MODE_DELIVERING;
}

static int64_t mode_reason(int64_t found)
{
    switch (found) {
    case DOSEKERNEL_MODE_DELIVERING: return REASON(NONE);
    case DOSEKERNEL_MODE_FAULTED: return REASON(FAULTED);
    case DOSEKERNEL_MODE_DISCONNECTED: return REASON(DISCONNECTED);
    case DOSEKERNEL_MODE_EXPIRED: return REASON(SET_EXPIRED);
    case DOSEKERNEL_MODE_EMPTY: return REASON(EMPTY);
    case DOSEKERNEL_MODE_SUSPENDED: return REASON(SUSPENDED);
    default: return REASON(LOW_SUSPENDED);
    }
}

static int64_t rate_now(const gate_memory *m)
{
    return m->temporary_until ? m->temporary_rate : m->basal_rate;
}

static int outlasts(int64_t start, int64_t now, int64_t life)
{
    return life > 0 && now - start > life;
}

static void read_out(const gate_memory *m, dosekernel_outcome *out)
{
    const dosekernel_limits *l = &m->limits;
    int unconfirmed = m->outstanding > 0 && m->now - m->released_at > l->confirm_max;
    int forgotten = m->suspended && outlasts(m->suspended_at, m->now, l->suspend_reminder);
    out->mode = mode(m);
    out->sequence = m->sequence;
    out->reservoir = m->reservoir;
    out->on_board = on_board(m);
    out->window_total = total(m->window);
    out->day_total = total(m->day);
    out->owed = owed(m);
    out->rate = out->mode == DOSEKERNEL_MODE_DELIVERING ? rate_now(m) : 0;
    out->alarms = (m->faulted ? DOSEKERNEL_ALARM_FAULT : 0)
        | (m->uncertain ? DOSEKERNEL_ALARM_UNCERTAIN : 0)
        | (unconfirmed ? DOSEKERNEL_ALARM_UNCONFIRMED : 0)
        | (m->gap ? DOSEKERNEL_ALARM_GAP : 0)
        | (m->reservoir < l->pulse ? DOSEKERNEL_ALARM_EMPTY : 0)
        | (m->reservoir <= l->reservoir_low ? DOSEKERNEL_ALARM_RESERVOIR_LOW : 0)
        | (outlasts(m->reservoir_at, m->now, l->reservoir_life) ? DOSEKERNEL_ALARM_RESERVOIR_AGE : 0)
        | (outlasts(m->set_at, m->now, l->set_life) ? DOSEKERNEL_ALARM_SET_AGE : 0)
        | (l->set_expiry && m->now - m->set_at >= l->set_expiry ? DOSEKERNEL_ALARM_SET_EXPIRED : 0)
        | (forgotten ? DOSEKERNEL_ALARM_SUSPENDED : 0)
        | (m->low_suspended ? DOSEKERNEL_ALARM_LOW_SUSPENDED : 0);
}

/* ---- time */

static int64_t cancel(gate_memory *m)
{
    int64_t cancelled = owed(m);
    if (cancelled)
        m->bolus_ended = m->now;
    m->bolus_owed = m->extended_amount = m->extended_given = 0;
    m->extended_duration = m->extended_elapsed = 0;
    return cancelled;
}

static int64_t settle(gate_memory *m)
{
    if (mode(m) == DOSEKERNEL_MODE_DELIVERING)
        return 0;
    m->carry = 0;
    return cancel(m);
}

static void end_raised(gate_memory *m)
{
    if (m->temporary_rate > m->basal_rate)
        m->temporary_rate = m->temporary_until = 0;
}

static int64_t advance(gate_memory *m, int64_t at)
{
    const dosekernel_limits *l = &m->limits;
    int64_t passed = at - m->now, cancelled = 0;
    if (mode(m) == DOSEKERNEL_MODE_DELIVERING) {
        int64_t counted = MIN(passed, l->gap_max), start = at - counted;
        int64_t warm = m->temporary_until > start ? MIN(m->temporary_until, at) - start : 0;
        int64_t backlog = l->pulse * HOUR + l->basal_max * l->gap_max;
        m->carry += m->temporary_rate * warm + m->basal_rate * (counted - warm);
        m->carry = MIN(m->carry, backlog);
    }
    if (m->temporary_until <= at)
        m->temporary_rate = m->temporary_until = 0;
    if (m->extended_amount && !m->bolus_owed)
        m->extended_elapsed = MIN(m->extended_elapsed + passed, m->extended_duration);
    slide(m->window, l->window_length / DOSEKERNEL_SPANS, m->now, at);
    slide(m->day, DOSEKERNEL_DAY_SLOT, m->now, at);
    slide(m->action, DOSEKERNEL_ACTION_SLOT, m->now, at);
    m->now = at;
    if (m->low_suspended && at - m->low_since >= l->glucose_suspend_max) {
        m->low_suspended = 0;
        m->low_ended = at;
    }
    if (passed > l->gap_max) {
        m->gap = 1;
        end_raised(m);
        cancelled = cancel(m);
    }
    return cancelled + settle(m);
}

/* ---- delivery */

static int64_t tick(gate_memory *m, dosekernel_outcome *out)
{
    const dosekernel_limits *l = &m->limits;
    int64_t blocked = m->outstanding ? REASON(UNCONFIRMED) : mode_reason(mode(m));
    if (blocked)
        return blocked;
    int64_t pulse = l->pulse;
    int64_t in_window = l->window_max - total(m->window), in_day = l->day_max - total(m->day);
    int64_t room = MAX(MIN(MIN(m->reservoir, in_window), in_day), 0);
    int64_t speed = l->delivery_speed * MIN(m->now - m->released_at, l->confirm_max) / HOUR;
    int64_t due = 0;
    if (m->extended_amount)
        due = m->extended_amount * m->extended_elapsed / m->extended_duration - m->extended_given;
    int64_t metered = m->carry / HOUR;
    int64_t basal = MIN(metered, room) / pulse;
    int64_t left = MIN(room - basal * pulse, speed);
    int64_t normal = MIN(m->bolus_owed, left) / pulse;
    int64_t extended = MIN(due, left - normal * pulse) / pulse;
    int64_t pulses = basal + normal + extended, amount = pulses * pulse;
    if (!pulses) {
        if (metered < pulse && m->bolus_owed < pulse && due < pulse)
            return REASON(NOTHING_DUE);
        return in_window < pulse ? REASON(WINDOW) : in_day < pulse ? REASON(DAY) : REASON(SPEED);
    }
    m->reservoir -= amount;
    m->outstanding = amount;
    m->outstanding_bolus = normal * pulse;
    m->outstanding_ends = m->outstanding_stopped = 0;
    m->released_at = m->now;
    m->sequence++;
    m->window[0] += amount;
    m->day[0] += amount;
    m->action[0] += amount;
    m->carry -= basal * pulse * HOUR;
    if (normal) {
        m->bolus_owed -= normal * pulse;
        if (!m->bolus_owed) {
            m->outstanding_ends = 1;
            m->bolus_ended = m->now;
        }
    }
    m->extended_given += extended * pulse;
    if (m->extended_amount && m->extended_given == m->extended_amount) {
        m->extended_amount = m->extended_given = m->extended_duration = m->extended_elapsed = 0;
        m->bolus_ended = m->now;
    }
    out->pulses = pulses;
    out->amount = amount;
    out->path = DOSEKERNEL_PATH_PATIENT;
    return REASON(NONE);
}

static void suspend(gate_memory *m)
{
    if (!m->suspended) {
        m->suspended = 1;
        m->suspended_at = m->now;
    }
    end_raised(m);
}

static void fault(gate_memory *m, int64_t excess)
{
    m->reservoir = MAX(m->reservoir - excess, 0);
    m->window[0] += excess;
    m->day[0] += excess;
    m->action[0] += excess;
    m->faulted = 1;
    m->fault_amount = excess;
    suspend(m);
}

static int64_t report(gate_memory *m, const dosekernel_event *e, dosekernel_outcome *out)
{
    if (!m->outstanding || e->id != m->sequence)
        return REASON(SEQUENCE);
    if (e->kind == DOSEKERNEL_UNCERTAIN) {
        if (m->uncertain)
            fault(m, 0);
        m->uncertain = 1;
        out->not_given = cancel(m);
    } else {
        int64_t missing = m->outstanding - e->amount;
        if (missing < 0 || (missing > 0 && !m->outstanding_stopped)) {
            fault(m, MAX(-missing, 0));
            out->not_given = cancel(m);
        }
        out->not_given += MAX(missing, 0);
        m->uncertain = 0;
    }
    if (m->outstanding_bolus && m->outstanding_ends)
        m->bolus_ended = m->now;
    m->outstanding = m->outstanding_bolus = m->outstanding_ends = m->outstanding_stopped = 0;
    return REASON(NONE);
}

/* ---- glucose */

static int low(const gate_memory *m)
{
    const dosekernel_limits *l = &m->limits;
    if (!l->glucose_low || m->glucose_at == NEVER)
        return 0;
    if (m->glucose <= l->glucose_low)
        return 1;
    int64_t apart = m->glucose_at - m->glucose_before_at, fall = m->glucose_before - m->glucose;
    if (m->glucose_before_at == NEVER || fall <= 0 || apart < DOSEKERNEL_READINGS_NEAREST
        || apart > DOSEKERNEL_READINGS_FARTHEST)
        return 0;
    return fall * l->glucose_predict >= (m->glucose - l->glucose_low) * apart;
}

static int64_t take_reading(gate_memory *m, const dosekernel_event *e)
{
    const dosekernel_limits *l = &m->limits;
    if (e->glucose < DOSEKERNEL_GLUCOSE_MIN || e->glucose > DOSEKERNEL_GLUCOSE_MAX)
        return REASON(GLUCOSE_RANGE);
    if (e->issued_at > e->at)
        return REASON(FUTURE);
    if (e->issued_at <= m->glucose_at)
        return REASON(GLUCOSE_OLD);
    if (e->at - e->issued_at > l->glucose_stale)
        return REASON(GLUCOSE_STALE);
    m->glucose_before = m->glucose;
    m->glucose_before_at = m->glucose_at;
    m->glucose = e->glucose;
    m->glucose_at = e->issued_at;
    if (low(m)) {
        int held = m->low_ended != NEVER && m->now - m->low_ended < l->glucose_suspend_max;
        if (!m->low_suspended && !held) {
            m->low_suspended = 1;
            m->low_since = m->now;
            end_raised(m);
        }
    } else if (m->glucose >= l->glucose_resume) {
        m->low_suspended = 0;
    }
    return REASON(NONE);
}

static int64_t increase_reason(const gate_memory *m)
{
    if (!m->limits.glucose_low)
        return REASON(NONE);
    if (m->glucose_at == NEVER || m->now - m->glucose_at > m->limits.glucose_stale)
        return REASON(GLUCOSE_MISSING);
    return low(m) ? REASON(GLUCOSE_LOW) : REASON(NONE);
}

#endif
