package dev.penstock.apps.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.penstock.eal.RuntimeFolder;
import dev.penstock.linux.LinuxException;
import dev.penstock.telemetry.TelemetryClient;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A running program with telemetry, ours or DPDK's.
 *
 * @param prefix its {@code --file-prefix}
 * @param client asks it
 */
public record Instance(String prefix, TelemetryClient client) implements AutoCloseable {
    /**
     * Those that run, of this user.
     *
     * @param prefix of which prefix, or null for all
     * @param command which command they must know
     * @return the instances, by prefix, to be closed
     * @throws IOException when the folder of sockets can't be read
     */
    public static List<Instance> running(String prefix, String command) throws IOException {
        List<Path> folders = new ArrayList<>();
        Path all = RuntimeFolder.all();
        if (prefix != null) {
            folders.add(all.resolve(prefix));
        } else if (Files.isDirectory(all)) {
            try (DirectoryStream<Path> each = Files.newDirectoryStream(all)) {
                each.forEach(folders::add);
            }
        }
        List<Instance> found = new ArrayList<>();
        for (Path folder : folders.stream().sorted().toList()) {
            for (Path socket : TelemetryClient.sockets(folder)) {
                connect(folder, socket, command, found);
            }
        }
        return found;
    }

    private static void connect(Path folder, Path socket, String command, List<Instance> found) {
        try {
            Instance instance = new Instance(folder.getFileName().toString(), TelemetryClient.connect(socket));
            if (instance.ask(command) == null) {
                instance.close();
            } else {
                found.add(instance);
            }
        } catch (IOException | LinuxException e) {
            // it was killed or is not this user's
        }
    }

    /**
     * Asks.
     *
     * @param request command and parameters
     * @return the answer's value; null when there is no such command
     * @throws IllegalArgumentException when the instance refuses, with its words
     * @throws IOException when it has ended
     */
    public Object ask(String request) throws IOException {
        Map<String, Object> answer = JSON.std.mapFrom(client.ask(request));
        Object value = answer.values().iterator().next();
        if (value instanceof Map<?, ?> map && map.get("error") != null) {
            throw new IllegalArgumentException(map.get("error").toString());
        }
        return value;
    }

    /**
     * Ports by number.
     *
     * @return their names
     * @throws IOException when the instance has ended
     */
    public Map<Integer, String> ports() throws IOException {
        Map<Integer, String> ports = new TreeMap<>();
        for (Object id : (List<?>) ask("/ethdev/list")) {
            ports.put((Integer) id, ((Map<?, ?>) ask("/ethdev/info," + id)).get("name").toString());
        }
        return ports;
    }

    @Override
    public void close() {
        client.close();
    }
}
