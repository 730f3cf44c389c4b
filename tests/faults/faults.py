#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Results under attack: killed, on a full disk, in folders that do not take them, and damaged afterwards.

    faults.py PROGRAM SHIM.so|- SCENARIOS SEED [long]      prints "ok NAME", "FAIL NAME: why" or "skip NAME: why"

What must hold, whatever happens: a file under its own name is whole, the one that was there before or the new one; no reader takes
anything else for a result; the message names the cause in one line, and the exit code is that of the table (2 for a file that is no
result, 74 for a disk or folder that does not take one). SEED chooses the instants and places; `long` takes more of them.
"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM, SHIM, SHARE, SEED = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
LONG = "long" in sys.argv[5:]
dice = random.Random(SEED)
folder = pathlib.Path(tempfile.mkdtemp(prefix="chaland-faults-"))
SHORT = ["--set", "duration=1d", "--set", "warmup=0d", "--set", "population.shoppers=100", "-n", "2", "--policy", "responsive", "-q"]
BARE = ["--threads", "1", "--set", "outputs.maps=off", "--set", "outputs.stores=no", "--set", "outputs.couriers=no", "--policy", "silent"]
READERS = {"compare": [], "report": ["-q"], "export": ["--csv", "kpi"], "notebook": ["-q"], "trace": [], "rerun": ["-q"]}


