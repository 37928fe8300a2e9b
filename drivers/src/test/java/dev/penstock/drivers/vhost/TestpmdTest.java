package dev.penstock.drivers.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.ethdev.Port;
import dev.penstock.testkit.Command;
import dev.penstock.testkit.Seed;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DPDK's testpmd with net_virtio_user as the front end, turning round what our port sends. */
@Tag("root")
@EnabledIf("dev.penstock.testkit.Root#here")
class TestpmdTest {
    /** DPDK's testpmd on one port; its arguments after the socket's path. */
    record Peer(Process process) implements AutoCloseable {
        static Peer start(Bed bed, String arguments, int queues) throws IOException {
            List<String> command = new ArrayList<>(List.of("dpdk-testpmd", "-l", "0,1", "--no-huge", "-m", "256", "--no-pci",
                    "--file-prefix=penstock-vhost-" + ProcessHandle.current().pid(), "--log-level=1",
                    "--vdev=net_virtio_user0,path=" + bed.socket() + ",queues=" + queues + arguments, "--",
                    "--forward-mode=io", "--port-topology=loop", "--total-num-mbufs=8192", "--rxq=" + queues, "--txq=" + queues,
                    "--auto-start", "--no-flush-rx", "--stats-period=3600"));
            return new Peer(new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(Redirect.to(bed.folder.resolve("testpmd.log").toFile())).redirectInput(Redirect.PIPE).start());
        }

        void kill() {
            process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }

        @Override
        public void close() throws IOException {
            kill();
            process.getOutputStream().close();
        }
    }

    @AfterAll
    static void forgetTestpmdsFiles() {
        Command.run("rm", "-rf", "/var/run/dpdk/penstock-vhost-" + ProcessHandle.current().pid());
    }

    @ParameterizedTest
    @CsvSource(value = {"'';1", ",packed_vq=1,mrg_rxbuf=0;1", ",in_order=1,mrg_rxbuf=0,packed_vq=1;2",
            ",in_order=1,queue_size=1024;2"}, delimiter = ';')
    void shouldCarryFramesBothWaysWithDpdksVirtioUser(String arguments, int queues) throws Exception {
        SplittableRandom random = Seed.random("vhost with testpmd");
        try (Bed bed = new Bed()) {
            Port port = bed.start("net_vhost0,iface=" + bed.socket() + ",queues=" + queues, queues);
            try (Peer peer = Peer.start(bed, arguments, queues)) {
                Bed.up(port, true);
                bed.awaitEcho(port, queues);
                for (int q = 0; q < queues; q++) {
                    bed.exchange(port, q, 3200, random);
                }
                assertTrue(port.stats().rxPackets() >= queues * 3200L);
                assertEquals(0, port.stats().rxErrors() + port.stats().txErrors());
                peer.kill();
                Bed.up(port, false);
            }
        }
    }

    @Test
    void shouldCarryFramesAgainByItselfAfterTheFrontEndWasKilled() throws Exception {
        SplittableRandom random = Seed.random("vhost front end killed");
        try (Bed bed = new Bed()) {
            Port port = bed.start("net_vhost0,iface=" + bed.socket(), 1);
            for (int life = 0; life < 2; life++) {
                try (Peer _ = Peer.start(bed, "", 1)) {
                    Bed.up(port, true);
                    bed.awaitEcho(port, 1);
                    bed.exchange(port, 0, 320, random);
                }
                Bed.up(port, false);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void shouldCarryFramesAgainByItselfAfterTheBackEndWasReplaced(int packed) throws Exception {
        SplittableRandom random = Seed.random("vhost back end replaced");
        try (Bed bed = new Bed()) {
            Port port = bed.start("net_vhost0,client=1,iface=" + bed.socket(), 1);
            try (Peer _ = Peer.start(bed, ",server=1,packed_vq=" + packed, 1)) {
                Bed.up(port, true);
                bed.awaitEcho(port, 1);
                bed.exchange(port, 0, 320, random);
                port.close();
                port = bed.start("net_vhost1,client=1,iface=" + bed.socket(), 1);
                Bed.up(port, true);
                bed.awaitEcho(port, 1);
                bed.exchange(port, 0, 320, random);
            }
        }
    }
}
