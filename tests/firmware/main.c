/*
 * Runs the vectors on a board, and measures each entry of the kernel: the stack below the call,
 * which is painted before and looked at after, and the ticks that it takes.
 */
#include "board.h"
#include "runner.h"

#define PAINT UINT32_C(0xc0ffee11)
#define CALIBRATION_LOOPS UINT32_C(100000) /* of two instructions */

extern const int64_t vectors_start[], vectors_end[];
extern uint32_t stack_bottom[];

typedef struct measure {
    const char *name;
    int64_t calls;
    int64_t ticks;
    int64_t most_ticks;
    int64_t most_stack;
} measure;

static measure on_init = {"init", 0, 0, 0, 0};
static measure on_adopt = {"adopt", 0, 0, 0, 0};
static measure on_step = {"step", 0, 0, 0, 0};

/* The stack pointer of the function that this stands in: fixed from its entry to its end. */
#define STACK_POINTER(name) \
    uint32_t *name; \
    __asm__ volatile("mov %0, sp" : "=r"(name))

/* Stand in the caller itself, since a call would use the very stack that is painted. */
#define PAINT_BELOW(pointer) \
    for (volatile uint32_t *word = stack_bottom; word < (pointer); word++) \
        *word = PAINT

#define FIND_LOWEST(pointer, lowest) \
    volatile uint32_t *lowest = stack_bottom; \
    while (lowest < (pointer) && *lowest == PAINT) \
        lowest++

static void account(measure *on, uint32_t ticks, int64_t stack)
{
    on->calls++;
    on->ticks += ticks;
    if (ticks > on->most_ticks)
        on->most_ticks = ticks;
    if (stack > on->most_stack)
        on->most_stack = stack;
}

/* An entry of the kernel, its call measured. */
#define MEASURED(on, call) \
    STACK_POINTER(here); \
    PAINT_BELOW(here); \
    const uint32_t before = counter(); \
    const int64_t result = (call); \
    const uint32_t ticks = (before - counter()) & COUNTER_MASK; \
    FIND_LOWEST(here, lowest); \
    account(&(on), ticks, (int64_t)((here - lowest) * (int64_t)sizeof *here)); \
    return result

__attribute__((noinline)) int64_t enter_init(dosekernel_state *state,
                                             const dosekernel_limits *limits, int64_t at)
{
    MEASURED(on_init, dosekernel_init(state, limits, at));
}

__attribute__((noinline)) int64_t enter_adopt(dosekernel_state *state,
                                              const dosekernel_limits *limits, int64_t at)
{
    MEASURED(on_adopt, dosekernel_adopt(state, limits, at));
}

__attribute__((noinline)) int64_t enter_step(dosekernel_state *state,
                                             const dosekernel_event *event,
                                             dosekernel_outcome *outcome)
{
    MEASURED(on_step, dosekernel_step(state, event, outcome));
}

/* A word and a space, in decimal. */
static void write_number(int64_t value)
{
    char text[24];
    char *place = text + sizeof text - 1;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    *place = '\0';
    *--place = ' ';
    do {
        *--place = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--place = '-';
    write_text(place);
}

void tell(const difference *found)
{
    write_text("differs ");
    write_number(found->line);
    write_number(found->history);
    write_number(found->where);
    write_number(found->word);
    write_number(found->expected);
    write_number(found->found);
    write_text("\n");
}

static void write_measure(const measure *on)
{
    write_text("measured ");
    write_text(on->name);
    write_text(" ");
    write_number(on->calls);
    write_number(on->ticks);
    write_number(on->most_ticks);
    write_number(on->most_stack);
    write_text("\n");
}

/* What two readings of the counter are apart: with nothing between, and with known instructions. */
static void write_counter(void)
{
    uint32_t left = CALIBRATION_LOOPS;
    uint32_t before = counter();
    const uint32_t nothing = (before - counter()) & COUNTER_MASK;
    before = counter();
    __asm__ volatile("1: subs %0, %0, #1\n\tbne 1b" : "+r"(left) : : "cc");
    const uint32_t ticks = (before - counter()) & COUNTER_MASK;
    write_text("counter ");
    write_number(nothing);
    write_number(ticks);
    write_number(2 * (int64_t)CALIBRATION_LOOPS);
    write_text("\n");
}

int main(void)
{
    tally told;
    start_counter();
    const int failed = run_vectors(vectors_start, vectors_end - vectors_start, &told);
    write_counter();
    write_measure(&on_init);
    write_measure(&on_adopt);
    write_measure(&on_step);
    write_text("tally ");
    write_number(told.histories);
    write_number(told.events);
    write_number(told.passed);
    write_number(told.failed);
    write_number(told.sum);
    write_text("\n");
    return failed;
}
