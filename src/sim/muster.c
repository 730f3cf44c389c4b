/* SPDX-License-Identifier: MIT
 * A run with other processes: bodies that cross over, and rank 0 that is shown everything now and then.
 *
 * Every process has room for the whole town and keeps up to date what is its own: the places it runs, what stands there, and the
 * bodies that are there or on their way there. A body goes from process to process with the event that brings it. For audits, for
 * checkpoints and at the end all send rank 0 what is theirs, and only then does it know the whole town. */
#include "sim/run.h"
#include <stdlib.h>
#include <string.h>

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

size_t ch_run_pack_most(const struct ch_stage *stage)
{
    return sizeof(struct ch_person) + stage->layout.person + stage->layout.app;
}

static bool has_record(const struct run *run, uint32_t id) { return run->stage->city->people[id].device & CH_APP; }

static unsigned char *record_of(const struct run *run, uint32_t id)
{
    return run->app_state + ch_app_number(run->stage->city, id) * run->stage->layout.app;
}

/* All that there is of a person, one after the other. */
static size_t pack_person(const struct run *run, uint32_t id, unsigned char *to)
{
    const struct ch_layout *layout = &run->stage->layout;
    unsigned char *at = to;
    memcpy(at, &run->people[id], sizeof *run->people);
    at += sizeof *run->people;
    memcpy(at, run->person_state + id * layout->person, layout->person);
    at += layout->person;
    if (has_record(run, id)) {
        memcpy(at, record_of(run, id), layout->app);
        at += layout->app;
    }
    return (size_t)(at - to);
}

static size_t unpack_person(struct run *run, uint32_t id, const unsigned char *from)
{
    const struct ch_layout *layout = &run->stage->layout;
    const unsigned char *at = from;
    memcpy(&run->people[id], at, sizeof *run->people);
    at += sizeof *run->people;
    memcpy(run->person_state + id * layout->person, at, layout->person);
    at += layout->person;
    if (has_record(run, id)) {
        memcpy(record_of(run, id), at, layout->app);
        at += layout->app;
    }
    return (size_t)(at - from);
}

size_t ch_run_pack(void *user, const struct ch_event *ev, unsigned char *room)
{
    struct run *run = user;
    if (!run->stage->call[ch_event_kind(ev)].carries)
        return 0;
    CH_REQUIRE(run->here[ev->dest]);
    run->here[ev->dest] = 0;
    return pack_person(run, ev->dest, room);
}

size_t ch_run_unpack(void *user, const struct ch_event *ev, const unsigned char *bytes)
{
    struct run *run = user;
    if (!run->stage->call[ch_event_kind(ev)].carries)
        return 0;
    run->here[ev->dest] = 1;
    if (CH_OWNED)
        run->owner[ev->dest] = ev->place | CH_IN_TRANSIT;
    return unpack_person(run, ev->dest, bytes);
}

/* The process of a body on its way is the one whose event it is: of those that are never handled, too. */
static void place_person(struct run *run, uint32_t id, uint32_t place, bool on_the_way)
{
    const struct ch_run_options *options = run->options;
    if (CH_OWNED)
        run->owner[id] = place | (on_the_way ? CH_IN_TRANSIT : 0);
    if (run->here)
        run->here[id] = options->scheduler->mine(run->scheduler, place);
}

void ch_run_settle_people(struct run *run)
{
    for (uint32_t id = 0; id < run->stage->city->n_people; id++)
        place_person(run, id, run->people[id].node, false);
}

void ch_run_send_off(struct run *run, const struct ch_event *ev)
{
    if (run->stage->call[ch_event_kind(ev)].carries)
        place_person(run, ev->dest, ev->place, true);
}

/* ---- what rank 0 is sent ----------------------------------------------------------------------------------------- */

struct packing {
    const struct run *run;
    struct ch_mail *mail;
    uint64_t n;
};

static void pack_pending(void *arg, const struct ch_event *ev)
{
    struct packing *packing = arg;
    ch_mail_add(packing->mail, ev, (1 + packing->run->stage->kind[ch_event_kind(ev)].slots) * sizeof *ev);
}

