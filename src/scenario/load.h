/* SPDX-License-Identifier: MIT
 * Inside of the loader: what its steps share. Steps report to `diag` and go on, so that all errors of a file are told. */
#ifndef CH_LOAD_H
#define CH_LOAD_H

#include "base/text.h"
#include "scenario/tree.h"
#include "table/table.h"
#include "table/vocabulary.h"
#include <stdatomic.h>

/* A scenario as it lives in memory. A scenario at a design point holds on to the one it was made from. */
struct ch_loaded {
    struct ch_scenario scenario; /* first: what users see */
    struct ch_arena *arena;
    struct ch_loaded *parent;
    atomic_uint holders;
    void **block;                       /* scenario.block, writable while loading */
    struct ch_item_table *items;        /* scenario.items */
    const char *item_file[CH_N_TABLES]; /* CSV kept by reference in the resolved text; NULL: inline */
    const char *item_sha256[CH_N_TABLES];
    struct ch_outputs_params outputs;
    const struct ch_yaml *root; /* of the arena of the first parent: who wrote what, and where */
};

struct ch_load {
    struct ch_loaded *loaded;
    struct ch_scenario *scenario;
    struct ch_arena *arena;
    struct ch_diag *diag;
    const struct ch_scenario_options *options;
    struct ch_text inputs;      /* lines "sha256  file", as the scenario sees it */
    struct ch_text input_paths; /* lines: the same files, as they were opened */
    const struct ch_yaml *root; /* merged, with --set applied */
    unsigned n_loads;           /* nested extends */
    unsigned n_ragged;          /* errors that are only rows left out of own data */
    unsigned n_city;            /* errors in section city, those included */
};

/* An empty one with an arena, which holds on to its parent (may be NULL). NULL without memory. */
struct ch_loaded *ch_loaded_create(struct ch_loaded *parent);

/* Adds an error; `help` may be NULL. */
void ch_load_error(struct ch_load *load, struct ch_mark mark, enum ch_diag_error error, const char *help, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Out of memory: recorded once, and ends the load with CH_TOO_BIG. Returns NULL. */
void *ch_load_no_memory(struct ch_load *load);
/* Zeroed memory of the scenario's arena; NULL (recorded) without memory. */
void *ch_load_alloc(struct ch_load *load, size_t count, size_t size);
const char *ch_load_strdup(struct ch_load *load, const char *s);

/* ---- files.c: paths and files ------------------------------------------------------------------------------------ */

/* `name` as written at `mark`, seen from where the program stands. */
const char *ch_load_path(struct ch_load *load, struct ch_mark mark, const char *name);
/* Reads a file that `mark` refers to (line 0: nothing refers to it) and hands it to diag, which keeps it until it is
 * destroyed. False: an error was added. */
bool ch_load_read(struct ch_load *load, const char *path, struct ch_mark mark, size_t limit, const char **text, size_t *n,
                  char sha256[65]);
/* Path of what a user calls NAME in folder scenarios/ or scenarios/policies/: a path if it looks like one, else shipped.
 * NULL (recorded) without memory; the file need not exist. */
const char *ch_load_locate(struct ch_load *load, const struct ch_yaml *name, const char *folder);
bool ch_load_exists(const char *path);
/* "did you mean 'x'?" or "shipped ones are ...", from the files of a shipped folder. */
void ch_load_suggest_file(struct ch_load *load, const char *word, const char *folder, struct ch_text *help);
/* Shipped scenarios: the name nearest to `word`, and "shipped ones are a, b"; each stays empty if there is none. */
void ch_load_shipped(const char *share, const char *word, struct ch_text *near, struct ch_text *list);
/* `path` as seen from the folder of the scenario: what the resolved text says. */
const char *ch_load_relative(struct ch_load *load, const char *path);

/* Lists a file that was read among the inputs, once. */
void ch_load_note_input(struct ch_load *load, const char *sha256, const char *path);

/* ---- steps ------------------------------------------------------------------------------------------------------- */

/* Is it a scalar with text? Else an error that names `what` and tells `allowed`. */
bool ch_load_is_text(struct ch_load *load, const struct ch_yaml *node, const char *what, const char *allowed);
bool ch_load_is_map(struct ch_load *load, const struct ch_yaml *node, const char *what);
/* Sets one parameter from a node, or adds an error. `what` is how the message calls it. */
bool ch_load_param(struct ch_load *load, const struct ch_param *param, void *block, const struct ch_yaml *node, const char *what);
/* "unknown key" with the nearest of n words. `where` such as "section 'city'". */
void ch_load_unknown_key(struct ch_load *load, const struct ch_yaml *key, const char *where, const char *const *word, size_t n);
/* Names may hold anything but / , and control characters; at most 64 bytes. */
bool ch_load_name(struct ch_load *load, const struct ch_yaml *node, const char *what);

void ch_load_sections(struct ch_load *load);                                                        /* sections.c */
void ch_load_items(struct ch_load *load, enum ch_item_table_kind kind, const struct ch_yaml *node); /* items.c */
bool ch_load_csv(struct ch_load *load, const char *file, const char *text, size_t n, struct ch_item_table *table); /* csv.c */
void ch_load_policies(struct ch_load *load);                                             /* policies.c */
const struct ch_policy *ch_load_policy(struct ch_load *load, const struct ch_yaml *map); /* policy.c */
void ch_load_sweep(struct ch_load *load);                                                /* sweep.c */
void ch_load_design(struct ch_load *load);                                               /* design.c */
void ch_load_start(struct ch_load *load);                                                /* check.c: the date of the first day */
void ch_load_kpis(struct ch_load *load);                                              /* check.c: names of primary key figures */
void ch_load_check(struct ch_load *load);                                             /* check.c: what no single row can tell */
const struct ch_yaml *ch_load_tree(struct ch_load *load, const struct ch_yaml *root); /* tree with extends: and --set applied */

/* sweep.c: what grids and designs share. Each false adds an error. */
void ch_sweep_error(struct ch_load *load, struct ch_mark mark, const char *help, const char *message);
const struct ch_param *ch_axis_param(const struct ch_axis *axis);
bool ch_axis_find(struct ch_load *load, struct ch_axis *axis,
                  const struct ch_yaml *key); /* may it vary? Sets key, section, param */
bool ch_axis_values(struct ch_load *load, struct ch_axis *axis, const struct ch_yaml *list);
/* from, to or step of a range, in the row's unit */
bool ch_axis_bound(struct ch_load *load, const struct ch_axis *axis, const struct ch_yaml *map, const char *name, double *value);

/* resolve.c: resolved text, its hash; false without memory. */
bool ch_load_resolve(struct ch_loaded *loaded, const char *inputs, const char *input_paths);
/* A string as a YAML scalar, quoted where needed. */
void ch_yaml_string(struct ch_text *out, const char *s);
void ch_resolve_policy(struct ch_text *out, const struct ch_policy *policy);

#endif
