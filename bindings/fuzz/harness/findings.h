/* What can be found: each oracle with its name and one sentence, and the first that was broken. */
#ifndef DOSEKERNEL_FUZZ_FINDINGS_H
#define DOSEKERNEL_FUZZ_FINDINGS_H

#include <stdint.h>

#define FUZZ_ORACLES(ORACLE) \
    ORACLE(NONE, "nothing", "Nothing was found.") \
    ORACLE(WINDOW, "window", "More went in within the short window than its cap.") \
    ORACLE(DAY, "day", "More went in within 24 hours than their cap.") \
    ORACLE(WINDOW_TOTAL, "window-total", "The window's total is not what truly went in.") \
    ORACLE(DAY_TOTAL, "day-total", "The day's total is not what truly went in.") \
    ORACLE(ON_BOARD, "on-board", "Drug on board is not what truly acts.") \
    ORACLE(RESERVOIR, "reservoir", "The reservoir is not what was loaded and not released.") \
    ORACLE(BLOCKED, "blocked", "Volume left although something forbids it.") \
    ORACLE(UNSETTLED, "unsettled", "A second release left before the first was reported.") \
    ORACLE(SPEED, "speed", "More left than the motor's speed allows in the time.") \
    ORACLE(PULSES, "pulses", "A release is not a whole number of pulses, or has no path.") \
    ORACLE(ONLY_TICK, "only-tick", "Volume left in an event that is no TICK.") \
    ORACLE(PROGRAMME, "programme", "More basal left than the rates in force asked for.") \
    ORACLE(CONSERVATION, "conservation", \
        "Released, owed and not given do not make up what was accepted.") \
    ORACLE(OWED, "owed", "Something is owed that cannot be delivered or was stopped.") \
    ORACLE(MODE, "mode", "The mode is not what was done to the pump.") \
    ORACLE(RATE, "rate", "The basal rate is not the one in force.") \
    ORACLE(SEQUENCE, "sequence", "The number of the release is wrong.") \
    ORACLE(ONCE, "once", "A request was accepted with an id that is not new.") \
    ORACLE(AGE, "age", "A request was accepted that is too old or from the future.") \
    ORACLE(CLOCK, "clock", "Time went back, or jumped.") \
    ORACLE(SOURCE, "source", "A source obtained what its row does not allow.") \
    ORACLE(CAP, "cap", "An amount, a rate or a duration above its cap was accepted.") \
    ORACLE(LOCKOUT, "lockout", "A bolus was accepted within the lockout.") \
    ORACLE(GUARD, "guard", "A request was accepted that the pump's parts do not allow.") \
    ORACLE(STOP, "stop", "A stop was not accepted, or did not stop.") \
    ORACLE(REPEAT, "repeat", "A repeated request was not known as one, or changed something.") \
    ORACLE(REPORT, "report", "A report settled a release that it is not about.") \
    ORACLE(REFUSAL, "refusal", "Something that was not accepted changed the memory.") \
    ORACLE(ALLOWABLE, "allowable", "A bolus is not accepted exactly up to what is allowable.") \
    ORACLE(OUTCOME, "outcome", "An outcome contradicts itself.") \
    ORACLE(CORRUPT, "corrupt", "Damage to the memory was not seen, or not answered as it must.") \
    ORACLE(SOUND, "sound", "A sound memory became one that the kernel calls damaged.") \
    ORACLE(LIMITS, "limits", "Limits were adopted or refused against the rules.")

enum fuzz_oracle {
#define FUZZ_NAME(name, text, sentence) FUZZ_ORACLE_##name,
    FUZZ_ORACLES(FUZZ_NAME)
#undef FUZZ_NAME
    FUZZ_ORACLE_COUNT
};

static const char *const fuzz_oracle_names[] = {
#define FUZZ_NAME(name, text, sentence) text,
    FUZZ_ORACLES(FUZZ_NAME)
#undef FUZZ_NAME
};

static const char *const fuzz_oracle_sentences[] = {
#define FUZZ_SENTENCE(name, text, sentence) sentence,
    FUZZ_ORACLES(FUZZ_SENTENCE)
#undef FUZZ_SENTENCE
};

typedef struct fuzz_finding {
    int64_t oracle;
    int64_t found;
    int64_t allowed;
    int64_t line;
} fuzz_finding;

/* Only the first counts: what follows a broken rule follows from it. */
static void fuzz_found(
    fuzz_finding *finding, enum fuzz_oracle oracle, int64_t found, int64_t allowed, int64_t line)
{
    if (finding->oracle == FUZZ_ORACLE_NONE) {
        finding->oracle = oracle;
        finding->found = found;
        finding->allowed = allowed;
        finding->line = line;
    }
}

/* `found` and `allowed` are what a reader needs to see of it. */
#define FUZZ_EXPECT(finding, oracle, holds, value, bound) \
    do { \
        if (!(holds)) { \
            fuzz_found((finding), FUZZ_ORACLE_##oracle, (int64_t)(value), (int64_t)(bound), __LINE__); \
        } \
    } while (0)

#endif