/* A length, in bytes or things, to be known when they are written. */
static size_t begin_part(struct ch_mail *mail)
{
    uint64_t n = 0;
    ch_mail_add(mail, &n, sizeof n);
    return mail->n;
}
static void end_part(struct ch_mail *mail, size_t begun, uint64_t n) { memcpy(mail->bytes + begun - sizeof n, &n, sizeof n); }

static void pack_people(const struct run *run, struct ch_mail *mail)
{
    size_t begun = begin_part(mail), most = ch_run_pack_most(run->stage);
    uint64_t n = 0;
    for (uint32_t id = 0; id < run->stage->city->n_people; id++) {
        if (!run->here[id])
            continue;
        ch_mail_add(mail, &id, sizeof id);
        unsigned char *room = ch_mail_room(mail, most);
        mail->n -= most - pack_person(run, id, room);
        n++;
    }
    end_part(mail, begun, n);
}

/* Copies `size` bytes from the mail, or to it; returns where the mail goes on. */
static unsigned char *copy(void *at, size_t size, unsigned char *mail, bool take)
{
    memcpy(take ? at : mail, take ? mail : at, size);
    return mail + size;
}

/* What stands at a place, in an order known to both sides. */
static unsigned char *copy_place(const struct run *run, uint32_t place, unsigned char *mail, bool take)
{
    const struct ch_stage *stage = run->stage;
    const struct ch_city *city = stage->city;
    size_t size = stage->layout.store;
    mail = copy(&run->image.spot[place], sizeof *run->image.spot, mail, take);
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_self *self = &stage->self[m];
        if (self->place_step)
            mail = copy(run->place_state + self->place_at + place * self->place_step, self->place_step, mail, take);
    }
    for (uint32_t i = place < city->n_nodes ? city->node_first_store[place] : 0;
         place < city->n_nodes && size && i < city->node_first_store[place + 1]; i++)
        mail = copy(run->store_state + city->node_store[i] * size, size, mail, take);
    return mail;
}

static size_t place_bytes(const struct run *run, uint32_t place)
{
    const struct ch_stage *stage = run->stage;
    const uint32_t *first = stage->city->node_first_store;
    size_t bytes = sizeof *run->image.spot;
    for (unsigned m = 0; m < stage->n_models; m++)
        bytes += stage->self[m].place_step;
    return bytes + (place < stage->city->n_nodes ? (first[place + 1] - first[place]) * stage->layout.store : 0);
}

static void pack_places(const struct run *run, struct ch_mail *mail)
{
    size_t begun = begin_part(mail);
    uint64_t n = 0;
    for (uint32_t place = 0; place < run->stage->city->n_places; place++) {
        if (!run->options->scheduler->mine(run->scheduler, place))
            continue;
        ch_mail_add(mail, &place, sizeof place);
        copy_place(run, place, ch_mail_room(mail, place_bytes(run, place)), false);
        n++;
    }
    end_part(mail, begun, n);
}

/* Counts go for good: what is sent is zero here from now on. Of maps only cells with counts. */
struct cell {
    uint64_t index;
    int64_t count;
};

static void pack_counts(struct run *run, struct ch_mail *mail)
{
    size_t n_plain, n_map, begun = begin_part(mail);
    ch_board_size(run->board, &n_plain, &n_map);
    int64_t *plain = malloc((n_plain + 1) * sizeof *plain), *map = ch_board_map(run->board);
    if (!plain)
        ch_comm_abort(CH_TOO_BIG, "out of memory for what is counted");
    ch_board_sum(run->board, plain);
    ch_mail_add(mail, plain, n_plain * sizeof *plain);
    free(plain);
    end_part(mail, begun, n_plain);
    begun = begin_part(mail);
    uint64_t n = 0;
    for (size_t i = 0; i < n_map; i++)
        if (map[i]) {
            struct cell cell = {i, map[i]};
            ch_mail_add(mail, &cell, sizeof cell);
            n++;
        }
    end_part(mail, begun, n);
    ch_board_clear(run->board);
}

static void pack_lines(struct run *run, struct ch_mail *mail)
{
    for (unsigned w = 0; w < run->options->workers; w++) {
        struct ch_chronicle *chronicle = &run->worker[w].chronicle;
        ch_mail_add(mail, chronicle->line, chronicle->n * sizeof *chronicle->line);
        chronicle->n = 0;
    }
}

