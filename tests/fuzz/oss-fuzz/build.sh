#!/usr/bin/env bash
# Builds the fuzz target as OSS-Fuzz asks: CC, CXX, CFLAGS, LIB_FUZZING_ENGINE, OUT are given.
set -euo pipefail
cd "${SRC:+$SRC/dosekernel}"

PYTHON=${PYTHON:-python3}
WORK=${WORK:-$(mktemp -d)}
if ! "$PYTHON" -c 'import dosekernel.fuzz' 2>/dev/null; then
    "$PYTHON" -m venv "$WORK/venv"
    PYTHON=$WORK/venv/bin/python
    "$PYTHON" -m pip install --quiet .
fi

include=$("$PYTHON" -c 'import dosekernel; print(dosekernel.get_include())')
harness=$("$PYTHON" -c 'from dosekernel.fuzz import building; print(building.HARNESS)')
"$PYTHON" -c 'from dosekernel.fuzz import building; print(building.presets())' >"$WORK/presets.h"

# shellcheck disable=SC2086 # flags are words
for source in "$include/dosekernel.c" "$harness/target.c"; do
    $CC $CFLAGS -I"$include" -I"$harness" -I"$WORK" -c "$source" -o "$WORK/$(basename "$source" .c).o"
done
# shellcheck disable=SC2086
$CXX ${CXXFLAGS:-} $LIB_FUZZING_ENGINE "$WORK/target.o" "$WORK/dosekernel.o" -o "$OUT/dosekernel_fuzzer"

"$PYTHON" -m dosekernel fuzz --write-seeds "$WORK/seeds"
"$PYTHON" - "$WORK/seeds" "$OUT/dosekernel_fuzzer_seed_corpus.zip" <<'PACK'
import pathlib
import sys
import zipfile

with zipfile.ZipFile(sys.argv[2], "w") as packed:
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        packed.write(path, path.name)
PACK
cp "$(dirname "$harness")/dictionary.txt" "$OUT/dosekernel_fuzzer.dict"
printf '[libfuzzer]\nmax_len = 512\n' >"$OUT/dosekernel_fuzzer.options"
