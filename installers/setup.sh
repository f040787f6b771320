#!/usr/bin/env bash
# Prepares a machine to build Farhand, to run `make demo`, or to run the whole test suite.
#
#   installers/setup.sh dev     what the build needs (compilers, nasm, cmake, ALSA headers)
#   installers/setup.sh demo    that, and what the two windows and the two X displays of the demo need
#   installers/setup.sh test    that, and what the whole-system tests need
#   installers/setup.sh peers   demo, and the products that Farhand is measured beside (`make bench-peers`)
#   installers/setup.sh cross   dev, and what building for Windows and checking for macOS needs
#
# On Debian and Ubuntu the missing packages are installed, as root or through sudo; elsewhere the
# missing tools are named with the command that installs them. With nothing missing it takes a
# fraction of a second and touches no network. `--list` only prints the packages.
set -euo pipefail

build_packages=(g++ make nasm cmake pkg-config libasound2-dev)
run_packages=(libgl1 libgl1-mesa-dri libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0
  libxkbcommon-x11-0)
demo_packages=(xvfb xauth xserver-xephyr openbox xterm l3afpad dbus at-spi2-core fonts-dejavu-core
  fonts-noto-core fonts-noto-cjk chromium)
test_packages=(chromium-driver xdotool x11-utils x11-xserver-utils imagemagick gnome-keyring
  pulseaudio pulseaudio-utils curl python3 iproute2 nftables iptables postgresql mesa-vulkan-drivers)
peers_packages=(iproute2 tigervnc-scraping-server tigervnc-viewer x11vnc freerdp2-shadow-x11
  freerdp2-x11 ffmpeg)
cross_packages=(gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix wine wine64 python3-venv
  rustc-web cargo-web rust-web-src xvfb xauth xdotool imagemagick)

usage() {
  sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0"
}

packages_for() {
  case "$1" in
    dev) printf '%s\n' "${build_packages[@]}" "${run_packages[@]}" ;;
    demo) packages_for dev && printf '%s\n' "${demo_packages[@]}" ;;
    test) packages_for demo && printf '%s\n' "${test_packages[@]}" ;;
    peers) packages_for demo && printf '%s\n' "${peers_packages[@]}" ;;
    cross) packages_for dev && printf '%s\n' "${cross_packages[@]}" ;;
  esac
}

# Packages that only add to what is shown or compared; their absence is said and not fatal.
is_optional() {
  case "$1" in
    chromium | chromium-driver | fonts-noto-core | fonts-noto-cjk) return 0 ;;
    tigervnc-* | x11vnc | freerdp2-* | ffmpeg) return 0 ;;
    *) return 1 ;;
  esac
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "setup: packages are missing and this is neither root nor is sudo here; as root, run: $*" >&2
    exit 1
  fi
}

apt_missing() {
  local installed
  installed=$(dpkg-query -W -f '${Package} ${Provides} ${db:Status-Status}\n' 2>/dev/null |
    awk '$NF == "installed" { for (i = 1; i < NF; i++) { gsub(/[,()=]/, "", $i); print $i } }')
  packages_for "$1" | while read -r package; do
    grep -qxF -- "$package" <<<"$installed" || echo "$package"
  done
}

apt_setup() {
  local missing installable=() package
  missing=$(apt_missing "$1")
  [ -n "$missing" ] || return 0
  echo "setup: to be installed: $(tr '\n' ' ' <<<"$missing")"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  for package in $missing; do
    if is_optional "$package" && ! apt-cache show "$package" >/dev/null 2>&1; then
      echo "setup: $package is not to be had here; doing without it"
    else
      installable+=("$package")
    fi
  done
  [ "${#installable[@]}" = 0 ] ||
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
      "${installable[@]}"
}

# Elsewhere: name the tools that are missing and the command that brings them.
other_setup() {
  local what=$1 hint=$2 missing=() tool tools=(g++ make nasm cmake pkg-config)
  case "$what" in
    demo | test | peers) tools+=(Xvfb Xephyr openbox xterm dbus-daemon) ;;&
    test) tools+=(xdotool initdb pulseaudio gnome-keyring-daemon ip nft) ;;
    peers) tools+=(ip) ;;
    cross) tools+=(x86_64-w64-mingw32-g++ wine) ;;
  esac
  for tool in "${tools[@]}"; do
    command -v "$tool" >/dev/null 2>&1 || missing+=("$tool")
  done
  pkg-config --exists alsa 2>/dev/null || missing+=("ALSA headers")
  [ "${#missing[@]}" = 0 ] && return 0
  echo "setup: missing: ${missing[*]}" >&2
  echo "setup: this system's packages are not installed for you; try: $hint" >&2
  exit 1
}

what=${1:-dev}
case "$what" in
  dev | demo | test | peers | cross) ;;
  -h | --help) usage && exit 0 ;;
  *) usage >&2 && exit 2 ;;
esac

if [ "${2:-}" = --list ]; then
  packages_for "$what"
elif command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1; then
  apt_setup "$what"
elif command -v dnf >/dev/null 2>&1; then
  other_setup "$what" "sudo dnf install gcc-c++ make nasm cmake pkgconf alsa-lib-devel mesa-dri-drivers \
libxkbcommon-x11 xorg-x11-server-Xvfb xorg-x11-server-Xephyr openbox xterm l3afpad dbus-daemon at-spi2-core chromium"
elif command -v zypper >/dev/null 2>&1; then
  other_setup "$what" "sudo zypper install gcc-c++ make nasm cmake pkgconf alsa-devel Mesa-dri \
libxkbcommon-x11-0 xorg-x11-server-Xvfb xorg-x11-server-extra openbox xterm l3afpad dbus-1 at-spi2-core chromium"
elif command -v pacman >/dev/null 2>&1; then
  other_setup "$what" "sudo pacman -S --needed base-devel nasm cmake alsa-lib mesa libxkbcommon-x11 \
xorg-server-xvfb xorg-server-xephyr openbox xterm l3afpad dbus at-spi2-core chromium"
else
  other_setup "$what" "your system's package manager"
fi
