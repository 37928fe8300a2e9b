package dev.penstock.drivers.virtiouser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import dev.penstock.linux.EventFd;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.virtqueue.AddressSpace;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.DriverQueue;
import dev.penstock.virtqueue.Feature;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class StarvedQueueTest {
    private static final int SIZE = 64;

    /** It was kicked only with packets that came, so one that sleeps until there are buffers slept for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKickABackEndThatWaitsForBuffersOnceThereAreSome(boolean packed) {
        long features = Feature.VERSION_1 | (packed ? Feature.RING_PACKED : 0);
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory"); SharedRings memory = new SharedRings(eal, 1, SIZE, packed, 8);
                MbufPool host = MbufPool.create(eal, "host", 63, 0, MbufPool.DEFAULT_DATA_ROOM, -1); EventFd kick = new EventFd()) {
            memory.refresh();
            DriverQueue driver = DriverQueue.of(memory.ring(0), features, memory.addresses(), memory.side(0), memory.bounce);
            List<AddressSpace.Range> ranges = memory.regions().stream()
                    .map(r -> new AddressSpace.Range(r.segment().address(), r.segment(), true)).toList();
            DeviceQueue device = DeviceQueue.of(memory.ring(0), new AddressSpace(ranges, false), features,
                    packed ? DeviceQueue.PACKED_BASE : DeviceQueue.SPLIT_BASE);
            VirtioRxQueue rx = new VirtioRxQueue(memory.bounce, 0);
            driver.fill(memory.bounce);
            driver.kickNeeded();
            rx.use(driver, memory.bounce, kick);
            Mbuf[] kept = new Mbuf[SIZE];
            Mbuf[] one = {host.alloc()};
            one[0].append(60);
            int n = 0;
            while (device.enqueue(one, 0, 1) == 1) {
                Mbuf[] got = new Mbuf[1];
                assertEquals(1, rx.receive(got, 1));
                kept[n++] = got[0];
            }
            assertEquals(SIZE, n, "all buffers are with the application");
            kick.take();
            Mbuf.freeBulk(kept, 0, n);
            assertEquals(0, rx.receive(kept, SIZE));
            assertTrue(kick.take() != 0, "kicked");
            assertEquals(1, device.enqueue(one, 0, 1));
            one[0].free();
            rx.use(null, null, null);
            driver.close();
            rx.call.close();
            assertEquals(0, memory.bounce.inUseCount());
        }
    }
}
