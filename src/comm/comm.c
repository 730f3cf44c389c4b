/* SPDX-License-Identifier: MIT
 * The only file that is compiled twice: without CH_MPI for the one process of the normal build, with it against MPI. Only calls
 * of MPI-2 are used, and only by the main thread. */
#define _POSIX_C_SOURCE 200809L
#include "comm/comm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CH_MPI

void ch_comm_begin(int *argc, char ***argv) { (void)argc, (void)argv; }
void ch_comm_end(void) {}
unsigned ch_comm_rank(void) { return 0; }
unsigned ch_comm_size(void) { return 1; }
void ch_comm_sum(uint64_t *number, unsigned n) { (void)number, (void)n; }
void ch_comm_most(uint64_t *number, unsigned n) { (void)number, (void)n; }

noreturn void ch_comm_abort(enum ch_code code, const char *why)
{
    fprintf(stderr, "chaland: error: %s\n", why);
    exit((int)code);
}

enum ch_code ch_comm_agree(enum ch_code code, struct ch_error *error)
{
    (void)error;
    return code;
}

void ch_comm_exchange(struct ch_mail *out, struct ch_mail *in, const uint64_t word[CH_COMM_WORDS],
                      uint64_t (*words)[CH_COMM_WORDS])
{
    out->n = in->n = 0;
    memcpy(words, word, sizeof *words);
}

#else

#include <mpi.h>
#include <sched.h>

static int rank, size = 1;

void ch_comm_begin(int *argc, char ***argv)
{
    int given;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (given < MPI_THREAD_FUNNELED)
        ch_comm_abort(CH_INTERNAL, "this MPI does not allow threads beside the one that calls it (MPI_THREAD_FUNNELED)");
}

void ch_comm_end(void) { MPI_Finalize(); }
unsigned ch_comm_rank(void) { return (unsigned)rank; }
unsigned ch_comm_size(void) { return (unsigned)size; }

noreturn void ch_comm_abort(enum ch_code code, const char *why)
{
    fprintf(stderr, "chaland: error: process %d of %d: %s\n", rank, size, why);
    MPI_Abort(MPI_COMM_WORLD, (int)code);
    exit((int)code);
}

void ch_comm_sum(uint64_t *number, unsigned n)
{
    MPI_Allreduce(MPI_IN_PLACE, number, (int)n, MPI_UNSIGNED_LONG, MPI_SUM, MPI_COMM_WORLD);
}

void ch_comm_most(uint64_t *number, unsigned n)
{
    MPI_Allreduce(MPI_IN_PLACE, number, (int)n, MPI_UNSIGNED_LONG, MPI_MAX, MPI_COMM_WORLD);
}
_Static_assert(sizeof(unsigned long) == sizeof(uint64_t), "MPI-2 has no name for 64 bits but this one");

enum ch_code ch_comm_agree(enum ch_code code, struct ch_error *error)
{
    uint64_t worst = (uint64_t)code << 32 | (uint32_t)(size - rank); /* of equal ones the lowest rank's */
    ch_comm_most(&worst, 1);
    int who = size - (int)(uint32_t)worst;
    enum ch_code all = (enum ch_code)(worst >> 32);
    if (all != CH_OK) {
        MPI_Bcast(error->text, (int)sizeof error->text, MPI_CHAR, who, MPI_COMM_WORLD);
        error->code = all;
    }
    return all;
}

/* ---- mail: to everybody one message that says how much there is and holds what fits; most windows have no more ------------- */

enum {
    FIRST = 4096,   /* bytes of that message */
    MOST = 1 << 30, /* of a further one: MPI counts in int */
    POLLS = 300     /* before a waiting process lets others run: there may be more of them than processors */
};

struct first {
    uint64_t bytes;
    uint64_t word[CH_COMM_WORDS];
    unsigned char mail[FIRST - (1 + CH_COMM_WORDS) * sizeof(uint64_t)];
};

static struct first *first_out, *first_in; /* [size] */
static MPI_Request *request;               /* [2 size] */
static MPI_Status *status; /* the same: not looked at, but not every MPI lets them be left out without a warning */
static int n_requests;

static void make_room(void)
{
    if (request)
        return;
    first_out = calloc((size_t)size, sizeof *first_out);
    first_in = calloc((size_t)size, sizeof *first_in);
    request = calloc(2 * (size_t)size, sizeof *request);
    status = calloc(2 * (size_t)size, sizeof *status);
    if (!first_out || !first_in || !request || !status)
        ch_comm_abort(CH_TOO_BIG, "out of memory for what processes send each other");
}

static void wait_for_all(void)
{
    int done = 0;
    for (unsigned polls = 0; !done; polls++) {
        MPI_Testall(n_requests, request, &done, status);
        if (!done && polls >= POLLS)
            sched_yield();
    }
    n_requests = 0;
}

static void take(void *bytes, size_t n, int from)
{
    MPI_Irecv(bytes, (int)n, MPI_BYTE, from, 0, MPI_COMM_WORLD, &request[n_requests++]);
}

static void give(void *bytes, size_t n, int to)
{
    MPI_Isend(bytes, (int)n, MPI_BYTE, to, 0, MPI_COMM_WORLD, &request[n_requests++]);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void exchange_first(struct ch_mail *out, const uint64_t word[CH_COMM_WORDS])
{
    for (int r = 0; r < size; r++)
        if (r != rank)
            take(&first_in[r], sizeof *first_in, r);
    for (int r = 0; r < size; r++) {
        struct first *first = &first_out[r];
        size_t n = least(out[r].n, sizeof first->mail);
        first->bytes = out[r].n;
        memcpy(first->word, word, sizeof first->word);
        if (n > 0)
            memcpy(first->mail, out[r].bytes, n);
        if (r != rank)
            give(first, offsetof(struct first, mail) + n, r);
    }
    wait_for_all();
}

void ch_comm_exchange(struct ch_mail *out, struct ch_mail *in, const uint64_t word[CH_COMM_WORDS],
                      uint64_t (*words)[CH_COMM_WORDS])
{
    size_t fits = sizeof first_out->mail, done = fits;
    bool more = true;
    make_room();
    out[rank].n = 0;
    exchange_first(out, word);
    first_in[rank].bytes = 0;
    memcpy(first_in[rank].word, word, sizeof first_in[rank].word);
    for (int r = 0; r < size; r++) {
        memcpy(words[r], first_in[r].word, sizeof words[r]);
        in[r].n = 0;
        unsigned char *room = ch_mail_room(&in[r], first_in[r].bytes);
        if (in[r].n > 0)
            memcpy(room, first_in[r].mail, least(in[r].n, fits));
    }
    for (; more; done += MOST) { /* each two know of each other how much is left */
        for (int r = 0; r < size; r++) {
            if (in[r].n > done)
                take(in[r].bytes + done, least(in[r].n - done, MOST), r);
            if (out[r].n > done)
                give(out[r].bytes + done, least(out[r].n - done, MOST), r);
        }
        more = n_requests > 0;
        wait_for_all();
    }
    for (int r = 0; r < size; r++)
        out[r].n = 0;
}

#endif
