/* SPDX-License-Identifier: MIT */
#include "base/build_info.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#ifndef CH_GIT_COMMIT
#define CH_GIT_COMMIT ""
#endif
#ifndef CH_GIT_DIRTY
#define CH_GIT_DIRTY 0
#endif
#ifndef CH_MODEL_ID
#define CH_MODEL_ID "unknown"
#endif
#ifndef CH_BUILD
#define CH_BUILD "unknown"
#endif
#ifndef CH_FLAGS
#define CH_FLAGS ""
#endif
#ifndef CH_PREFIX
#define CH_PREFIX "/usr/local"
#endif
#ifndef CH_HDF5_VERSION
#define CH_HDF5_VERSION ""
#endif
#ifndef CH_GSL_VERSION
#define CH_GSL_VERSION ""
#endif
#ifndef CH_YAML_VERSION
#define CH_YAML_VERSION ""
#endif

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(_OPENMP)
#define OPENMP TEXT(_OPENMP)
#else
#define OPENMP "none"
#endif

const struct ch_build_info *ch_build_info(void)
{
    static const struct ch_build_info info = {.version = "0.1.0",
                                              .git_commit = CH_GIT_COMMIT,
                                              .git_dirty = CH_GIT_DIRTY,
                                              .model_id = CH_MODEL_ID,
                                              .build_type = CH_BUILD,
                                              .compiler = COMPILER,
                                              .compile_flags = CH_FLAGS,
                                              .hdf5 = CH_HDF5_VERSION,
                                              .gsl = CH_GSL_VERSION,
                                              .libyaml = CH_YAML_VERSION,
                                              .openmp = OPENMP,
                                              .prefix = CH_PREFIX};
    return &info;
}
