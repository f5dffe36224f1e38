/* Asks the C file for its version before anything else runs; the vectors never do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dosekernel.h"

__attribute__((constructor)) static void asked_for_its_version(void)
{
    static const char name[] = "dosekernel ";
    if (strncmp(dosekernel_version(), name, sizeof name - 1) != 0) {
        fputs("the version does not begin with the name\n", stderr);
        exit(1);
    }
}
