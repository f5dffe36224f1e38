/* What a board must have to run the vectors: a way to print, to end, and to count. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void write_text(const char *text);

/* End, with 0 if all is well. */
void leave(int status) __attribute__((noreturn));

/* The ticks of a 24-bit counter that runs backward; board.c says what a tick is. */
void start_counter(void);
uint32_t counter(void);
#define COUNTER_MASK UINT32_C(0xffffff)

#endif
