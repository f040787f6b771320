#!/usr/bin/env bash
# Builds applet, console and command line for Windows, checks them for macOS, and lets the Windows
# programs hold real sessions under wine. Takes about half an hour on two cores, so it is not part of
# every CI run. `cross.sh windows|macos|join` does one of the three.
#
# Where rustup has the standard library of a target it is used; otherwise Debian's own rustc and cargo,
# which carry its sources. Windows is built with mingw's POSIX tools. macOS is only type checked, with zig
# as C compiler, because nothing here can link for it. PROFILE=dev builds gateway and technician of the
# join in that profile.
set -euo pipefail
cd "$(dirname "$0")/.."

target_dir=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/farhand/target}
cross_dir=$target_dir/cross
profile=${PROFILE:-release}
windows=x86_64-pc-windows-gnu
macos=aarch64-apple-darwin
programs=(--bin farhand-applet --bin farhand-console --bin farhand)
exe_dir=$cross_dir/$windows/release

# cross_cargo TARGET BACKEND COMMAND…: cargo for that target, with scrap's backend for it.
cross_cargo() {
  local target=$1 backend=$2
  shift 2
  local environment=(CARGO_TARGET_DIR="$cross_dir" FARHAND_SCRAP="$backend" RUSTC_WRAPPER="$PWD/installers/cross/rustc-wrapper")
  if [ -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$target/lib" ]; then
    env "${environment[@]}" cargo "$@" --locked --target "$target"
  else
    env "${environment[@]}" CARGO_HOME="$cross_dir/cargo" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
      /usr/bin/cargo "$@" -Zbuild-std=std,panic_unwind --locked --target "$target"
  fi
}

build_windows() {
  local mingw=x86_64-w64-mingw32 static=$cross_dir/static library
  # A folder with nothing but the static C++ and thread libraries, which the linker looks into first: the
  # programs are one file each, and Windows has no libstdc++-6.dll.
  mkdir -p "$static"
  for library in stdc++ winpthread; do
    ln -sf "$($mingw-g++-posix -print-file-name="lib$library.a")" "$static/lib$library.a"
  done
  ln -sf libwinpthread.a "$static/libpthread.a"
  export CC_x86_64_pc_windows_gnu=$mingw-gcc-posix CXX_x86_64_pc_windows_gnu=$mingw-g++-posix \
    AR_x86_64_pc_windows_gnu=$mingw-gcc-ar-posix CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$mingw-gcc-posix \
    FARHAND_LINK_FIRST=$static
  # What an earlier build left must not pass for what this one made.
  rm -f "$exe_dir"/*.exe
  cross_cargo $windows dxgi build --release "${programs[@]}"
  if $mingw-objdump -p "$exe_dir"/*.exe | grep -E 'DLL Name: lib(std|gcc|win)'; then
    echo "cross: the programs need libraries that Windows does not have" >&2
    return 1
  fi
  ls -l "$exe_dir"/*.exe
}

check_macos() {
  local venv=$cross_dir/zig tool
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -c 'import ziglang' 2>/dev/null || "$venv/bin/pip" install -q ziglang
  for tool in cc c++ ar; do
    {
      echo '#!/bin/sh'
      # zig names the system its own way, and build scripts name it theirs.
      # shellcheck disable=SC2016
      printf '%s\n' 'for argument; do shift; case $argument in --target=* | -mmacosx-version-min=*) ;; *) set -- "$@" "$argument" ;; esac; done'
      printf 'exec %q -m ziglang %s "$@"\n' "$venv/bin/python" "$([ $tool = ar ] && echo ar || echo "$tool -target aarch64-macos")"
    } >"$cross_dir/zig-$tool"
    chmod +x "$cross_dir/zig-$tool"
  done
  # Nobody looks into it: it only keeps build scripts from asking Apple's tools where their headers lie.
  export SDKROOT=/
  export CC_aarch64_apple_darwin=$cross_dir/zig-cc CXX_aarch64_apple_darwin=$cross_dir/zig-c++ AR_aarch64_apple_darwin=$cross_dir/zig-ar
  cross_cargo $macos quartz check "${programs[@]}"
}

# The gateway and the technician run here; the customer's applet is the Windows program under wine.
join_under_wine() {
  cargo build --locked --profile "$profile" --bin farhand --bin farhand-gateway
  installers/cross/join.sh "$exe_dir" "$target_dir/${profile/#dev/debug}" "$cross_dir/pictures"
}

case "${1:-all}" in
  windows) build_windows ;;
  macos) check_macos ;;
  join) join_under_wine ;;
  # One after the other, not joined by `&&`, which would switch `set -e` off inside them.
  all)
    build_windows
    check_macos
    join_under_wine
    ;;
  *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2 && exit 2 ;;
esac
