/* SPDX-License-Identifier: MIT
 * libyaml events to a tree: the only file that includes yaml.h. The event interface lets us stop at once where the text goes
 * too deep (libyaml is quadratic in nesting) or expands to too much (aliases of aliases). libyaml accepts duplicate keys, so
 * they are looked for here. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "scenario/tree.h"
#include "scenario/utf8.h"

struct anchor {
    const char *name;
    const struct ch_yaml *node; /* NULL while it is being read */
    struct ch_mark mark;
};

struct frame { /* an open list or mapping */
    struct ch_yaml *node;
    size_t first;  /* of its children in `pending` */
    size_t anchor; /* index + 1, or 0 */
};

struct reader {
    struct ch_arena *arena;
    struct ch_diag *diag;
    const char *file, *text;
    size_t n, bom;
    yaml_parser_t parser;
    struct frame frame[CH_TREE_DEPTH];
    unsigned depth;
    const struct ch_yaml **pending; /* children of open collections, innermost last */
    size_t n_pending, cap_pending;
    struct anchor *anchor;
    size_t n_anchors, cap_anchors;
    unsigned expanded;
    const struct ch_yaml *root;
    bool failed;
};

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static struct ch_mark mark_of(const struct reader *reader, yaml_mark_t begin, yaml_mark_t end)
{
    int width = begin.line == end.line && end.column > begin.column ? (int)(end.column - begin.column) : 1;
    return (struct ch_mark){reader->file, (int)begin.line + 1, (int)begin.column + 1, width};
}

static bool refuse(struct reader *reader, struct ch_mark mark, enum ch_diag_error error, const char *message, const char *help)
{
    ch_diag_add(reader->diag, mark, ch_diag_error_code(error), help, "%s", message);
    reader->failed = true;
    return false;
}

static bool no_memory(struct reader *reader)
{
    ch_diag_fail(reader->diag, CH_TOO_BIG);
    return refuse(reader, (struct ch_mark){reader->file, 0, 0, 1}, CH_E_LIMIT, "no memory left to read it", NULL);
}

/* What libyaml says, and what it most likely means. */
static const char *advice(const struct reader *reader, const char *problem)
{
    const yaml_mark_t *mark = &reader->parser.problem_mark; /* its index counts characters, not bytes */
    char here = reader->text[ch_utf8_offset(reader->text, reader->n, (int)mark->line + 1, (int)mark->column + 1)];
    if (strstr(problem, "cannot start any token"))
        return here == '\t' ? "indent with blanks; a tab may not stand there"
                            : "put texts that begin with one of @ ` % & * ! | > in quotes";
    if (strstr(problem, "tab character"))
        return "indent with blanks; a tab may not stand there";
    if (strstr(problem, "comment or line break"))
        return "put conditions in quotes, such as \">= 8 min\"";
    if (strstr(problem, "mapping values are not allowed"))
        return "a value that holds ': ' needs quotes; otherwise look at the indentation";
    if (strstr(problem, "expected <block end>") || strstr(problem, "expected key") || strstr(problem, "'-' indicator") ||
        strstr(problem, "expected ':'") || strstr(problem, "could not find"))
        return "keys of one mapping begin in the same column and are written 'key: value'";
    return NULL;
}

/* Does the trouble lie in a bracket or quote that was opened before? */
static bool is_unclosed(const yaml_parser_t *parser)
{
    const yaml_mark_t *begin = &parser->context_mark, *end = &parser->problem_mark;
    return parser->context && (strstr(parser->context, "flow") || strstr(parser->context, "quoted")) &&
           (begin->line != end->line || begin->column != end->column);
}

static bool syntax_error(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
        return no_memory(reader);
    bool unclosed = is_unclosed(parser);
    const yaml_mark_t *end = &parser->problem_mark;
    if (!unclosed ||
        ch_utf8_offset(reader->text, reader->n, (int)end->line + 1, (int)end->column + 1) < reader->n) /* the end says nothing */
        ch_diag_add(reader->diag, mark_of(reader, *end, *end), ch_diag_error_code(CH_E_SYNTAX), advice(reader, parser->problem),
                    "not valid YAML: %s%s%s", parser->context ? parser->context : "", parser->context ? ", " : "",
                    parser->problem);
    if (unclosed) {
        const char *what = strstr(parser->context, "sequence")  ? "the list that begins here is not closed by ']'"
                           : strstr(parser->context, "mapping") ? "the mapping that begins here is not closed by '}'"
                                                                : "the text that begins here is not closed by its quote";
        ch_diag_add(reader->diag, mark_of(reader, parser->context_mark, parser->context_mark), ch_diag_error_code(CH_E_SYNTAX),
                    NULL, "not valid YAML: %s", what);
    }
    reader->failed = true;
    return false;
}

/* ---- growth ------------------------------------------------------------------------------------------------------ */

static bool grow(void **list, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return true;
    size_t more = *cap ? *cap * 2 : 256;
    void *bigger = realloc(*list, more * size);
    if (!bigger)
        return false;
    *list = bigger;
    *cap = more;
    return true;
}

