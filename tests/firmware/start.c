/* From reset to main on a Cortex-M4: the exception table, memory made ready, and nothing else. */
#include "board.h"

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;

void reset(void);
int main(void);

/* Any exception is an error here: interrupts are never switched on. */
static void unexpected(void)
{
    write_text("stopped by an exception\n");
    leave(3);
}

typedef void (*handler)(void);

/* The first word is the stack pointer, the second where to begin; then the exceptions. */
__attribute__((section(".vector_table"), used)) static const handler vector_table[16] = {
    (handler)&stack_top, reset,      unexpected, unexpected, unexpected, unexpected,
    unexpected,          unexpected, unexpected, unexpected, unexpected, unexpected,
    unexpected,          unexpected, unexpected, unexpected,
};

void reset(void)
{
    const volatile uint32_t *from = &data_load;
    for (volatile uint32_t *to = &data_start; to < &data_end; to++)
        *to = *from++;
    for (volatile uint32_t *to = &bss_start; to < &bss_end; to++)
        *to = 0;
    leave(main());
}
