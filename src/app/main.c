/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "app/cli.h"
#include "comm/comm.h"
#include <signal.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error to report, not a reason to die */
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD,
            512 << 10); /* large pieces come from the system untouched and go back to it, always: left to itself */
    mallopt(M_TRIM_THRESHOLD, 4 << 20); /* glibc keeps them after the first, and clears what a sparse map never needed */
#endif
    ch_comm_begin(&argc, &argv);
    int code = ch_cli(argc, argv);
    ch_comm_end();
    return code;
}
