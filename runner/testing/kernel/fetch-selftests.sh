#!/bin/sh
# Packs the kernel's selftests of networks, and the frame generator that they call, into one archive: selftests/ and usr/.
# Arguments: the archive, the suite, the version of the kernel (6.1), then lines of apt sources.
set -eu
archive=$1 suite=$2 kernel=$3
shift 3
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mmdebstrap --quiet --mode=root --variant=extract --include="linux-source-$kernel,netsniff-ng" "$suite" "$tree" "$@"
cd "$tree"
mkdir selftests
xz -dc "usr/src/linux-source-$kernel.tar.xz" |
  tar -x -C selftests --strip-components=4 --wildcards '*/tools/testing/selftests/net'
# What of the rest the generator needs is not in the image.
tar -czf "$archive.unfinished" selftests usr/sbin/mausezahn usr/lib/*/libcli.so.* usr/lib/*/libnet.so.*
mv "$archive.unfinished" "$archive"