static bool append(struct reader *reader, const struct ch_yaml *node)
{
    reader->expanded += node->size;
    if (reader->expanded > CH_TREE_EVENTS)
        return refuse(reader, node->mark, CH_E_LIMIT, "the aliases of this file expand to more than 200,000 nodes",
                      "put large tables into CSV files");
    if (reader->depth + node->height > CH_TREE_DEPTH)
        return refuse(reader, node->mark, CH_E_LIMIT, "nested deeper than 32 levels", "scenarios need no more than 6");
    void *list = reader->pending;
    bool grown = grow(&list, &reader->cap_pending, reader->n_pending, sizeof *reader->pending);
    reader->pending = list;
    if (!grown)
        return no_memory(reader);
    if (reader->depth == 0)
        reader->root = node;
    else
        reader->pending[reader->n_pending++] = node;
    return true;
}

/* ---- anchors ----------------------------------------------------------------------------------------------------- */

/* Index + 1 of a new anchor, 0 if there is none. */
static bool open_anchor(struct reader *reader, const yaml_char_t *name, struct ch_mark mark, const struct ch_yaml *node,
                        size_t *index)
{
    *index = 0;
    if (!name)
        return true;
    void *list = reader->anchor;
    bool grown = grow(&list, &reader->cap_anchors, reader->n_anchors, sizeof *reader->anchor);
    reader->anchor = list;
    const char *copy = ch_arena_strdup(reader->arena, (const char *)name);
    if (!grown || !copy)
        return no_memory(reader);
    reader->anchor[reader->n_anchors] = (struct anchor){copy, node, mark};
    *index = ++reader->n_anchors;
    return true;
}

static bool take_alias(struct reader *reader, const yaml_event_t *event)
{
    struct ch_mark mark = mark_of(reader, event->start_mark, event->end_mark);
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reader->n_anchors; i-- > 0;) {
        if (strcmp(reader->anchor[i].name, name) != 0)
            continue;
        if (!reader->anchor[i].node)
            return refuse(reader, mark, CH_E_ALIAS, "this alias stands within what it refers to",
                          "an alias may repeat only what is complete before it");
        return append(reader, reader->anchor[i].node);
    }
    return refuse(reader, mark, CH_E_ALIAS, "no anchor of this name stands before this alias",
                  "put a text that begins with * in quotes");
}

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

static bool plain_tag(struct reader *reader, const yaml_char_t *tag, struct ch_mark mark)
{
    if (!tag || strcmp((const char *)tag, "!") == 0)
        return true;
    return refuse(reader, mark, CH_E_SYNTAX, "a tag stands before this value; tags have no meaning here",
                  "remove what begins with '!', or put the text in quotes");
}

static bool take_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct ch_mark mark = mark_of(reader, event->start_mark, event->end_mark);
    const char *text = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length, index;
    if (!plain_tag(reader, event->data.scalar.tag, mark))
        return false;
    if (memchr(text, '\0', n))
        return refuse(reader, mark, CH_E_TEXT, "holds the character NUL", NULL);
    struct ch_yaml *node = ch_arena_alloc(reader->arena, 1, sizeof *node);
    const char *copy = ch_arena_strndup(reader->arena, text, n);
    if (!node || !copy)
        return no_memory(reader);
    *node = (struct ch_yaml){.kind = CH_YAML_SCALAR,
                             .plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
                             .mark = mark,
                             .n = (unsigned)n,
                             .size = 1,
                             .height = 1,
                             .text = copy};
    return open_anchor(reader, event->data.scalar.anchor, mark, node, &index) && append(reader, node);
}

static bool open_collection(struct reader *reader, const yaml_event_t *event, enum ch_yaml_kind kind)
{
    bool list = kind == CH_YAML_LIST;
    struct ch_mark mark = {reader->file, (int)event->start_mark.line + 1, (int)event->start_mark.column + 1, 1};
    if (!plain_tag(reader, list ? event->data.sequence_start.tag : event->data.mapping_start.tag, mark))
        return false;
    if (reader->depth == CH_TREE_DEPTH)
        return refuse(reader, mark, CH_E_LIMIT, "nested deeper than 32 levels", "scenarios need no more than 6");
    struct ch_yaml *node = ch_arena_alloc(reader->arena, 1, sizeof *node);
    if (!node)
        return no_memory(reader);
    *node = (struct ch_yaml){.kind = kind, .mark = mark};
    struct frame *frame = &reader->frame[reader->depth];
    *frame = (struct frame){.node = node, .first = reader->n_pending};
    const yaml_char_t *anchor = list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    if (!open_anchor(reader, anchor, mark, NULL, &frame->anchor))
        return false;
    reader->depth++;
    return true;
}

static int by_text(const void *a, const void *b)
{
    const struct ch_yaml *x = (*(const struct ch_pair *const *)a)->key, *y = (*(const struct ch_pair *const *)b)->key;
    int order = strcmp(x->text, y->text);
    if (order)
        return order;
    return x->mark.line != y->mark.line ? (x->mark.line > y->mark.line ? 1 : -1)
                                        : (x->mark.column > y->mark.column) - (x->mark.column < y->mark.column);
}

