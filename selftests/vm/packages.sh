# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian packages of any suite and architecture for the lab's host-side scripts;
# sourced, after common.sh. They are fetched by apt with a configuration of its own
# in the cache, and unpacked, never installed: the machine's apt setup is read for
# its mirror, keyring and proxy, and stays as it is. An archive is a word here:
#   12 12-backports 13 13-backports   releases of Debian, and what was backported
# shellcheck disable=SC2154	# common.sh sets cache

# Prints "URI SUITE KEYRING" for each source of binary packages that the machine
# has, in either format that apt knows; KEYRING is - for apt's own.
machine_sources()
{
	local file

	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -r "$file" ] || awk '
			$1 != "deb" { next }
			{
				by = "-"
				i = 2
				if ($2 ~ /^\[/) {
					do {
						option = $i
						gsub(/[][]/, "", option)
						if (sub(/^signed-by=/, "", option))
							by = option
					} while ($(i++) !~ /\]$/ && i <= NF)
				}
				print $i, $(i + 1), by
			}' "$file"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -r "$file" ] || sed '/^#/d' "$file" | awk -v RS= -F '\n' '
			{
				split("", value)
				for (i = 1; i <= NF; i++) {
					text = $i
					if (match(text, /^[A-Za-z-]+:/)) {
						key = tolower(substr(text, 1, RLENGTH - 1))
						text = substr(text, RLENGTH + 1)
					}
					value[key] = value[key] " " text
				}
				if (value["types"] !~ /(^| )deb( |$)/ || value["enabled"] ~ /no|false/)
					next
				by = value["signed-by"]
				gsub(/^ +| +$/, "", by)
				n = split(value["uris"], uris, " ")
				m = split(value["suites"], suites, " ")
				for (i = 1; i <= n; i++)
					for (j = 1; j <= m; j++)
						print uris[i], suites[j], by ~ /^\/[^ ]+$/ ? by : "-"
			}'
	done
}

# machine_source NAME: the first of these for the machine's own Debian release and
# NAME, which is empty or -security; cd drives don't count.
machine_source()
{
	local codename

	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	machine_sources | awk -v suite="$codename$1" '
		$2 == suite && $1 !~ /^cdrom:/ && !seen++ { print $1, $3 }' | grep .
}

# suite_source URI KEYRING SUITE -> a line for sources.list
suite_source()
{
	local by=''

	[ "$2" = - ] || by="signed-by=$2 "
	echo "deb [${by}arch=$arch] $1 $3 main"
}

# Write apt's configuration for an archive and an architecture, once per run.
packages_configure()
{
	local archive=$1 uri by codename

	if ! read -r uri by < <(machine_source ''); then
		echo "the machine's apt sources name no Debian mirror" >&2
		return 1
	fi
	case $archive in
	12*) codename=bookworm ;;
	13*) codename=trixie ;;
	esac
	mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
	: >"$apt/status"
	{
		case $archive in
		*-backports) suite_source "$uri" "$by" "$codename-backports" ;;
		*)
			suite_source "$uri" "$by" "$codename"
			suite_source "$uri" "$by" "$codename-updates"
			read -r uri by < <(machine_source -security) &&
				suite_source "$uri" "$by" "$codename-security"
			;;
		esac
	} >"$apt/sources.list"
	# Of what the machine's apt is told, only how to reach a mirror: its hooks
	# would act on the machine.
	{
		apt-config dump | grep -E '^Acquire::(https?|Check-Valid-Until|Check-Date|Force)' || true
		cat <<-END_OF_CONFIGURATION
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "/dev/null";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::State::extended_states "$apt/extended";
		Dir::Cache "$apt/cache";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		Acquire::Languages "none";
		Acquire::PDiffs "false";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		Acquire::https::Timeout "30";
		END_OF_CONFIGURATION
	} >"$apt/apt.conf"
}

# packages_use ARCHIVE ARCH: what the functions below work with from here on.
packages_use()
{
	arch=$2
	apt=$cache/apt/$1-$2
	export APT_CONFIG=$apt/apt.conf
	[ -s "$APT_CONFIG" ] || packages_configure "$1"
}

# Ask the mirror what it has, once a day: a kernel does not change every hour.
packages_update()
{
	if [ -n "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ]; then
		return
	fi
	packages_configure "$(basename "${apt%-*}")" || return
	if ! flock "$apt/lock" apt-get -qq -o APT::Update::Error-Mode=any update >"$apt/log" 2>&1; then
		sed 's/^/  /' "$apt/log" >&2
		return 1
	fi
	touch "$apt/updated"
}

# Prints the version that the archive has of a package.
packages_version()
{
	apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p' | grep .
}

# Prints what a meta package stands for: the first that it depends on and that
# matches the pattern.
packages_meaning()
{
	apt-cache depends "$1" 2>/dev/null | sed -n "s/^ *Depends: \($2\)\$/\1/p" | head -n 1 | grep .
}

# Download packages (NAME or NAME=VERSION) into the current folder.
packages_download()
{
	flock -s "$apt/lock" apt-get -qq download "$@" >"$apt/log" 2>&1 || { sed 's/^/  /' "$apt/log" >&2 && return 1; }
}

# packages_unpack FOLDER: all packages of the current folder, which are removed.
# Nothing of theirs is run. In FOLDER, /bin and its like lead to /usr's.
packages_unpack()
{
	local folder=$1 name package

	for name in bin sbin lib lib64; do
		mkdir -p "$folder/usr/$name"
		ln -sfn "usr/$name" "$folder/$name"
	done
	for package in *.deb; do
		dpkg-deb --fsys-tarfile "$package" |
			tar -x -C "$folder" --keep-directory-symlink --no-same-owner || return
		rm "$package"
	done
}

# packages_tree FOLDER PACKAGE...: unpack packages and all they depend on.
packages_tree()
{
	local folder=$1
	shift

	if ! flock -s "$apt/lock" apt-get -qq -y --download-only -o Dir::Cache::archives="$PWD" install "$@" \
		>"$apt/log" 2>&1; then
		sed 's/^/  /' "$apt/log" >&2
		return 1
	fi
	packages_unpack "$folder"
}
