#!/bin/sh
# Brings the table podwright_qos and the queues of ports to what qos.nft and qos.tc say, which stand one after the other
# on standard input; prints the difference between what the kernel has and what it would have, and nothing where there is
# none. With `check` it only prints. All is first loaded in a network namespace of its own, so that kernel's words are
# compared with kernel's words. Queues of ours on a port that has none any more go; other queues and tables stay.
set -eu
mode=$1
ours=504f
folder=$(mktemp -d /tmp/podwright-qos.XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > given
grep -vE '^(qdisc|class) ' given > rules || :
grep -E '^(qdisc|class) ' given > queues || :

# A kernel marks where packets wait, if it has red; else where the class sends more than its share.
if unshare --net sh -c 'ip link set lo up; tc qdisc add dev lo root red limit 9000 min 1000 max 3000 avpkt 1000 burst 1' 2> /dev/null
then sed -i '/limit rate over/d' rules
else sed -i '/ red /d' queues
fi

wanted_ports=$(sed -n 's/^qdisc add dev \([^ ]*\) root .*/\1/p' queues)
present_ports=$(tc qdisc show | sed -n "s/^qdisc htb $ours: dev \([^ ]*\) .*/\1/p")

cat > show.sh <<'END'
# Of counters and of what a port has by itself there is nothing to compare.
for port in $(printf '%s\n' "$@" | sort -u); do
    { tc qdisc show dev "$port"; tc -d class show dev "$port"; } | grep -E "^(qdisc|class) [a-z]+ (504f|5050):" |
        sed -E "s/ (refcnt|direct_packets_stat|direct_qlen) [0-9]+//g; s/ leaf [0-9a-f]+://; s/ *\$//; s/^/$port: /" | sort
done
END
# Ports of a bridge are sorted in a table of that family, which a kernel need not have.
cat > list.sh <<'END'
for family in inet bridge; do nft -s list table $family podwright_qos 2> /dev/null || :; done
END

sh list.sh > rules.present
sh show.sh $wanted_ports $present_ports > queues.present
unshare --net sh -euc '
    nft -f rules; sh list.sh > rules.wanted
    number=0
    for port in "$@"; do number=$((number + 1)); echo "link add $port type veth peer name peer$number"; done | ip -batch -
    tc -batch queues; sh show.sh "$@" > queues.wanted
' load-qos $wanted_ports

differ=
for what in rules queues; do
    if ! cmp -s $what.present $what.wanted; then
        differ="$differ $what"
        diff -u --label present --label wanted $what.present $what.wanted || :
    fi
done
if [ "$mode" != apply ]; then exit 0; fi
for what in $differ; do
    case $what in
        rules)
            for family in inet bridge; do
                if grep -q "^table $family " rules.present && ! grep -q "^table $family " rules.wanted; then
                    nft delete table $family podwright_qos
                fi
            done
            nft -f rules
            ;;
        queues)
            for port in $present_ports; do tc qdisc del dev "$port" root; done
            tc -batch queues
            ;;
    esac
done
