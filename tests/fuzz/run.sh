#!/usr/bin/env bash
# Builds every fuzz target with coverage counters and runs each for FUZZ_SECONDS (60), within 512 MB
# and 1 s per input. Prints how many inputs each took. What breaks a reader is written to
# tests/fixtures/crashes/TARGET/, where the tests replay it, and the run fails.
#
# Each search begins with the committed corpus (tests/fuzz/corpus/TARGET/), the seeds, and what
# searches on this machine found before. Whatever of that is short and reaches code that nothing in
# the committed corpus reaches is added to it in the end: commit it with the change it came with.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${FUZZ_SECONDS:-60}
target_dir=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/farhand/target}/fuzz
found=$target_dir/corpus
host=$(rustc -vV | sed -n 's/^host: //p')
targets=("$@")
if [ "${#targets[@]}" = 0 ]; then
  for file in tests/fuzz/targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi

# With --target the flags reach the crates under test and not build scripts.
counters="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
RUSTFLAGS="${RUSTFLAGS:-} $counters" CARGO_TARGET_DIR="$target_dir" \
  cargo build --locked --release --manifest-path tests/fuzz/Cargo.toml --target "$host" \
  $(printf -- '--bin %s ' "${targets[@]}")
cargo run --locked -q --bin farhand-seeds -- "$found"

failed=0
for target in "${targets[@]}"; do
  run=$target_dir/$host/release/$target
  crashes=tests/fixtures/crashes/$target
  kept=tests/fuzz/corpus/$target
  mkdir -p "$crashes" "$kept" "$found/$target"
  log=$target_dir/$target.log
  # A key picture of a film is larger than anything else has to be.
  case $target in
    video) longest=1048576 longest_kept=16384 ;;
    *) longest=65536 longest_kept=4096 ;;
  esac
  limits=(-rss_limit_mb=512 -timeout=1 -artifact_prefix="$crashes/")
  if "$run" "${limits[@]}" -max_total_time="$seconds" -max_len="$longest" -print_final_stats=1 \
    "$found/$target" "$kept" >"$log" 2>&1; then
    verdict=ok
  else
    verdict=FAILED
    failed=1
    tail -n 40 "$log"
  fi
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  before=$(find "$kept" -type f | wc -l)
  # By the code they reach alone, and not by how often: a few inputs are as good as thousands.
  "$run" "${limits[@]}" -merge=1 -use_counters=0 -max_len="$longest_kept" "$kept" "$found/$target" >"$log.merge" 2>&1 \
    || { failed=1; tail -n 20 "$log.merge"; }
  new=$(($(find "$kept" -type f | wc -l) - before))
  printf '%-6s %-14s %12s inputs, %4s MB at most, %3s new in the corpus\n' "$verdict" "$target" "${count:-?}" "${peak:-?}" "$new"
  rmdir --ignore-fail-on-non-empty "$crashes"
done
exit "$failed"
