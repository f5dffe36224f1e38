/* Damage to the memory: flipped bits, swapped words, other layouts; with and without a new seal. */
#ifndef DOSEKERNEL_FUZZ_DAMAGE_H
#define DOSEKERNEL_FUZZ_DAMAGE_H

#include "life.h"

static void fuzz_seal(dosekernel_state *memory)
{
    int64_t *words = &memory->state.layout;
    int64_t *inverse = &memory->inverse.layout;
    for (int place = 0; place < DOSEKERNEL_WORDS_WORDS; place++) {
        inverse[place] = -1 - words[place];
    }
}

static void fuzz_flip(int64_t *word, int64_t bit)
{
    uint64_t bits;
    memcpy(&bits, word, sizeof bits);
    bits ^= UINT64_C(1) << (bit % 64);
    memcpy(word, &bits, sizeof bits);
}

static void fuzz_swap(int64_t *one, int64_t *other)
{
    int64_t kept = *one;
    *one = *other;
    *other = kept;
}

/* Another word for a place: beside it, a limit, an edge, a time, anything. */
static int64_t fuzz_other_word(fuzz_input *input, const dosekernel_words *state, int64_t word)
{
    int64_t chosen = fuzz_byte(input);
    const int64_t *limits = &state->limits.pulse;
    switch (chosen % 8) {
    case 0: return fuzz_plus(word, 1);
    case 1: return fuzz_minus(word, 1);
    case 2: return limits[fuzz_byte(input) % DOSEKERNEL_LIMITS_WORDS];
    case 3: return fuzz_plus(limits[fuzz_byte(input) % DOSEKERNEL_LIMITS_WORDS], 1);
    case 4: return chosen / 8 % 2;
    case 5: return fuzz_edge(fuzz_byte(input));
    case 6: return fuzz_minus(state->now, fuzz_times(fuzz_byte(input), DOSEKERNEL_MINUTE));
    default: return fuzz_word(input);
    }
}

/* Returns 1 if the damage was sealed again, so that only the state's own sense can tell. */
static int fuzz_damage(fuzz_input *input, dosekernel_state *memory)
{
    int64_t way = fuzz_byte(input);
    int64_t place = fuzz_byte(input) % DOSEKERNEL_WORDS_WORDS;
    int64_t other = fuzz_byte(input);
    int64_t *words = &memory->state.layout;
    int64_t *inverse = &memory->inverse.layout;
    switch (way % 8) {
    case 0: fuzz_flip(words + place, other); return 0;
    case 1: fuzz_flip(inverse + place, other); return 0;
    case 2: fuzz_swap(words + place, words + other % DOSEKERNEL_WORDS_WORDS); return 0;
    case 3: {
        /* A word and its own inverse, exchanged, match each other again. */
        int64_t elsewhere = other % DOSEKERNEL_WORDS_WORDS;
        fuzz_swap(words + place, inverse + elsewhere);
        return place == elsewhere;
    }
    case 4: fuzz_flip(words + place, other); break;
    case 5: fuzz_swap(words + place, words + other % DOSEKERNEL_WORDS_WORDS); break;
    case 6: memory->state.layout = fuzz_plus(DOSEKERNEL_LAYOUT, other - 128); break;
    default:
        for (int64_t more = 0; more <= way / 64; more++) {
            words[place] = fuzz_other_word(input, &memory->state, words[place]);
            place = fuzz_byte(input) % DOSEKERNEL_WORDS_WORDS;
        }
        break;
    }
    fuzz_seal(memory);
    return 1;
}

/* What the kernel must say of a memory that is damaged: nothing, loudly. */
static void fuzz_check_corrupt(
    fuzz_life *life, const dosekernel_event *event, const dosekernel_outcome *said)
{
    fuzz_finding *f = &life->finding;
    FUZZ_EXPECT(f, CORRUPT, said->reason == DOSEKERNEL_REASON_CORRUPT_STATE, said->reason,
        DOSEKERNEL_REASON_CORRUPT_STATE);
    FUZZ_EXPECT(f, CORRUPT, said->amount == 0 && said->pulses == 0 && said->allowable == 0 &&
        said->path == DOSEKERNEL_PATH_NONE, said->amount, event->kind);
    FUZZ_EXPECT(f, CORRUPT, said->alarms == DOSEKERNEL_ALARM_CORRUPT &&
        said->mode == DOSEKERNEL_MODE_FAULTED, said->alarms, said->mode);
    FUZZ_EXPECT(f, CORRUPT, fuzz_same(&life->memory, &life->copy), 0, event->kind);
    int64_t reason = dosekernel_adopt(
        &life->memory, &life->ledger.limits, life->ledger.now);
    FUZZ_EXPECT(f, CORRUPT, reason == DOSEKERNEL_REASON_CORRUPT_STATE &&
        fuzz_same(&life->memory, &life->copy), reason, DOSEKERNEL_REASON_CORRUPT_STATE);
}

/*
 * Damage, then an event. What the kernel calls damaged is put back; from a state that no history
 * led to but that makes sense it must go on by all the rules, beside a new notebook.
 */
static void fuzz_suffer(fuzz_life *life, fuzz_input *input, const dosekernel_event *event)
{
    dosekernel_outcome said;
    dosekernel_state kept = life->memory;
    int sealed = fuzz_damage(input, &life->memory);
    if (fuzz_same(&life->memory, &kept) || fuzz_over(life)) {
        return;
    }
    fuzz_tell(life, FUZZ_TOLD_DAMAGE, &life->memory.state.layout, DOSEKERNEL_STATE_WORDS);
    life->copy = life->memory;
    int64_t status = fuzz_ask(life, &life->memory, event, &said);
    int other_layout = life->copy.state.layout != DOSEKERNEL_LAYOUT;
    FUZZ_EXPECT(&life->finding, CORRUPT, (sealed && !other_layout) || status == DOSEKERNEL_CORRUPT,
        status, DOSEKERNEL_CORRUPT);
    if (status == DOSEKERNEL_CORRUPT) {
        fuzz_check_corrupt(life, event, &said);
        life->memory = kept;
        fuzz_tell(life, FUZZ_TOLD_DAMAGE, &kept.state.layout, DOSEKERNEL_STATE_WORDS);
        return;
    }
    life->memory = life->copy;
    life->request = life->memory.state.last;
    fuzz_reopen(&life->ledger, &life->memory.state);
    fuzz_step(life, event);
}

#endif
