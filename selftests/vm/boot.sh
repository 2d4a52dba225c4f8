#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot a kernel in QEMU and run a command there, as root and in the
# repository, which has the same path in the guest as on the host. The guest sees
# all of the host's files; what it writes stays in its memory, but for the
# folder $job, which it shares with the host. Exits as the command did, with 124
# when the time was up, and with 125 when the guest died. One that dies before the
# command begins has shown nothing of it, and is booted once more.

set -eu
. "$(dirname "$0")/common.sh"

usage()
{
	cat <<-END
	Usage: boot.sh [OPTION...] -- COMMAND...
	  --kernel NAME   which kernel, as kernel.sh knows them (\$KERNEL, or 6.1)
	  --mem SIZE      memory of the guest (6G)
	  --cpus N        number of CPUs (2)
	  --nodes A,B     two NUMA nodes, of a CPU each, that share the memory so
	  --iommu         put an IOMMU in front of the PCI devices
	  --icount        count instructions instead of time: figures repeat; one CPU
	  --append ARGS   more for the kernel command line
	  --qemu ARGS     more for QEMU's command line
	  --timeout SECS  kill the machine after that time (300)
	  --log DIR       folder for this boot, \$job in the guest; console.log in it is
	                  the guest's console. Without --log, one in build/guest that
	                  stays only when the guest died
	END
}

call=("$@")
mem=6G cpus=2 nodes=() iommu='' icount='' append='' extra='' limit=300
job=$repo/build/guest/$$ keep=''
name=$(kernel_name "${KERNEL:-}")
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) name=$2 && shift ;;
	--mem) mem=$2 && shift ;;
	--cpus) cpus=$2 && shift ;;
	--nodes)
		nodes=(-object "memory-backend-ram,id=first,size=${2%,*}"
			-numa "node,cpus=0,memdev=first"
			-object "memory-backend-ram,id=second,size=${2#*,}"
			-numa "node,cpus=1,memdev=second")
		shift
		;;
	--iommu) iommu=yes ;;
	--icount) icount=yes cpus=1 ;;
	--append) append+=" $2" && shift ;;
	--qemu) extra=$2 && shift ;;
	--timeout) limit=$2 && shift ;;
	--log) job=$2 keep=yes && shift ;;
	--help) usage && exit ;;
	--) shift && break ;;
	*) usage >&2 && exit 2 ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2 && exit 2; }

mkdir -p "$job"
job=$(cd "$job" && pwd -P)
[[ $repo$job$cache != *[[:space:]]* ]] || die "a path with spaces in it will not do"
rm -f "$job"/{output,status,begun,console.log,request.in,request.out,monitor.in,monitor.out}
kernel=$("$repo/selftests/vm/kernel.sh" "$name")
exec 7<"$kernel/release"
flock -s 7	# or kernel.sh might sweep it away when there is a newer one
initramfs=$("$repo/selftests/vm/initramfs.sh" "$kernel")
arch=$(cat "$kernel/arch")
build=$repo/build
[ "$arch" = amd64 ] || build=$repo/build/$arch

# The command travels as a file. The paths in it are the guest's too.
{
	printf 'export repo=%q job=%q kernel=%q BUILD=%q\n' "$repo" "$job" "$kernel" "$build"
	printf '%q ' "$@"
} >"$job/command"

# Does KVM work? Its device node alone does not say: try it, once per boot of the
# host. Prints yes or no.
kvm_answer()
{
	local boot answer=no

	boot=$(cat /proc/sys/kernel/random/boot_id)
	exec 8>"$cache/kvm.lock"
	flock 8
	if ! sed -n "s/^$boot //p" "$cache/kvm" 2>/dev/null | grep .; then
		DMABUF_HEAP_KVM=try "$0" --kernel "$name" --timeout 20 --log "$job/kvm" -- true \
			8>&- >/dev/null 2>&1 && answer=yes
		echo "$boot $answer" >"$cache/kvm"
		echo $answer
	fi
}

kvm_works()
{
	[ -w /dev/kvm ] && [ -z "$icount" ] && [ "$arch" = "$(dpkg --print-architecture)" ] ||
		return 1
	[ "${DMABUF_HEAP_KVM:-}" = try ] || [ "$(kvm_answer)" = yes ]
}

# The guest asks over the request port, one line for each screen dump; the
# picture is the monitor's to take. All four ends are pipes.
serve_requests()
{
	local name reply

	exec 3<>"$job/request.in" 4<>"$job/request.out"
	exec 5<>"$job/monitor.in" 6<>"$job/monitor.out"
	echo '{"execute": "qmp_capabilities"}' >&5
	while read -r name <&4; do
		case $name in
		*[!A-Za-z0-9._-]* | .*)
			echo "bad name" >&3
			continue
			;;
		esac
		printf '{"execute": "screendump", "id": "%s", "arguments": {"filename": "%s", "format": "png"}}\n' \
			"$name" "$repo/build/$name.png" >&5
		while read -r reply <&6; do
			[[ $reply == *"\"id\": \"$name\""* ]] && break
		done
		case $reply in
		*'"return"'*) echo ok >&3 ;;
		*) echo "$reply" >&3 ;;
		esac
	done
}

