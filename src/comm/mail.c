/* SPDX-License-Identifier: MIT
 * Growing buffers for what processes send each other. Memory that gives out here ends the program: others wait for the mail. */
#include "comm/comm.h"

#include <stdlib.h>
#include <string.h>

unsigned char *ch_mail_room(struct ch_mail *mail, size_t bytes)
{
    if (mail->room - mail->n < bytes) {
        size_t room = mail->room ? 2 * mail->room : 4096;
        while (room - mail->n < bytes)
            room *= 2;
        unsigned char *grown = realloc(mail->bytes, room);
        if (!grown)
            ch_comm_abort(CH_TOO_BIG, "out of memory for what processes send each other");
        mail->bytes = grown;
        mail->room = room;
    }
    unsigned char *at = mail->bytes + mail->n;
    mail->n += bytes;
    return at;
}

void ch_mail_add(struct ch_mail *mail, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(ch_mail_room(mail, n), bytes, n);
}

void ch_mail_fini(struct ch_mail *mail)
{
    free(mail->bytes);
    *mail = (struct ch_mail){0};
}
