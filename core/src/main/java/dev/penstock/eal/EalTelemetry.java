package dev.penstock.eal;

import dev.penstock.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What an instance tells of its arguments, lcores and memory; names and layout are DPDK's. */
final class EalTelemetry {
    private EalTelemetry() {}

    static void register(Eal eal, Telemetry telemetry) {
        List<String> params = new ArrayList<>(List.of("penstock"));
        params.addAll(eal.options().arguments());
        telemetry.register("/eal/params", "Returns EAL commandline parameters used. Takes no parameters", p -> params);
        telemetry.register("/eal/app_params", "Returns app commandline parameters used. Takes no parameters",
                p -> eal.remainingArgs());
        telemetry.register("/eal/lcore/list", "List of lcore ids. Takes no parameters",
                p -> eal.lcores().stream().map(Lcore::id).toList());
        telemetry.register("/eal/lcore/info", "Returns lcore info. Parameters: int lcore_id", p -> lcore(eal.lcore(number(p))));
        telemetry.register("/eal/heap_list", "List of heap index setup. Takes no parameters",
                p -> IntStream.range(0, eal.memory().nodes()).boxed().toList());
        telemetry.register("/eal/heap_info", "Returns malloc heap stats. Parameters: int heap_id", p -> eal.memory().heap(number(p)));
        telemetry.register("/eal/memzone_list", "List of memzone index reserved. Takes no parameters",
                p -> IntStream.range(0, eal.memory().zones().size()).boxed().toList());
        telemetry.register("/eal/memzone_info", "Returns memzone info. Parameters: int memzone_id", p -> zone(eal.memory(), number(p)));
        telemetry.open("mempool");
    }

    private static int number(String text) {
        return Integer.decode(text);
    }

    private static Map<String, Object> lcore(Lcore lcore) {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("lcore_id", lcore.id());
        info.put("socket", lcore.socket());
        info.put("role", lcore.role() == Lcore.Role.SERVICE ? "SERVICE" : "RTE");
        info.put("cpuset", lcore.cpus().stream().boxed().toList());
        return info;
    }

    private static Map<String, Object> zone(Memory memory, int index) {
        Memzone zone = memory.zones().get(index);
        long address = zone.segment().address();
        long base = address & -zone.pageBytes();
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("Zone", index);
        info.put("Name", zone.name());
        info.put("Length", zone.segment().byteSize());
        info.put("Address", "0x" + Long.toHexString(address));
        info.put("Socket", zone.socket());
        info.put("Flags", 0);
        info.put("Hugepage_size", zone.pageBytes());
        info.put("Hugepage_base", "0x" + Long.toHexString(base));
        info.put("Hugepage_used", (Pages.up(address + zone.segment().byteSize(), zone.pageBytes()) - base) / zone.pageBytes());
        return info;
    }
}
