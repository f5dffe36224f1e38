/* What a fuzzer gives: bytes, read one after another; and arithmetic that stops at the ends. */
#ifndef DOSEKERNEL_FUZZ_INPUT_H
#define DOSEKERNEL_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct fuzz_input {
    const uint8_t *bytes;
    size_t size;
    size_t at;
} fuzz_input;

static int fuzz_more(const fuzz_input *input)
{
    return input->at < input->size;
}

/* The next byte; after the last one 0. */
static int64_t fuzz_byte(fuzz_input *input)
{
    int64_t found = 0;
    if (input->at < input->size) {
        found = input->bytes[input->at];
        input->at++;
    }
    return found;
}

/* The next word, eight bytes; what is missing of it is 0. */
static int64_t fuzz_word(fuzz_input *input)
{
    uint8_t bytes[8] = {0};
    int64_t found = 0;
    size_t left = input->size - input->at;
    size_t taken = left < sizeof bytes ? left : sizeof bytes;
    if (taken > 0) {
        memcpy(bytes, input->bytes + input->at, taken);
        input->at += taken;
    }
    memcpy(&found, bytes, sizeof found);
    return found;
}

static int64_t fuzz_smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t fuzz_larger(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static int64_t fuzz_between(int64_t value, int64_t lowest, int64_t highest)
{
    return fuzz_larger(lowest, fuzz_smaller(value, highest));
}

static int64_t fuzz_plus(int64_t one, int64_t other)
{
    int64_t sum;
    if (__builtin_add_overflow(one, other, &sum)) {
        return one > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

static int64_t fuzz_minus(int64_t one, int64_t other)
{
    int64_t difference;
    if (__builtin_sub_overflow(one, other, &difference)) {
        return one > 0 ? INT64_MAX : INT64_MIN;
    }
    return difference;
}

static int64_t fuzz_times(int64_t one, int64_t other)
{
    int64_t product;
    if (__builtin_mul_overflow(one, other, &product)) {
        return (one > 0) == (other > 0) ? INT64_MAX : INT64_MIN;
    }
    return product;
}

/* Whole pulses of an amount, for any pulse. */
static int64_t fuzz_whole(int64_t amount, int64_t pulse)
{
    return pulse > 0 && amount > 0 ? amount - amount % pulse : amount;
}

#endif
