# Thin on purpose: Meson builds, tools/ does the rest. HACKING.md tells more.
WERROR ?= true
FUZZ_SECONDS ?= 60
FILE ?= examples/incident.yaml

configured = [ -f build/build.ninja ] || meson setup build -Dwerror=$(WERROR)

all: needed-build
	@$(configured)
	@ninja -C build

# The two programs alone: a third of it all, and the first to be waited for.
run: needed-run
	@$(configured)
	@ninja -C build sekisho sekishod
	@build/sekisho lab tour $(FILE)

test: needed-test
	@tools/test

bench: all
	@tools/bench

bench-failover: all
	@tools/bench-failover

bench-throughput: all
	@tools/bench-throughput
	@[ ! -x build-kernel/linux ] || tools/bench-throughput --kernel

bench-bgp: all
	@tools/bench-bgp $(if $(BGPBLAST),--folder $(BGPBLAST))

fuzz: needed-fuzz
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tools/fuzz

kernel: needed-kernel
	@tools/kernel

lab-agreement: needed-run all
	@tools/lab-agreement --networks $(or $(N),30) --record bench/AGREEMENT.md

lab-matrix: needed-run all
	@tools/lab-matrix --cells $(or $(N),40)

soak: all
	@tools/soak

clean:
	rm -rf build build-asan build-clang build-fuzz

needed-%:
	@tools/need $*

.PHONY: all run test bench bench-bgp bench-failover bench-throughput fuzz kernel lab-agreement
.PHONY: lab-matrix soak clean
.DELETE_ON_ERROR:
