/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "app/cli.h"
#include <signal.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error to report, not a reason to die */
    return ch_cli(argc, argv);
}
