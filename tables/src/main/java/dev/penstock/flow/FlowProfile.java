package dev.penstock.flow;

import dev.penstock.eal.Clock;
import dev.penstock.meter.Meter;
import java.util.function.LongFunction;

/**
 * What meters are made of (DPDK: rte_mtr_meter_profile).
 *
 * @param algorithm makes a meter of full buckets at a time, such as {@code now -> new SrTcm(cir, cbs, ebs, now)}
 * @param packets whether rates and bursts are in packets, and not in bytes of Ethernet frames
 */
public record FlowProfile(LongFunction<Meter> algorithm, boolean packets) {
    /**
     * Tries it.
     *
     * @throws IllegalArgumentException when a number of the algorithm is out of range
     */
    public FlowProfile {
        algorithm.apply(0);
    }

    Meter start() {
        return algorithm.apply(Clock.ns());
    }
}
