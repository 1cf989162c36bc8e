# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The exit benchmarks of bench/exit, here or in the lab.

# In the lab a CPU of its own counts its instructions with a timer of 1 GHz, one
# tick each; one, as what two do at once is not repeatable.
EXIT_LAB=(run --kernel 7.2 --icount --smp 1
	--cpu "max,pauth=off,sve=off,cntfrq=1000000000" --timeout 3600)
# shellcheck disable=SC2034 # for scripts/bench
EXIT_TARGETS=(bench_exit_hv bench_exit_raw bench_exit_steps hvtrace hvtrace_lttng)

# exit_preset: that of the build that is measured.
exit_preset() { if lab_is_native; then echo release; else echo arm64; fi; }

# exit_measure OUT RUNS ROUNDS: a folder per run. Few rounds do in the lab.
exit_measure() {
	local out=$1 runs=$2 rounds=$3 run
	rm -rf "$out"
	[[ $rounds ]] || { if lab_is_native; then rounds=31; else rounds=5; fi; }
	for ((run = 1; run <= runs; run++)); do
		mkdir -p "$out/$run"
		"$HVT_ROOT/scripts/lab" "${EXIT_LAB[@]}" -- bash "$HVT_ROOT/bench/exit/measure" \
			"$HVT_BUILD/$(exit_preset)" "$out/$run" "$rounds" || return
	done
}

# exit_table OUT OPTION…: prints the tables of what exit_measure left in OUT.
exit_table() {
	compgen -G "$1/*/" >/dev/null ||
		die "nothing has been measured yet: exit without --again does that"
	local out=$1 unit=instructions nm=aarch64-linux-gnu-nm
	shift
	! lab_is_native || unit=ns nm=nm
	python3 "$HVT_ROOT/bench/exit/table.py" --unit "$unit" --nm "$nm" \
		--json "$out.json" --markdown "$out.md" "$@" "$out"/*/
}

# exit_document OUT: puts the tables where docs/PERFORMANCE.md has such.
exit_document() { document_tables exit "$1.md"; }

# document_tables MARK FILE: puts FILE between the MARKs of docs/PERFORMANCE.md.
document_tables() {
	python3 - "$HVT_ROOT/docs/PERFORMANCE.md" "$@" <<-'END'
		import re, sys
		name, mark, tables = sys.argv[1:]
		document = open(name, encoding="utf-8").read()
		tables = open(tables, encoding="utf-8").read()
		document, n = re.subn(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)",
		                      lambda m: m[1] + tables + m[2], document, flags=re.S)
		if n != 1:
		    sys.exit(f"{name}: no place for the tables")
		open(name, "w", encoding="utf-8").write(document)
	END
}