/* ---- and takes up ------------------------------------------------------------------------------------------------ */

static uint64_t count_of(const unsigned char **at)
{
    uint64_t n;
    memcpy(&n, *at, sizeof n);
    *at += sizeof n;
    return n;
}

static uint32_t number_of(const unsigned char **at)
{
    uint32_t n;
    memcpy(&n, *at, sizeof n);
    *at += sizeof n;
    return n;
}

static bool unpack_counts(struct run *run, const unsigned char **at)
{
    uint64_t n = count_of(at);
    int64_t *plain = malloc((n + 1) * sizeof *plain), *map = ch_board_map(run->board);
    if (!plain)
        return false;
    memcpy(plain, *at, n * sizeof *plain);
    *at += n * sizeof *plain;
    ch_board_add(run->board, plain);
    free(plain);
    for (n = count_of(at); n > 0; n--) {
        struct cell cell;
        memcpy(&cell, *at, sizeof cell);
        *at += sizeof cell;
        map[cell.index] += cell.count;
    }
    return true;
}

/* In the order in which rank r > 0 has packed. */
static bool take_up(struct run *run, const struct ch_mail *mail)
{
    const unsigned char *at = mail->bytes, *end = at + mail->n;
    if (mail->n == 0)
        return true;
    uint64_t bytes = count_of(&at);
    ch_mail_add(&run->guests, at, bytes);
    at += bytes;
    for (uint64_t n = count_of(&at); n > 0; n--) {
        uint32_t id = number_of(&at);
        at += unpack_person(run, id, at);
    }
    for (uint64_t n = count_of(&at); n > 0; n--) {
        uint32_t place = number_of(&at);
        at = copy_place(run, place, (unsigned char *)(uintptr_t)at, true);
    }
    return unpack_counts(run, &at) &&
           ch_chronicle_append(&run->worker[0].chronicle, at, (size_t)(end - at) / sizeof(struct ch_story));
}

static bool make_image(struct run *run)
{
    size_t rows = (size_t)run->stage->n_rows * CH_ROW_VERSIONS + 1;
    if (!run->image.spot)
        run->image.spot = calloc(run->stage->city->n_places, sizeof *run->image.spot);
    if (!run->image.row)
        run->image.row = calloc(rows, sizeof *run->image.row);
    return run->image.spot && run->image.row;
}

enum ch_code ch_run_image(struct run *run, struct ch_error *error)
{
    if (!make_image(run))
        return ch_fail(error, CH_TOO_BIG, "out of memory for what %u places publish", run->stage->city->n_places);
    run->options->scheduler->show(run->scheduler, &run->image);
    return CH_OK;
}

static void pack_all(struct run *run, struct ch_mail *mail)
{
    struct packing packing = {.run = run, .mail = mail};
    size_t begun = begin_part(mail);
    run->options->scheduler->each_pending(run->scheduler, pack_pending, &packing);
    end_part(mail, begun, mail->n - begun);
    pack_people(run, mail);
    pack_places(run, mail);
    pack_counts(run, mail);
    pack_lines(run, mail);
}

enum ch_code ch_run_muster(struct run *run, struct ch_error *error)
{
    unsigned size = ch_comm_size();
    if (!run->ranks)
        return CH_OK;
    enum ch_code code = ch_run_image(run, error);
    struct ch_mail *box = calloc(2 * (size_t)size, sizeof *box);
    uint64_t(*words)[CH_COMM_WORDS] = calloc(size, sizeof *words);
    const uint64_t word[CH_COMM_WORDS] = {run->image.events, run->image.sent};
    bool good = code == CH_OK && box && words;
    if (!good)
        ch_comm_abort(CH_TOO_BIG, "out of memory for what processes tell rank 0");
    run->guests.n = 0;
    if (ch_comm_rank() > 0)
        pack_all(run, &box[0]);
    ch_comm_exchange(box, box + size, word, words);
    for (unsigned r = 1; r < size && ch_comm_rank() == 0; r++) {
        good = good && take_up(run, &box[size + r]);
        run->image.events += words[r][0];
        run->image.sent += words[r][1];
    }
    for (unsigned r = 0; r < 2 * size; r++)
        ch_mail_fini(&box[r]);
    free(box);
    free(words);
    return good ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for what all processes know");
}
