package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.drivers.MemoryPorts;
import dev.penstock.drivers.kernel.Rig;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.PortConfig;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.vhost.VhostException;
import dev.penstock.vhost.VhostMessage;
import dev.penstock.vhost.VhostRequest;
import dev.penstock.virtqueue.Feature;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A port that could not be started is stopped, whichever back end comes next. */
@EnabledOnOs(OS.LINUX)
class RefusedStartTest extends MemoryPorts {
    @TempDir
    private Path folder;

    RefusedStartTest() {
        super(4095);
    }

    /** A back end that takes all but the shared memory, which it refuses, and ends. */
    private static void refuse(Socket listener) {
        try (Socket peer = listener.accept(); VhostMessage message = new VhostMessage()) {
            int request = 0;
            while (request != VhostRequest.SET_MEM_TABLE && message.receive(peer)) {
                request = message.request();
                message.takeFds().forEach(Fd::close);
                long answer = switch (request) {
                    case VhostRequest.GET_FEATURES -> Feature.VERSION_1 | Feature.PROTOCOL_FEATURES;
                    case VhostRequest.GET_PROTOCOL_FEATURES -> VhostRequest.PROTOCOL_REPLY_ACK;
                    case VhostRequest.SET_MEM_TABLE -> 1;
                    default -> 0;
                };
                if ((message.flags() & VhostMessage.NEED_REPLY) != 0 || request == VhostRequest.GET_FEATURES
                        || request == VhostRequest.GET_PROTOCOL_FEATURES) {
                    message.payload().set(ValueLayout.JAVA_LONG, 0, answer);
                    message.send(peer, request, VhostMessage.REPLY, Long.BYTES, List.of());
                }
            }
        }
    }

    @Test
    @Timeout(60)
    void shouldNotBeginByItselfWhenItsStartWasRefused() throws Exception {
        Path path = folder.resolve("s");
        Port guest;
        try (Socket listener = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0)) {
            listener.bind(Sockaddr.unix(path.toString()));
            listener.listen(1);
            Thread backEnd = Thread.ofPlatform().start(() -> refuse(listener));
            guest = ready(ports.attach("net_virtio_user0,path=" + path), PortConfig.of(1, 1));
            assertTrue(assertThrows(VhostException.class, guest::start).getMessage().contains("refused request " + VhostRequest.SET_MEM_TABLE));
            assertEquals(Port.State.CONFIGURED, guest.state());
            backEnd.join();
        }
        Files.delete(path);
        Port host = started("net_vhost0,iface=" + path);
        Rig.await("a back end", 30, () -> guest.link().up());
        // for longer than who has connected needs
        LockSupport.parkNanos(300_000_000);
        assertFalse(host.link().up(), "the stopped port has begun");
        guest.start();
        Rig.await("both are up", 30, () -> guest.link().up() && host.link().up());
        Mbuf[] burst = {pool.alloc()};
        burst[0].append(60);
        // the back end may be up a little before
        Rig.await("it is sent", 30, () -> guest.txBurst(0, burst, 0, 1) == 1);
        Rig.await("a packet", 30, () -> host.rxBurst(0, burst, 1) == 1);
        burst[0].free();
    }

    /** The first back end has too few queues, the next one enough. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldNotRunWithTheNextBackEndWhatWasNotStarted() {
        Path path = folder.resolve("s");
        Port small = started("net_vhost0,iface=" + path);
        Port guest = ready(ports.attach("net_virtio_user0,path=" + path + ",queues=2"), PortConfig.of(2, 2));
        Rig.await("a back end", 20, () -> guest.link().up());
        assertThrows(VhostException.class, guest::start);
        small.close();
        Rig.await("its end is seen", 20, () -> !guest.link().up());
        Port large = start(ports.attach("net_vhost1,iface=" + path + ",queues=2"), 2, 2);
        Rig.await("the next one", 20, () -> guest.link().up());
        LockSupport.parkNanos(200_000_000);
        assertFalse(large.link().up(), "nobody polls the port");
        guest.start();
        Rig.await("both are up", 20, () -> large.link().up());
        guest.stop();
        Rig.await("the guest's end is seen", 20, () -> !large.link().up());
    }
}
