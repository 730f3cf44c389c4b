/* SPDX-License-Identifier: MIT
 * For toy towns of PEOPLE (defined before): a consent desk that says `level`, and a bank that books what is paid. */
#ifndef DESK_AND_BANK_H
#define DESK_AND_BANK_H

static uint8_t level[PEOPLE][TOWN_RETAILERS];
static int64_t account[CH_ACC_RETAILER + TOWN_RETAILERS];

static void answer_consent(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent_query *query)
{
    (void)ctx;
    query->level = level[who->id][query->controller];
}

static void on_transfer(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *t)
{
    (void)ctx;
    (void)who;
    account[t->from] -= t->cents;
    account[t->to] += t->cents;
}

#endif
