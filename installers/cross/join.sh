#!/usr/bin/env bash
# The Windows programs in real sessions under wine: the gateway and a technician run here, the customer is
# the Windows applet on a desktop with Notepad. Checks what arrived, not only that nothing failed. Leaves its
# pictures in the folder PICTURES.
#
#   join.sh EXE_DIR BIN_DIR PICTURES
set -euo pipefail
exe_dir=$1 bin=$2 pictures=$3
cd "$(dirname "$0")"

dir=$(mktemp -d)
jobs=()
mkdir -p "$pictures"
export WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=d" WINEARCH=win64 WINEPREFIX=$dir/wine

clean() {
  WINEPREFIX=$dir/wine wineserver -k 2>/dev/null || true
  WINEPREFIX=$dir/wine2 wineserver -k 2>/dev/null || true
  [ "${#jobs[@]}" = 0 ] || kill "${jobs[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap clean EXIT

say() {
  echo "cross: $*"
}

fail() {
  echo "cross: $*" >&2
  tail -n 20 "$dir"/*.log "$dir"/applet >&2 2>/dev/null || true
  photograph failed 2>/dev/null || true
  echo "cross: Notepad's file holds: $(notes 2>/dev/null)" >&2
  cp "$dir"/*.log "$pictures" 2>/dev/null || true
  exit 1
}

json() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# Runs a command again until it succeeds, at most two minutes, as long as the process given lives.
await() {
  local pid=$1 what=$2 until=$((SECONDS + 120))
  shift 2
  while [ "$SECONDS" -lt "$until" ]; do
    if "$@" >/dev/null 2>&1; then return 0; fi
    kill -0 "$pid" 2>/dev/null || { "$@" >/dev/null 2>&1 && return 0; fail "the program ended while waiting for $what"; }
    sleep 0.1
  done
  fail "waited in vain for $what"
}

# start_display NAME: a display of its own for NAME; its number goes to DISPLAY.
start_display() {
  Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>"$dir/$1.display" 2>/dev/null &
  jobs+=($!)
  await $! "a display" grep -q '[0-9]' "$dir/$1.display"
  DISPLAY=:$(cat "$dir/$1.display")
  export DISPLAY
}

# start_wine: a Windows of its own in WINEPREFIX, its desktop one X window as large as the display.
start_wine() {
  wine wineboot -i >"$dir/wineboot.log" 2>&1
  wine reg add 'HKCU\Software\Wine\Explorer' /v Desktop /d farhand /f >/dev/null
  wine reg add 'HKCU\Software\Wine\Explorer\Desktops' /v farhand /d 1024x768 /f >/dev/null
  wineserver -w
}

start_gateway() {
  export FARHAND_PASSWORD="plain words for a test 4711" FARHAND_STATE=$dir/state
  "$bin/farhand-gateway" init --data "$dir/data" --org ACME --admin-email olga@acme.example --admin-name Olga >"$dir/init.log"
  "$bin/farhand-gateway" technician add --data "$dir/data" --email ada@acme.example --name "Ada Kern" >>"$dir/init.log"
  "$bin/farhand-gateway" serve --data "$dir/data" --listen 127.0.0.1:0 >"$dir/gateway" 2>"$dir/gateway.log" &
  jobs+=($!)
  await $! "the gateway" grep -q '^trust ' "$dir/gateway"
  FARHAND_GATEWAY=$(sed -n 's/^listening on //p' "$dir/gateway")
  FARHAND_TRUST=$(sed -n 's/^trust //p' "$dir/gateway")
  export FARHAND_GATEWAY FARHAND_TRUST
}

new_session() {
  "$bin/farhand" session new --name "$1" --json >"$dir/session"
  session=$(json session_id <"$dir/session")
  pin=$(json pin <"$dir/session")
}

# Once the customer waits.
start_session() {
  await "$applet" "the customer" "$bin/farhand" session start "$session"
}

# The same program, built for Windows.
farhand_exe() {
  FARHAND_STATE=Z:$dir/technician wine "$exe_dir/farhand.exe" "$@" 2>"$dir/farhand-exe.log"
}

# start_applet FLAGS…: the Windows applet; its number goes to `applet`, what it prints to the file applet.
start_applet() {
  FARHAND_STATE=Z:$dir/customer wine "$exe_dir/farhand-applet.exe" --pin "$pin" "$@" >"$dir/applet" 2>"$dir/applet.log" &
  applet=$!
  jobs+=("$applet")
}

applet_says() {
  await "$applet" "the applet's \"$1\"" grep -q "$1" "$dir/applet"
}

photograph() {
  import -window root "$pictures/$1.png"
}

colours() {
  identify -format %k "$pictures/$1.png"
}

# same A B: the two pictures have not one pixel that differs.
same() {
  [ "$(compare -metric AE "$pictures/$1.png" "$pictures/$2.png" null: 2>&1)" = 0 ]
}

notes() {
  iconv -f UTF-16 -t UTF-8 "$dir/wine/drive_c/notes.txt" | tr -d '\r'
}

notes_are() {
  [ "$(notes)" = "$1" ]
}

# Notepad keeps a file's encoding, so UTF-16 keeps every character.
open_notepad() {
  printf 'first line\r\n' | iconv -f UTF-8 -t UTF-16 >"$dir/wine/drive_c/notes.txt"
  wine start /max notepad 'C:\notes.txt' >/dev/null 2>&1 &
  jobs+=($!)
  await "${jobs[0]}" "Notepad" has_drawn
}

has_drawn() {
  photograph start && [ "$(colours start)" -gt 8 ]
}

sees_what_is_there() {
  "$bin/farhand" screenshot "$session" "$pictures/seen.png" && photograph real && same seen real
}

saved() {
  "$bin/farhand" key "$session" Ctrl+S && sleep 0.3 && notes_are "$1"
}

seen_by_exe() {
  farhand_exe screenshot "$session" "Z:$pictures/seen-from-windows.png" && photograph real && same seen-from-windows real
}

check_session_without_a_window() {
  local text='Grüße, naïve Ωmega, 你好, 😀!' typed
  new_session "Maria Diaz"
  start_applet --no-window --grant view,control
  applet_says '^joined:'
  start_session
  await "$applet" "the same pixels here and there" sees_what_is_there
  say "the Windows applet joined by PIN and shows its desktop, equal in every pixel"

  "$bin/farhand" click "$session" 500 400
  "$bin/farhand" key "$session" Ctrl+End
  "$bin/farhand" type "$session" "$text\\nsecond\\n"
  typed=$'first line\n'"$text"$'\nsecond'
  await "$applet" "\"$text\" in Notepad's file" saved "$typed"
  "$bin/farhand" click "$session" 4 48
  "$bin/farhand" type "$session" "the "
  await "$applet" "the click to have moved the caret" saved "the $typed"
  await "$applet" "the same pixels after typing" sees_what_is_there
  cp "$pictures/seen.png" "$pictures/typed.png"
  say "text, chords and clicks reach Notepad, and its file holds them exactly"

  [ "$(farhand_exe login --email ada@acme.example --json | json token | wc -c)" -gt 20 ] || fail "farhand.exe login gave no token"
  farhand_exe session list --json | grep -q "Maria Diaz" || fail "farhand.exe does not list the session"
  await "$applet" "farhand.exe to see the same pixels" seen_by_exe
  say "farhand.exe signs in, lists the session and sees the same pixels"

  "$bin/farhand" chat "$session" "hello from here"
  applet_says 'hello from here'
  xdotool key Pause
  applet_says 'Pause/Break was pressed'
  applet_says '^ended:'
  say "the chat arrived, and Pause on the customer's keyboard ended it"
}

check_session_in_a_window() {
  new_session "Erik Sund"
  start_applet --grant view
  start_session
  await "$applet" "the applet's window" window_is_drawn
  check_refusal
  "$bin/farhand" session close "$session"
  sleep 3
  photograph applet-end
  say "the applet's window shows the session, its *Don't allow* refuses control, and it shows the end"
  kill "$applet" 2>/dev/null || true
}

window_is_drawn() {
  "$bin/farhand" screenshot "$session" "$pictures/applet-window.png" && [ "$(colours applet-window)" -gt 100 ]
}

# The technician asks for control, and the person at the applet's window says no: that, and no time-out, is what refuses.
check_refusal() {
  local asking status=0
  "$bin/farhand" type "$session" "not allowed" --json >/dev/null 2>"$dir/refused.log" &
  asking=$!
  jobs+=("$asking")
  # A press that was not taken is made again, until the command gives up by itself.
  while kill -0 "$asking" 2>/dev/null; do
    press_refuse || true
    sleep 0.5
  done
  wait "$asking" || status=$?
  [ "$status" = 4 ] || fail "typing that was not allowed ended with $status: $(cat "$dir/refused.log")"
  grep -q '"permission.not_granted"' "$dir/refused.log" || fail "typing was refused for another reason: $(cat "$dir/refused.log")"
  await "$applet" "the customer's no in the log" refused_by_the_customer
}

# Presses *Don't allow*. It stands to the left of *Allow* and is as wide; *Allow* is the largest patch in the colour of primary
# buttons (light, then dark), which it has from when it can be pressed.
press_refuse() {
  local colour width height x y
  photograph question
  for colour in '#0b6a7c' '#4fb3c8'; do
    IFS=x+ read -r width height x y <<<"$(largest_patch question "$colour")" || true
    if [ "${width:-0}" -gt 80 ] && [ "${height:-0}" -gt 20 ]; then
      xdotool mousemove $((x - width / 2 - 8)) $((y + height / 2)) click 1
      return 0
    fi
  done
  return 1
}

# largest_patch NAME COLOUR: the largest connected part of a picture in that colour, as WIDTHxHEIGHT+X+Y; nothing where there is none.
largest_patch() {
  convert "$pictures/$1.png" -alpha off -fuzz 2% -fill '#ff00ff' -opaque "$2" -fuzz 0 -fill black +opaque '#ff00ff' \
    -define connected-components:verbose=true -connected-components 4 null: | awk '$NF ~ /255/ { print $2; exit }'
}

refused_by_the_customer() {
  "$bin/farhand" session events "$session" --json >"$dir/events"
  [ "$(count_events consent.asked)" = 1 ] && [ "$(count_events consent.refused)" = 1 ] && [ "$(count_events control.started)" = 0 ]
}

# count_events KIND: how many of the events last read are of this kind.
count_events() {
  python3 -c 'import json, sys; print(sum(e["kind"] == sys.argv[1] for e in json.load(sys.stdin)))' "$1" <"$dir/events"
}

# Of the console's picture and the customer's screen a strip at the left edge is compared, as wide as what the console itself may lay over
# the middle of the upper edge leaves free. It holds Notepad's title, its menu and the beginnings of its lines.
strip=130x600+0+0
# Notepad's caret blinks: it may be there in one picture and not in the other, 2 by 20 pixels, at one place or, while it moves, at two.
caret=80

# A technician on Windows, on a display of their own and of the same size, looks at the customer's, pixel for pixel.
check_console() {
  local customer=$DISPLAY console
  new_session "Ines Roth"
  start_applet --no-window --grant view,control
  start_session
  # The customer's pointer is painted into the console's picture, and not into the customer's own.
  xdotool mousemove 600 500
  cp -r "$dir/wine" "$dir/wine2"
  start_display technician
  WINEPREFIX=$dir/wine2 FARHAND_STATE=Z:$dir/technician wine "$exe_dir/farhand-console.exe" \
    --session "$session" --control --fullscreen >"$dir/console" 2>"$dir/console.log" &
  console=$!
  jobs+=("$console")
  await "$console" "the customer's pixels in the console's window" console_shows "$customer"
  say "the Windows console shows the customer's screen in its window, equal but for a blinking caret"
  DISPLAY=$customer
  "$bin/farhand" session close "$session"
  applet_says '^ended:'
}

# console_shows DISPLAY: the strips are the same, and not because both are blank.
console_shows() {
  DISPLAY=$1 photograph customer
  photograph console
  cut_strip customer
  cut_strip console
  convert "$pictures/customer-strip.png" -fill white -colorize 100 "$pictures/blank-strip.png"
  [ "$(differing customer-strip blank-strip)" -gt 1000 ] && [ "$(differing customer-strip console-strip)" -le "$caret" ]
}

cut_strip() {
  convert "$pictures/$1.png" -crop "$strip" +repage "$pictures/$1-strip.png"
}

# differing A B: how many pixels differ by more than the rounding of a colour on its way through the window's own drawing.
differing() {
  compare -metric AE -fuzz 1% "$pictures/$1.png" "$pictures/$2.png" null: 2>&1 || true
}

x86_64-w64-mingw32-gcc-posix -shared -O2 -o "$exe_dir/bcryptprimitives.dll" bcryptprimitives.c -ladvapi32
start_gateway
FARHAND_TOKEN=$("$bin/farhand" login --email ada@acme.example --json | json token)
export FARHAND_TOKEN
start_display customer
start_wine
open_notepad
check_session_without_a_window
check_session_in_a_window
check_console
