package dev.penstock.apps.overheads;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One way's figures.
 *
 * @param method the way
 * @param full at full load
 * @param atLeast whether the world was the slower side, so that the way could have carried more
 * @param paced at a given rate
 * @param latency there and back at that rate, in nanoseconds
 * @param lost frames that never came back
 */
record Row(Method method, Phase full, boolean atLeast, Phase paced, Histogram latency, long lost) {
    static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("way", method.word());
        map.put("title", method.title());
        map.put("about", method.about());
        map.put("fullLoad", full.toMap());
        map.put("atLeast", atLeast);
        map.put("paced", paced.toMap());
        Map<String, Object> us = new LinkedHashMap<>();
        for (double p : PERCENTILES) {
            us.put("p" + (p == 99.9 ? "99.9" : Integer.toString((int) p)), latency.getValueAtPercentile(p) / 1e3);
        }
        map.put("roundTripMicroseconds", us);
        map.put("lost", lost);
        return map;
    }
}
