/* SPDX-License-Identifier: MIT
 * Reads back what `compare` needs. A file that is not ours, newer, cut off, unfinished or damaged is refused, each with its
 * own message; what is read is compared with the checksums that the writer left in /provenance. */
#define _POSIX_C_SOURCE 200809L
#include "base/text.h"
#include "output/results_inside.h"
#include <chaland/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct in {
    const char *path;
    hid_t file;
    char *checksums;
    struct ch_error *error;
    enum ch_code code; /* the first failure sticks */
};

static enum ch_code refuse(struct in *in, const char *what, const char *name)
{
    if (!in->code)
        in->code = ch_fail(in->error, CH_INVALID, "%s: damaged: %s '%s'", in->path, what, name);
    return in->code;
}

/* ---- before HDF5 sees it ---- */

static uint64_t little_endian(const unsigned char *b)
{
    uint64_t x = 0;
    for (int i = 7; i >= 0; i--)
        x = x << 8 | b[i];
    return x;
}

/* The superblock of version 2 or 3 tells where the file ends. */
static enum ch_code check_bytes(const char *path, int fd, const unsigned char *head, size_t n, uint64_t size,
                                struct ch_error *error)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    if (size == 0)
        return ch_fail(error, CH_INVALID, "%s: is empty; a results file of `chaland run` is wanted", path);
    if (n < 8 || memcmp(head, signature, 8) != 0)
        return ch_fail(error, CH_INVALID, "%s: is not an HDF5 file; a results file of `chaland run` is wanted", path);
    if (n == 48 && (head[8] == 2 || head[8] == 3) && head[9] == 8) {
        uint64_t end = little_endian(head + 28);
        if (size < end)
            return ch_fail(error, CH_INVALID, "%s: is cut off: %" PRIu64 " of %" PRIu64 " bytes are there; copy or run it again",
                           path, size, end);
        if (!ch_seal_holds(fd, end, size))
            return ch_fail(error, CH_INVALID, "%s: damaged: the bytes do not have their checksum; copy or run it again", path);
        return CH_OK;
    }
    return n < 48
               ? ch_fail(error, CH_INVALID, "%s: is cut off: only %" PRIu64 " bytes are there; copy or run it again", path, size)
               : CH_OK;
}

enum ch_code ch_file_check_bytes(const char *path, struct ch_error *error)
{
    unsigned char head[48];
    struct stat st;
    size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".part") == 0)
        return ch_fail(error, CH_INVALID, "%s: is what a run that did not end left behind; run it again", path);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return ch_fail(error, errno == ENOENT || errno == ENOTDIR ? CH_INVALID : CH_IO, "%s: cannot be opened: %s", path,
                       strerror(errno));
    enum ch_code code = CH_OK;
    ssize_t n = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        code = ch_fail(error, CH_INVALID, "%s: is not a regular file", path);
    else if ((n = read(fd, head, sizeof head)) < 0)
        code = ch_fail(error, CH_IO, "%s: cannot be read: %s", path, strerror(errno));
    else
        code = check_bytes(path, fd, head, (size_t)n, (uint64_t)st.st_size, error);
    close(fd);
    return code;
}

/* ---- attributes ---- */

static char *text_note(struct in *in, const char *object, const char *name) { return ch_h5_read_note(in->file, object, name); }

static bool number_note(struct in *in, const char *object, const char *name, double *value)
{
    return ch_h5_read_number(in->file, object, name, value);
}

static char *need_text(struct in *in, const char *object, const char *name)
{
    char *value = text_note(in, object, name);
    if (!value)
        refuse(in, "no attribute", name);
    return value;
}

static double need_number(struct in *in, const char *object, const char *name)
{
    double value = 0;
    if (!number_note(in, object, name, &value))
        refuse(in, "no attribute", name);
    return value;
}

/* ---- arrays ---- */

/* What the writer noted of an array; false if nothing. */
static bool find_checksum(const struct in *in, const char *path, uint64_t *count, uint64_t *sum)
{
    size_t n = strlen(path);
    for (const char *line = in->checksums; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, path, n) == 0 && line[n] == ' ')
            return sscanf(line + n, "%*d %" SCNu64 " %" SCNx64, count, sum) == 2;
    return false;
}

/* Arrays of /kpi that the writer noted. */
static unsigned count_noted(const struct in *in)
{
    unsigned n = 0;
    for (const char *at = in->checksums; at && (at = strstr(at, "/kpi/")) != NULL; at++)
        n += at == in->checksums || at[-1] == '\n';
    return n;
}

