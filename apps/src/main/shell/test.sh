# ./penstock test, read by the launcher: installs the peers when it may, then runs the tests.

test_help() {
    cat <<'T'
Usage: ./penstock test [--slow | --aarch64] [--no-install] [MODULE ...]
Runs the tests of all modules, or of those named (linux, core, drivers, apps, ...).

  --slow         also the slow suites: deep jcstress, soak, full interop
  --aarch64      in an emulated aarch64 machine: linux and core, or all tests of the modules named
  --no-install   never install a peer, only say which tests are skipped without it
  -Dtest=NAME    one class, or Class#method; this and other -D and -P go to Maven

Tests that need root, huge pages or a peer say so when they are skipped.

Example: ./penstock test
         ./penstock test core -Dtest=RingTest
         sudo ./penstock test drivers
T
}

run_tests() {
    local slow=() install=1 arm=0 modules=() flags=()
    while (($#)); do
        case $1 in
        --help | -h) test_help; exit 0 ;;
        --slow) slow=(-DexcludedGroups=) ;;
        --aarch64) arm=1 ;;
        --no-install) install=0 ;;
        # the modules below have no such test
        -Dtest=*) flags+=("$1" -Dsurefire.failIfNoSpecifiedTests=false) ;;
        -D?* | -P?*) flags+=("$1") ;;
        -*) die "no option '$1'" "./penstock test --help lists them; Maven gets those that begin with -D or -P" ;;
        *) [[ -e $ROOT/$1/pom.xml ]] || die "no module named '$1'" "there are$(sed -n 's/.*<module>\(.*\)<.*/ \1/p' "$ROOT/pom.xml" | tr -d '\n')"
            modules+=("$1") ;;
        esac
        shift
    done
    ((!arm)) || [[ -z ${slow[*]}${flags[*]} ]] ||
        die "--aarch64 takes modules alone, and neither --slow nor ${flags[0]:--Dtest}" "such as: ./penstock test --aarch64 core"
    need_maven
    if ((arm)); then
        . "$ROOT/apps/src/main/shell/aarch64.sh"
        aarch64_tests "${modules[@]}"
        return
    fi
    build
    peers "$install"
    local only=()
    ((${#modules[@]})) && only=(-pl "$(IFS=,; printf '%s' "${modules[*]}")" -am)
    local log=$ROOT/target/test.log status=0
    mkdir -p "$ROOT/target"
    touch "$ROOT/target/test.begun"
    maven "-Dpenstock.collector=$(<"$ROOT/apps/target/collector")" "${slow[@]}" "${only[@]}" "${flags[@]}" verify 2>&1 | tee "$log" | grep -vE '^\[INFO\] (Download|---|$)|^Download' || status=${PIPESTATUS[0]}
    status=$(grep -q '^\[INFO\] BUILD SUCCESS' "$log" && printf 0 || printf 1)
    # a class says by itself what it lacks, a single test only in its report
    { grep -hE '^SKIPPED: ' "$log"
        find "$ROOT" -path '*/target/surefire-reports/TEST-*.xml' -newer "$ROOT/target/test.begun" \
            -exec sed -nE 's/.*TestAbortedException: (Assumption failed: )?(SKIPPED: )?/SKIPPED: /p' {} +; } | sort | uniq -c || true
    count "$log" || ((status)) || die "no test ran: ${flags[0]:-what was asked for} names none in ${modules[*]:-any module}" \
        "give a class or Class#method, a slow one with --slow: ./penstock test core -Dtest=RingTest"
    return "$status"
}

# The sum over the modules that a log tells of; fails when nothing ran, for then nothing was shown.
count() {
    awk '/Tests run:.*Time elapsed/ {next} match($0, /Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$/) {
            gsub(/[^0-9,]/, "", $0); split($0, n, ","); run += n[1]; bad += n[2] + n[3]; skip += n[4] }
        END { printf "%d passed, %d failed, %d skipped\n", run - bad - skip, bad, skip; exit !run }' \
        <(sed 's/\x1b\[[0-9;]*m//g' "$1" | sed 's/^\[[A-Z]*\] *//')
}

# Whether a program is there; a user's path may lack root's folders.
has() {
    PATH=$PATH:/sbin:/usr/sbin command -v "$1" >/dev/null
}

# What the tests play against. Root installs what is missing; others are told.
peers() {
    local missing=() pair daemons=()
    # where packages start services, a routing daemon or a switch is not for us to bring
    [[ -d /run/systemd/system ]] || daemons=(bird:bird2 /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk:openvswitch-switch-dpdk)
    for pair in ip:iproute2 ethtool:ethtool bpftool:bpftool tc:iproute2 ping:iputils-ping iperf3:iperf3 traceroute:traceroute tshark:tshark tcpdump:tcpdump dpdk-testpmd:dpdk dpdk-test:dpdk-dev qemu-system-x86_64:qemu-system-x86 busybox:busybox-static cpio:cpio strace:strace dropbear:dropbear-bin virt-xml-validate:libvirt-clients xmllint:libxml2-utils clang:clang chromium:chromium "${daemons[@]}"; do
        has "${pair%%:*}" || missing+=("${pair##*:}")
    done
    if ((${#missing[@]} && $1)) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        printf 'penstock: installing what the tests play against: %s\n' "${missing[*]}"
        (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}") >/dev/null 2>&1 ||
            printf 'penstock: could not install them; the tests that need them are skipped\n' >&2
    elif ((${#missing[@]})); then
        printf 'penstock: tests against %s are skipped; to have them: sudo apt-get install %s\n' "${missing[*]}" "${missing[*]}"
    fi
    if [[ $(id -u) != 0 ]]; then
        printf 'penstock: not root: tests of kernel interfaces are skipped; to have them: sudo ./penstock test\n'
    elif [[ -w /proc/sys/vm/nr_hugepages && $(</proc/sys/vm/nr_hugepages) -lt 256 ]]; then
        printf 'penstock: reserving 256 huge pages for the tests\n'
        HUGE_BEFORE=$(</proc/sys/vm/nr_hugepages)
        printf 256 >/proc/sys/vm/nr_hugepages || true
        trap 'printf %s "$HUGE_BEFORE" >/proc/sys/vm/nr_hugepages' EXIT
    fi
}
