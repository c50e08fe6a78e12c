#!/bin/sh
# Lets apt install what the lock names and nothing else. mmdebstrap runs this as a setup hook, with the system's root as
# $1. WIRELAB_OUTPUT holds `locked`, lines of "name version hash" in the order of sort, and gets `missing`: those of them
# that no archive has.
set -eu
export LC_ALL=C APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
cd "$WIRELAB_OUTPUT"
apt-get update --error-on=any >&2
# What it doesn't find it says, and goes on.
apt-cache show $(awk '{ print $1 "=" $2 }' locked) 2>/dev/null |
  awk -F ': ' '
    $1 == "Package" { name = $2 }
    $1 == "Version" { version = $2 }
    $1 == "SHA256" { print name, version, $2 }' | sort -u >offered
comm -23 locked offered >missing
if [ -s missing ]; then exit 1; fi
{
  printf 'Package: *\nPin: release *\nPin-Priority: -1\n'
  awk '{ print "\nPackage: " $1 "\nPin: version " $2 "\nPin-Priority: 1001" }' locked
} >"$1/etc/apt/preferences"
