package dev.penstock.telemetry;

import dev.penstock.threads.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The commands of one instance that {@code dpdk-telemetry.py} and other tools may ask, and the socket where they
 * ask (DPDK: rte_telemetry, version 2: SOCK_SEQPACKET, a request is {@code command[,parameters]}, an answer is JSON).
 *
 * <p>Commands run one at a time in a thread of their own; what they read is what any thread may read.
 */
public final class Telemetry implements AutoCloseable {
    /** The longest answer in bytes; what does not fit is left out at an element's border. */
    public static final int MAX_OUTPUT_BYTES = 16384;

    private static final int LISTEN_TRIES = 3;
    private static final int MAX_COMMAND = 55;
    private static final int MAX_HELP = 127;

    /** What a command does. */
    @FunctionalInterface
    public interface Command {
        /**
         * Answers.
         *
         * @param parameters what followed the command's comma, or null when nothing did
         * @return text, a number, a boolean, a collection or a map of such; null when there is no answer
         */
        Object run(String parameters);
    }

    private record Entry(String help, Command command) {}

    private final String version;
    private final TreeMap<String, Entry> commands = new TreeMap<>();
    private final Map<String, Map<String, Supplier<?>>> kinds = new TreeMap<>();
    private final CompletableFuture<Path> listening = new CompletableFuture<>();
    private Thread thread;
    private TelemetryServer server;
    private volatile boolean closing;

    /**
     * The commands {@code /}, {@code /info} and {@code /help}, and no socket.
     *
     * @param version what {@code /info} says of the program
     */
    public Telemetry(String version) {
        this.version = version;
        register("/", "Returns list of available commands, Takes no parameters", p -> new ArrayList<>(commands.keySet()));
        register("/info", "Returns DPDK Telemetry information. Takes no parameters", p -> info());
        register("/help", "Returns help text for a command. Parameters: string command", this::help);
    }

    /**
     * Adds a command, or puts it in the place of another of the same name.
     *
     * @param name such as {@code /ethdev/list}, at most 55 characters
     * @param help one line, at most 63 characters
     * @param command what it does; what it throws makes the answer null
     */
    public synchronized void register(String name, String help, Command command) {
        if (!name.startsWith("/") || name.length() > MAX_COMMAND || name.contains(",") || help.length() > MAX_HELP) {
            throw new IllegalArgumentException("telemetry command '" + name + "': a name starts with /, has no comma and at most "
                    + MAX_COMMAND + " characters, its help at most " + MAX_HELP);
        }
        commands.put(name, new Entry(help, command));
    }

    /**
     * Takes a command away, if it is still this one; waits while it runs.
     *
     * @param name its name
     * @param command as it was registered
     */
    public synchronized void unregister(String name, Command command) {
        Entry entry = commands.get(name);
        if (entry != null && entry.command == command) {
            commands.remove(name);
        }
    }

    /**
     * Has an object listed by {@code /KIND/list} and described by {@code /KIND/info,NAME}.
     *
     * @param kind such as {@code mempool}
     * @param name its name; a later one of the same name replaces it
     * @param description makes the description
     */
    public synchronized void add(String kind, String name, Supplier<?> description) {
        kind(kind).put(name, description);
    }

    /**
     * Takes an object away, if it is still this one; waits while it is described.
     *
     * @param kind its kind
     * @param name its name
     * @param description as it was added
     */
    public synchronized void remove(String kind, String name, Supplier<?> description) {
        kind(kind).remove(name, description);
    }

    /**
     * Has {@code /KIND/list} answer, also before there is an object.
     *
     * @param kind such as {@code mempool}
     */
    public synchronized void open(String kind) {
        kind(kind);
    }

    private Map<String, Supplier<?>> kind(String kind) {
        return kinds.computeIfAbsent(kind, k -> {
            Map<String, Supplier<?>> objects = new LinkedHashMap<>();
            register("/" + k + "/list", "Returns list of available " + k + ". Takes no parameters",
                    p -> new ArrayList<>(objects.keySet()));
            register("/" + k + "/info", "Returns " + k + " info. Parameters: " + k + "_name",
                    p -> p == null ? null : objects.containsKey(p) ? objects.get(p).get() : Map.of());
            return objects;
        });
    }

    private Map<String, Object> info() {
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("version", version);
        info.put("pid", ProcessHandle.current().pid());
        info.put("max_output_len", MAX_OUTPUT_BYTES);
        return info;
    }

    private Object help(String name) {
        if (name == null) {
            return commands.get("/help").help;
        }
        Entry entry = commands.get(name);
        return entry == null ? null : Map.of(name, entry.help);
    }

    /** The first message to a client. */
    String greeting() {
        return Json.write(info(), MAX_OUTPUT_BYTES);
    }

    /**
     * Answers a request.
     *
     * @param request {@code command[,parameters]}
     * @return JSON, {@code {"command":answer}}, in ASCII
     */
    public synchronized String answer(String request) {
        int comma = request.indexOf(',');
        String name = comma < 0 ? request : request.substring(0, comma);
        String parameters = comma < 0 || comma == request.length() - 1 ? null : request.substring(comma + 1);
        Entry entry = commands.get(name);
        String shown = name.isEmpty() ? "none" : name.substring(0, Math.min(name.length(), MAX_COMMAND + 1));
        try {
            return Json.answer(shown, entry == null ? null : entry.command.run(parameters), MAX_OUTPUT_BYTES);
        } catch (RuntimeException | Error e) {
            // the thread serves other commands too
            return Json.answer(shown, null, MAX_OUTPUT_BYTES);
        }
    }

    /**
     * Listens at {@code FOLDER/dpdk_telemetry.v2}, or at that name with {@code :1} and so on while another live
     * instance has it; the socket of a process that died is replaced. It is made by the thread that answers, so
     * that nobody waits for it; a failure is told to the log and hurts nothing else.
     *
     * @param folder makes the run-time folder; may be asked again when another instance takes it away
     * @param threads makes the thread
     * @param log takes a line when something is wrong
     */
    public void listen(Supplier<Path> folder, ThreadFactory threads, Consumer<String> log) {
        thread = threads.newThread(() -> serve(folder, log));
        thread.start();
    }

    /**
     * Waits until {@link #listen} has its socket.
     *
     * @return its path, or null when there is none
     */
    public Path socket() {
        return thread == null ? null : listening.join();
    }

    private void serve(Supplier<Path> folder, Consumer<String> log) {
        TelemetryServer made = null;
        for (int tries = 1; made == null; tries++) {
            try {
                made = new TelemetryServer(this, folder.get(), log);
            } catch (IOException | RuntimeException e) {
                if (tries == LISTEN_TRIES || closing) {
                    if (!closing) {
                        log.accept("no socket: " + (e.getCause() == null ? e : e.getCause()).getMessage());
                    }
                    listening.complete(null);
                    return;
                }
            }
        }
        synchronized (listening) {
            server = closing ? null : made;
        }
        listening.complete(made.path());
        made.run(server == null);
    }

    /** @return whether it is asked by its socket in the calling thread */
    public boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    /** Ends the thread and removes the socket; commands can still be asked by {@link #answer}. */
    @Override
    public void close() {
        synchronized (listening) {
            closing = true;
            if (server != null) {
                server.end();
            }
        }
        if (thread != null && !isCurrent()) {
            Uninterrupted.join(thread);
        }
    }
}
