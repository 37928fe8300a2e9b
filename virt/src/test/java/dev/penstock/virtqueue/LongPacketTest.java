package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongPacketTest {
    private static final int PACKETS = 8;

    /** A packed ring's burst ended with the first packet of several buffers, and a switch dropped those behind it. */
    @ParameterizedTest
    @ValueSource(longs = {0, Feature.RING_PACKED})
    void shouldTakeABurstOfPacketsOfSeveralBuffersEach(long more) {
        try (Eal eal = Eal.start(line -> {}, "--no-huge", "--in-memory");
                QueuePair pair = new QueuePair(eal, "long", Feature.VERSION_1 | Feature.MRG_RXBUF | more, 256, 512, 2048, 1)) {
            pair.driver.fill(pair.shared);
            Mbuf[] burst = new Mbuf[64];
            for (int i = 0; i < PACKETS; i++) {
                burst[i] = QueuePair.packet(pair.host, new byte[i % 3 == 2 ? 60 : 9000], 1500);
            }
            assertEquals(PACKETS, pair.device.enqueue(burst, 0, PACKETS));
            Mbuf.freeBulk(burst, 0, PACKETS);
            assertEquals(PACKETS, pair.driver.receive(pair.shared, 0, burst, 0, 64));
            for (int i = 0; i < PACKETS; i++) {
                assertEquals(i % 3 == 2 ? 60 : 9000, burst[i].pktLen());
            }
            Mbuf.freeBulk(burst, 0, PACKETS);
        }
    }
}
