package dev.penstock.drivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.kernel.Rig;
import dev.penstock.eal.Eal;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.RxQueueConfig;
import dev.penstock.ethdev.TxQueueConfig;
import dev.penstock.mbuf.MbufPool;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Listeners of ports whose events come from a thread that ends with the port. */
@EnabledOnOs(OS.LINUX)
class ListenerTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private static Port port(Ports ports, MbufPool pool, String devargs) {
        Port port = ports.attach(devargs);
        port.configure(PortConfig.of(1, 1));
        port.setupRxQueue(0, RxQueueConfig.of(pool));
        port.setupTxQueue(0, TxQueueConfig.DEFAULT);
        port.start();
        return port;
    }

    /** The thread waited for its own end, and so did everybody who closed the port after it. */
    @ParameterizedTest
    @CsvSource({"'net_memif0,role=client,socket=', 'net_memif1,role=server,socket='",
        "'net_memif0,role=server,socket=', 'net_memif1,role=client,socket='",
        "'net_trace0,count=0,on=[net_vhost0,iface=', 'net_virtio_user0,path='",
        "'net_vhost0,iface=', 'net_virtio_user0,path='", "'net_virtio_user0,path=', 'net_vhost0,iface='"})
    void shouldRefuseToCloseAPortThatWouldWaitForTheListener(String ours, String theirs) {
        Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory", "--no-telemetry");
        Ports ports = new Ports(eal);
        MbufPool pool = MbufPool.create(eal, "pool", 4095, 0, MbufPool.DEFAULT_DATA_ROOM, -1);
        List<String> answers = new CopyOnWriteArrayList<>();
        Port port = port(ports, pool, ours + folder.resolve("s") + (ours.contains("[") ? "]" : ""));
        port.addListener((p, e) -> {
            if (!p.link().up()) {
                try {
                    p.close();
                    answers.add("closed");
                } catch (IllegalStateException refused) {
                    answers.add(refused.getMessage());
                    eal.alarms().set(1, p::close);
                }
            }
        });
        Port peer = port(ports, pool, theirs + folder.resolve("s"));
        Rig.await("both are up", 20, () -> port.link().up() && peer.link().up());
        peer.close();
        Rig.await("it is closed", 20, () -> port.state() == Port.State.CLOSED);
        Rig.await("it is told", 20, () -> !answers.isEmpty());
        assertTrue(answers.getFirst().contains("have another thread do it"), answers.getFirst());
        ports.close();
        assertFalse(port.link().up());
        assertEquals(0, pool.inUseCount());
        eal.close();
    }
}