def call(*words, **options):
    env = dict(os.environ, CHALAND_SHARE=SHARE, **options.pop("env", {}))
    done = subprocess.run([str(w) for w in words], cwd=folder, capture_output=True, env=env, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def run_to(path, *more, prefix=(), **options):
    return call(*prefix, PROGRAM, "run", "quickstart", *SHORT, "-o", path, *more, **options)


def read(path):
    return pathlib.Path(folder, path).read_bytes()


def parts():
    return list(folder.rglob("*.part"))


def check(name, problems, n):
    print(f"ok faults: {name}, {n} of {n}" if not problems else f"FAIL faults: {name}: {len(problems)} of {n} (seed {SEED}): " + "; ".join(problems[:3]))


def fresh():
    """A folder with one good file, old.h5, and what is in it."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    status, _, said = run_to("old.h5")
    assert status == 0, said
    return read("old.h5")


def what_stands(path, old):
    """Is what bears the name whole? "old", "new", "none", or a complaint."""
    target = folder / path
    if not target.exists():
        return "none"
    if old is not None and target.read_bytes() == old:
        return "old"
    status, _, said = call(PROGRAM, "compare", path)
    return "new" if status == 0 else f"a broken {path}: {said.strip()}"


def no_part_is_taken():
    for part in parts():
        for reader, options in READERS.items():
            status, told, said = call(PROGRAM, reader, part, *options)
            if status != 2 or told or not said:
                return f"{reader} takes {part.name}: {status}"
    return None


# ---- killed ---------------------------------------------------------------------------------------------------------------------

def killed_at_random(instants):
    """kill -9 at random instants of the whole run, half of them over a file that is there."""
    old = fresh()
    begin = time.time()
    run_to("x.h5")
    takes, problems, seen = time.time() - begin, [], {"old": 0, "new": 0, "none": 0}
    for i in range(instants):
        over = i % 2 == 0
        path = "old.h5" if over else "x.h5"
        (folder / "x.h5").unlink(missing_ok=True)
        process = subprocess.Popen([PROGRAM, "run", "quickstart", *SHORT, "-o", path] + ["--force"] * over, cwd=folder,
                                   env=dict(os.environ, CHALAND_SHARE=SHARE), stderr=subprocess.DEVNULL)
        time.sleep(dice.random() ** 0.5 * 1.1 * takes)  # more often towards the end, where it writes
        process.send_signal(signal.SIGKILL)
        process.wait()
        stands = what_stands(path, old if over else None)
        if stands not in ("old", "new") and not (stands == "none" and not over):
            problems.append(stands)
        else:
            seen[stands] += 1
        if over and stands == "new":
            old = read("old.h5")
    complaint = no_part_is_taken()
    check(f"killed at random instants ({seen['old']} old, {seen['new']} new, {seen['none']} none, {len(parts())} parts)",
          problems + ([complaint] if complaint else []), instants)
    status, _, said = run_to("old.h5", "--force")
    check("and the next run is not disturbed by what they left", [] if status == 0 else [said], 1)


def struck(kind, n, path, force):
    mark = folder / "mark"
    mark.unlink(missing_ok=True)
    env = {"LD_PRELOAD": SHIM, "CH_FAULT": f"{kind}:{n}", "CH_FAULT_MARK": str(mark)}
    status, told, said = run_to(path, *BARE, *(["--force"] if force else []), env=env)
    return status, said, mark.exists()


def calls_in_all():
    return int(struck("none", 0, "x.h5", True)[1])


def at_each_call():
    """Each call that touches the part fails in its turn, or is the last: those at both ends, some of the readings between."""
    old, n = fresh(), calls_in_all()
    ends = 40 if LONG else 7
    turns = sorted(set(range(1 if LONG else 4, ends + 4)) | set(range(n - 40 if LONG else n - 4, n + 1)) | {dice.randint(ends, n) for _ in range(100 if LONG else 2)})
    words = {"enospc": "No space left on device", "eio": "Input/output error", "eintr": "Interrupted system call",  # HDF5's own opening and closing
             "short": "none of these"}
    for kind in ("kill", "after", "eio", "enospc", "short", "eintr"):
        problems, tried = [], 0
        for turn in turns if LONG or kind in ("kill", "after", "eio") else turns[:8]:
            for force in (True, False) if LONG or turn > n - 5 else (turn % 2 == 0,):
                tried += 1
                path = "old.h5" if force else "x.h5"
                (folder / "x.h5").unlink(missing_ok=True)
                (folder / "old.h5").write_bytes(old)
                status, said, _ = struck(kind, turn, path, force)
                stands = what_stands(path, old if force else None)
                before = "old" if force else "none"
                died = kind in ("kill", "after")
                if stands not in (before, "new"):
                    problems.append(f"call {turn}: {stands}")
                elif died and status not in (0, -9):
                    problems.append(f"call {turn}: exit {status}")
                elif not died and status == 0 and stands != "new":
                    problems.append(f"call {turn}: 0, but {stands}")
                elif kind in ("short", "eintr") and status != 0 and not (status == 74 and words[kind] in said):
                    problems.append(f"call {turn}: {said.strip()}")
                elif kind in ("enospc", "eio") and status != 0:
                    if status != 74 or words[kind] not in said or path not in said or said.count("\n") != 1:
                        problems.append(f"call {turn}: exit {status}, {said.strip()}")
                    if stands == "new" and "is whole" not in said:
                        problems.append(f"call {turn}: a new file, and yet {said.strip()}")
                if died:
                    complaint = no_part_is_taken() if turn % 7 == 0 else None
                    problems += [complaint] if complaint else []
                    for part in parts():
                        part.unlink()
                elif parts() and "link" not in said and status != 0:
                    for part in parts():  # its own removal was what failed
                        part.unlink()
        check(f"{kind} at a call of {n}", problems, tried)


# ---- full disks, folders ---------------------------------------------------------------------------------------------------------

def in_a_mount(size, script):
    """A shell with a small file system of its own, mnt; None where that is not allowed."""
    (folder / "mnt").mkdir(exist_ok=True)
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode != 0:
        return None
    return call(unshare, "-rm", "sh", "-c", f"mount -t tmpfs -o size={size} tmpfs mnt || exit 99\n{script}")


RUN = f"'{PROGRAM}' run quickstart {' '.join(SHORT)}"


def full_disk():
    old = fresh()
    problems, n = [], 0
    kb = len(old) // 1024
    for room in [4, kb // 4, kb // 2, kb - 8] + [dice.randint(8, kb) for _ in range(40 if LONG else 4)]:
        n += 1
        answer = in_a_mount(f"{(kb + room) // 4 * 4 + 8}k",
                            f"cp old.h5 mnt/old.h5 && {RUN} -o mnt/new.h5; a=$?; {RUN} -o mnt/old.h5 --force; b=$?\n"
                            f"cmp old.h5 mnt/old.h5 || exit 98; ls mnt | grep -vE '^old.h5$|[.]status[.]json$|[.]runs$' >&2; echo $a $b")
        if answer is None or answer[0] == 99:
            return print("skip faults: a full disk: no mounts here; a limit on file size stands for it")
        status, told, said = answer
        if status != 0 or told.split() != [b"74", b"74"] or said.count("No space left on device") != 2 or "new.h5\n" in said or said.count("\n") != 2:
            problems.append(f"{room} kB left: {status} {told} {said.strip()}")
    check("a full disk, the file before stays", problems, n)
    answer = in_a_mount("16k", f"cp old.h5 . 2>/dev/null; dd if=/dev/zero of=mnt/fill bs=1k count=64 2>/dev/null\n"
                        f"for what in 'report old.h5 -o mnt/r.html -q' 'report old.h5 -o mnt/r.md -q' 'notebook old.h5 -o mnt/n.ipynb -q' "
                        f"'schema -o mnt/s.json'; do '{PROGRAM}' $what >/dev/null; echo $?; done; ls mnt >&2")
    status, told, said = answer
    good = told.split() == [b"74"] * 4 and said.count("No space left") == 4 and said.splitlines()[-1] == "fill"
    check("a full disk for reports, notebooks and schemas", [] if good else [f"{told} {said.strip()}"], 4)


def limited_size():
    """ulimit -f, with SIGXFSZ ignored by the shell or left to us."""
    old = fresh()
    problems, kb = [], len(old) // 1024
    limits = [1, kb // 2, kb - 1] + [dice.randint(1, kb - 1) for _ in range(30 if LONG else 3)]
    for limit in limits:
        for trap in ("trap '' XFSZ; ", ""):
            status, _, said = call("bash", "-c", f"ulimit -c 0 -f {limit}; {trap}{RUN} -o old.h5 --force")
            if status != 74 or "File too large" not in said or said.count("\n") != 1 or read("old.h5") != old or parts():
                problems.append(f"{limit} kB: {status} {said.strip()}")
    check("a limit on file size, the file before stays", problems, 2 * len(limits))


def unwritable():
    old = fresh()
    answer = in_a_mount("4m", f"cp old.h5 mnt/old.h5 && mount -o remount,ro mnt\n{RUN} -o mnt/new.h5; a=$?; {RUN} -o mnt/old.h5 --force; b=$?\n"
                        f"'{PROGRAM}' report mnt/old.h5 -q; c=$?; '{PROGRAM}' compare mnt/old.h5 >/dev/null; d=$?; cmp old.h5 mnt/old.h5 && echo $a $b $c $d")
    if answer is None or answer[0] == 99:
        print("skip faults: a read-only file system: no mounts here")
    else:
        status, told, said = answer
        good = told.split() == [b"74", b"74", b"74", b"0"] and said.count("Read-only file system") == 3 and said.count("\n") == 3
        check("a read-only file system takes nothing, and is read", [] if good else [f"{told} {said.strip()}"], 4)
    # Of its own mount, as a remount of a file system that has files open to write is refused.
    answer = in_a_mount("4m", f"{RUN} --set duration=500d -o mnt/new.h5 & sleep 0.5; mount --bind mnt mnt && mount -o remount,bind,ro mnt\n"
                        "wait $!; echo $?; ls mnt | grep -vE '[.]status[.]json$|[.]runs$'")
    if answer is not None and answer[0] != 99:
        status, told, said = answer
        good = told.split() == [b"74"] and "Read-only file system" in said
        check("a file system that becomes read-only meanwhile", [] if good else [f"{told} {said.strip()}"], 1)
    if os.geteuid() != 0:
        (folder / "closed").mkdir()
        (folder / "closed").chmod(0o500)
        status, _, said = run_to("closed/x.h5")
        (folder / "closed").chmod(0o700)
        check("a folder without the right to write", [] if status == 74 and "Permission denied" in said else [said], 1)
    (folder / "gone").mkdir()
    process = subprocess.Popen([PROGRAM, "run", "quickstart", *SHORT, "--set", "duration=500d", "-o", "gone/x.h5"], cwd=folder, text=True,
                               env=dict(os.environ, CHALAND_SHARE=SHARE), stderr=subprocess.PIPE)
    time.sleep(0.5)
    shutil.rmtree(folder / "gone")
    said = process.communicate()[1]
    good = process.returncode == 74 and "gone/x.h5" in said and "No such file or directory" in said and said.count("\n") == 1
    check("a folder that vanishes meanwhile", [] if good and read("old.h5") == old else [f"{process.returncode} {said}"], 1)


# ---- damaged afterwards ----------------------------------------------------------------------------------------------------------

def refused(name, data, reader):
    """None, or what is wrong: it must say no, in one line, and why."""
    (folder / "bad.h5").write_bytes(data)
    status, told, said = call(PROGRAM, reader, "bad.h5", *READERS[reader])
    words = ("is cut off", "damaged", "is empty", "not an HDF5", "cannot be opened as HDF5", "checksum")
    if status != 2 or told or said.count("\n") != 1 or "bad.h5" not in said or not any(w in said for w in words):
        return f"{name}: {reader} says {status} {said.strip()}"
    made = [p.name for p in folder.iterdir() if p.name.startswith("bad") and p.name != "bad.h5"]
    return f"{name}: {reader} made {made}" if made else None


def damaged():
    good = fresh()
    n, problems = len(good), []
    cuts = sorted({0, 1, 7, 8, 47, 48, n - 1, n - 31, n - 33} | {dice.randrange(n) for _ in range(200 if LONG else 12)})
    for cut in cuts:
        problems += filter(None, (refused(f"cut after {cut}", good[:cut], reader) for reader in (READERS if LONG else [dice.choice(list(READERS))])))
    check("files cut off are refused", problems, len(cuts))
    problems = []
    bits = [(byte, bit) for byte in range(48) for bit in range(8)] if LONG else [(dice.randrange(48), dice.randrange(8)) for _ in range(12)]
    bits += [(dice.randrange(48, n), dice.randrange(8)) for _ in range(600 if LONG else 20)] + [(n - 1 - dice.randrange(32), dice.randrange(8)) for _ in range(8)]
    for i, (byte, bit) in enumerate(bits):
        bad = bytearray(good)
        bad[byte] ^= 1 << bit
        reader = list(READERS)[i % len(READERS)]
        problems += filter(None, [refused(f"bit {bit} of byte {byte} of {n}", bytes(bad), reader)])
    check("files with a wrong bit are refused", problems, len(bits))
    problems = []
    for _ in range(60 if LONG else 6):
        bad, at, length = bytearray(good), dice.randrange(n), dice.choice([16, 512, 4096])
        bad[at:at + length] = dice.choice([bytes(length), dice.randbytes(length)])[:len(bad) - at]
        if bytes(bad) != good:
            problems += filter(None, [refused(f"{length} bytes at {at}", bytes(bad), dice.choice(list(READERS)))])
    check("files with a wrong block are refused", problems, 60 if LONG else 6)
    (folder / "bad.h5").write_bytes(good + b"more")
    status, _, said = call(PROGRAM, "compare", "bad.h5")
    check("a file with more behind it is refused", [] if status == 2 and "damaged" in said else [said], 1)
    (folder / "bad.h5").write_bytes(good[:-32])
    status, told, _ = call(PROGRAM, "compare", "bad.h5")
    check("one without its seal is read by its checksums", [] if status == 0 and told == call(PROGRAM, "compare", "old.h5")[1].replace(b"old.h5", b"bad.h5") else [str(status)], 1)


def other_readers():
    """h5py knows nothing of the seal: it refuses what is cut off; a changed value differs from /provenance/checksums."""
    try:
        import h5py
    except ImportError:
        return print("skip faults: h5py: not here")
    good, problems = fresh(), []
    cuts = [dice.randrange(1, len(good) - 33) for _ in range(20)]
    for cut in cuts:
        (folder / "bad.h5").write_bytes(good[:cut])
        try:
            h5py.File(folder / "bad.h5", "r").close()
            problems.append(f"cut after {cut}")
        except OSError:
            pass
    check("h5py refuses files cut off", problems, len(cuts))


def main():
    killed_at_random(400 if LONG else 40)
    if SHIM == "-":
        print("skip faults: at each call: the shim needs gcc and a program that is no sanitizer's")
    else:
        at_each_call()
    full_disk()
    limited_size()
    unwritable()
    damaged()
    other_readers()


try:
    main()
finally:
    shutil.rmtree(folder, ignore_errors=True)
