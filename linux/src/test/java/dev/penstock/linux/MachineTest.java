package dev.penstock.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    private Path root;

    @Test
    void shouldReadATwoNodeMachineFromItsFiles() throws IOException {
        file("proc/self/mounts", "none /dev/pts devpts rw 0 0\nnodev /dev/hugepages hugetlbfs rw,pagesize=1024M 0 0\n");
        file("proc/self/limits", "Limit  Soft Limit  Hard Limit  Units\nMax locked memory         8388608   unlimited  bytes\n");
        file("proc/self/status", "Name:\tjava\nCapEff:\t0000008000003000\n");
        file("proc/meminfo", "MemTotal: 16 kB\nMemAvailable:     1024 kB\n");
        file("proc/cpuinfo", "processor\t: 0\ncpu family\t: 25\nmodel name\t: A Processor\nflags\t\t: sse2 avx2\n");
        file("proc/self/cgroup", "0::/a/b\n");
        file("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
        file("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
        file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        file("sys/devices/system/node/online", "0-1\n");
        file("sys/devices/system/node/node1/cpulist", "2-3,7\n");
        file("sys/devices/system/cpu/isolated", "2-3,7\n");
        huge("sys/kernel/mm/hugepages/hugepages-1048576kB", 4, 3);
        huge("sys/kernel/mm/hugepages/hugepages-2048kB", 256, 200);
        huge("sys/devices/system/node/node1/hugepages/hugepages-2048kB", 128, 72);
        Machine machine = Machine.at(root);

        assertEquals(List.of(new Machine.HugePages(-1, 2 << 20, 256, 200), new Machine.HugePages(-1, 1 << 30, 4, 3)),
                machine.hugePages());
        assertEquals(List.of(new Machine.HugePages(1, 2 << 20, 128, 72)), machine.hugePagesByNode());
        assertEquals(List.of(new Machine.HugeMount("/dev/hugepages", "rw,pagesize=1024M")), machine.hugeMounts());
        assertEquals("madvise", machine.transparentHugePages());
        assertEquals(8388608, machine.lockedMemoryLimitBytes());
        assertEquals(Machine.UNLIMITED, machine.lockedMemoryHardLimitBytes());
        assertEquals(Set.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_BPF"), machine.capabilities());
        assertEquals("{2, 3, 7}", machine.isolatedCpus().toString());
        assertEquals("{2, 3, 7}", machine.cpusOfNode(1).toString());
        assertEquals(Set.of("sse2", "avx2"), machine.cpuFlags());
        assertEquals("A Processor", machine.cpuModel());
        assertEquals("25", machine.cpuFamily());
        assertEquals(1.5, machine.cpuQuota());
        assertEquals(1024 * 1024, machine.availableMemoryBytes());
    }

    @Test
    void shouldAnswerWithNothingWhereThereIsNothingToRead() {
        Machine machine = Machine.at(root);
        assertTrue(machine.hugePages().isEmpty() && machine.hugePagesByNode().isEmpty());
        assertTrue(machine.hugeMounts().isEmpty() && machine.capabilities().isEmpty());
        assertEquals("", machine.transparentHugePages());
        assertEquals(0, machine.lockedMemoryLimitBytes());
        assertEquals("{0}", machine.numaNodes().toString());
        assertEquals(Double.POSITIVE_INFINITY, machine.cpuQuota());
        assertEquals(0, machine.iommuGroups());
        assertTrue(machine.cpuFlags().isEmpty() && machine.onlineCpus().isEmpty());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldProbeThisMachineWithoutLeavingADescriptor() throws IOException {
        assertEquals(System.getProperty("os.version"), Machine.local().kernelRelease());
        assertFalse(Machine.local().onlineCpus().isEmpty());
        for (int round = 0; round < 2; round++) {
            long before = descriptors();
            for (Probe probe : List.of(Probe.packetSocket(), Probe.xdpSocket(), Probe.tun(), Probe.bpf(),
                    Probe.ioUring())) {
                assertEquals(probe.usable(), probe.reason().isEmpty());
            }
            assertTrue(round == 0 || descriptors() <= before);
        }
        boolean raw = Machine.local().capabilities().contains("CAP_NET_RAW");
        assertEquals(raw, Probe.packetSocket().usable());
    }

    private static long descriptors() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    private void huge(String folder, int total, int free) throws IOException {
        file(folder + "/nr_hugepages", total + "\n");
        file(folder + "/free_hugepages", free + "\n");
    }

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
