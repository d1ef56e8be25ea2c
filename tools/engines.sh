#!/bin/sh
# The engines that tests of the cluster layer run: Pulumi with its Kubernetes provider, and a Kubernetes API server with
# simulated nodes. What PATH offers in a fitting version is used as it is; what is missing is built from the Go modules
# beside this script, into a cache outside the checkout: $PODWRIGHT_TOOLS, else podwright/tools in the user's own cache.
# Usage: tools/engines.sh build   builds what is missing
#        tools/engines.sh check   names every program, its version and where it is; fails where one is missing
#        tools/engines.sh where   the same for programs to read: name and path, one a line, only of what is there
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${PODWRIGHT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/podwright/tools}

programs="pulumi pulumi-language-python-exec pulumi-resource-kubernetes etcd kube-apiserver kube-controller-manager kube-scheduler kwok kubectl"

required() { # required FOLDER MODULE: the version that the folder's go.mod requires
    awk -v module="$2" '$1 == module && sub(/^v/, "", $2) { print $2; exit }' "$here/$1/go.mod"
}
kubernetes=$(required kubernetes k8s.io/kubernetes)
pulumi=$(required pulumi github.com/pulumi/pulumi/pkg/v3)
etcd=$(required kubernetes go.etcd.io/etcd/server/v3)
kwok=$(required kubernetes sigs.k8s.io/kwok)
provider=4.25.0 # its go.mod names a commit of the day before this release

version() { # version PROGRAM
    case $1 in
    pulumi-resource-kubernetes) echo "$provider" ;;
    pulumi*) echo "$pulumi" ;;
    etcd) echo "$etcd" ;;
    kwok) echo "$kwok" ;;
    kube*) echo "$kubernetes" ;;
    esac
}

kept() { # kept PROGRAM: its path in the cache, whether it is there or not
    case $1 in
    pulumi-resource-kubernetes) echo "$cache/pulumi-kubernetes-$provider/$1" ;;
    pulumi*) echo "$cache/pulumi-$pulumi/$1" ;;
    etcd | kwok) echo "$cache/$1-$(version "$1")/$1" ;;
    kube*) echo "$cache/kubernetes-$kubernetes/$1" ;;
    esac
}

stated() { # stated PATH PROGRAM: the version that an installed program says it has
    case $2 in
    pulumi) "$1" version ;;
    kubectl) "$1" version --client ;;
    pulumi-*) return ;; # has no such flag
    *) "$1" --version ;;
    esac 2>/dev/null | grep -o '[0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*' | head -n 1
}

fits() { # fits FOUND WANTED: the same major version, and no older minor
    found=${1%.*} wanted=${2%.*}
    [ "${found%.*}" = "${wanted%.*}" ] && [ "${found#*.}" -ge "${wanted#*.}" ]
}

installed() { # installed PROGRAM: the path of one that fits, else nothing
    case $1 in
    pulumi-resource-kubernetes) path=${PULUMI_HOME:-$HOME/.pulumi}/plugins/resource-kubernetes-v$provider/$1 ;;
    *) path=$(command -v "$1") || return 0 ;;
    esac
    [ -x "$path" ] || return 0
    case $1 in
    pulumi-resource-kubernetes) echo "$path" ;;
    pulumi-language-python-exec) [ -z "$(installed pulumi)" ] || echo "$path" ;;
    *)
        found=$(stated "$path" "$1") || return 0
        if fits "${found:-0.0.0}" "$(version "$1")"; then echo "$path"; fi
        ;;
    esac
}

place() { # place PROGRAM: where it is, else nothing
    if [ -x "$(kept "$1")" ]; then kept "$1"; else installed "$1"; fi
}

compile() { # compile MODULE-FOLDER PACKAGE STAMPS OUTPUT
    (cd "$1" && CGO_ENABLED=0 nice go build -trimpath -ldflags "-s -w $3" -o "$4" "$2")
}

