#!/usr/bin/env bash
# All tests. Each part has a pytest run and so a fresh database of its own: some parts commit whole villages, and a test of
# a page must not depend on which villages another part has left behind. A lane for each core, at least two, take the parts from one queue, long ones first.
set -uo pipefail
bin=$1
base=${MINQING_TEST_HOME:-${TMPDIR:-/tmp}/minqing-test-$(id -u)}
logs=$(mktemp -d)
parts=("tests/contracts" "tests/sync/test_histories.py" "tests/gather/test_load.py" "tests/gather/engine" "tests/access tests/archives" "tests/commands tests/gateways tests/synth" "tests/notify tests/lib")
alone=() together=()  # files that commit nothing share a run, since what they write is rolled back
for file in tests/web/test_*.py tests/gather/test_*.py tests/portal/test_*.py tests/service/test_*.py tests/contact/test_*.py tests/sync/test_*.py; do
  case "$file" in tests/gather/test_load.py|tests/sync/test_histories.py) continue;; esac
  case "$file" in tests/portal/*|tests/contact/*|tests/sync/*) alone+=("$file"); continue;; esac
  if grep -qE 'committed|superuser|planted|\b(desk|visit)[,)]' "$file"; then alone+=("$file"); else together+=("$file"); fi
done
each=$(( (${#together[@]} + 3) / 4 ))
for ((n = 0; n < ${#together[@]}; n += each)); do parts+=("${together[*]:n:each}"); done
parts+=("${alone[@]}")
mkfifo "$logs/queue"
exec 3<>"$logs/queue"
lanes=$(nproc)
[ "$lanes" -ge 2 ] || lanes=2
[ "$lanes" -le 6 ] || lanes=6
printf '%s\n' "${!parts[@]}" $(yes end | head -n "$lanes") >&3
run() {  # number, lane
  MINQING_TEST_HOME="$base-$2" "$bin/python" -m pytest ${parts[$1]} > "$logs/$1" 2>&1
  local code=$?
  echo "$code" > "$logs/$1.code"
  printf '%s  %s\n' "${parts[$1]}" "$(tail -n 1 "$logs/$1")"
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
