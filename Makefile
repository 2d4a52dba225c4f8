# SPDX-License-Identifier: GPL-2.0
#
# The targets that a person or CI calls; "make help" lists them. How things are
# built is in driver/, lib/, tools/ and selftests/, how they are run is in
# selftests/vm/.
#
#   BUILD    where all results go
#   KERNEL   release of the kernel to build the module for, or "stock": Debian's
#            stock kernel, fetched into a cache. The running kernel if its headers
#            are installed, else stock; always stock for demo, test, bench, check.
#   prefix, DESTDIR, INSTALL_MOD_PATH   for install and uninstall, as usual

BUILD	?= build
prefix	?= /usr/local
running	:= $(shell uname -r)
KERNEL	?= $(if $(wildcard /lib/modules/$(running)/build),$(running),stock)

out	:= $(abspath $(BUILD))
vm	:= selftests/vm

# Looked up when first used, because that may fetch it.
stock	= $(eval stock := $(shell $(vm)/kernel.sh))$(or $(stock),$(error no stock kernel))
ifeq ($(KERNEL),stock)
release	= $(eval release := $(shell cat $(stock)/release))$(release)
kdir	= $(stock)/lib/modules/$(release)/build
else
release	= $(KERNEL)
kdir	= /lib/modules/$(release)/build
endif

modroot	= $(DESTDIR)$(INSTALL_MOD_PATH)
module	= $(modroot)/lib/modules/$(release)/updates/dmabuf-heap.ko
header	= $(DESTDIR)$(prefix)/include/linux/dmabuf-heap.h
rules	= $(DESTDIR)/lib/udev/rules.d/60-dmabuf-heap.rules
depmod	= $(if $(modroot),,depmod $(release))
# A library that was just put there is found by programs only after this.
ldconfig = $(if $(DESTDIR),,-ldconfig)
parts	= BUILD=$(out) prefix=$(prefix) DESTDIR=$(DESTDIR)

all: modules lib tools

modules:
	$(vm)/mirror.sh driver $(out)/$(release)/driver
	$(MAKE) -C $(kdir) M=$(out)/$(release)/driver UAPI=$(abspath uapi) modules

lib:
	$(MAKE) -C lib $(parts)

tools: lib
	$(MAKE) -C tools $(parts)

selftests: modules lib
	$(MAKE) -C selftests BUILD=$(out) KDIR=$(kdir) RELEASE=$(release) \
		HARNESS=$(stock)/source/tools/testing/selftests

# What the virtual machine runs is built for the stock kernel.
define prepare
	$(vm)/setup.sh build vm
	$(MAKE) -j$(shell nproc) KERNEL=stock all selftests
endef

demo:
	$(prepare)
	$(vm)/demo.sh

test:
	$(prepare)
	$(vm)/test.sh

bench:
	$(prepare)
	selftests/bench/run.sh

check:
	$(vm)/setup.sh build check
	selftests/check.sh

install: all
	install -D -m 644 $(out)/$(release)/driver/dmabuf-heap.ko $(module)
	install -D -m 644 uapi/linux/dmabuf-heap.h $(header)
	install -D -m 644 driver/60-dmabuf-heap.rules $(rules)
	$(MAKE) -C lib $(parts) install
	$(MAKE) -C tools $(parts) install
	$(depmod)
	$(ldconfig)

uninstall:
	rm -f $(module) $(header) $(rules)
	$(MAKE) -C lib $(parts) uninstall
	$(MAKE) -C tools $(parts) uninstall
	$(depmod)
	$(ldconfig)

clean:
	rm -rf $(out)

help:
	@echo "make              the kernel module, the library and the tools, into $(BUILD)/"
	@echo "make demo         camera to screen in a virtual machine; the picture is $(BUILD)/demo.png"
	@echo "make test         all tests, in virtual machines"
	@echo "make check        style and static checks"
	@echo "make bench        measurements, in a virtual machine"
	@echo "make modules, lib, tools, selftests    one part"
	@echo "make install, uninstall, clean"
	@echo
	@echo "BUILD=$(BUILD) KERNEL=$(KERNEL) prefix=$(prefix); DESTDIR= and INSTALL_MOD_PATH= as usual"

.PHONY: all modules lib tools selftests demo test bench check install \
	uninstall clean help
