/* SPDX-License-Identifier: MIT
 * The templates: @N@ shards, @LAST@ the last of them, @T@ threads, @TIME@, @HM@ (time in hours and minutes), @S@ seconds of
 * --max-time, @MEM@, @PROG@ and @DIR@ quoted for a shell, @NAME@. */
#include "sweep/script.h"
#include <stdio.h>
#include <string.h>

#define ASK_THE_DISK "# What is done stands in @DIR@, whatever exit codes say: @PROG@ sweep status @DIR@\n"

static const struct template { const char *name, *text; }
templates[] = {
    {"slurm",
     "#!/bin/sh\n"
     "#SBATCH --job-name=@NAME@\n"
     "#SBATCH --array=0-@LAST@\n"
     "#SBATCH --cpus-per-task=@T@\n"
     "#SBATCH --time=@TIME@\n"
     "#SBATCH --mem=@MEM@\n"
     "#SBATCH --requeue\n"
     "#SBATCH --open-mode=append\n"
     "#SBATCH --signal=B:USR1@180\n"
     "#SBATCH --output=@DIR@/shard-%a.log\n"
     "# Submit this file and the merge behind it (afterany, not afterok: merge itself says whether all is there):\n"
     "#   A=$(sbatch --parsable THIS_FILE) && sbatch -d afterany:$A --wrap \"@PROG@ sweep merge @DIR@\"\n"
     "# Killed, out of time (exit code 75) or out of nodes? The same two lines again compute what is missing. Only\n"
     "# the shards that miss something: sbatch --array=$(@PROG@ sweep status @DIR@ --missing-shards @N@) THIS_FILE\n" ASK_THE_DISK
     "export OMP_NUM_THREADS=\"${SLURM_CPUS_PER_TASK:-@T@}\"\n"
     "exec @PROG@ sweep run @DIR@ --shard \"$SLURM_ARRAY_TASK_ID\"/@N@\n"},
    {"pbs", "#!/bin/sh\n"
            "#PBS -N @NAME@\n"
            "#PBS -J 0-@LAST@\n"
            "#PBS -r y\n"
            "#PBS -j oe\n"
            "#PBS -l select=1:ncpus=@T@:mem=@MEM@\n"
            "#PBS -l walltime=@TIME@\n"
            "# A=$(qsub THIS_FILE) && echo 'cd \"$PBS_O_WORKDIR\" && @PROG@ sweep merge @DIR@' | qsub -W depend=afterany:$A\n"
            "# Again computes what is missing.\n" ASK_THE_DISK "cd \"$PBS_O_WORKDIR\" || exit 74\n"
            "export OMP_NUM_THREADS=@T@\n"
            "exec @PROG@ sweep run @DIR@ --shard auto/@N@ --max-time @S@\n"},
    {"sge", "#!/bin/sh\n"
            "#$ -N @NAME@\n"
            "#$ -t 1-@N@\n"
            "#$ -cwd\n"
            "#$ -j y\n"
            "#$ -r y\n"
            "#$ -notify\n"
            "#$ -pe smp @T@\n"
            "#$ -l h_rt=@TIME@\n"
            "#$ -l mem_free=@MEM@\n"
            "# qsub THIS_FILE; then qsub -hold_jid @NAME@ -cwd -b y @PROG@ sweep merge @DIR@\n"
            "# SGE starts a job again that ends with 99, which is our 75.\n" ASK_THE_DISK "trap '' USR1 USR2\n"
            "export OMP_NUM_THREADS=@T@\n"
            "@PROG@ sweep run @DIR@ --shard auto/@N@ --max-time @S@\n"
            "code=$?\n"
            "[ $code -eq 75 ] && exit 99\n"
            "exit $code\n"},
    {"lsf", "#!/bin/sh\n"
            "#BSUB -J \"@NAME@[1-@N@]\"\n"
            "#BSUB -n @T@\n"
            "#BSUB -R \"span[hosts=1]\"\n"
            "#BSUB -W @HM@\n"
            "#BSUB -M @MEM@\n"
            "#BSUB -r\n"
            "#BSUB -Q \"75\"\n"
            "# bsub < THIS_FILE; then bsub -w 'ended(@NAME@)' @PROG@ sweep merge @DIR@\n"
            "# LSF starts a job again that ends with 75.\n" ASK_THE_DISK "export OMP_NUM_THREADS=@T@\n"
            "exec @PROG@ sweep run @DIR@ --shard auto/@N@ --max-time @S@\n"},
    {"flux", "#!/bin/sh\n"
             "# sh THIS_FILE, inside of a Flux instance; again computes what is missing.\n" ASK_THE_DISK
             "flux submit --wait --progress --cc=0-@LAST@ --nslots=1 --cores-per-slot=@T@ --time-limit=@S@s \\\n"
             "    --env=OMP_NUM_THREADS=@T@ sh -c 'exec @PROG@ sweep run @DIR@ --shard auto/@N@'\n"
             "@PROG@ sweep merge @DIR@\n"},
    {"hq", "#!/bin/sh\n"
           "# sh THIS_FILE, where a HyperQueue server runs; again computes what is missing.\n" ASK_THE_DISK
           "hq submit --name @NAME@ --array=0-@LAST@ --cpus=@T@ --time-limit=@S@s --crash-limit=20 --wait \\\n"
           "    --env OMP_NUM_THREADS=@T@ -- @PROG@ sweep run @DIR@ --shard auto/@N@\n"
           "@PROG@ sweep merge @DIR@\n"},
    {"parallel",
     "#!/bin/sh\n"
     "# sh THIS_FILE; again computes what is missing. For other hosts: parallel --sshloginfile HOSTS --workdir .\n" ASK_THE_DISK
     "export OMP_NUM_THREADS=@T@\n"
     "seq 0 @LAST@ | parallel --joblog @DIR@/joblog --resume-failed @PROG@ sweep run @DIR@ --shard {}/@N@\n"
     "@PROG@ sweep merge @DIR@\n"},
    {"make", "# make -f THIS_FILE -j 4; again computes what is missing.\n" ASK_THE_DISK "export OMP_NUM_THREADS = @T@\n"
             "SHARDS := $(addprefix shard-,$(shell seq 0 @LAST@))\n"
             ".PHONY: merge $(SHARDS)\n"
             "merge: $(SHARDS)\n"
             "\t@PROG@ sweep merge @DIR@\n"
             "$(SHARDS): shard-%:\n"
             "\t@PROG@ sweep run @DIR@ --shard $*/@N@\n"},
    {"snakemake",
     "# snakemake -s THIS_FILE --cores 4 --retries 3 (or --executor slurm); again computes what is missing.\n" ASK_THE_DISK
     "rule merge:\n"
     "    input: expand(\"shard-{i}.done\", i=range(@N@))\n"
     "    shell: \"@PROG@ sweep merge @DIR@\"\n"
     "\n"
     "rule shard:\n"
     "    output: temp(touch(\"shard-{i}.done\"))\n"
     "    threads: @T@\n"
     "    shell: \"OMP_NUM_THREADS={threads} @PROG@ sweep run @DIR@ --shard {wildcards.i}/@N@\"\n"},
    {"mpirun",
     "#!/bin/sh\n"
     "# sh THIS_FILE, inside of an allocation; any MPI launcher will do, no MPI program is needed. Again computes what\n"
     "# is missing.\n" ASK_THE_DISK "export OMP_NUM_THREADS=@T@\n"
     "mpirun -n @N@ @PROG@ sweep run @DIR@ --shard ranks\n"
     "@PROG@ sweep merge @DIR@\n"},
};
enum { N_TEMPLATES = sizeof templates / sizeof templates[0] };

