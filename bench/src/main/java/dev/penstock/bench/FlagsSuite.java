package dev.penstock.bench;

import dev.penstock.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each of the launcher's JVM flags is worth: testpmd with all of them, and with one changed, in turn. */
final class FlagsSuite implements Suite {
    private static final Map<String, String> CHANGES = new LinkedHashMap<>();

    static {
        CHANGES.put("G1", "-XX:+UseG1GC");
        CHANGES.put("Parallel", "-XX:+UseParallelGC -XX:+UseCondCardMark");
        CHANGES.put("Serial", "-XX:+UseSerialGC -XX:+UseCondCardMark -Xmn64m");
        CHANGES.put("Serial, no conditional card mark", "-XX:+UseSerialGC -Xmn64m");
        CHANGES.put("safepoints in counted loops", "-XX:+UseCountedLoopSafepoints");
        CHANGES.put("heap given back to the kernel", "-XX:+IgnoreUnrecognizedVMOptions -XX:+ShenandoahUncommit");
        CHANGES.put("vectors without the compiler's part", "-XX:-EnableVectorSupport");
        CHANGES.put("AVX-512", "-XX:+IgnoreUnrecognizedVMOptions -XX:UseAVX=3");
        CHANGES.put("integers spilled to vector registers", "-XX:+UseFPUForSpilling");
        CHANGES.put("no huge pages for the heap", "-XX:-UseTransparentHugePages");
        CHANGES.put("performance data kept", "-XX:+UsePerfData");
        CHANGES.put("a small heap that grows", "-Xms16m");
        CHANGES.put("no compile commands", "-XX:CompileCommandFile=/dev/null");
        CHANGES.put("queues inlined", "-XX:CompileCommand=inline,*RxQueue.receive -XX:CompileCommand=inline,*TxQueue.transmit");
        CHANGES.put("FreqInlineSize=150", "-XX:FreqInlineSize=150");
        CHANGES.put("FreqInlineSize=650", "-XX:FreqInlineSize=650");
        CHANGES.put("MaxInlineLevel=9", "-XX:MaxInlineLevel=9");
        CHANGES.put("MaxInlineLevel=30", "-XX:MaxInlineLevel=30");
        CHANGES.put("code cache of 32 MB", "-XX:ReservedCodeCacheSize=32m");
    }

    @Override
    public String name() {
        return "flags";
    }

    @Override
    public String about() {
        return "testpmd csum on pcap ports with the launcher's JVM flags and with one of them changed";
    }

    @Override
    public int seconds(Bench bench) {
        return CHANGES.size() * Testpmd.seconds(bench);
    }

    @Override
    public List<String> rowNames(Bench bench) {
        return List.copyOf(CHANGES.keySet());
    }

    @Override
    public List<Row> run(Bench bench) throws IOException, InterruptedException {
        String ports = ",rx_pcap=" + Traffic.udp64() + ",infinite_rx=1";
        List<String> arguments = List.of("-l", bench.lcores(), "--no-pci", "--in-memory", "--vdev", "net_pcap0" + ports, "--vdev",
                "net_pcap1" + ports, "--", "--forward-mode=csum", "--stats-period", "1");
        List<Row> rows = new ArrayList<>();
        for (var change : CHANGES.entrySet()) {
            if (bench.wants(change.getKey())) {
                // A property that nobody reads: else one side alone would have the launcher's AOT cache.
                rows.add(bench.compare(name(), change.getKey(), "Mpps", true, change.getValue(), change.getValue() + "; " + String.join(" ", arguments),
                        () -> Testpmd.mpps(program(bench, "-Dpenstock.bench=flags"), bench, arguments, "Rx"),
                        () -> Testpmd.mpps(program(bench, change.getValue()), bench, arguments, "Rx")));
            }
        }
        return rows;
    }

    private static List<String> program(Bench bench, String flags) {
        return List.of("env", "PENSTOCK_JVM=" + flags, bench.launcher().toString(), "testpmd");
    }
}
