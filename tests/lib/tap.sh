# SPDX-License-Identifier: BSD-2-Clause
# TAP for shell tests: . tests/lib/tap.sh; check NAME COMMAND...; skip NAME WHY; finish
tap_count=0
tap_failed=0

# The command must succeed; its output is shown when it does not.
check() {
	tap_name=$1
	shift
	tap_count=$((tap_count + 1))
	if tap_output=$("$@" 2>&1); then
		echo "ok $tap_count - $tap_name"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $tap_name"
		echo "$tap_output" | head -n 20 | sed 's/^/# /'
	fi
}

# Skips are loud: prove counts them, and the reason is printed.
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# The command must exit with the given status.
exits() {
	tap_expected=$1
	shift
	tap_status=0
	"$@" || tap_status=$?
	[ "$tap_status" -eq "$tap_expected" ] || {
		echo "exit status $tap_status, expected $tap_expected"
		return 1
	}
}

finish() {
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}