static void check_values(struct in *in, const char *path, enum ch_h5_type type, const void *data, size_t n)
{
    uint64_t count = 0, sum = 0;
    if (!in->checksums)
        return;
    if (!find_checksum(in, path, &count, &sum) || count != n || sum != ch_h5_checksum(type, data, n, 0))
        refuse(in, "the values do not have their checksum in", path);
}

/* Reads a whole array of `rank` dimensions. Doubles: double[]; TEXT: char *[]; malloc'ed. sizes may be NULL. */
static void *read_array(struct in *in, const char *path, enum ch_h5_type type, int rank, hsize_t *sizes)
{
    hsize_t n[CH_H5_RANK_MAX] = {0};
    void *out = NULL;
    size_t count = 1;
    hid_t set = in->code ? -1 : H5Dopen2(in->file, path, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
    bool good = space >= 0 && H5Sget_simple_extent_ndims(space) == rank && H5Sget_simple_extent_dims(space, n, NULL) == rank;
    for (int i = 0; i < rank; i++)
        count *= n[i];
    if (good && type == CH_H5_TEXT)
        out = ch_h5_read_texts(set, space, count);
    else if (good && (out = calloc(count + 1, 8)) != NULL)
        good = H5Dread(set, ch_h5_memory_type(type, -1), H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    if (!good || !out)
        refuse(in, "cannot read array", path);
    else
        check_values(in, path, type, out, count);
    for (int i = 0; sizes && i < rank; i++)
        sizes[i] = n[i];
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    return out;
}

static char *read_text(struct in *in, const char *path)
{
    char **one = read_array(in, path, CH_H5_TEXT, 0, NULL), *text = one ? one[0] : NULL;
    free(one);
    return text;
}

/* ---- the parts of a file ---- */

/* Is it ours, of a version we know, and finished? */
static void check_inside(struct in *in, bool allow_incomplete, struct ch_file *file)
{
    double version = 0;
    char *format = text_note(in, "/", "format_name");
    if (!format || strcmp(format, "chaland") != 0)
        in->code = ch_fail(in->error, CH_INVALID,
                           "%s: is an HDF5 file, but not one of chaland; a results file of `chaland run` is wanted", in->path);
    else if (!number_note(in, "/", "format_version", &version) || version < 1)
        refuse(in, "no attribute", "format_version");
    else if (version > CH_FORMAT_VERSION)
        in->code = ch_fail(in->error, CH_INVALID, "%s: was written by a newer chaland: format %.0f, this program reads up to %d",
                           in->path, version, (int)CH_FORMAT_VERSION);
    free(format);
    if (in->code)
        return;
    file->status = text_note(in, "/provenance", "status");
    if ((!file->status || strcmp(file->status, "complete") != 0) && !allow_incomplete)
        in->code = ch_fail(in->error, CH_INVALID, "%s: is incomplete (status '%s'); run it again, or allow incomplete files",
                           in->path, file->status ? file->status : "unknown");
    if (!file->status)
        file->status = strdup("");
}

static void copy_note(struct in *in, const char *name, char *out, size_t size)
{
    char *value = in->code ? NULL : need_text(in, "/provenance", name);
    snprintf(out, size, "%s", value ? value : "");
    free(value);
}

static void read_program(struct in *in, struct ch_file *file)
{
    char *version = in->code ? NULL : need_text(in, "/provenance", "version"),
         *commit = in->code ? NULL : need_text(in, "/provenance", "git_commit");
    struct ch_text text = {0};
    if (version && commit)
        ch_text_addf(&text, "%s%s%s%s", version, commit[0] ? " (" : "", commit, commit[0] ? ")" : "");
    file->program = text.s;
    free(version);
    free(commit);
}

static void read_facts(struct in *in, struct ch_file *file)
{
    if (in->code)
        return;
    file->name = need_text(in, "/", "title");
    file->question = need_text(in, "/", "question");
    file->confidence = need_number(in, "/kpi", "confidence_level");
    file->inhabitants = need_number(in, "/kpi", "inhabitants");
    file->weeks = need_number(in, "/kpi", "weeks");
    in->checksums = read_text(in, "/provenance/checksums"); /* not listed in itself */
    file->config_yaml = read_text(in, "/provenance/config_yaml");
    copy_note(in, "fingerprint", file->fingerprint, sizeof file->fingerprint);
    copy_note(in, "results_sha256", file->results_sha256, sizeof file->results_sha256);
    copy_note(in, "config_sha256", file->config_sha256, sizeof file->config_sha256);
    file->inputs = in->code ? NULL : need_text(in, "/provenance", "input_sha256");
    file->folder = in->code ? NULL : text_note(in, "/provenance", "scenario_folder");
    read_program(in, file);
    double parameters = 0, assumed = 0, missing = 0;
    if (number_note(in, "/provenance", "runs_missing", &missing))
        file->n_missing = (unsigned)missing;
    if (number_note(in, "/provenance", "parameters", &parameters) &&
        number_note(in, "/provenance", "parameters_assumed", &assumed)) {
        file->n_parameters = (unsigned)parameters;
        file->n_assumed = (unsigned)assumed;
    }
}

static void split_words(struct in *in, const char *words, struct ch_file *file)
{
    size_t n = strlen(words);
    file->primary = calloc(n / 2 + 1, sizeof *file->primary);
    if (!file->primary) {
        refuse(in, "out of memory for", "primary_kpis");
        return;
    }
    while (*words) {
        size_t length = strcspn(words, " ");
        if (length && !(file->primary[file->n_primary++] = strndup(words, length)))
            refuse(in, "out of memory for", "primary_kpis");
        words += length + (words[length] == ' ');
    }
}

static void read_people(struct in *in, struct ch_file *file, bool swept)
{
    hsize_t n = 1;
    if (swept) {
        file->people = read_array(in, "/kpi/people", CH_H5_F64, 1, &n);
        if (!in->code && n != file->n_points)
            refuse(in, "its size is not the number of design points", "/kpi/people");
        return;
    }
    file->people = malloc(sizeof *file->people);
    if (file->people)
        *file->people = need_number(in, "/kpi", "people");
    else if (!in->code)
        in->code = ch_fail(in->error, CH_TOO_BIG, "out of memory");
}

/* Without a sweep there is one point, whose label is empty. */
static char **one_point(void)
{
    char **label = calloc(1, sizeof *label);
    if (label && !(label[0] = strdup(""))) {
        free(label);
        label = NULL;
    }
    return label;
}

static void read_labels(struct in *in, struct ch_file *file)
{
    hsize_t n = 1;
    if (in->code)
        return;
    char *primary = need_text(in, "/kpi", "primary_kpis"), *baseline = need_text(in, "/kpi", "baseline");
    file->policy = read_array(in, "/kpi/policy", CH_H5_TEXT, 1, &n);
    file->n_policies = file->policy ? (unsigned)n : 0;
    file->forced = text_note(in, "/kpi", "forced_policies");
    bool swept = H5Lexists(in->file, "/kpi/point", H5P_DEFAULT) > 0;
    n = 1;
    file->point_label = swept ? read_array(in, "/kpi/point_label", CH_H5_TEXT, 1, &n) : one_point();
    file->n_points = file->point_label ? (unsigned)n : 0;
    read_people(in, file, swept);
    if (!in->code)
        split_words(in, primary, file);
    while (!in->code && file->baseline < file->n_policies && strcmp(file->policy[file->baseline], baseline) != 0)
        file->baseline++;
    if (!in->code && file->baseline == file->n_policies)
        refuse(in, "no policy is the baseline", baseline);
    free(primary);
    free(baseline);
}

/* Is the i-th link of /kpi a KPI: doubles over policy and replication? Its name goes to `name`. */
static bool is_kpi(struct in *in, hid_t group, hsize_t i, int rank, char *name, size_t size)
{
    ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, size, H5P_DEFAULT);
    if (length < 0 || (size_t)length >= size) {
        refuse(in, "cannot list", "/kpi");
        return false;
    }
    hid_t set = H5Dopen2(group, name, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1,
          type = set >= 0 ? H5Dget_type(set) : -1;
    bool good = space >= 0 && type >= 0 && H5Sget_simple_extent_ndims(space) == rank && H5Tget_class(type) == H5T_FLOAT;
    if (space < 0 || type < 0)
        refuse(in, "cannot read array", name);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    return good;
}

static void read_kpi(struct in *in, struct ch_file *file, const char *name, int rank)
{
    char path[CH_H5_PATH_MAX + 8];
    hsize_t n[3] = {1, 1, 1};
    unsigned k = file->n_kpis;
    snprintf(path, sizeof path, "/kpi/%s", name);
    double *value = read_array(in, path, CH_H5_F64, rank, n + 3 - rank);
    if (!in->code && (n[0] != file->n_points || n[1] != file->n_policies || n[2] == 0 || (k && n[2] != file->n_replications)))
        refuse(in, "wrong shape of", path);
    file->n_replications = (unsigned)n[2];
    size_t cells = (size_t)(n[0] * n[1] * n[2]);
    double *all = in->code ? NULL : realloc(file->value, (k + 1) * cells * sizeof *all);
    if (all) {
        file->value = all;
        memcpy(all + k * cells, value, cells * sizeof *all);
        char *number = text_note(in, path, "kpi");
        file->kpi_k[k] = number && number[0] == 'K' ? (int)strtol(number + 1, NULL, 10) : 0;
        free(number);
        file->kpi_name[k] = strdup(name);
        file->kpi_unit[k] = need_text(in, path, "units");
        file->kpi_doc[k] = need_text(in, path, "long_name");
        file->n_kpis++;
        if (file->kpi_unit[k] && strcmp(file->kpi_unit[k], "1") == 0)
            file->kpi_unit[k][0] = 0; /* netCDF's name of a pure number */
    }
    if (!in->code && (!all || !file->kpi_name[k]))
        refuse(in, "out of memory for", path);
    free(value);
}

static void read_kpis(struct in *in, struct ch_file *file)
{
    char name[CH_H5_PATH_MAX];
    H5G_info_t info = {0};
    if (in->code)
        return;
    int rank = H5Lexists(in->file, "/kpi/point", H5P_DEFAULT) > 0 ? 3 : 2;
    hid_t group = H5Gopen2(in->file, "/kpi", H5P_DEFAULT);
    if (group < 0 || H5Gget_info(group, &info) < 0)
        refuse(in, "cannot list", "/kpi");
    file->kpi_name = calloc(info.nlinks + 1, sizeof *file->kpi_name);
    file->kpi_unit = calloc(info.nlinks + 1, sizeof *file->kpi_unit);
    file->kpi_doc = calloc(info.nlinks + 1, sizeof *file->kpi_doc);
    file->kpi_k = calloc(info.nlinks + 1, sizeof *file->kpi_k);
    if (!file->kpi_name || !file->kpi_unit || !file->kpi_doc || !file->kpi_k)
        refuse(in, "out of memory for", "/kpi");
    for (hsize_t i = 0; i < info.nlinks && !in->code; i++)
        if (is_kpi(in, group, i, rank, name, sizeof name))
            read_kpi(in, file, name, rank);
    if (!in->code && (file->n_kpis == 0 || (in->checksums && info.nlinks != count_noted(in))))
        refuse(in, "key figures are missing in", "/kpi");
    if (group >= 0)
        H5Gclose(group);
}

enum ch_code ch_file_read(const char *path, bool allow_incomplete, struct ch_file *file, struct ch_error *error)
{
    CH_REQUIRE(path && file);
    struct in in = {.path = path, .file = -1, .error = error};
    *file = (struct ch_file){0};
    in.code = ch_file_check_bytes(path, error);
    if (in.code)
        return in.code;
    ch_h5_start();
    in.file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (in.file < 0)
        in.code = ch_fail(error, CH_INVALID, "%s: damaged: HDF5 cannot open it: %s", path, ch_h5_why());
    else
        check_inside(&in, allow_incomplete, file);
    read_facts(&in, file);
    read_labels(&in, file);
    read_kpis(&in, file);
    if (in.file >= 0)
        H5Fclose(in.file);
    free(in.checksums);
    if (in.code)
        ch_file_fini(file);
    return in.code;
}

void ch_file_fini(struct ch_file *file)
{
    free(file->name);
    free(file->question);
    free(file->status);
    free(file->config_yaml);
    free(file->inputs);
    free(file->folder);
    free(file->program);
    ch_h5_free_texts(file->policy, file->n_policies);
    free(file->forced);
    ch_h5_free_texts(file->primary, file->n_primary);
    ch_h5_free_texts(file->point_label, file->n_points);
    ch_h5_free_texts(file->kpi_name, file->n_kpis);
    ch_h5_free_texts(file->kpi_unit, file->n_kpis);
    ch_h5_free_texts(file->kpi_doc, file->n_kpis);
    free(file->kpi_k);
    free(file->value);
    free(file->people);
    *file = (struct ch_file){0};
}
