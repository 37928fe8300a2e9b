package dev.penstock.apps.overheads;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was counted while a way carried packets at one load.
 *
 * @param packets how many came back
 * @param seconds how long it took
 * @param kernel what the kernel counted meanwhile, of the processor and the thread under test, without other programs
 * @param strangers which part of the processor's time other programs took
 * @param calls calls of the system by that thread, -1 where the kernel can't tell
 * @param cycles of that processor while it was not idle and not with others
 */
record Phase(long packets, double seconds, KernelCounts kernel, double strangers, long calls, double cycles) {
    double packetsPerSecond() {
        return packets / seconds;
    }

    double cyclesPerPacket() {
        return cycles / Math.max(1, packets);
    }

    double perThousand(long count) {
        return count * 1000.0 / Math.max(1, packets);
    }

    /** Which part of the time the processor was not idle. */
    double busy() {
        return (double) kernel.busy() / Math.max(1, kernel.busy() + kernel.idle());
    }

    /** Cycles a packet of one kind of time. */
    double cyclesIn(long ticks) {
        return cyclesPerPacket() * ticks / Math.max(1, kernel.busy());
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("packets", packets);
        map.put("packetsPerSecond", packetsPerSecond());
        map.put("cyclesPerPacket", cyclesPerPacket());
        map.put("busy", busy());
        Map<String, Object> thousand = new LinkedHashMap<>();
        thousand.put("interrupts", perThousand(kernel.interrupts()));
        thousand.put("softirqs", perThousand(kernel.softirqs()));
        thousand.put("systemCalls", calls < 0 ? null : perThousand(calls));
        thousand.put("contextSwitches", perThousand(kernel.switches()));
        map.put("perThousandPackets", thousand);
        Map<String, Object> cyclesOf = new LinkedHashMap<>();
        cyclesOf.put("user", cyclesIn(kernel.user()));
        cyclesOf.put("system", cyclesIn(kernel.system()));
        cyclesOf.put("softirq", cyclesIn(kernel.softirq()));
        cyclesOf.put("interrupt", cyclesIn(kernel.irq()));
        map.put("cyclesPerPacketIn", cyclesOf);
        return map;
    }
}
