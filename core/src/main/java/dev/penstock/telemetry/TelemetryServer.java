package dev.penstock.telemetry;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.LocalListener;
import dev.penstock.linux.Socket;
import dev.penstock.linux.Unfinished;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The socket of a {@link Telemetry} and the thread that serves it. A client that sends what it may not, or does not
 * read its answers, is disconnected; none can hold up another for longer than a command takes.
 */
final class TelemetryServer {
    private static final int MAX_CLIENTS = 10;
    /** Longer requests are cut off there, as DPDK does. */
    static final int REQUEST_BYTES = 1023;
    private static final long LISTENER = -1;
    private static final long WAKE = -2;

    private final Telemetry telemetry;
    private final Consumer<String> log;
    private final LocalListener listener;
    private final EventFd wake;
    private final Epoll epoll;
    private final Map<Long, Socket> clients = new HashMap<>();
    private final MemorySegment request = Arena.ofAuto().allocate(REQUEST_BYTES);
    private volatile boolean ended;

    TelemetryServer(Telemetry telemetry, Path folder, Consumer<String> log) throws IOException {
        this.telemetry = telemetry;
        this.log = log;
        try (Unfinished made = new Unfinished()) {
            wake = made.with(new EventFd());
            epoll = made.with(new Epoll(MAX_CLIENTS + 2));
            listener = made.with(TelemetrySocket.listen(folder));
            epoll.add(listener.socket().fd(), Epoll.EPOLLIN, LISTENER);
            epoll.add(wake.fd(), Epoll.EPOLLIN, WAKE);
            made.finished();
        }
    }

    Path path() {
        return listener.path();
    }

    /** Serves until the end, which may have come already, and gives all back. */
    void run(boolean atAnEnd) {
        ended |= atAnEnd;
        while (!ended) {
            try {
                int n = epoll.await(-1);
                for (int i = 0; i < n && !ended; i++) {
                    event(epoll.data(i));
                }
            } catch (LinuxException e) {
                log.accept("the socket fails, so it is closed: " + e.getMessage());
                ended = true;
            }
        }
        clients.values().forEach(Socket::close);
        listener.close();
        epoll.close();
        synchronized (wake) {
            wake.close();
        }
    }

    private void event(long who) {
        if (who == LISTENER) {
            accept();
        } else if (who != WAKE && !serve(clients.get(who))) {
            clients.remove(who).close();
        }
    }

    /** Has {@link #run} end; any thread. */
    void end() {
        ended = true;
        synchronized (wake) {
            wake.signal();
        }
    }

    private void accept() {
        Socket client = listener.socket().accept(log);
        if (client == null) {
            return;
        }
        if (clients.size() >= MAX_CLIENTS || !send(client, telemetry.greeting())) {
            client.close();
            return;
        }
        long key = client.fd().value();
        clients.put(key, client);
        epoll.add(client.fd(), Epoll.EPOLLIN, key);
    }

    /** One request; false when the client is gone or to be sent away. */
    private boolean serve(Socket client) {
        long n = client.receive(request, Socket.MSG_DONTWAIT);
        if (n <= 0) {
            return false;
        }
        byte[] bytes = request.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        return send(client, telemetry.answer(new String(bytes, StandardCharsets.UTF_8)));
    }

    private static boolean send(Socket client, String text) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.US_ASCII));
            return client.send(bytes, Socket.MSG_DONTWAIT) == bytes.byteSize();
        }
    }
}
