# SPDX-License-Identifier: GPL-2.0
#
# The targets that a person or CI calls; "make help" lists them. How things are
# built is in driver/, lib/, tools/ and selftests/, how they are run is in
# selftests/vm/.
#
#   BUILD    where all results go
#   KERNEL   what to build the module for: the release of an installed kernel, or
#            a name that selftests/vm/kernel.sh knows, which fetches it into a
#            cache. By default the running kernel if its headers are installed,
#            else 6.1; for demo, test, bench and check by default 6.1.
#   VARIANT  of the module: driver as shipped, or for tests knobs or gcov
#   prefix, DESTDIR, INSTALL_MOD_PATH   for install and uninstall, as usual

BUILD	?= build
prefix	?= /usr/local
running	:= $(shell uname -r)
names	:= 6.1 6.12 7.3 arm64 debug
named	:= $(firstword $(filter $(KERNEL),$(names)) 6.1)
# Where the peers of the benchmarks are, unless one is asked for.
bench: named := $(firstword $(filter $(KERNEL),$(names)) 6.12)
# Without a name, "make test" leaves out what takes long.
quick	:= $(if $(filter undefined,$(origin KERNEL)),yes)
KERNEL	?= $(if $(wildcard /lib/modules/$(running)/build),$(running),6.1)
VARIANT	?= driver

out	:= $(abspath $(BUILD))
vm	:= selftests/vm

# Looked up when first used, because that may fetch it.
kernel	= $(eval kernel := $(shell $(vm)/kernel.sh $(named)))$(or $(kernel),$(error no kernel $(named)))
ifneq ($(filter $(KERNEL),$(names)),)
release	= $(eval release := $(shell cat $(kernel)/release))$(release)
kbuild	= $(vm)/kbuild.sh $(kernel)
else
release	= $(KERNEL)
kbuild	= $(MAKE) -C /lib/modules/$(release)/build
endif

# What isn't for this machine gets a folder and a compiler of its own.
ifeq ($(KERNEL),arm64)
user	= $(out)/arm64
umake	= +$(vm)/kbuild.sh --user $(kernel)
else
user	= $(out)
umake	= +$(MAKE)
endif

variant_driver	:=
variant_knobs	:= KNOBS=y
variant_gcov	:= KNOBS=y GCOV=y

modroot	= $(DESTDIR)$(INSTALL_MOD_PATH)
module	= $(modroot)/lib/modules/$(release)/updates/dmabuf-heap.ko
header	= $(DESTDIR)$(prefix)/include/linux/dmabuf-heap.h
# What modules are built with that use ours.
kdev	= $(DESTDIR)$(prefix)/src/dmabuf-heap
rules	= $(DESTDIR)/lib/udev/rules.d/60-dmabuf-heap.rules
depmod	= $(if $(modroot),,depmod $(release))
# A library that was just put there is found by programs only after this.
ldconfig = $(if $(DESTDIR),,-ldconfig)
parts	= BUILD=$(user) prefix=$(prefix) DESTDIR=$(DESTDIR)

all: modules lib tools

modules:
	$(vm)/mirror.sh driver $(out)/$(release)/$(VARIANT)
	+$(kbuild) M=$(out)/$(release)/$(VARIANT) UAPI=$(abspath uapi) \
		$(or $(variant_$(VARIANT)),$(if $(filter driver,$(VARIANT)),,$(error no variant $(VARIANT)))) modules

lib:
	$(umake) -C lib $(parts)

tools: lib
	$(umake) -C tools $(parts)

selftests: kmods lib
	$(umake) -C selftests BUILD=$(user) HARNESS=$(kernel)/source/tools/testing/selftests

kmods: modules
	$(vm)/mirror.sh selftests/kmod $(out)/$(release)/kmod
	+$(kbuild) M=$(out)/$(release)/kmod UAPI=$(abspath uapi) COMPAT=$(out)/$(release)/driver/compat \
		KERNEL_API=$(abspath driver/include) \
		KBUILD_EXTRA_SYMBOLS=$(out)/$(release)/driver/Module.symvers modules

# What the virtual machine runs is built for its kernel. The debug kernel's module
# counts its lines, the others' has another build with knobs for tests.
define prepare
	$(vm)/setup.sh build vm $(filter arm64,$(named))
	+$(MAKE) -j$(shell nproc) KERNEL=$(named) all selftests
	+$(MAKE) KERNEL=$(named) VARIANT=$(if $(filter debug,$(named)),gcov,knobs) modules
endef

demo:
	$(prepare)
	KERNEL=$(named) $(vm)/demo.sh

test:
	$(prepare)
	KERNEL=$(named) QUICK=$(quick) $(vm)/test.sh

bench:
	$(prepare)
	KERNEL=$(named) selftests/bench/run.sh

fuzz:
	$(prepare)
	KERNEL=$(named) $(vm)/fuzz.sh

# The debug kernel's tests count the lines that they run; the table is of the last.
coverage:
	$(MAKE) KERNEL=debug test
	$(MAKE) coverage-table

coverage-table:
	$(vm)/coverage.sh $(out)/$$(cat $$($(vm)/kernel.sh debug)/release)/gcov $(out)/test/debug/*/gcov

test-all:
	$(vm)/setup.sh build vm
	KERNELS="$(KERNELS)" $(vm)/test-all.sh

check:
	$(vm)/setup.sh build check
	selftests/check.sh

install: all
	install -D -m 644 $(out)/$(release)/driver/dmabuf-heap.ko $(module)
	install -D -m 644 uapi/linux/dmabuf-heap.h $(header)
	install -D -m 644 driver/60-dmabuf-heap.rules $(rules)
	install -D -m 644 -t $(kdev)/include/linux uapi/linux/dmabuf-heap.h driver/include/linux/dmabuf-heap-kernel.h
	install -D -m 644 $(out)/$(release)/driver/Module.symvers $(kdev)/$(release)/Module.symvers
	$(umake) -C lib $(parts) install
	$(umake) -C tools $(parts) install
	$(depmod)
	$(ldconfig)

uninstall:
	rm -f $(module) $(header) $(rules)
	rm -rf $(kdev)
	$(umake) -C lib $(parts) uninstall
	$(umake) -C tools $(parts) uninstall
	$(depmod)
	$(ldconfig)

clean:
	rm -rf $(out)

help:
	@echo "make              the kernel module, the library and the tools, into $(BUILD)/"
	@echo "make demo         camera to screen in a virtual machine; the picture is $(BUILD)/demo.png"
	@echo "make test         tests in virtual machines, without the slow ones, on 6.1"
	@echo "make test KERNEL=NAME    all tests on one of $(names)"
	@echo "make test-all     all on each of these kernels, or on KERNELS="
	@echo "make check        style and static checks"
	@echo "make bench        measurements against the system heap, udmabuf and vgem"
	@echo "make coverage     which lines of the driver the tests run, on the debug kernel"
	@echo "make fuzz         random calls in a virtual machine; TIME= SEED= ROUND= KERNEL="
	@echo "make modules, lib, tools, selftests    one part"
	@echo "make install, uninstall, clean"
	@echo
	@echo "BUILD=$(BUILD) KERNEL=$(KERNEL) prefix=$(prefix); DESTDIR= and INSTALL_MOD_PATH= as usual"

.PHONY: all modules kmods lib tools selftests demo test test-all bench fuzz coverage coverage-table check install \
	uninstall clean help
