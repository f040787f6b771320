#!/usr/bin/env bash
# Builds applet, console and command line for Windows, checks them for macOS, and lets the Windows
# applet join a real session under wine. Takes about half an hour on two cores, so it is not part of
# every CI run. `cross.sh windows|macos|join` does one of the three.
#
# Windows: where rustup has the target it is used; otherwise Debian's own rustc and cargo, which carry
# the sources of the standard library, with mingw's POSIX tools. macOS: type checking only, with zig as C
# compiler, because nothing here can link for it.
set -euo pipefail
cd "$(dirname "$0")/.."

target_dir=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/farhand/target}
cross_dir=$target_dir/cross
windows=x86_64-pc-windows-gnu
macos=aarch64-apple-darwin
programs=(--bin farhand-applet --bin farhand-console --bin farhand)
exe_dir=$cross_dir/$windows/release

has_target() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

build_windows() {
  local mingw=x86_64-w64-mingw32 cargo=(cargo build)
  export CC_x86_64_pc_windows_gnu=$mingw-gcc-posix CXX_x86_64_pc_windows_gnu=$mingw-g++-posix \
    AR_x86_64_pc_windows_gnu=$mingw-gcc-ar-posix CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$mingw-gcc-posix
  if ! has_target $windows; then
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    cargo=(/usr/bin/cargo build -Zbuild-std=std,panic_unwind)
  fi
  CARGO_HOME=$cross_dir/cargo CARGO_TARGET_DIR=$cross_dir \
    "${cargo[@]}" --locked --release --target $windows "${programs[@]}"
  ls -l "$exe_dir"/*.exe
}

check_macos() {
  local venv=$cross_dir/zig zig
  if ! has_target $macos; then
    echo "cross: no standard library for $macos here: rustup target add $macos" >&2
    return 1
  fi
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -c 'import ziglang' 2>/dev/null || "$venv/bin/pip" install -q ziglang
  zig=$cross_dir/zig-cc
  printf '#!/bin/sh\nexec %q -m ziglang cc -target aarch64-macos "$@"\n' "$venv/bin/python" >"$zig"
  chmod +x "$zig"
  CC_aarch64_apple_darwin=$zig CXX_aarch64_apple_darwin=$zig CARGO_TARGET_DIR=$cross_dir \
    cargo check --locked --target $macos "${programs[@]}"
}

# The gateway and the technician run here; the customer's applet is the Windows program under wine.
join_under_wine() {
  local dir gateway_pid display url session pin
  dir=$(mktemp -d)
  trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"' RETURN
  cargo build --locked --release --bin farhand --bin farhand-gateway
  local bin=$target_dir/release
  x86_64-w64-mingw32-gcc-posix -shared -O2 -o "$exe_dir/bcryptprimitives.dll" \
    installers/cross/bcryptprimitives.c -ladvapi32

  export FARHAND_PASSWORD="plain words for a test 4711" FARHAND_STATE=$dir/state
  "$bin/farhand-gateway" init --data "$dir/data" --org ACME --admin-email olga@acme.example --admin-name Olga
  "$bin/farhand-gateway" technician add --data "$dir/data" --email ada@acme.example --name "Ada Kern"
  "$bin/farhand-gateway" serve --data "$dir/data" --listen 127.0.0.1:0 >"$dir/gateway" 2>"$dir/gateway.log" &
  gateway_pid=$!
  await "$dir/gateway" '^trust ' "$gateway_pid"
  url=$(sed -n 's/^listening on //p' "$dir/gateway")
  FARHAND_GATEWAY=$url FARHAND_TRUST=$(sed -n 's/^trust //p' "$dir/gateway")
  export FARHAND_GATEWAY FARHAND_TRUST
  FARHAND_TOKEN=$("$bin/farhand" login --email ada@acme.example --json | json token)
  export FARHAND_TOKEN
  "$bin/farhand" session new --name "Maria Diaz" --auto-start --json >"$dir/session"
  session=$(json session_id <"$dir/session") pin=$(json pin <"$dir/session")

  Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>"$dir/display" 2>/dev/null &
  await "$dir/display" '[0-9]' $!
  display=:$(cat "$dir/display")
  DISPLAY=$display WINEPREFIX=$dir/wine WINEDEBUG=-all wine "$exe_dir/farhand-applet.exe" \
    --no-window --pin "$pin" --grant view,control >"$dir/applet" 2>"$dir/applet.log" &
  await "$dir/applet" '^joined:' $!
  await "$dir/applet" 'ctive' $!
  "$bin/farhand" screenshot "$session" "$dir/picture.png"
  "$bin/farhand" chat "$session" "hello from here"
  await "$dir/applet" 'hello from here' $!
  "$bin/farhand" session close "$session"
  await "$dir/applet" '^ended:' $!
  echo "cross: the Windows applet joined, showed its screen, heard the chat and ended"
}

json() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# Waits until a file holds a pattern, as long as the process that writes it lives.
await() {
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    grep -q "$2" "$1" 2>/dev/null && return 0
    kill -0 "$3" 2>/dev/null || break
    sleep 0.05
  done
  echo "cross: waited in vain for \"$2\"" >&2
  cat "$1"* >&2
  return 1
}

case "${1:-all}" in
  windows) build_windows ;;
  macos) check_macos ;;
  join) join_under_wine ;;
  all) build_windows && check_macos && join_under_wine ;;
  *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
