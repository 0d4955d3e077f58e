#!/usr/bin/env bash
# All tests. Each part has a pytest run and so a fresh database of its own: some parts commit whole villages, and a test of
# a page must not depend on which villages another part has left behind. Two parts run at a time where there are two cores.
set -uo pipefail
bin=$1
base=${MINQING_TEST_HOME:-${TMPDIR:-/tmp}/minqing-test-$(id -u)}
logs=$(mktemp -d)
parts=("tests/access tests/archives tests/lib" "tests/gather/engine" "tests/contracts" "tests/gather/test_load.py" "tests/commands tests/gateways tests/synth")
for file in tests/gather/test_*.py tests/web/test_*.py; do
  [ "$file" = tests/gather/test_load.py ] || parts+=("$file")
done
run() {  # number, lane
  MINQING_TEST_HOME="$base-$2" "$bin/python" -m pytest ${parts[$1]} > "$logs/$1" 2>&1
  local code=$?
  echo "$code" > "$logs/$1.code"
  printf '%s  %s\n' "${parts[$1]}" "$(tail -n 1 "$logs/$1")"
  [ $code -eq 0 ] || cat "$logs/$1"
}
lane() {  # every second part
  for ((i = $1; i < ${#parts[@]}; i += 2)); do run "$i" "$1"; done
}
lane 0 & lane 1 & wait
failed=0
for i in "${!parts[@]}"; do [ "$(cat "$logs/$i.code" 2>/dev/null)" = 0 ] || { failed=1; echo "FAILED: ${parts[$i]}"; }; done
passed=$(grep -hoE '[0-9]+ passed' "$logs"/* | awk '{n += $1} END {print n + 0}')
broken=$(grep -hoE '[0-9]+ (failed|errors?)\b' "$logs"/* | awk '{n += $1} END {print n + 0}')
rm -rf "$logs"
echo "$passed passed, $broken failed"
exit $failed