# An emulated TSC counts as the host's. A guest that is short of CPU time may guess
# its frequency wrong by so much that its seconds become thirds; so it is told, where
# the host knows: that is where no cpufreq changes what it calls the CPU's.
tsc_frequency()
{
	[ -z "$icount" ] && [ ! -e /sys/devices/system/cpu/cpu0/cpufreq ] || return 0
	awk '/^cpu MHz/ { printf "tsc_early_khz=%d", $4 * 1000; exit }' /proc/cpuinfo
}

# The machine for each architecture, in the same terms. A CPU that has to wait for
# its host looks to the kernel like one with a broken timer.
devices=(-device cirrus-vga -device edu)
line="quiet panic=-1 $append repo=$repo job=$job kernel=$kernel"
# It can have allocations fail, from these caches (selftests/faults.c).
[ "$name" != debug ] || line+=" slub_debug=A,kmalloc-*,dmabuf_heap_*,filp,dentry,inode_cache,vm_area_struct"
case $arch in
amd64)
	emulator="qemu-system-x86_64" machine=q35 cpu=Nehalem
	line="console=ttyS0 no_timer_check $line"
	if [ -n "$iommu" ]; then
		machine=q35,kernel-irqchip=split
		devices=(-device "intel-iommu,intremap=on" "${devices[@]}")
		line+=" intel_iommu=on"
	fi
	kvm_works || line+=" mitigations=off tsc=reliable $(tsc_frequency)"
	;;
arm64)
	emulator="qemu-system-aarch64" machine=virt cpu="cortex-a57"
	line="console=ttyAMA0 $line mitigations=off"
	[ -z "$iommu" ] || machine=virt,iommu=smmuv3
	# Programs for the guest, where the host's don't run.
	devices+=(-virtfs "local,path=$kernel/root,mount_tag=programs,security_model=none,readonly=on,multidevs=remap")
	;;
esac
command -v "$emulator" >/dev/null || die "there is no $emulator: setup.sh vm ${arch/amd64/} installs it"
if kvm_works; then
	accel=(-accel kvm -cpu host)
elif [ -n "$icount" ]; then
	accel=(-accel tcg -icount "shift=0" -cpu "$cpu")
	line+=" icount=yes"
else
	accel=(-accel "tcg,thread=multi" -cpu "$cpu")
fi

mkfifo "$job"/{output,request.in,request.out,monitor.in,monitor.out}
helpers=()
qemu=
# shellcheck disable=SC2317	# run by the trap
cleanup()
{
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	[ ${#helpers[@]} -eq 0 ] || kill "${helpers[@]}" 2>/dev/null || true
	rm -f "$job"/{output,request.in,request.out,monitor.in,monitor.out}
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

serve_requests &
helpers+=($!)
cat "$job/output" &
cat=$!
helpers+=("$cat")

# shellcheck disable=SC2086	# --qemu is a list of words
timeout --foreground --kill-after=5 "$limit" "$emulator" \
	-machine $machine "${accel[@]}" -smp "$cpus" -m "$mem" \
	-nodefaults -no-user-config -display none -no-reboot \
	-kernel "$kernel/vmlinux" -initrd "$initramfs" -append "$line" \
	"${nodes[@]}" "${devices[@]}" \
	-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
	-virtfs "local,path=$job,mount_tag=job,security_model=none,multidevs=remap" \
	-chardev "file,id=console,path=$job/console.log" -serial chardev:console \
	-device virtio-serial \
	-chardev "file,id=output,path=$job/output" \
	-device virtserialport,chardev=output,name=output \
	-chardev "file,id=status,path=$job/status" \
	-device virtserialport,chardev=status,name=status \
	-chardev "pipe,id=request,path=$job/request" \
	-device virtserialport,chardev=request,name=request \
	-chardev "pipe,id=monitor,path=$job/monitor" -mon chardev=monitor,mode=control \
	$extra </dev/null >"$job/qemu.log" 2>&1 &
qemu=$!
rc=0
wait $qemu || rc=$?
qemu=
# A QEMU that never came so far leaves cat waiting for somebody to open its pipe.
: <>"$job/output"
wait $cat || true

if [ -s "$job/status" ]; then
	rc=$(cat "$job/status")
	[ -n "$keep" ] || rm -r "$job"
	exit "$rc"
elif [ $rc -eq 124 ] || [ $rc -eq 137 ]; then
	echo "boot.sh: not done after $limit seconds; the console is in $job/console.log" >&2
	exit 124
fi
echo "boot.sh: the guest died; the end of its console, $job/console.log:" >&2
tail -n 30 "$job/qemu.log" "$job/console.log" >&2 || true
if [ ! -e "$job/begun" ] && [ -z "${DMABUF_HEAP_AGAIN:-}" ]; then
	echo "boot.sh: the command had not begun: booting once more" >&2
	cleanup
	DMABUF_HEAP_AGAIN=yes exec "$0" "${call[@]}"
fi
exit 125
