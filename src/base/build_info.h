/* SPDX-License-Identifier: MIT
 * What this program was built from; the values come from the Makefile. */
#ifndef CH_BUILD_INFO_H
#define CH_BUILD_INFO_H

#include <stdbool.h>

struct ch_build_info {
    const char *version;    /* of Chaland */
    const char *git_commit; /* "" when built outside a checkout */
    bool git_dirty;
    const char *model_id;   /* digest of the sources that a run's result may depend on */
    const char *build_type; /* "release", "asan", ... */
    const char *compiler, *compile_flags;
    const char *hdf5, *gsl, *libyaml; /* versions built against */
    const char *openmp;               /* its date, "201511" */
    const char *prefix;               /* where `make install` would put it */
};
const struct ch_build_info *ch_build_info(void);

#endif
