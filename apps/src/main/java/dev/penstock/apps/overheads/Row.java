package dev.penstock.apps.overheads;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One way's figures.
 *
 * @param method the way
 * @param full at full load
 * @param atLeast whether the world was the slower side, so that the way could have carried more
 * @param paces at given rates, and at full load with times
 * @param lost frames that never came back
 */
record Row(Method method, Phase full, boolean atLeast, List<Pace> paces, long lost) {
    /** Which part of the core's time went to other programs, where that was the most. */
    double strangers() {
        return Math.max(full.strangers(), paces.stream().mapToDouble(p -> p.phase().strangers()).max().orElse(0));
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("way", method.word());
        map.put("title", method.title());
        map.put("about", method.about());
        map.put("fullLoad", full.toMap());
        map.put("atLeast", atLeast);
        map.put("paced", paces.stream().map(Pace::toMap).toList());
        map.put("lost", lost);
        return map;
    }
}
