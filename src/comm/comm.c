/* SPDX-License-Identifier: MIT
 * The only file that is compiled twice: without CH_MPI for the one process of the normal build, with it against MPI. Only calls
 * of MPI-2 are used, and only by the main thread. */
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

/* ---- mail: first who has how much, then all of it, in rounds of what an int can count ------------------------------------ */

enum { MOST = 1 << 28 }; /* bytes between two processes in a round, all together below INT_MAX */

struct head {
    uint64_t bytes, longest; /* for you; for anybody */
    uint64_t word[CH_COMM_WORDS];
};

static struct head *head_out, *head_in;
static int *counts; /* [4][size]: sent, from, received, to */

static void make_heads(void)
{
    if (head_out)
        return;
    head_out = calloc((size_t)size, sizeof *head_out);
    head_in = calloc((size_t)size, sizeof *head_in);
    counts = calloc(4 * (size_t)size, sizeof *counts);
    if (!head_out || !head_in || !counts)
        ch_comm_abort(CH_TOO_BIG, "out of memory");
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* The next `most` bytes between each two, from `done` on. Buffers of all partners lie apart, so they are packed into one. */
static void send_round(const struct ch_mail *out, const struct ch_mail *in, size_t done, size_t most)
{
    static struct ch_mail packed, came; /* kept: windows follow each other */
    int *sent = counts, *from = counts + size, *received = counts + 2 * size, *to = counts + 3 * size;
    packed.n = came.n = 0;
    for (int r = 0; r < size; r++) {
        size_t n = r == rank || out[r].n <= done ? 0 : least(out[r].n - done, most);
        sent[r] = (int)n;
        from[r] = (int)packed.n;
        ch_mail_add(&packed, n ? out[r].bytes + done : NULL, n);
        n = r == rank || in[r].n <= done ? 0 : least(in[r].n - done, most);
        received[r] = (int)n;
        to[r] = (int)came.n;
        ch_mail_room(&came, n);
    }
    MPI_Alltoallv(packed.bytes, sent, from, MPI_BYTE, came.bytes, received, to, MPI_BYTE, MPI_COMM_WORLD);
    for (int r = 0; r < size; r++)
        if (received[r])
            memcpy(in[r].bytes + done, came.bytes + to[r], (size_t)received[r]);
}

void ch_comm_exchange(struct ch_mail *out, struct ch_mail *in, const uint64_t word[CH_COMM_WORDS],
                      uint64_t (*words)[CH_COMM_WORDS])
{
    uint64_t longest = 0;
    make_heads();
    out[rank].n = in[rank].n = 0;
    for (int r = 0; r < size; r++)
        longest = out[r].n > longest ? out[r].n : longest;
    for (int r = 0; r < size; r++) {
        head_out[r] = (struct head){.bytes = out[r].n, .longest = longest};
        memcpy(head_out[r].word, word, sizeof head_out[r].word);
    }
    MPI_Alltoall(head_out, (int)sizeof *head_out, MPI_BYTE, head_in, (int)sizeof *head_in, MPI_BYTE, MPI_COMM_WORLD);
    for (int r = 0; r < size; r++) {
        memcpy(words[r], head_in[r].word, sizeof words[r]);
        longest = head_in[r].longest > longest ? head_in[r].longest : longest;
        in[r].n = 0;
        ch_mail_room(&in[r], head_in[r].bytes);
    }
    size_t most = MOST / (size_t)size;
    for (size_t done = 0; done < longest; done += most)
        send_round(out, in, done, most);
    for (int r = 0; r < size; r++)
        out[r].n = 0;
}

#endif
