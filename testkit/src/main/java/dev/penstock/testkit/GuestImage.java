package dev.penstock.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a {@link Guest} boots: Debian's kernel for clouds and an initial file system of busybox, iperf3 and the modules of
 * virtio. Made once and kept in the temporary folder; needs apt-get, dpkg, cpio, iperf3 and busybox-static.
 *
 * @param kernel the kernel
 * @param initramfs the file system
 */
public record GuestImage(Path kernel, Path initramfs) {
    /** In the order in which they need each other, as far as the kernel does not have them built in. */
    private static final List<String> MODULES = List.of("virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
            "virtio_pci", "failover", "net_failover", "virtio_net");
    /** What apt-get takes to know no other release than the one in a folder's list of sources. */
    private static final String APT = "-qq -o Dir::Etc::SourceList=$PWD/sources -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=-"
            + " -o Dir::Etc::PreferencesParts=- -o Dir::State=$PWD/apt -o Dir::State::Status=$PWD/apt/status -o Dir::Cache=$PWD/apt"
            + " -o APT::Sandbox::User=";

    /** @return whether guests can run here; says on standard error when not */
    public static boolean available() {
        if (!Root.here()) {
            return false;
        }
        boolean all = true;
        for (String path : List.of("/usr/bin/qemu-system-x86_64", "/usr/bin/busybox", "/usr/bin/cpio", "/usr/bin/iperf3", "/usr/bin/apt-get")) {
            if (!Files.exists(Path.of(path))) {
                System.err.println("SKIPPED: " + path + " is missing; sudo apt-get install qemu-system-x86 busybox-static cpio iperf3");
                all = false;
            }
        }
        return all;
    }

    /** @return the image, made now if it is not there */
    public static synchronized GuestImage prepare() {
        return prepare("");
    }

    /**
     * The same with the kernel of another release than the machine's own, from the mirror that the machine uses.
     *
     * @param release as the mirror names it, such as {@code trixie-backports}; empty for the machine's own
     * @return the image
     */
    public static synchronized GuestImage prepare(String release) {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "penstock-guest-2" + (release.isEmpty() ? "" : "-" + release));
        GuestImage image = new GuestImage(folder.resolve("vmlinuz"), folder.resolve("initramfs.gz"));
        if (!Files.exists(image.initramfs)) {
            try {
                image.build(folder, release);
            } catch (IOException e) {
                throw new UncheckedIOException("the guest's image can't be made", e);
            }
        }
        return image;
    }

    /**
     * The same with a Java run-time environment and classes: {@code /java CLASS} runs one, with what comes in {@code $JAVA_OPTS}.
     *
     * @param folder takes what is made, some 70 MB
     * @param classes folders and jar files for the class path
     * @return an image that boots the same kernel
     */
    public GuestImage withJava(Path folder, List<Path> classes) {
        try {
            Path root = Files.createDirectories(folder.resolve("root/classes")).getParent();
            Path home = Path.of(System.getProperty("java.home"));
            Command.run(home.resolve("bin/jlink").toString(), "--add-modules", "java.base,java.management,jdk.jfr,jdk.unsupported,"
                    + "jdk.management,jdk.incubator.vector", "--strip-debug", "--output", root.resolve("jdk").toString());
            StringBuilder path = new StringBuilder();
            for (int i = 0; i < classes.size(); i++) {
                String copy = "/classes/" + i + (Files.isDirectory(classes.get(i)) ? "" : ".jar");
                Command.run("cp", "-r", classes.get(i).toString(), root + copy);
                path.append(i == 0 ? "" : ":").append(copy);
            }
            // the C library and what else the environment is linked to
            shell(root, "for f in $(ldd jdk/bin/java jdk/lib/server/libjvm.so jdk/lib/libnio.so | sed -n 's|.*[[:space:]]\\(/[^ ]*\\) (.*|\\1|p'"
                    + " | grep -v $PWD | sort -u); do mkdir -p .$(dirname $f) && cp -L $f .$f; done");
            Path start = root.resolve("java");
            Files.writeString(start, "#!/bin/sh\nexec /jdk/bin/java $JAVA_OPTS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m"
                    + " --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector -cp " + path + " \"$@\"\n");
            shell(root, "chmod 755 java && find . | cpio -o -H newc --quiet | gzip -1 > ../java.gz && cat " + initramfs
                    + " ../java.gz > ../initramfs && rm ../java.gz");
            return new GuestImage(kernel, folder.resolve("initramfs"));
        } catch (IOException e) {
            throw new UncheckedIOException("the guest's Java can't be made", e);
        }
    }

    private void build(Path folder, String release) throws IOException {
        Files.createDirectories(folder);
        Path work = Files.createTempDirectory(folder, "work");
        try {
            shell(work, "mkdir -p root/bin kernel && " + (release.isEmpty() ? "o=-qq" : "mkdir -p apt/lists/partial apt/archives/partial"
                    + " && : > apt/status && echo deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(apt-get indextargets"
                    + " --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/*$') " + release + " main > sources && o=\"" + APT
                    + "\" && apt-get $o update") + " && apt-get $o download $(apt-cache $o depends --recurse --important"
                    + " linux-image-cloud-amd64 | grep -E '^linux-(image|binary|modules)-[0-9]') && for deb in *.deb; do dpkg -x $deb kernel; done");
            StringBuilder init = new StringBuilder("#!/bin/sh\n/bin/busybox --install -s /bin\nmkdir -p /proc /sys /dev /tmp\n"
                    + "mount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\n");
            for (String module : MODULES) {
                shell(work, "for f in $(find kernel -name '" + module + ".ko*'); do cp $f root/; done; unxz -q root/*.xz 2>/dev/null || :");
                if (Files.exists(work.resolve("root").resolve(module + ".ko"))) {
                    init.append("insmod /").append(module).append(".ko\n");
                }
            }
            // iperf3 is linked dynamically
            shell(work, "for file in /usr/bin/iperf3 $(ldd /usr/bin/iperf3 | grep -o '/[^ ]*'); do install -D $(readlink -f $file)"
                    + " root$file; done && ln -sf /usr/bin/iperf3 root/bin/iperf3");
            init.append("ip link set lo up\nstty -echo\necho shell-is-ready\nPS1= exec setsid cttyhack sh\n");
            Files.writeString(work.resolve("root/init"), init);
            shell(work, "cp /usr/bin/busybox root/bin/ && ln -s busybox root/bin/sh && chmod 755 root/init"
                    + " && (cd root && find . | cpio -o -H newc --quiet) | gzip -1 > initramfs.gz && cp $(find kernel -name 'vmlinuz*' -type f) vmlinuz");
            Files.move(work.resolve("vmlinuz"), kernel, StandardCopyOption.REPLACE_EXISTING);
            Files.move(work.resolve("initramfs.gz"), initramfs, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            try (Stream<Path> all = Files.walk(work)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static void shell(Path folder, String command) {
        Command.run("sh", "-c", "cd " + folder + " && " + command);
    }
}
