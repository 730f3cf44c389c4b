/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "app/version.h"
#include "base/build_info.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ch_version_print(FILE *out, bool json, bool verbose)
{
    const struct ch_build_info *info = ch_build_info();
    if (json) {
        fprintf(
            out,
            "{\"schema_version\": 1, \"program\": \"chaland\", \"version\": \"%s\", \"git_commit\": \"%s\", \"git_dirty\": %s, "
            "\"build_type\": \"%s\", \"compiler\": \"%s\", \"compile_flags\": \"%s\", \"hdf5\": \"%s\", \"gsl\": \"%s\", "
            "\"libyaml\": \"%s\", \"openmp\": \"%s\"}\n",
            info->version, info->git_commit, info->git_dirty ? "true" : "false", info->build_type, info->compiler,
            info->compile_flags, info->hdf5, info->gsl, info->libyaml, info->openmp);
        return;
    }
    fprintf(out, "chaland %s (%s%s)\n", info->version, info->git_commit[0] ? info->git_commit : "no commit",
            info->git_dirty ? ", modified" : "");
    if (verbose)
        fprintf(out, "  build     %s, %s\n  flags     %s\n  libraries HDF5 %s, GSL %s, libyaml %s, OpenMP %s\n", info->build_type,
                info->compiler, info->compile_flags, info->hdf5, info->gsl, info->libyaml, info->openmp);
}

static bool holds_scenarios(const char *folder)
{
    char path[PATH_MAX + 16];
    struct stat st;
    return snprintf(path, sizeof path, "%s/scenarios", folder) < (int)sizeof path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The program's folder, "/" stripped; false if the system does not tell. */
static bool program_folder(char *out, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", out, size - 1);
    if (n <= 0)
        return false;
    out[n] = 0;
    char *slash = strrchr(out, '/');
    if (slash)
        *slash = 0;
    return slash != NULL;
}

const char *ch_share_folder(void)
{
    static char share[PATH_MAX];
    static const char *const beside[] = {"/../share/chaland", "/../..", "/.."};
    char program[PATH_MAX];
    if (share[0])
        return share;
    const char *given = getenv("CHALAND_SHARE");
    if (given && holds_scenarios(given)) {
        snprintf(share, sizeof share, "%s", given);
        return share;
    }
    for (size_t i = 0; program_folder(program, sizeof program) && i < sizeof beside / sizeof beside[0]; i++) {
        int n = snprintf(share, sizeof share, "%s%s", program, beside[i]);
        if (n < (int)sizeof share && holds_scenarios(share))
            return share;
    }
    int n = snprintf(share, sizeof share, "%s/share/chaland", ch_build_info()->prefix);
    if (n >= (int)sizeof share || !holds_scenarios(share))
        snprintf(share, sizeof share, ".");
    return share;
}
