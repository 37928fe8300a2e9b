# ./penstock test --aarch64, read by test.sh: the tests of some modules in an emulated aarch64 machine, with Debian's kernel and
# JDK for it, which apt fetches and checks. The machine is one file system in memory, has no disk and no network, and ends by itself.

ARM_RELEASE=trixie # the oldest of Debian's releases with this JDK
ARM_PACKAGES=(base-files busybox-static iproute2 kmod util-linux "openjdk-$WANTED-jre-headless" linux-image-arm64)
JUNIT=1.13.4

# Prints why the machine cannot be had.
aarch64_lacks() {
    local pair missing=()
    for pair in qemu-system-aarch64:qemu-system-arm cpio:cpio depmod:kmod; do
        has "${pair%%:*}" || missing+=("${pair##*:}")
    done
    ((${#missing[@]} == 0)) || printf 'sudo apt-get install --no-install-recommends %s' "${missing[*]}"
}

# The root file system, made once: packages are unpacked and none of their programs is run here.
aarch64_root() {
    local at=$1 mirror options kernel
    [[ -e $at/made && $(<"$at/made") == "${ARM_PACKAGES[*]}" ]] && return
    mirror=$(apt-get indextargets --format '$(SITE)|$(REPO_URI)|$(RELEASE)' 'Created-By: Packages' | grep -E '/debian/?\|' | head -1 | cut -d'|' -f2)
    [[ -n $mirror ]] || die "this machine's apt has no source of Debian's packages" "the tests for aarch64 run Debian's kernel and JDK: use a Debian machine"
    rm -rf "$at"
    mkdir -p "$at"/apt/lists/partial "$at"/apt/cache/archives/partial "$at"/root
    : >"$at/apt/status"
    printf 'deb [arch=arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$ARM_RELEASE" >"$at/apt/sources.list"
    options=(-o Dir::Etc::SourceList="$at/apt/sources.list" -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=- -o Dir::Etc::PreferencesParts=-
        -o Dir::State="$at/apt" -o Dir::State::Status="$at/apt/status" -o Dir::Cache="$at/apt/cache" -o APT::Architecture=arm64
        -o APT::Architectures::=arm64 -o APT::Sandbox::User= -o APT::Install-Recommends=false -qq)
    printf 'penstock: fetching a kernel and a JDK for aarch64 (about 0.5 GB)\n'
    apt-get "${options[@]}" update
    apt-get "${options[@]}" --yes --download-only install "${ARM_PACKAGES[@]}" >"$at/apt/log" 2>&1 || die "apt could not fetch them" "$(tail -3 "$at/apt/log")"
    for deb in "$at"/apt/cache/archives/*.deb; do dpkg-deb -x "$deb" "$at/root"; done
    rm -rf "$at"/apt/cache "$at"/root/usr/share/{doc,man,locale}
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$at/root/etc/passwd"
    mv "$at"/root/boot/vmlinuz-* "$at/kernel"
    kernel=$(ls "$at/root/usr/lib/modules")
    PATH=$PATH:/sbin:/usr/sbin depmod -b "$at/root" "$kernel"
    printf '%s\n' "${ARM_PACKAGES[*]}" >"$at/made"
}

# What the machine does at its start; the words after MODULES are the modules.
aarch64_init() {
    cat <<'T'
#!/usr/bin/busybox sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH HOME=/root
busybox mkdir -p /proc /sys /dev
busybox ln -sf busybox /usr/bin/sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
busybox mkdir -p /dev/shm /dev/hugepages /dev/pts
busybox mount -t tmpfs tmp /dev/shm
busybox mount -t tmpfs tmp /tmp
busybox mount -t hugetlbfs huge /dev/hugepages
ip link set lo up
modprobe tun
modprobe veth
echo 256 >/proc/sys/vm/nr_hugepages
busybox uname -srm
set -- /usr/lib/jvm/java-*/bin/java
java=$1
$java -version 2>&1 | busybox head -1
T
    printf 'for module in %s; do\n' "$*"
    cat <<'T'
    cd /penstock/$module
    classes=/penstock/junit.jar:target/test-classes:target/classes
    for jar in target/aarch64/*.jar; do classes=$classes:$jar; done
    echo "MODULE $module"
    $java $(busybox cat /penstock/jvm) -Xmx1g -cp $classes org.junit.platform.console.ConsoleLauncher execute \
        --scan-class-path target/test-classes --exclude-tag slow --details=summary --disable-banner >/tmp/out 2>/tmp/err
    busybox grep '^SKIPPED' /tmp/out /tmp/err
    busybox sed -n '/^Failures/,/^Test run finished/p' /tmp/out
    busybox grep -E 'tests (successful|failed|aborted|skipped)' /tmp/out || busybox tail -20 /tmp/err
done
busybox poweroff -f
T
}

# One of the root pom's properties.
property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$ROOT/pom.xml"; }

aarch64_tests() {
    local at=$ROOT/target/aarch64 modules=("$@") module lack log=$ROOT/target/aarch64.log failed collector jvm
    ((${#modules[@]})) || modules=(linux core)
    lack=$(aarch64_lacks)
    [[ -z $lack ]] || die "the aarch64 machine lacks programs" "$lack"
    aarch64_root "$at"
    printf 'penstock: building\n'
    maven -q -pl "$(IFS=,; printf '%s' "${modules[*]}")" -am -DskipTests package dependency:copy-dependencies -DincludeScope=test '-DoutputDirectory=${project.build.directory}/aarch64' ||
        die "the build failed"
    maven -q dependency:copy -Dartifact=org.junit.platform:junit-platform-console-standalone:$JUNIT -DoutputDirectory="$at" -Dmdep.stripVersion=true -N
    rm -rf "$at/root/penstock"
    mkdir -p "$at/root/penstock"
    mv "$at/junit-platform-console-standalone.jar" "$at/root/penstock/junit.jar"
    collector=$(property penstock.collector)
    jvm=$(property penstock.jvm)
    printf '%s\n' "${jvm/\$\{penstock.collector\}/$collector}" >"$at/root/penstock/jvm"
    for module in "${modules[@]}"; do
        mkdir -p "$at/root/penstock/$module/target"
        cp -r "$ROOT/$module"/{pom.xml,src} "$at/root/penstock/$module/"
        cp -r "$ROOT/$module"/target/{classes,test-classes,aarch64} "$at/root/penstock/$module/target/"
    done
    aarch64_init "${modules[*]}" >"$at/root/init"
    chmod +x "$at/root/init"
    (cd "$at/root" && find . | cpio -o -H newc --quiet >"$at/image")
    printf 'penstock: starting the machine; an emulated one takes half an hour\n'
    qemu-system-aarch64 -M virt -cpu max,pauth-impdef=on -accel tcg,thread=multi -smp 2 -m 5G -nographic -nic none -no-reboot \
        -kernel "$at/kernel" -initrd "$at/image" -append 'console=ttyAMA0 panic=-1 quiet' </dev/null | sed -u 's|\r||g' | tee "$log"
    rm -f "$at/image"
    failed=$(sed -n 's/.*\[ *\([0-9]*\) tests failed.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
    awk '/tests successful/ { run += $2 } /tests failed/ { bad += $2 } /tests (skipped|aborted)/ { skip += $2 }
        END { printf "%d passed, %d failed, %d skipped on aarch64\n", run, bad, skip }' "$log"
    (($(grep -c 'tests successful' "$log") == ${#modules[@]} && failed == 0))
}
