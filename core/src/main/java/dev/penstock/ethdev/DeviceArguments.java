package dev.penstock.ethdev;

import dev.penstock.eal.DeviceArgs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code key=value,key=value} and sorts the values by their keys. */
final class DeviceArguments {
    private DeviceArguments() {}

    static Map<String, List<String>> parse(String device, String text, Set<String> allowed) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        String whole = text.isEmpty() ? device : device + "," + text;
        for (DeviceArgs.Pair pair : DeviceArgs.parse(whole).allow(allowed).pairs()) {
            map.computeIfAbsent(pair.key(), k -> new ArrayList<>()).add(pair.value());
        }
        return map;
    }
}
