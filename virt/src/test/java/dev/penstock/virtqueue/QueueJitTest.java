package dev.penstock.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.testkit.Deoptimizations;
import dev.penstock.testkit.Seed;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The loops over a burst's first line keep what the JIT makes of them. Each trap costs a compilation, which takes long where all
 * processors poll. Others are left out: what the JIT knows of a loop here comes of all kinds of rings that this process had.
 */
class QueueJitTest {
    private static final int BURSTS = 120_000;
    /** What the JIT checks once before a loop, for all its rounds. */
    private static final Pattern LOOPS = Pattern.compile("(profile_predicate|predicate|loop_limit_check|range_check): "
            + ".*\\.PackedDriverQueue\\.(putPlain|offer|publish|holdBack) .*");

    private final Eal eal = Eal.start(line -> { }, "--no-huge", "--in-memory");

    @AfterEach
    void stop() {
        eal.close();
    }

    private static long features(int kind) {
        return Feature.VERSION_1 | Feature.RING_PACKED | ((kind & 1) != 0 ? Feature.IN_ORDER : 0)
                | ((kind & 2) != 0 ? Feature.MRG_RXBUF : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void shouldKeepTheCodeOfLoopsForBurstsOfAllSizes(int kind) {
        SplittableRandom random = Seed.random("bursts of all sizes");
        try (QueuePair pair = new QueuePair(eal, "p", features(kind), 64, 256, 512, 1);
                QueuePair back = new QueuePair(eal, "q", features(kind), 64, 256, 512, 1)) {
            back.driver.fill(back.shared);
            Mbuf[] burst = new Mbuf[32];
            List<String> left = Deoptimizations.of(() -> {
                for (int i = 0; i < BURSTS; i++) {
                    int n = 1 + random.nextInt(32);
                    if (pair.shared.allocBulk(burst, 0, n)) {
                        for (int k = 0; k < n; k++) {
                            burst[k].append(64);
                        }
                        int sent = pair.driver.transmit(burst, 0, n);
                        Mbuf.freeBulk(burst, sent, n - sent);
                    }
                    int got = pair.device.dequeue(pair.host, 0, burst, 0, 1 + random.nextInt(32));
                    back.device.enqueue(burst, 0, got);
                    Mbuf.freeBulk(burst, 0, got);
                    Mbuf.freeBulk(burst, 0, back.driver.receive(back.shared, 0, burst, 0, 32));
                }
            });
            assertEquals(List.of(), left.stream().filter(LOOPS.asMatchPredicate()).toList());
        }
    }
}
