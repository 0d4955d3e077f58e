#!/usr/bin/env bash
# All tests, in parts: each a pytest run with a fresh database (tests/conftest.py gives one to each file that may find a village another has committed).
# A lane for each core, at least two, take the parts from one queue, long ones first.
set -uo pipefail
unset PYTHONDONTWRITEBYTECODE  # every part and every server in it would compile the program anew
bin=$1
base=${MINQING_TEST_HOME:-${TMPDIR:-/tmp}/minqing-test-$(id -u)}
logs=$(mktemp -d)
parts=("tests/contracts/test_urls.py" "tests/sync/test_histories.py" "$(echo tests/contracts/test_[!u]*.py)" "tests/gather/test_load.py" "tests/gather/engine" "tests/access tests/archives" "tests/commands tests/gateways tests/synth" "tests/notify tests/lib")
files=()  # the rest is dealt out into as many parts as keep every lane busy to the end
for file in tests/{web,gather,portal,service,contact,sync}/test_*.py; do
  case "$file" in tests/gather/test_load.py|tests/sync/test_histories.py) continue;; esac
  files+=("$file")
done
for ((n = 0; n < 16; n++)); do
  part=()
  for ((i = n; i < ${#files[@]}; i += 16)); do part+=("${files[$i]}"); done
  parts+=("${part[*]}")
done
mkfifo "$logs/queue"
exec 3<>"$logs/queue"
lanes=$(nproc)
[ "$lanes" -ge 2 ] || lanes=2
[ "$lanes" -le 6 ] || lanes=6
printf '%s\n' "${!parts[@]}" $(yes end | head -n "$lanes") >&3
day() { TZ=Asia/Shanghai date +%F "$@"; }
run() {  # number, lane
  local begun code
  begun=$(day -d '-2 minutes')
  MINQING_TEST_HOME="$base-$2" "$bin/python" -m pytest ${parts[$1]} > "$logs/$1" 2>&1
  code=$?
  if [ $code -ne 0 ] && [ "$begun" != "$(day -d '2 minutes')" ]; then  # a test names today once and means it to the end
    echo "midnight came in ${parts[$1]}; once more on the new day"
    while [ "$begun" = "$(day -d '-2 minutes')" ]; do sleep 5; done
    MINQING_TEST_HOME="$base-$2" "$bin/python" -m pytest ${parts[$1]} > "$logs/$1" 2>&1
    code=$?
  fi
  echo "$code" > "$logs/$1.code"
  printf '%(%T)T  %s  %s\n' -1 "$(tail -n 1 "$logs/$1")" "${parts[$1]}"
  [ $code -eq 0 ] || cat "$logs/$1"
}
lane() {  # a lock of its own to read whole lines: the lanes share the queue
  local i
  exec 4>"$logs/lock"
  while flock 4 && read -r i <&3 && flock -u 4 && [ "$i" != end ]; do run "$i" "$1"; done
}
for ((n = 0; n < lanes; n++)); do lane "$n" & done
wait
failed=0
for i in "${!parts[@]}"; do [ "$(cat "$logs/$i.code" 2>/dev/null)" = 0 ] || { failed=1; echo "FAILED: ${parts[$i]}"; }; done
passed=$(cat "$logs"/[0-9]* 2>/dev/null | grep -aoE '[0-9]+ passed' | awk '{n += $1} END {print n + 0}')
broken=$(cat "$logs"/[0-9]* 2>/dev/null | grep -aoE '[0-9]+ (failed|errors?)\b' | awk '{n += $1} END {print n + 0}')
rm -rf "$logs"
echo "$passed passed, $broken failed"
exit $failed
