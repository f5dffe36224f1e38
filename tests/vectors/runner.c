/* Runs the vector file in its form of words; README.md lists what the words mean. */
#include "runner.h"

#define MAGIC INT64_C(0x564b4c454e5244)
#define FORMAT 1
#define HEADER_WORDS 4
#define STATE_WORDS ((int64_t)(sizeof(dosekernel_state) / sizeof(int64_t)))
#define LIMITS_WORDS ((int64_t)(sizeof(dosekernel_limits) / sizeof(int64_t)))
#define EVENT_WORDS ((int64_t)(sizeof(dosekernel_event) / sizeof(int64_t)))
#define OUTCOME_WORDS ((int64_t)(sizeof(dosekernel_outcome) / sizeof(int64_t)))
#define SUM_START UINT64_C(0xcbf29ce484222325)
#define SUM_FACTOR UINT64_C(0x100000001b3)

enum move { END, START, EVENT, ADOPT, WORD, MOVES };

/* How many words a move has in all. */
static const int64_t lengths[MOVES] = {1, 7, 2 + 10 + 16 + 1, 6, 5};

static union {
    dosekernel_state state;
    int64_t words[sizeof(dosekernel_state) / sizeof(int64_t)];
} memory;

static union {
    dosekernel_outcome outcome;
    int64_t words[sizeof(dosekernel_outcome) / sizeof(int64_t)];
} answer;

/* The sum over every word that the kernel gave so far. */
static uint64_t given;

static uint64_t add(uint64_t sum, int64_t word)
{
    return (sum ^ (uint64_t)word) * SUM_FACTOR;
}

static int64_t sum_of_state(void)
{
    uint64_t sum = SUM_START;
    for (int64_t i = 0; i < STATE_WORDS; i++)
        sum = add(sum, memory.words[i]);
    return (int64_t)sum;
}

/* Whether a word is as expected; the first that is not is told. */
static int equal(difference *found, int64_t where, int64_t word, int64_t expected, int64_t got)
{
    given = add(given, got);
    if (expected == got)
        return 1;
    found->where = where;
    found->word = word;
    found->expected = expected;
    found->found = got;
    tell(found);
    return 0;
}

static int step(difference *found, const int64_t *move)
{
    const int64_t *expected = move + 2 + EVENT_WORDS;
    int64_t status = enter_step(&memory.state, (const dosekernel_event *)(move + 2),
                                &answer.outcome);
    for (int64_t i = 0; i < OUTCOME_WORDS; i++)
        if (!equal(found, DIFFERS_OUTCOME, i, expected[i], answer.words[i]))
            return 0;
    return equal(found, DIFFERS_RETURN, 0, expected[0], status);
}

/* Everything but the state's sum, which every move ends with. */
static int perform(difference *found, const int64_t *move, const dosekernel_limits *limits)
{
    switch (move[0]) {
    case START:
        found->history = move[2];
        for (int64_t i = 0; i < STATE_WORDS; i++)
            memory.words[i] = 0;
        return equal(found, DIFFERS_RETURN, 0, move[5],
                     enter_init(&memory.state, limits + move[3], move[4]));
    case EVENT:
        return step(found, move);
    case ADOPT:
        return equal(found, DIFFERS_RETURN, 0, move[4],
                     enter_adopt(&memory.state, limits + move[2], move[3]));
    default:
        memory.words[move[2]] = move[3];
        return 1;
    }
}

/* Whether a move is whole and points at what is there. */
static int sound(const int64_t *move, int64_t left, int64_t limits)
{
    if (left < 1 || move[0] < END || move[0] >= MOVES || left < lengths[move[0]])
        return 0;
    if (move[0] == START)
        return move[3] >= 0 && move[3] < limits;
    if (move[0] == ADOPT)
        return move[2] >= 0 && move[2] < limits;
    return move[0] != WORD || (move[2] >= 0 && move[2] < STATE_WORDS);
}

static int not_a_file(difference *found)
{
    found->where = DIFFERS_FILE;
    tell(found);
    return 1;
}

int run_vectors(const int64_t *words, int64_t count, tally *told)
{
    static difference found; /* an initialised local might become a call of memset */
    found.line = found.history = found.word = found.expected = found.found = 0;
    told->histories = told->events = told->passed = told->failed = told->sum = 0;
    given = SUM_START;
    if (count < HEADER_WORDS || words[0] != MAGIC || words[1] != FORMAT ||
        words[2] != DOSEKERNEL_LAYOUT || words[3] < 1 ||
        words[3] > (count - HEADER_WORDS) / LIMITS_WORDS)
        return not_a_file(&found);
    const int64_t limits = words[3];
    int64_t place = HEADER_WORDS + limits * LIMITS_WORDS;
    for (;;) {
        const int64_t *move = words + place;
        if (!sound(move, count - place, limits))
            return not_a_file(&found);
        if (move[0] == END)
            return told->failed > 0 || told->events == 0;
        const int64_t length = lengths[move[0]];
        found.line = move[1];
        if (perform(&found, move, (const dosekernel_limits *)(words + HEADER_WORDS)) &&
            equal(&found, DIFFERS_STATE, 0, move[length - 1], sum_of_state()))
            told->passed++;
        else
            told->failed++;
        told->histories += move[0] == START;
        told->events += move[0] == EVENT;
        told->sum = (int64_t)given;
        place += length;
    }
}
