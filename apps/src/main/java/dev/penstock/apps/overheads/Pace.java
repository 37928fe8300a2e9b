package dev.penstock.apps.overheads;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What was counted while packets came at a given rate.
 *
 * @param rate packets a second, 0 for none, {@link Generator#FLOOD} for all that come back
 * @param phase the counts
 * @param latency there and back, in nanoseconds
 */
record Pace(int rate, Phase phase, Histogram latency) {
    static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rate", rate == Generator.FLOOD ? "full" : rate);
        map.putAll(phase.toMap());
        Map<String, Object> us = new LinkedHashMap<>();
        for (double p : PERCENTILES) {
            us.put("p" + (p == 99.9 ? "99.9" : Integer.toString((int) p)), latency.getValueAtPercentile(p) / 1e3);
        }
        map.put("roundTripMicroseconds", us);
        return map;
    }
}
