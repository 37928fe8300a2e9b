package dev.penstock.apps.dumpcap;

import dev.penstock.apps.cli.Input;
import dev.penstock.apps.cli.Instance;
import dev.penstock.apps.cli.Interrupts;
import dev.penstock.drivers.pcap.PcapngWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code penstock dumpcap}: writes packets of a running program's ports to a capture file (DPDK: dpdk-dumpcap). */
@Command(name = "dumpcap", sortOptions = false,
        description = {"Captures packets of ports of a running program: testpmd, l3fwd, vswitch or one of yours.",
            "The program goes on meanwhile. Options are dpdk-dumpcap's; a filter is written as for tcpdump."},
        footer = {"", "Example: ./penstock dumpcap -i net_tap0 -w out.pcapng -c 100 tcp port 80",
            "         ./penstock dumpcap -q -w - | tcpdump -n -r -"})
public final class DumpcapCommand implements Callable<Integer> {
    private static final long TELL_MS = 500;
    private static final int MAX_COMMENT = 65_535;

    @Option(names = {"-D", "--list-interfaces"}, description = "Print the ports, and end.")
    private boolean list;

    @Option(names = {"-i", "--interface"}, paramLabel = "PORT", description = "Name or number of a port; may be repeated. All, if not said.")
    private List<String> interfaces = List.of();

    @Option(names = {"-w", "--output-file"}, paramLabel = "FILE", description = "Where to; - is standard output.")
    private String file;

    @Option(names = "-f", paramLabel = "FILTER", description = "Which packets, such as 'host 198.18.0.1 and not arp'; or as the last words.")
    private String filter;

    @Option(names = {"-s", "--snapshot-length"}, paramLabel = "BYTES", description = "The most bytes of a packet; 0 for all, as if not said.")
    private int snaplen = PcapngWriter.MAX_SNAPLEN;

    @Option(names = "--dir", paramLabel = "DIR", description = "rx, tx or both, which it is if not said.")
    private String dir = "both";

    @Option(names = "-c", paramLabel = "COUNT", description = "End after so many packets.")
    private long count = Long.MAX_VALUE;

    @Option(names = {"-a", "--autostop"}, paramLabel = "COND", description = "End after duration:SECONDS, filesize:KB or packets:COUNT.")
    private List<String> autostop = List.of();

    @Option(names = "-P", description = "Write pcap.")
    private boolean pcap;

    @Option(names = "-n", description = "Write pcapng, as if not said.")
    private boolean pcapng;

    @Option(names = "-g", description = "Let the group read the file.")
    private boolean group;

    @Option(names = {"-p", "--no-promiscuous-mode"}, description = "No effect: a capture changes nothing at a port.")
    private boolean quietPort;

    @Option(names = "-q", description = "Don't report counts.")
    private boolean quiet;

    @Option(names = "--capture-comment", paramLabel = "TEXT", description = "What the file says of itself; pcap can't.")
    private String comment = "";

    @Option(names = "--file-prefix", paramLabel = "PREFIX", description = "Of which program, when several run.")
    private String prefix;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help message and exit.")
    private boolean help;

    @Option(names = {"-v", "-V", "--version"}, versionHelp = true, description = "Print version information and exit.")
    private boolean version;

    @Parameters(paramLabel = "FILTER", arity = "0..*", description = "As -f.")
    private List<String> words = List.of();

    @Spec
    private CommandSpec spec;

    private long maxBytes = Long.MAX_VALUE;
    private long seconds;
    /** Asks the program to end the capture, once somebody wants that. */
    private Thread stopper;

