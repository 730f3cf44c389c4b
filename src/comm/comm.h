/* SPDX-License-Identifier: MIT
 * Processes that run one simulation together. In the normal build there is one, and all of this does nothing; `make MPI=1`
 * compiles comm.c once more, with MPI behind it, and nothing else knows. Calls are made by the main thread, by all processes in
 * the same order. */
#ifndef CH_COMM_H
#define CH_COMM_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

void ch_comm_begin(int *argc, char ***argv);
void ch_comm_end(void);
unsigned ch_comm_rank(void); /* of this process, 0 .. size - 1 */
unsigned ch_comm_size(void);
/* Ends all processes. For what one process alone has met, and the others cannot know. */
noreturn void ch_comm_abort(enum ch_code code, const char *why);

/* All processes get the sum, or the largest, of each of n numbers. */
void ch_comm_sum(uint64_t *number, unsigned n);
void ch_comm_most(uint64_t *number, unsigned n);
/* The worst code of all, with the text of the lowest rank that has it: what is to be done, all do. */
enum ch_code ch_comm_agree(enum ch_code code, struct ch_error *error);

/* Bytes for one process, or from it. */
struct ch_mail {
    unsigned char *bytes;
    size_t n, room;
};
enum { CH_COMM_WORDS = 4 };

/* Room for so many more bytes at the end of the mail, or the program ends. */
unsigned char *ch_mail_room(struct ch_mail *mail, size_t bytes);
void ch_mail_add(struct ch_mail *mail, const void *bytes, size_t n);
void ch_mail_fini(struct ch_mail *mail);

/* Everybody sends out[rank] to each rank, and the same few words to all; in[rank] is what came, words[rank] what they said.
 * Nobody's own mail travels. One small message to each, and more only between those who have more to say. */
void ch_comm_exchange(struct ch_mail *out, struct ch_mail *in, const uint64_t word[CH_COMM_WORDS],
                      uint64_t (*words)[CH_COMM_WORDS]);

#endif
