/* One life of a pump: the kernel, the notebook beside it, and every step checked. */
#ifndef DOSEKERNEL_FUZZ_LIFE_H
#define DOSEKERNEL_FUZZ_LIFE_H

#include "decoder.h"
#include "oracles.h"

#define FUZZ_PROBE_REPEAT 8 /* one step in so many is asked again */
#define FUZZ_PROBE_STOP 16 /* one step in so many is followed by a stop, on a copy */

/* What a watcher is told of: a tag and words. */
enum fuzz_told { FUZZ_TOLD_INIT = 1, FUZZ_TOLD_ADOPT, FUZZ_TOLD_STEP, FUZZ_TOLD_DAMAGE };
typedef void (*fuzz_watcher)(int64_t tag, const int64_t *words, int64_t count);

typedef struct fuzz_life {
    dosekernel_state memory;
    dosekernel_state before;
    dosekernel_state copy;
    fuzz_finding finding;
    fuzz_watcher watcher;
    int64_t steps; /* of this life, probes not counted */
    int64_t asked; /* every call of the kernel's step */
    int64_t allowable; /* what the last bolus was told */
    dosekernel_event request; /* the last accepted request or stop that moved the id */
    fuzz_ledger ledger;
} fuzz_life;

static int fuzz_over(const fuzz_life *life)
{
    return life->finding.oracle != FUZZ_ORACLE_NONE || life->steps >= FUZZ_STEPS ||
           life->ledger.full;
}

