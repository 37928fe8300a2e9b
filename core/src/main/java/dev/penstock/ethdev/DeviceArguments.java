package dev.penstock.ethdev;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code key=value,key=value} (DPDK: rte_kvargs). */
final class DeviceArguments {
    private DeviceArguments() {}

    static Map<String, List<String>> parse(String device, String text, Set<String> allowed) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (String pair : split(text)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (!allowed.contains(key)) {
                throw new IllegalArgumentException(device + ": unknown argument '" + key + "'; it takes "
                        + (allowed.isEmpty() ? "none" : String.join(", ", new TreeSet<>(allowed))));
            }
            map.computeIfAbsent(key, k -> new ArrayList<>()).add(equals < 0 ? "" : pair.substring(equals + 1));
        }
        return map;
    }

    private static List<String> split(String text) {
        List<String> pairs = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? ',' : text.charAt(i);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (c == ',' && (depth <= 0 || i == text.length())) {
                if (i > start) {
                    pairs.add(text.substring(start, i));
                }
                start = i + 1;
            }
        }
        return pairs;
    }
}
