#!/usr/bin/env bash
# Builds every fuzz target with coverage counters and runs each for FUZZ_SECONDS (60), within 512 MB
# and 1 s per input. Prints how many inputs each took. What breaks a reader is written to
# tests/fixtures/crashes/TARGET/, where the tests replay it, and the run fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${FUZZ_SECONDS:-60}
target_dir=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/farhand/target}/fuzz
corpus=$target_dir/corpus
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
cargo run --locked -q --bin farhand-seeds -- "$corpus"

failed=0
for target in "${targets[@]}"; do
  crashes=tests/fixtures/crashes/$target
  mkdir -p "$crashes" "$corpus/$target"
  log=$target_dir/$target.log
  if "$target_dir/$host/release/$target" -max_total_time="$seconds" -rss_limit_mb=512 -timeout=1 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="$crashes/" "$corpus/$target" >"$log" 2>&1; then
    verdict=ok
  else
    verdict=FAILED
    failed=1
    tail -n 40 "$log"
  fi
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  printf '%-6s %-14s %12s inputs, %4s MB at most\n' "$verdict" "$target" "${count:-?}" "${peak:-?}"
  rmdir --ignore-fail-on-non-empty "$crashes"
done
exit "$failed"