    /** Made by picocli. */
    public DumpcapCommand() {}

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        conditions();
        List<Instance> running = Instance.running(prefix, "/pdump/list");
        try {
            if (list) {
                list(running);
                return 0;
            }
            if (file == null && Input.isTerminal()) {
                throw wrong("-w FILE is missing: a file, or - to pass the capture on: ./penstock dumpcap -w - | tcpdump -n -r -");
            }
            capture(choose(running), err);
            return 0;
        } finally {
            running.forEach(Instance::close);
        }
    }

    private ParameterException wrong(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    private void conditions() {
        if (filter != null && !words.isEmpty()) {
            throw wrong("the filter is given twice, by -f and as '" + String.join(" ", words) + "'");
        }
        filter = filter == null ? String.join(" ", words) : filter;
        if (comment.getBytes(StandardCharsets.UTF_8).length > MAX_COMMENT) {
            throw wrong("--capture-comment is too long; give " + MAX_COMMENT + " bytes at most");
        }
        snaplen = snaplen == 0 ? PcapngWriter.MAX_SNAPLEN : snaplen;
        for (String condition : autostop) {
            String[] pair = condition.split(":", 2);
            long value;
            try {
                value = Long.parseLong(pair.length == 2 ? pair[1] : "");
            } catch (NumberFormatException e) {
                value = 0;
            }
            if (value <= 0 || !List.of("duration", "filesize", "packets").contains(pair[0])) {
                throw wrong("-a " + condition + " is not understood; give duration:SECONDS, filesize:KB or packets:COUNT");
            }
            switch (pair[0]) {
                case "duration" -> seconds = value;
                case "filesize" -> maxBytes = value * 1024;
                default -> count = Math.min(count, value);
            }
        }
        if (count < 1) {
            throw wrong("-c " + count + " is not a number of packets, from 1 on");
        }
    }

    private void list(List<Instance> running) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (Instance instance : running) {
            if (running.size() > 1) {
                out.println("--file-prefix=" + instance.prefix());
            }
            instance.ports().forEach((id, name) -> out.println(id + ". " + name));
        }
        out.flush();
        if (running.isEmpty()) {
            throw none();
        }
    }

    private IllegalStateException none() {
        return new IllegalStateException("no program runs" + (prefix == null ? "" : " with --file-prefix=" + prefix)
                + " whose ports could be captured; start one without --no-telemetry, as this user");
    }

    private Instance choose(List<Instance> running) throws IOException {
        List<Instance> fit = new ArrayList<>();
        for (Instance instance : running) {
            Map<Integer, String> ports = instance.ports();
            if (interfaces.stream().allMatch(i -> ports.containsValue(i) || ports.keySet().stream().anyMatch(id -> id.toString().equals(i)))) {
                fit.add(instance);
            }
        }
        if (running.isEmpty()) {
            throw none();
        }
        if (fit.isEmpty()) {
            throw new IllegalArgumentException("no program has ports " + String.join(", ", interfaces) + "; ./penstock dumpcap -D lists them");
        }
        if (fit.size() > 1) {
            throw new IllegalArgumentException("several programs run; choose one by --file-prefix="
                    + String.join(", ", fit.stream().map(Instance::prefix).toList()));
        }
        return fit.getFirst();
    }

    private void capture(Instance instance, PrintWriter err) throws IOException {
        Path folder = Files.createTempDirectory("penstock-dumpcap");
        Path socket = folder.resolve("stream");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            StringBuilder request = new StringBuilder("/pdump/start,to=" + socket + ",dir=" + dir + ",snaplen=" + snaplen);
            interfaces.forEach(i -> request.append(",port=").append(i));
            request.append(",filter=").append(filter);
            Map<?, ?> started = (Map<?, ?>) instance.ask(request.toString());
            List<String> names = ((Map<?, ?>) started.get("ports")).keySet().stream().map(Object::toString).toList();
            try (SocketChannel stream = listener.accept()) {
                // what has no name is not left behind by a kill -9
                Files.delete(socket);
                Files.delete(folder);
                pass(instance, started.get("id").toString(), names, stream, err);
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(folder);
        }
    }

    private WritableByteChannel output() throws IOException {
        if (file == null || file.equals("-")) {
            return Channels.newChannel(System.out);
        }
        Path path = Path.of(file);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        if (group) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        }
        return channel;
    }

    private void pass(Instance instance, String id, List<String> names, SocketChannel from, PrintWriter err) throws IOException {
        if (!quiet) {
            err.println("Capturing on '" + String.join("' and '", names) + "'");
            err.println("File: " + (file == null ? "-" : file));
            err.flush();
        }
        try (CaptureStream stream = new CaptureStream(from, output(), pcap, names.size(), snaplen, comment.getBytes(StandardCharsets.UTF_8));
                Interrupts _ = Interrupts.calling(() -> stop(instance, id))) {
            Thread clock = Thread.ofPlatform().daemon().start(() -> tick(instance, id, stream, err));
            try {
                boolean full = false;
                while (stream.pass(!full)) {
                    if (!full && (stream.packets() >= count || stream.bytes() >= maxBytes)) {
                        full = true;
                        stop(instance, id);
                    }
                }
            } finally {
                clock.interrupt();
                join(clock);
                join(stopper());
            }
            report(names, stream, err);
        }
    }

    /** Shows the count, and ends the capture in time. */
    private void tick(Instance instance, String id, CaptureStream stream, PrintWriter err) {
        long begun = System.nanoTime();
        try {
            while (true) {
                long left = seconds == 0 ? Long.MAX_VALUE : seconds * 1000 - (System.nanoTime() - begun) / 1_000_000;
                if (left <= 0) {
                    stop(instance, id);
                    return;
                }
                Thread.sleep(Math.min(TELL_MS, left));
                if (!quiet && Input.isTerminal()) {
                    err.print("\rPackets captured: " + stream.packets() + " ");
                    err.flush();
                }
            }
        } catch (InterruptedException e) {
            // the capture has ended
        }
    }

    /** Once: the program writes what it still has, and closes the stream. In a thread of its own, since it waits for its reader. */
    private synchronized void stop(Instance instance, String id) {
        if (stopper == null) {
            stopper = Thread.ofPlatform().daemon().start(() -> {
                try {
                    instance.ask("/pdump/stop," + id);
                } catch (IOException | RuntimeException e) {
                    // it has ended by itself
                }
            });
        }
    }

    private synchronized Thread stopper() {
        return stopper;
    }

    private static void join(Thread thread) {
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(List<String> names, CaptureStream stream, PrintWriter err) {
        if (quiet) {
            return;
        }
        err.println((Input.isTerminal() ? "\r" : "") + "Packets captured: " + stream.packets());
        for (int i = 0; i < names.size(); i++) {
            long received = stream.received(i);
            long dropped = stream.dropped(i);
            err.println(String.format("Packets received/dropped on interface '%s': %d/%d (%.1f)", names.get(i), received - dropped, dropped,
                    received == 0 ? 100.0 : 100.0 * (received - dropped) / received));
        }
        err.flush();
    }
}