/* Words that a shell takes as they are stay so; others stand in single quotes. */
static void quote(const char *word, struct ch_text *out)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:=,";
    if (word[0] && strspn(word, safe) == strlen(word)) {
        ch_text_add(out, word);
        return;
    }
    ch_text_add(out, "'");
    for (; *word; word++)
        ch_text_addf(out, *word == '\'' ? "'\\''" : "%c", *word);
    ch_text_add(out, "'");
}

/* Job names: letters and digits, not a digit first. */
static void add_name(const char *name, struct ch_text *out)
{
    ch_text_add(out, "chaland-");
    for (unsigned i = 0; i < 24 && name[i]; i++) {
        char c = name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        ch_text_addf(out, "%c", plain ? c : '-');
    }
}

static void put(const char *key, size_t n, const struct ch_script *s, struct ch_text *out)
{
    const char *colon = strrchr(s->time, ':');
    if (n == 1 && key[0] == 'N')
        ch_text_addf(out, "%u", s->jobs);
    else if (n == 1 && key[0] == 'T')
        ch_text_addf(out, "%u", s->threads);
    else if (n == 1 && key[0] == 'S')
        ch_text_addf(out, "%u", s->max_time_s);
    else if (strncmp(key, "LAST", n) == 0)
        ch_text_addf(out, "%u", s->jobs - 1);
    else if (strncmp(key, "TIME", n) == 0)
        ch_text_add(out, s->time);
    else if (strncmp(key, "HM", n) == 0)
        ch_text_addn(out, s->time, colon && strchr(s->time, ':') != colon ? (size_t)(colon - s->time) : strlen(s->time));
    else if (strncmp(key, "MEM", n) == 0)
        ch_text_add(out, s->mem);
    else if (strncmp(key, "PROG", n) == 0)
        quote(s->program, out);
    else if (strncmp(key, "DIR", n) == 0)
        quote(s->folder, out);
    else
        add_name(s->name, out);
}

/* @KEY@ with a key of capitals is replaced; any other @ stays ("USR1@180"). */
static void expand(const char *text, const struct ch_script *s, struct ch_text *out)
{
    for (const char *at = text; *at;) {
        size_t n = *at == '@' ? strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
        if (n > 0 && at[n + 1] == '@') {
            put(at + 1, n, s, out);
            at += n + 2;
        } else {
            ch_text_addn(out, at++, 1);
        }
    }
}

enum ch_code ch_script_print(const char *scheduler, const struct ch_script *script, struct ch_text *out, struct ch_error *error)
{
    struct ch_text names = {0};
    for (unsigned i = 0; i < N_TEMPLATES; i++) {
        if (strcmp(templates[i].name, scheduler) == 0) {
            ch_text_fini(&names);
            expand(templates[i].text, script, out);
            return out->failed ? ch_fail(error, CH_TOO_BIG, "out of memory") : CH_OK;
        }
        ch_text_addf(&names, "%s%s", i ? ", " : "", templates[i].name);
    }
    ch_fail(error, CH_INVALID, "--for: '%s' is unknown; choose one of %s", scheduler, names.s ? names.s : "");
    ch_text_fini(&names);
    return CH_INVALID;
}
