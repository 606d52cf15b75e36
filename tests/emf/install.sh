#!/bin/sh
# Installs what the EMF checks need, a JDK and EMF's jars, with apt-get. Does nothing where they are already there.
set -eu

jars=${EMF_JARS:-/usr/share/java}
missing() {
    { command -v java && command -v javac; } >/dev/null || printf ' default-jdk-headless'
    for part in common ecore ecore-xmi; do
        [ -e "$jars/eclipse-emf-$part.jar" ] || printf ' libeclipse-emf-%s-java' "$part"
    done
}

packages=$(missing)
[ -n "$packages" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "The EMF checks need a JDK (11 or newer) in the PATH, and in $jars the jars of Debian's packages" \
        "libeclipse-emf-common-java, libeclipse-emf-ecore-java and libeclipse-emf-ecore-xmi-java;" \
        "EMF_JARS names another folder. Missing here:$packages" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    sudo=
elif command -v sudo >/dev/null; then
    sudo=sudo
else
    echo "Run as root: apt-get install$packages" >&2
    exit 1
fi

# $sudo and $packages are lists of words
# shellcheck disable=SC2086
{
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
}

still=$(missing)
if [ -n "$still" ]; then
    echo "Installed, but still missing:$still" >&2
    exit 1
fi
