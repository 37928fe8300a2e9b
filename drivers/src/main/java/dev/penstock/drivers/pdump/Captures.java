package dev.penstock.drivers.pdump;

import dev.penstock.drivers.pcap.PcapWriter;
import dev.penstock.drivers.pcap.PcapngWriter;
import dev.penstock.eal.Eal;
import dev.penstock.eal.Log;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.Ports;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import dev.penstock.telemetry.Telemetry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The captures of one instance and their telemetry commands. */
final class Captures {
    private static final int POOL = 4095;
    private static final int DATA_ROOM = 2048;
    private static final Set<String> KEYS = Set.of("to", "port", "dir", "snaplen", "filter");

    private final Ports ports;
    private final Log.Type log;
    private final Map<Integer, Capture> running = new TreeMap<>();
    /** Also those that have ended and still give back what they had. */
    private final List<Capture> alive = new ArrayList<>();
    private final Telemetry.Command list = p -> list();
    private final Telemetry.Command start = p -> answer(() -> start(p));
    private final Telemetry.Command stop = p -> answer(() -> stop(p));
    private int next = 1;
    private boolean closed;

    @FunctionalInterface
    private interface Answer {
        Object get() throws IOException;
    }

    Captures(Ports ports) {
        this.ports = ports;
        log = ports.eal().log("lib.pdump", "PDUMP");
        Telemetry t = ports.eal().telemetry();
        t.register("/pdump/list", "Returns running captures. Takes no parameters", list);
        t.register("/pdump/start", "Starts a capture. Parameters: to=PATH[,port=NAME].. [,dir=,snaplen=,filter=]", start);
        t.register("/pdump/stop", "Ends a capture. Parameters: int capture_id", stop);
    }