static void duplicate(struct reader *reader, const struct ch_yaml *first, const struct ch_yaml *again)
{
    char help[96];
    snprintf(help, sizeof help, "it stands in line %d already; keep one of them", first->mark.line);
    ch_diag_add(reader->diag, again->mark, ch_diag_error_code(CH_E_DUPLICATE), help, "key '%.80s' is given twice in this mapping",
                again->text);
    reader->failed = true;
}

/* Sorting makes it n log n: a mapping may have 100,000 keys. */
static bool check_keys(struct reader *reader, const struct ch_yaml *map)
{
    const struct ch_pair **sorted = malloc((map->n + 1) * sizeof *sorted);
    if (!sorted)
        return no_memory(reader);
    for (unsigned i = 0; i < map->n; i++) {
        const struct ch_yaml *key = map->pair[i].key;
        sorted[i] = &map->pair[i];
        if (key->kind != CH_YAML_SCALAR) {
            free(sorted);
            return refuse(reader, key->mark, CH_E_FORM, "a key must be a single word", NULL);
        }
        if (key->plain && strcmp(key->text, "<<") == 0)
            refuse(reader, key->mark, CH_E_MERGE, "the merge key '<<' is not supported",
                   "`extends: OTHER` takes over all keys of another scenario or policy; aliases (*name) repeat a value");
    }
    qsort(sorted, map->n, sizeof *sorted, by_text);
    for (unsigned i = 1; i < map->n; i++)
        if (strcmp(sorted[i - 1]->key->text, sorted[i]->key->text) == 0)
            duplicate(reader, sorted[i - 1]->key, sorted[i]->key);
    free(sorted);
    return true;
}

static bool close_collection(struct reader *reader)
{
    struct frame *frame = &reader->frame[--reader->depth];
    struct ch_yaml *node = frame->node;
    size_t n = reader->n_pending - frame->first;
    const struct ch_yaml **child = n ? reader->pending + frame->first : NULL;
    unsigned size = 1, height = 0;
    for (size_t i = 0; i < n; i++) {
        size += child[i]->size;
        height = child[i]->height > height ? child[i]->height : height;
    }
    bool map = node->kind == CH_YAML_MAP;
    void *copy = ch_arena_alloc(reader->arena, n + 1, sizeof *child); /* a pair is two pointers */
    if (!copy)
        return no_memory(reader);
    if (n)
        memcpy(copy, child, n * sizeof *child);
    if (map)
        node->pair = copy;
    else
        node->item = copy;
    node->n = (unsigned)(map ? n / 2 : n);
    node->size = size;
    node->height = height + 1;
    reader->n_pending = frame->first;
    reader->expanded -= size - 1; /* append counts the whole once more */
    if (frame->anchor)
        reader->anchor[frame->anchor - 1].node = node;
    return (!map || check_keys(reader, node)) && append(reader, node);
}

static bool take(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return take_alias(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(reader, event, CH_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_collection(reader, event, CH_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(reader);
    case YAML_DOCUMENT_START_EVENT:
        if (reader->root)
            return refuse(reader, mark_of(reader, event->start_mark, event->end_mark), CH_E_SYNTAX,
                          "a second document begins here", "one file holds one document: remove '---'");
        return true;
    default:
        return true;
    }
}

static void read_events(struct reader *reader)
{
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            syntax_error(reader);
            return;
        }
        more = event.type != YAML_STREAM_END_EVENT && take(reader, &event);
        yaml_event_delete(&event);
    }
}

static bool check_text(struct reader *reader)
{
    size_t offset;
    struct ch_mark mark = {reader->file, 0, 0, 1};
    const char *complaint = ch_utf8_complaint(reader->text, reader->n, &offset);
    if (complaint) {
        ch_utf8_position(reader->text, offset, &mark.line, &mark.column);
        return refuse(reader, mark, CH_E_TEXT, complaint, "a scenario is UTF-8 text");
    }
    if (reader->n > CH_TREE_BYTES)
        return refuse(reader, mark, CH_E_LIMIT, "has more than 1 MiB", "put large tables into CSV files");
    return true;
}

const struct ch_yaml *ch_tree_parse(struct ch_arena *arena, struct ch_diag *diag, const char *text, size_t n, const char *file)
{
    struct reader reader = {.arena = arena, .diag = diag, .file = file, .text = text, .n = n, .bom = ch_utf8_bom(text, n)};
    if (!check_text(&reader))
        return NULL;
    if (!yaml_parser_initialize(&reader.parser)) {
        no_memory(&reader);
        return NULL;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text + reader.bom, n - reader.bom);
    read_events(&reader);
    yaml_parser_delete(&reader.parser);
    free(reader.pending);
    free(reader.anchor);
    if (!reader.failed && !reader.root)
        refuse(&reader, (struct ch_mark){file, 0, 0, 1}, CH_E_EMPTY, "the file holds nothing",
               "`chaland init NAME` writes a scenario to start from");
    return reader.failed ? NULL : reader.root;
}
