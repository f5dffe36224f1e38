/* The gate that the kernel is measured against; see hand_written_gate.c. */
#ifndef HAND_WRITTEN_GATE_H
#define HAND_WRITTEN_GATE_H

#include "dosekernel.h"

/* What the gate remembers; only the handling of the infusion set is left out. */
typedef struct gate_memory {
    dosekernel_limits limits;
    int64_t now;
    dosekernel_event last;
    int64_t basal_rate, temporary_rate, temporary_until, carry;
    int64_t bolus_owed, bolus_ended;
    int64_t extended_amount, extended_duration, extended_elapsed, extended_given;
    int64_t reservoir, reservoir_at, set_at, connected;
    int64_t suspended, suspended_at, faulted, fault_amount, gap;
    int64_t outstanding, outstanding_bolus, outstanding_ends, outstanding_stopped;
    int64_t released_at, sequence, uncertain;
    int64_t glucose, glucose_at, glucose_before, glucose_before_at;
    int64_t low_suspended, low_since, low_ended;
    int64_t window[DOSEKERNEL_SLOTS], day[DOSEKERNEL_SLOTS], action[DOSEKERNEL_SLOTS];
} gate_memory;

typedef struct gate {
    gate_memory memory;
#ifdef GATE_INTEGRITY
    gate_memory inverse;
#endif
} gate;

/* Start from a pump that the kernel has made ready. */
void gate_load(gate *g, const dosekernel_words *from);
int64_t gate_step(gate *g, const dosekernel_event *event, dosekernel_outcome *out);

#endif
