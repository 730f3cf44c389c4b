/* SPDX-License-Identifier: MIT
 * Friends: symmetric ties, ten each on average, a tenth of them far away, for any number of people.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <chaland/friends.h>
#include <math.h>

enum { PEOPLE = 20000, NODES = 100 };
static const double Z_MAX = 4.892;

static struct town *settled(uint32_t n_people)
{
    struct town *town = town_of(10, 10, n_people);
    for (uint32_t id = 0; id < n_people; id++)
        town->citizens[id].home = (uint32_t)(ch_mix(id) % NODES);
    shops_open(town);
    town_open(town, NULL, 0);
    return town;
}

static const uint32_t *ring_of(struct town *town, struct ch_arena *arena)
{
    struct ch_workshop workshop = {.arena = arena};
    struct ch_setup setup = {.city = &town->city, .workshop = &workshop, .error = &town->error};
    ck_assert_int_eq(setjmp(workshop.out_of_memory), 0);
    return ch_residents(&setup);
}

static bool is_among(uint32_t who, const uint32_t *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (list[i] == who)
            return true;
    return false;
}

START_TEST(small_world)
{
    struct town *town = settled(PEOPLE);
    struct ch_arena *arena = ch_arena_create();
    const uint32_t *ring = ring_of(town, arena);
    unsigned ties = 0, far = 0, least = 99;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        uint32_t friend[CH_FRIENDS_MAX], back[CH_FRIENDS_MAX];
        unsigned n = ch_friends_of(&town->ctx, ring, id, friend);
        ck_assert(ring[ch_friends_rank(&town->city, ring, id)] == id && !is_among(id, friend, n));
        for (unsigned k = 0; k < n; k++) {
            unsigned m = ch_friends_of(&town->ctx, ring, friend[k], back);
            uint32_t a = ch_friends_rank(&town->city, ring, id), b = ch_friends_rank(&town->city, ring, friend[k]);
            uint32_t apart = a < b ? b - a : a - b;
            ck_assert(is_among(id, back, m) && !is_among(friend[k], &friend[k + 1], n - k - 1));
            far += apart > CH_FRIENDS_AHEAD && apart < PEOPLE - CH_FRIENDS_AHEAD;
        }
        ties += n;
        least = n < least ? n : least;
    }
    ck_assert_double_eq_tol((double)ties / PEOPLE, 10, 0.01); /* less the doubles, about 1 in 10,000 */
    ck_assert_uint_ge(least, 3);
    double halves = ties / 2.0; /* each tie is seen from both ends */
    ck_assert_double_lt(fabs(far / 2.0 - 0.1 * halves) / sqrt(halves * 0.1 * 0.9), Z_MAX);
    shops_close(town, arena);
}
END_TEST

/* The keyed permutation is one, and its inverse is its inverse. */
START_TEST(permutation)
{
    static const uint32_t size[] = {1, 2, 3, 5, 64, 1000, 4097};
    for (unsigned s = 0; s < sizeof size / sizeof *size; s++)
        for (uint64_t key = 1; key < 4; key++) {
            uint8_t seen[4097] = {0};
            for (uint32_t x = 0; x < size[s]; x++) {
                uint32_t y = ch_friends_permute(key, size[s], x, false);
                ck_assert(y < size[s] && !seen[y] && ch_friends_permute(key, size[s], y, true) == x);
                seen[y] = 1;
            }
        }
}
END_TEST

/* Other people, no friends of themselves, however few there are; another seed, other ties; another replication, the same. */
START_TEST(few_people_and_seeds)
{
    for (uint32_t n_people = 1; n_people < 30; n_people++) {
        struct town *town = settled(n_people);
        struct ch_arena *arena = ch_arena_create();
        const uint32_t *ring = ring_of(town, arena);
        uint32_t friend[CH_FRIENDS_MAX], other[CH_FRIENDS_MAX];
        unsigned n = ch_friends_of(&town->ctx, ring, 0, friend);
        ck_assert_uint_lt(n, n_people);
        ck_assert(!is_among(0, friend, n));
        town->ctx.key.replication = 77;
        ck_assert_uint_eq(ch_friends_of(&town->ctx, ring, 0, other), n);
        ck_assert_mem_eq(friend, other, n * sizeof *friend);
        shops_close(town, arena);
    }
    struct town *town = settled(PEOPLE);
    struct ch_arena *arena = ch_arena_create();
    const uint32_t *ring = ring_of(town, arena);
    unsigned same = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        uint32_t friend[CH_FRIENDS_MAX], other[CH_FRIENDS_MAX];
        unsigned n = ch_friends_of(&town->ctx, ring, id, friend);
        town->ctx.key.seed++;
        same += ch_friends_of(&town->ctx, ring, id, other) == n && memcmp(friend, other, n * sizeof *friend) == 0;
        town->ctx.key.seed--;
    }
    ck_assert_double_lt((double)same / PEOPLE, 0.2);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, small_world);
    tcase_add_test(tc, permutation);
    tcase_add_test(tc, few_people_and_seeds);
}

int main(void) { return run_tests("friends", add_tests); }
