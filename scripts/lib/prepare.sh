# Sourced by the other scripts: makes sure that everything needed to build is there.
# Sets `root` to the top of the checkout and makes it the working directory.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
caller_directory=$PWD

say() { printf '%s\n' "$*" >&2; }

# Runs a command as root: directly, or through sudo where that needs no password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

require_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        say "Swift 6.2 or later is needed and 'swift' is not on the PATH."
        say "Install it from https://www.swift.org/install/linux and run this again."
        exit 69
    fi
}

require_sqlite() {
    [ -e /usr/include/sqlite3.h ] && return
    local search
    search=$(cc -E -Wp,-v -x c /dev/null 2>&1 | sed -n 's/^ //p') || search=""
    local directory
    for directory in $search; do
        [ -e "$directory/sqlite3.h" ] && return
    done
    say "Installing libsqlite3-dev, which the storage of the nodes is built with …"
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q libsqlite3-dev >&2 ||
        { as_root apt-get update -q >&2 &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q libsqlite3-dev >&2; }; then
        return
    fi
    say "It could not be installed from here. Please run:"
    say "    sudo apt-get install libsqlite3-dev"
    exit 69
}

# Whether anything that the build depends on is newer than the stamp file $1.
newer_than() {
    [ ! -e "$1" ] || [ -n "$(find "$root/Sources" "$root/Package.swift" -newer "$1" -print -quit)" ]
}

# What the compiler may do in release builds besides. Whole programs are optimised across modules,
# which the virtual engine spends its time between, and accesses to memory that a debug build has
# checked for overlaps are not checked again.
release_flags=(-Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=unchecked)

# Builds the release executables if they are not up to date.
build_release() {
    local stamp=$root/.build/release.stamp
    newer_than "$stamp" || return 0
    require_swift
    require_sqlite
    say "Building Meridian (the first time takes several minutes) …"
    mkdir -p "$root/.build"
    local begun=$root/.build/release.begun
    touch "$begun"
    if ! swift build --package-path "$root" -c release "${release_flags[@]}" \
        --product meridian >"$root/.build/release.log" 2>&1 ||
        ! swift build --package-path "$root" -c release "${release_flags[@]}" \
            --product region-node >>"$root/.build/release.log" 2>&1; then
        grep -E 'error|Error' "$root/.build/release.log" >&2 || tail -n 40 "$root/.build/release.log" >&2
        say "The build failed; all of its output is in .build/release.log"
        exit 70
    fi
    mv "$begun" "$stamp"
}

# Builds the release executable $1, which only developers use.
build_tool() {
    if ! swift build --package-path "$root" -c release "${release_flags[@]}" \
        --product "$1" >"$root/.build/$1.log" 2>&1; then
        grep -E 'error|Error' "$root/.build/$1.log" >&2 || tail -n 40 "$root/.build/$1.log" >&2
        say "The build failed; all of its output is in .build/$1.log"
        exit 70
    fi
}
