#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A Debian root of its own for tests/accuracy/edges.py, so that what it needs is not installed on the
# machine: edges_root.sh DIRECTORY. Needs root and debootstrap; about 2 GB, made once.
set -eu
root=$1
[ ! -f "$root/.complete" ] || exit 0
[ "$(id -u)" -eq 0 ] || {
	echo "edges_root.sh: needs root for debootstrap and chroot" >&2
	exit 2
}
command -v debootstrap >/dev/null || {
	echo "edges_root.sh: no debootstrap" >&2
	exit 2
}
packages=$(tr '\n' ',' <<-END
	sox
	libsox-fmt-all
	man-db
	groff
	git
	gnupg
	openssh-client
	less
	gcc
	g++
	tar
	gzip
	bzip2
	xz-utils
	zstd
	python3
	python3-numpy
	python3-lxml
	openssl
	perl
	libdbi-perl
	libdbd-sqlite3-perl
	ffmpeg
	alsa-utils
	libasound2-plugins
	graphviz
	imagemagick
	php8.2-cli
	php8.2-readline
	nginx-core
	libnginx-mod-stream
	apache2-bin
	gstreamer1.0-tools
	gstreamer1.0-plugins-base
	lua5.3
	lua-socket
	tcl8.6
	ruby3.1
	rsyslog
	iptables
	iproute2
	rsync
	libgdk-pixbuf2.0-bin
	sudo
	dpkg-dev
	make
	nodejs
	libsasl2-modules
	sasl2-bin
	unixodbc
	odbc-postgresql
	sqlite3
	vim
	subversion
	krb5-user
	libp11-kit0
	p11-kit
	p11-kit-modules
	opensc
	aspell
	enchant-2
	liblouis-bin
	ladspa-sdk
	postgresql-15
	logrotate
	mksh
	procps
	diffutils
	patch
	curl
	wget
	file
	binutils
	bind9-dnsutils
	libglib2.0-bin
	dbus
	libvlc5
	vlc-plugin-base
	vlc-bin
END
)
rm -rf "$root"
mkdir -p "$root"
debootstrap --variant=minbase --include="${packages%,}" bookworm "$root" \
	http://deb.debian.org/debian
# debootstrap leaves /proc mounted for the packages' scripts.
umount "$root/proc" "$root/sys" 2>/dev/null || true
touch "$root/.complete"