static int fuzz_same(const dosekernel_state *one, const dosekernel_state *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

static int64_t fuzz_ask(fuzz_life *life, dosekernel_state *memory, const dosekernel_event *event,
    dosekernel_outcome *said)
{
    memset(said, 0x5a, sizeof *said);
    int64_t status = dosekernel_step(memory, event, said);
    life->asked++;
    FUZZ_EXPECT(&life->finding, OUTCOME, status == said->status, status, said->status);
    return status;
}

static void fuzz_tell(fuzz_life *life, int64_t tag, const int64_t *words, int64_t count)
{
    if (life->watcher) {
        life->watcher(tag, words, count);
    }
}

static void fuzz_tell_step(
    fuzz_life *life, const dosekernel_event *event, const dosekernel_outcome *said)
{
    if (life->watcher) {
        int64_t words[DOSEKERNEL_EVENT_WORDS + DOSEKERNEL_OUTCOME_WORDS + 2 * DOSEKERNEL_STATE_WORDS];
        int64_t *place = words;
        memcpy(place, event, sizeof *event);
        place += DOSEKERNEL_EVENT_WORDS;
        memcpy(place, said, sizeof *said);
        place += DOSEKERNEL_OUTCOME_WORDS;
        memcpy(place, &life->before, sizeof life->before);
        place += DOSEKERNEL_STATE_WORDS;
        memcpy(place, &life->memory, sizeof life->memory);
        fuzz_tell(life, FUZZ_TOLD_STEP, words, (int64_t)(sizeof words / sizeof words[0]));
    }
}

/* ---- probes: what the kernel would say to something else, on a copy */

/* A well-formed bolus is accepted if and only if it is no more than what is allowable. */
static void fuzz_probe_allowable(
    fuzz_life *life, const dosekernel_event *event, const dosekernel_outcome *said)
{
    fuzz_finding *f = &life->finding;
    int64_t pulse = life->before.state.limits.pulse;
    int accepted = said->status == DOSEKERNEL_ACCEPTED;
    int formed = event->amount > 0 && event->amount % pulse == 0;
    dosekernel_event other = *event;
    dosekernel_outcome answer;
    FUZZ_EXPECT(f, ALLOWABLE, accepted == (formed && event->amount <= said->allowable),
        event->amount, said->allowable);
    if (said->allowable > 0 && !(accepted && event->amount == said->allowable)) {
        life->copy = life->before;
        other.amount = said->allowable;
        fuzz_ask(life, &life->copy, &other, &answer);
        FUZZ_EXPECT(f, ALLOWABLE, answer.status == DOSEKERNEL_ACCEPTED, answer.reason,
            said->allowable);
    }
    other.amount = fuzz_plus(said->allowable, pulse);
    if (other.amount <= DOSEKERNEL_VOLUME_MAX) {
        life->copy = life->before;
        fuzz_ask(life, &life->copy, &other, &answer);
        FUZZ_EXPECT(f, ALLOWABLE, answer.status == DOSEKERNEL_REFUSED &&
            answer.allowable == said->allowable, other.amount, said->allowable);
        FUZZ_EXPECT(f, REFUSAL, fuzz_same(&life->copy, &life->before), answer.reason, 0);
    }
}

/* The same request again, a moment later, adds nothing. */
static void fuzz_probe_repeat(fuzz_life *life, const dosekernel_event *event)
{
    dosekernel_event again = *event;
    dosekernel_outcome answer;
    if (again.at >= DOSEKERNEL_TIME_MAX) {
        return;
    }
    again.at++;
    life->copy = life->memory;
    fuzz_ask(life, &life->copy, &again, &answer);
    FUZZ_EXPECT(&life->finding, REPEAT, answer.status == DOSEKERNEL_REPEATED &&
        answer.amount == 0 && fuzz_same(&life->copy, &life->memory), answer.status, answer.reason);
}

/* A stop is accepted whatever its id, age and clock, and nothing leaves behind it. */
static void fuzz_probe_stop(fuzz_life *life)
{
    static const int64_t kinds[] = {
        DOSEKERNEL_SUSPEND, DOSEKERNEL_FAULT, DOSEKERNEL_DISCONNECT, DOSEKERNEL_CANCEL_BOLUS};
    int64_t turn = life->steps / FUZZ_PROBE_STOP;
    dosekernel_event stop = {0};
    dosekernel_outcome answer;
    stop.kind = kinds[turn % 4];
    stop.id = fuzz_edge(turn);
    stop.at = turn % 3 == 0 ? fuzz_edge(turn / 3) : life->memory.state.now;
    stop.source = turn % 7;
    stop.issued_at = fuzz_plus(life->memory.state.fault_issued, 1 - 2 * (turn % 2));
    if (stop.issued_at == life->memory.state.fault_issued) {
        stop.issued_at = 0;
    }
    life->copy = life->memory;
    fuzz_ask(life, &life->copy, &stop, &answer);
    FUZZ_EXPECT(&life->finding, STOP, answer.status == DOSEKERNEL_ACCEPTED && answer.owed == 0,
        answer.status, answer.owed);
    stop.at = life->copy.state.now;
    int64_t kind = stop.kind;
    memset(&stop, 0, sizeof stop);
    stop.kind = DOSEKERNEL_TICK;
    stop.source = DOSEKERNEL_USER;
    stop.at = life->copy.state.now;
    stop.issued_at = stop.at;
    fuzz_ask(life, &life->copy, &stop, &answer);
    FUZZ_EXPECT(&life->finding, STOP, answer.status == DOSEKERNEL_ACCEPTED, answer.status, kind);
    FUZZ_EXPECT(&life->finding, STOP, answer.amount == 0 || kind == DOSEKERNEL_CANCEL_BOLUS,
        answer.amount, kind);
}

/* ---- a step */

static int fuzz_same_request(const dosekernel_event *one, const dosekernel_event *other)
{
    return one->kind == other->kind && one->id == other->id &&
           one->issued_at == other->issued_at && one->source == other->source &&
           one->amount == other->amount && one->rate == other->rate &&
           one->duration == other->duration && one->glucose == other->glucose &&
           one->code == other->code;
}

/* What was not accepted changed nothing, and may be not accepted. */
static void fuzz_check_unaccepted(
    fuzz_life *life, const dosekernel_event *event, const dosekernel_outcome *said)
{
    fuzz_finding *f = &life->finding;
    const fuzz_ledger *l = &life->ledger;
    FUZZ_EXPECT(f, REFUSAL, fuzz_same(&life->memory, &life->before), said->status, event->kind);
    FUZZ_EXPECT(f, RESERVOIR, said->reservoir == l->reservoir, said->reservoir, l->reservoir);
    if (said->status == DOSEKERNEL_REPEATED) {
        int known = event->kind == DOSEKERNEL_FAULT ? l->faulted != 0
                                                    : fuzz_same_request(event, &life->request);
        FUZZ_EXPECT(f, REPEAT, known || !l->whole, event->id, life->request.id);
        return;
    }
    FUZZ_EXPECT(f, STOP, !fuzz_is_stop(event->kind), said->reason, event->kind);
    FUZZ_EXPECT(f, OUTCOME, event->kind != DOSEKERNEL_TICK ||
        said->reason <= DOSEKERNEL_REASON_CLOCK_AHEAD, said->reason, event->kind);
}

static void fuzz_step(fuzz_life *life, const dosekernel_event *event)
{
    dosekernel_outcome said;
    fuzz_finding *f = &life->finding;
    if (fuzz_over(life)) {
        return;
    }
    life->before = life->memory;
    int64_t status = fuzz_ask(life, &life->memory, event, &said);
    life->steps++;
    fuzz_tell_step(life, event, &said);
    if (status == DOSEKERNEL_CORRUPT) {
        FUZZ_EXPECT(f, SOUND, 0, event->kind, life->steps);
        return;
    }
    fuzz_check_outcome(f, &life->ledger, event, &said);
    if (status == DOSEKERNEL_ACCEPTED) {
        int64_t last = life->ledger.last_id;
        fuzz_check_accepted(f, &life->ledger, event, &said, life->steps);
        if (life->ledger.last_id != last) {
            life->request = *event;
            if (!fuzz_is_stop(event->kind) && life->steps % FUZZ_PROBE_REPEAT == 0) {
                fuzz_probe_repeat(life, event);
            }
        }
    } else {
        fuzz_check_unaccepted(life, event, &said);
    }
    if (fuzz_is_bolus(event->kind)) {
        life->allowable = said.allowable;
        if (status == DOSEKERNEL_ACCEPTED || said.reason > DOSEKERNEL_REASON_EXPIRED) {
            fuzz_probe_allowable(life, event, &said);
        }
    }
    if (life->steps % FUZZ_PROBE_STOP == 0) {
        fuzz_probe_stop(life);
    }
}

/* ---- beginning, and other limits */

static void fuzz_begin(fuzz_life *life, fuzz_input *input)
{
    int64_t told[DOSEKERNEL_LIMITS_WORDS + 2];
    dosekernel_limits limits;
    fuzz_finding *f = &life->finding;
    int broken = fuzz_limits(input, &limits);
    int64_t chosen = fuzz_byte(input);
    int64_t at = chosen % 4 == 0 ? 0 : chosen * 7919 * DOSEKERNEL_MINUTE + chosen % 3;
    memset(&life->memory, 0x5a, sizeof life->memory);
    if (broken) {
        life->before = life->memory;
        int64_t refused = dosekernel_init(&life->memory, &limits, at);
        FUZZ_EXPECT(f, LIMITS, refused == DOSEKERNEL_REASON_LIMITS, refused,
            DOSEKERNEL_REASON_LIMITS);
        FUZZ_EXPECT(f, REFUSAL, fuzz_same(&life->memory, &life->before), refused, 0);
        fuzz_repair_limits(&limits);
    }
    if (chosen == 255) {
        life->before = life->memory;
        int64_t refused = dosekernel_init(&life->memory, &limits, -1);
        FUZZ_EXPECT(f, CLOCK, refused == DOSEKERNEL_REASON_RANGE, refused, -1);
        FUZZ_EXPECT(f, REFUSAL, fuzz_same(&life->memory, &life->before), refused, 0);
    }
    int64_t reason = dosekernel_init(&life->memory, &limits, at);
    FUZZ_EXPECT(f, LIMITS, reason == DOSEKERNEL_REASON_NONE, reason, DOSEKERNEL_REASON_NONE);
    fuzz_open(&life->ledger, &limits, at);
    memcpy(told, &limits, sizeof limits);
    told[DOSEKERNEL_LIMITS_WORDS] = at;
    told[DOSEKERNEL_LIMITS_WORDS + 1] = reason;
    fuzz_tell(life, FUZZ_TOLD_INIT, told, DOSEKERNEL_LIMITS_WORDS + 2);
}

static void fuzz_check_adopted(fuzz_life *life, const dosekernel_limits *limits, int64_t at)
{
    fuzz_finding *f = &life->finding;
    fuzz_ledger *l = &life->ledger;
    FUZZ_EXPECT(f, CLOCK, fuzz_timely(l, at), at, l->now);
    fuzz_age(l, at);
    FUZZ_EXPECT(f, LIMITS, limits->window_length == l->limits.window_length,
        limits->window_length, l->limits.window_length);
    if (limits->pulse != l->limits.pulse) {
        FUZZ_EXPECT(f, LIMITS, !l->connected && l->outstanding == 0 && l->prime_owed == 0,
            limits->pulse, l->limits.pulse);
        l->reservoir = l->loaded = l->primed = l->fresh = 0;
    }
    l->limits = *limits;
    FUZZ_EXPECT(f, LIMITS, l->rate <= limits->basal_max && l->temporary_rate <= limits->basal_max,
        l->rate, limits->basal_max);
    FUZZ_EXPECT(f, LIMITS, l->reservoir <= limits->reservoir_capacity, l->reservoir,
        limits->reservoir_capacity);
    FUZZ_EXPECT(f, WINDOW, fuzz_held(l, FUZZ_WINDOW) <= limits->window_max,
        fuzz_held(l, FUZZ_WINDOW), limits->window_max);
    FUZZ_EXPECT(f, DAY, fuzz_held(l, FUZZ_DAY_SPAN) <= limits->day_max,
        fuzz_held(l, FUZZ_DAY_SPAN), limits->day_max);
}

static void fuzz_adopt(fuzz_life *life, fuzz_input *input, int64_t variant)
{
    int64_t told[DOSEKERNEL_LIMITS_WORDS + 2];
    dosekernel_limits limits = life->memory.state.limits;
    int64_t at = fuzz_plus(life->memory.state.now, fuzz_pause(input, &limits));
    for (int64_t edit = 0; edit < variant % 4; edit++) {
        fuzz_edit_limits(input, &limits);
    }
    fuzz_repair_limits(&limits);
    int broken = variant == 7;
    if (broken) {
        fuzz_break_limits(&limits, fuzz_byte(input));
    }
    if (fuzz_over(life)) {
        return;
    }
    life->before = life->memory;
    life->steps++;
    int64_t reason = dosekernel_adopt(&life->memory, &limits, at);
    memcpy(told, &limits, sizeof limits);
    told[DOSEKERNEL_LIMITS_WORDS] = at;
    told[DOSEKERNEL_LIMITS_WORDS + 1] = reason;
    fuzz_tell(life, FUZZ_TOLD_ADOPT, told, DOSEKERNEL_LIMITS_WORDS + 2);
    FUZZ_EXPECT(&life->finding, LIMITS, !broken || reason == DOSEKERNEL_REASON_LIMITS, reason, 0);
    FUZZ_EXPECT(&life->finding, LIMITS, broken || reason != DOSEKERNEL_REASON_LIMITS, reason, 0);
    if (reason == DOSEKERNEL_REASON_NONE) {
        fuzz_check_adopted(life, &limits, at);
    } else {
        FUZZ_EXPECT(&life->finding, REFUSAL, fuzz_same(&life->memory, &life->before), reason, 0);
    }
}

#endif