of_kubernetes() { # of_kubernetes PROGRAM OUTPUT; unstamped, clients refuse it
    v=k8s.io/component-base/version minor=${kubernetes#*.}
    stamps="-X $v.gitVersion=v$kubernetes -X $v.gitMajor=${kubernetes%%.*} -X $v.gitMinor=${minor%%.*} -X $v.gitTreeState=clean"
    stamps="$stamps -X $v.gitCommit=none -X $v.buildDate=1970-01-01T00:00:00Z"
    compile "$here/kubernetes" "k8s.io/kubernetes/cmd/$1" "$stamps" "$2"
}

of_provider() { # of_provider OUTPUT: from a copy of its module, beside the schema and the mapping that it embeds
    module=github.com/pulumi/pulumi-kubernetes/provider/v4
    mkdir "$1.source"
    cp "$here/pulumi-kubernetes/"* "$1.source"
    (cd "$1.source" && go mod download "$module")
    carried=$(cd "$1.source" && go list -m -f '{{.Dir}}' "$module")/cmd/pulumi-resource-kubernetes
    sed "1s/^{/{\"version\": \"$provider\",/" "$carried/schema.json" >"$1.source/schema-embed.json"
    cat "$carried/terraform-mapping.json" >"$1.source/terraform-mapping-embed.json"
    compile "$1.source" . "-X $module/pkg/version.Version=$provider" "$1"
}

make_program() { # make_program PROGRAM OUTPUT
    case $1 in
    pulumi) # unstamped, the Automation API refuses it
        stamp="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$pulumi"
        compile "$here/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$stamp" "$2"
        ;;
    pulumi-language-python-exec) # a Python script, which the language host runs programs with
        (cd "$here/pulumi" && go mod download github.com/pulumi/pulumi/sdk/v3)
        cat "$(cd "$here/pulumi" && go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/$1" >"$2"
        ;;
    pulumi-resource-kubernetes) of_provider "$2" ;;
    etcd) compile "$here/kubernetes" go.etcd.io/etcd/server/v3 "" "$2" ;;
    kwok) compile "$here/kubernetes" sigs.k8s.io/kwok/cmd/kwok "-X sigs.k8s.io/kwok/pkg/consts.Version=v$kwok" "$2" ;;
    kube*) of_kubernetes "$1" "$2" ;;
    esac
}

build() { # build PROGRAM; a name that is there is a program that is whole
    final=$(kept "$1")
    mkdir -p "$(dirname "$final")"
    rm -rf "$final".partial.* # of a build that was killed
    partial=$final.partial.$$
    trap 'rm -rf "$partial" "$partial.source"' EXIT
    trap 'exit 130' INT TERM
    make_program "$1" "$partial"
    chmod 755 "$partial"
    mv "$partial" "$final"
    rm -rf "$partial.source"
    trap - EXIT INT TERM
}

build_missing() {
    missing=""
    for program in $programs; do
        [ -n "$(place "$program")" ] || missing="$missing $program"
    done
    [ -n "$missing" ] || return 0
    command -v go >/dev/null || {
        echo "These engines are missing:$missing" >&2
        echo "They are built with Go, and no go is on PATH. Install Go, or the engines themselves, then: make tools" >&2
        return 1
    }
    # shellcheck disable=SC2086
    set -- $missing
    all=$# number=0
    echo "building the engines that are missing into $cache, once; all of them take about half an hour of one processor"
    for program; do
        number=$((number + 1)) began=$(date +%s)
        echo "  $number of $all: $program $(version "$program")"
        build "$program"
        echo "  $number of $all: $program done in $(($(date +%s) - began)) s"
    done
}

check() {
    lost=0
    for program in $programs; do
        path=$(place "$program")
        [ -n "$path" ] || lost=$((lost + 1))
        printf '%-27s  %-8s  %s\n' "$program" "$(version "$program")" "${path:-missing}"
    done
    [ "$lost" = 0 ] || {
        echo "$lost of the engines are missing; build them with: make tools" >&2
        return 1
    }
}

where() {
    for program in $programs; do
        path=$(place "$program")
        [ -z "$path" ] || printf '%s\t%s\n' "$program" "$path"
    done
}

case ${1:-} in
build)
    mkdir -p "$cache"
    if command -v flock >/dev/null && [ -z "${PODWRIGHT_TOOLS_LOCKED:-}" ]; then
        # Two runs at once would build everything twice.
        PODWRIGHT_TOOLS_LOCKED=yes exec flock "$cache/lock" "$0" build
    fi
    build_missing
    ;;
check) check ;;
where) where ;;
*)
    sed -n 's/^# Usage: /usage: /p; s/^#        /       /p' "$0" >&2
    exit 2
    ;;
esac
