/* Printing and ending through the debugger's semihosting, counting with the core's own SysTick. */
#include "board.h"

/* Operations of the Arm semihosting specification. */
#define SYS_WRITE0 0x04
#define SYS_EXIT_EXTENDED 0x20
#define APPLICATION_EXIT 0x20026

/* SysTick: control, reload value, current value. */
#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014)
#define SYSTICK_CURRENT (*(volatile uint32_t *)0xe000e018)
#define SYSTICK_ON_CORE_CLOCK 5

static uint32_t ask_debugger(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void write_text(const char *text)
{
    ask_debugger(SYS_WRITE0, text);
}

void leave(int status)
{
    const uint32_t reason[2] = {APPLICATION_EXIT, (uint32_t)status};
    ask_debugger(SYS_EXIT_EXTENDED, reason);
    for (;;)
        ;
}

void start_counter(void)
{
    SYSTICK_RELOAD = COUNTER_MASK;
    SYSTICK_CURRENT = 0;
    SYSTICK_CONTROL = SYSTICK_ON_CORE_CLOCK;
}

uint32_t counter(void)
{
    return SYSTICK_CURRENT;
}