    private static Object answer(Answer answer) {
        try {
            return answer.get();
        } catch (IOException | RuntimeException e) {
            return Map.of("error", e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private synchronized Object list() {
        List<Object> all = new ArrayList<>();
        running.forEach((id, capture) -> all.add(describe(id, capture)));
        return all;
    }

    private static Map<String, Object> describe(int id, Capture capture) {
        Map<String, Object> ports = new LinkedHashMap<>();
        for (int i = 0; i < capture.ports.size(); i++) {
            ports.put(capture.ports.get(i).name(), Map.of("captured", capture.copied(i), "dropped", capture.lost(i)));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", id);
        all.put("ports", ports);
        return all;
    }

    private synchronized Object start(String parameters) throws IOException {
        if (closed) {
            throw new IllegalStateException("the ports are closed");
        }
        Map<String, List<String>> given = given(parameters == null ? "" : parameters);
        PacketTest filter = FilterParser.parse(one(given, "filter", ""));
        int snaplen = snaplen(one(given, "snaplen", Integer.toString(PcapWriter.MAX_SNAPLEN)));
        String dir = one(given, "dir", "both");
        if (!Set.of("rx", "tx", "both").contains(dir)) {
            throw new IllegalArgumentException("dir=" + dir + " is not known; give rx, tx or both");
        }
        List<Port> wanted = wanted(given.getOrDefault("port", List.of()));
        Path to = Path.of(one(given, "to", ""));
        int id = next;
        Eal eal = ports.eal();
        MbufPool pool = MbufPool.with(eal, "pdump-" + id, POOL).cacheSize(0)
                .dataRoom(Mbuf.HEADROOM + Math.min(snaplen, DATA_ROOM)).create();
        try {
            WritableByteChannel channel = open(to);
            PcapngWriter writer = PcapngWriter.to(channel, snaplen);
            try {
                Capture capture = new Capture(wanted, !dir.equals("tx"), !dir.equals("rx"), filter, snaplen, writer,
                        channel instanceof SocketChannel, pool, c -> ended(id, c));
                running.put(id, capture);
                alive.removeIf(c -> !c.isAlive());
                alive.add(capture);
            } catch (IOException | RuntimeException | Error e) {
                discard(writer, channel instanceof FileChannel ? to : null, e);
                throw e;
            }
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        } catch (IOException e) {
            pool.close();
            throw new IOException("can't write to " + to + ": " + e.getMessage(), e);
        }
        next++;
        return describe(id, running.get(id));
    }

    /** Closes a capture that could not begin; a file that was made for it would be in the way of the next attempt. */
    private static void discard(PcapngWriter writer, Path made, Throwable why) {
        try {
            writer.discard();
            writer.close();
            if (made != null) {
                Files.deleteIfExists(made);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static Map<String, List<String>> given(String parameters) {
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (String parameter : parameters.split(",")) {
            String[] pair = parameter.split("=", 2);
            if (pair.length != 2 || !KEYS.contains(pair[0])) {
                throw new IllegalArgumentException("'" + parameter + "' is not understood; give to=PATH, port=NAME, dir=rx|tx|both, "
                        + "snaplen=BYTES, filter=EXPRESSION");
            }
            given.computeIfAbsent(pair[0], k -> new ArrayList<>()).add(pair[1]);
        }
        return given;
    }

    private static String one(Map<String, List<String>> given, String key, String fallback) {
        List<String> values = given.get(key);
        String value = values == null ? fallback : values.getLast();
        if (key.equals("to") && value.isEmpty()) {
            throw new IllegalArgumentException("to=PATH is missing: a file to make, or a socket that listens");
        }
        return value;
    }

    private static int snaplen(String text) {
        try {
            int bytes = Integer.parseInt(text);
            if (bytes >= 1 && bytes <= PcapWriter.MAX_SNAPLEN) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException("snaplen=" + text + " is not from 1 to " + PcapWriter.MAX_SNAPLEN);
    }

    /** By name or number; all that are configured when none is named. */
    private List<Port> wanted(List<String> names) {
        List<Port> all = ports.list().stream().filter(p -> p.state() != Port.State.PROBED).toList();
        if (names.isEmpty()) {
            if (all.isEmpty()) {
                throw new IllegalArgumentException("there is no port that is set up");
            }
            return all;
        }
        List<Port> wanted = new ArrayList<>();
        for (String name : names) {
            Port port = all.stream().filter(p -> p.name().equals(name) || Integer.toString(p.id()).equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no port " + name + " that is set up; there are "
                            + String.join(", ", all.stream().map(Port::name).toList())));
            if (!wanted.contains(port)) {
                wanted.add(port);
            }
        }
        return wanted;
    }

    private static WritableByteChannel open(Path to) throws IOException {
        if (!Files.exists(to)) {
            return FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }
        if (Files.isRegularFile(to) || Files.isDirectory(to)) {
            throw new IOException("it is there already; name another or remove it");
        }
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // Telemetry waits for nobody: who listens and takes no one up has a full queue after a few, and they are refused.
            socket.configureBlocking(false);
            socket.connect(UnixDomainSocketAddress.of(to));
            socket.configureBlocking(true);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Object stop(String parameter) {
        int id;
        try {
            id = Integer.parseInt(parameter == null ? "" : parameter);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("give the number of a capture; /pdump/list has them");
        }
        Capture capture;
        synchronized (this) {
            capture = running.get(id);
        }
        if (capture == null) {
            throw new IllegalArgumentException("no capture " + id + " runs");
        }
        capture.stop();
        Map<String, Object> answer = describe(id, capture);
        if (capture.failure() != null) {
            answer.put("failure", capture.failure());
        }
        return answer;
    }

    private void ended(int id, Capture capture) {
        if (capture.failure() != null) {
            log.log(Log.Level.INFO, "capture " + id + " has ended: " + capture.failure());
        }
        synchronized (this) {
            running.remove(id);
        }
    }

    void close() {
        Telemetry t = ports.eal().telemetry();
        t.unregister("/pdump/list", list);
        t.unregister("/pdump/start", start);
        t.unregister("/pdump/stop", stop);
        List<Capture> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(alive);
        }
        all.forEach(Capture::close);
    }
}
